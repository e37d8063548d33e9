"""Cuts clients that begin a request and do not finish its head: uvicorn alone waits for them for ever (slow loris)."""

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from services.runtime.web.denials import Denial, counted

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of a request's first line and headers together."""


class Patient(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with so much time from the connection, or from a next request, to its body."""

    seconds: ClassVar[float] = 10.0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Waits from now on."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Waits no more once a request is in hand; waits for the rest of one that only began."""
        super().data_received(data)
        if self._in_hand():
            self._stop_waiting()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait()

    def on_response_complete(self) -> None:
        """Uvicorn's own time to live of an idle connection begins."""
        self._stop_waiting()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _in_hand(self) -> bool:
        return getattr(self.cycle, "response_complete", True) is False  # there is no cycle before the first request

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.seconds, self._cut)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _cut(self) -> None:
        self._waiting = None
        counted(Denial.TOO_SLOW)
        self.transport.abort()


def patient_for(seconds: float) -> type[H11Protocol]:
    """The same with this much time."""
    return type("Patient", (Patient,), {"seconds": seconds})
