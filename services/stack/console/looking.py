"""Looks at the running system for the operators' page, every two seconds at most however many watch. No judgement."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.runtime import clock
from services.runtime.broker import Bus, NotConnectedError
from services.runtime.embedded.local_stack import Phase
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.stack.console.settings import ConsoleSettings
from services.stack.identity.keeping import BrokenBookError, Keeping
from services.stack.inspection import NothingRunsError, ServiceHealth, Status, inspect
from services.stack.parking import Parked, parked
from services.stack.parts import is_ready

FRESH_SECONDS: Final = 2.0
MOST_PARKED: Final = 200
"""Rows of parked messages that a page shows; their number is always whole."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at one moment."""

    at: datetime
    status: Status | None
    """None where there is nothing to ask."""
    parked: tuple[Parked, ...] = ()
    endings: tuple[tuple[str, datetime], ...] = ()
    """Keys and certificates by name and when they end, the earliest first; only what this machine keeps."""


class Looking:
    """One pair of eyes for all watchers of a process."""

    def __init__(self, settings: ConsoleSettings, bus: Bus) -> None:
        self._settings = settings
        self._bus = bus
        self._last: Look | None = None
        self._looked = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def look(self) -> Look:
        """What is there now, or was within the last two seconds."""
        async with self._one_at_a_time:
            if self._last is None or clock.monotonic() - self._looked > FRESH_SECONDS:
                self._last = await self._fresh()
                self._looked = clock.monotonic()
            return self._last

    def again(self) -> None:
        """Whoever looks next sees what is there then: something has just been changed."""
        self._last = None

    async def _fresh(self) -> Look:
        try:
            status = await inspect(self._settings)
        except NothingRunsError:
            return Look(clock.now(), None)
        if not status.services:
            status = replace(status, services=await _watched(self._settings.watched_services))
        rows = await self._parked() if status.nats.ok and status.parked else ()
        return Look(clock.now(), status, rows, await asyncio.to_thread(self._endings))

    async def _parked(self) -> tuple[Parked, ...]:
        with suppress(NotConnectedError, BusUnavailableError, JetStreamRefusedError):
            return tuple((await parked(self._bus.client))[-MOST_PARKED:])
        return ()

    def _endings(self) -> tuple[tuple[str, datetime], ...]:
        keeping = Keeping(self._settings.home)
        found = dict(keeping.encryption.endings())
        with suppress(BrokenBookError):
            for member in keeping.book().members:
                ends = [end for end in (member.until, member.certified_until) if end is not None]
                found |= {member.identity.name: min(ends)} if ends else {}
        return tuple(sorted(found.items(), key=lambda one: one[1]))


async def _watched(services: Mapping[str, str]) -> tuple[ServiceHealth, ...]:
    ready = await asyncio.gather(*(is_ready(url) for url in services.values()))
    return tuple(
        ServiceHealth(name, answered, Phase.READY if answered else Phase.RESTARTING, None, 0, url)
        for (name, url), answered in zip(services.items(), ready, strict=True)
    )
