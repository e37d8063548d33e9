"""Cuts clients that begin a request and do not finish its head, or ask and do not read: uvicorn waits for ever."""

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from services.runtime.web.denials import Denial, counted

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of a request's first line and headers together."""
LEAST_PER_SECOND: Final = 1024
"""Bytes that a client must take of an answer that waits for it: a telephone on the worst of lines takes more."""


class Patient(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with so much time from the connection, or from a next request, to its body.

    What a client was sent and does not take is looked at as often.
    """

    seconds: ClassVar[float] = 10.0
    _waiting: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Waits from now on."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # whatever the kernel did not take counts as not read
        self._wait()

    def pause_writing(self) -> None:
        """Something waits for the client to read."""
        super().pause_writing()
        self._look(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It has read everything."""
        self._stop_looking()
        super().resume_writing()

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
        self._stop_looking()
        super().connection_lost(exc)

    def _in_hand(self) -> bool:
        return getattr(self.cycle, "response_complete", True) is False  # there is no cycle before the first request

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.seconds, self._cut)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _look(self, left: int) -> None:
        self._taking = self.loop.call_later(self.seconds, self._taken_since, left)

    def _taken_since(self, left: int) -> None:
        now = self.transport.get_write_buffer_size()
        if left - now < LEAST_PER_SECOND * self.seconds:
            self._cut()
        else:
            self._look(now)

    def _stop_looking(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _cut(self) -> None:
        self._waiting = self._taking = None
        counted(Denial.TOO_SLOW)
        self.transport.abort()


def patient_for(seconds: float) -> type[H11Protocol]:
    """The same with this much time."""
    return type("Patient", (Patient,), {"seconds": seconds})
