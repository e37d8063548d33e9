"""Lets one of several instances of a service work; the others stand by, and one takes over when it falls silent.

Who works says so every second, by compare-and-set on what it said before. Nobody compares clocks: silence is measured
by whoever listens, and only while it can listen. Taking over is a matter of speed alone. That two instances never both
decide is ensured where facts are recorded, by what must still be true of the stream: one that was paused and goes on is
refused there.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from contracts.lease_subjects import lease
from contracts.streams import LEASES
from services.runtime.broker import Bus
from services.runtime.clock import monotonic
from services.runtime.jetstream import BusUnavailableError, last_on_subject
from services.runtime.logs import logger
from services.runtime.publishing import Expectation, Recorded

RENEW_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 4.0
"""So long nothing is heard of who works before another takes over. A restart under the same name waits for nothing."""
CERTAIN_SECONDS: Final = 2.0
"""For so long after it last said so, an instance may take it that nobody else works."""
LOOK_SECONDS: Final = 0.25
EXIT_SUPERSEDED: Final = 72
_NOBODY: Final = ""


class Alone:
    """The one place of a service among its instances. Without a name for this instance there is no other."""

    def __init__(self, bus: Bus, service: str, instance: str | None) -> None:
        self._bus = bus
        self._service = service
        self._instance = instance
        self._sequence = 0
        self._renewed = 0.0
        self._other: str | None = None

    @property
    def contested(self) -> bool:
        """Whether there may be other instances."""
        return self._instance is not None

    @property
    def stands_by(self) -> str | None:
        """For whom this instance waits; None while it does not."""
        return None if self._other is None else f"standing by: {self._service} is done by {self._other}"

    def certain(self) -> bool:
        """Whether nobody else can have taken over by now."""
        return not self.contested or monotonic() - self._renewed < CERTAIN_SECONDS

    async def stand_by(self) -> None:
        """Returns when the place is this instance's: nobody has it, it had it before, or who has it fell silent."""
        if self._instance is None:
            return
        seen, since = -1, monotonic()
        while True:
            try:
                sequence, holder = await self._found()
                if sequence != seen:
                    seen, since = sequence, monotonic()
                silent = monotonic() - since > SILENT_SECONDS
                if (silent or holder in {_NOBODY, self._instance}) and await self._say(self._instance, sequence):
                    break
                self._other = holder or None
            except BusUnavailableError:
                seen = -1  # silence counts only as long as it could have been heard
            await asyncio.sleep(LOOK_SECONDS)
        if self._other is not None:
            logger().warning("took_over", of=self._other)
        self._other = None

    async def keep(self, running: Callable[[], bool]) -> None:
        """Says so again and again. Where another has taken over, the process ends: a new one stands by."""
        while self._instance is not None and running():
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(BusUnavailableError):  # nobody else can say anything either, or somebody will
                if not await self._say(self._instance, self._sequence):
                    await self._look_who(self._instance)

    async def give_up(self) -> None:
        """Lets another go on at once, after the work in hand is done."""
        if self._instance is not None and self._sequence:
            with suppress(BusUnavailableError):
                await self._say(_NOBODY, self._sequence)
            self._sequence = 0

    async def _look_who(self, instance: str) -> None:
        sequence, holder = await self._found()
        if holder != instance:
            logger().error("superseded", by=holder)
            os._exit(EXIT_SUPERSEDED)
        self._sequence = sequence  # our own word, whose answer was lost

    async def _found(self) -> tuple[int, str]:
        last = await last_on_subject(self._bus.client, LEASES.name, lease(self._service))
        return (last.sequence, last.body.decode()) if last else (0, _NOBODY)

    async def _say(self, who: str, after: int) -> bool:
        """Whether nothing else was said since."""
        asked = monotonic()
        told = await self._bus.publisher.keep(who.encode(), Expectation(lease(self._service), after))
        if isinstance(told, Recorded):
            self._sequence, self._renewed = told.last_sequence, asked
            return True
        return False
