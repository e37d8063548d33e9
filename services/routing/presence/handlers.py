"""The edge of presence: hears desks, looks every second who came or went, takes what desks say about themselves."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, Protocol

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ActionRefused
from contracts.presence import PRESENCE_ACTION, PresenceAct
from contracts.receipts import Outcome
from services.routing.desk_acts import DeskActs
from services.routing.presence.signs import Absence, Attendance, Heard, Key, absence, acted, changes
from services.routing.reporting.regime.acting import Verdict
from services.routing.reporting.regime.telling import Cause
from services.runtime import clock
from services.runtime.broker import Bus
from services.runtime.failures import INFRASTRUCTURE
from services.runtime.publishing import Recorded, Stale
from services.runtime.telemetry import outcomes

LOOK_SECONDS: Final = 1.0
AT_ONCE: Final = 250
MOST_HEARD: Final = 50_000
"""Distinct senders remembered between two looks; nobody fills our memory with made-up names."""

Knows = Callable[[Addressee, datetime], bool]
"""Whether the register has this desk then."""


class DeskBook(Protocol):
    """Which desks are there, as the stream has it; `presence_store.Attendances` is the real one."""

    @property
    def all(self) -> Mapping[Key, Attendance]:
        """Every desk of which something is on record."""

    def of(self, space: Space, desk: Addressee) -> Attendance:
        """One desk."""

    async def follow(self) -> None:
        """Reads what is new."""

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        """All or nothing."""


class Presence:
    """Watches desks. A crash forgets what was heard: every desk is then given the whole time again."""

    def __init__(self, bus: Bus, attendances: DeskBook, knows: Knows, offline_after: timedelta) -> None:
        self._bus = bus
        self._acts = DeskActs(bus, PRESENCE_ACTION, self)
        self._attendances = attendances
        self._knows = knows
        self._offline_after = offline_after
        self._heard: dict[Key, datetime] = {}
        self._since = self._looked = clock.now()
        self._writing = asyncio.Lock()

    async def listen(self) -> None:
        """Hears signs of life from now on, and knows what is on record."""
        await self._attendances.follow()
        self._since = self._looked = clock.now()
        await self._bus.client.subscribe(subjects.ALL_HEARTBEATS, cb=self._on_heartbeat)

    async def run(self, running: Callable[[], bool]) -> None:
        """Looks again and again; what fails while the bus is away is looked at later."""
        while running():
            with suppress(*INFRASTRUCTURE):
                await self.look(clock.now())
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, now: datetime) -> None:
        """Records who came or went since the last look."""
        # Who did not look for so long was asleep: what it did not hear then says nothing about the desks.
        if now - self._looked > self._offline_after / 2 or not self._bus.client.is_connected:
            self._since = now
        self._looked = now
        await self.settle(lambda: list(islice(self._changes(now), AT_ONCE)))
        fresh = {key for key, at in self._heard.items() if now - at < self._offline_after}
        self._heard = {key: at for key, at in self._heard.items() if key in fresh or self._attendances.of(*key).online}

    async def catch_up(self) -> None:
        """Knows what the stream says of desks by now, also what another instance recorded."""
        async with self._writing:
            await self._attendances.follow()

    def absence(self, space: Space, desk: Addressee) -> Absence | None:
        """Why nobody can be expected at that desk now; None where somebody may be."""
        return absence(self._attendances.of(space, desk))

    async def on_actions(self, messages: Sequence[Msg]) -> None:
        """What desks say about themselves: each act is recorded or refused with its reason, and answered."""
        for message in messages:
            await self._acts.take(message)

    def verdict(self, act: PresenceAct, desk: Addressee, cause: Cause) -> Verdict:
        """What becomes of an act as things stand now."""
        attendance = self._attendances.of(act.space, desk)
        return acted(act, desk, attendance, cause, lambda one: self._knows(one, cause.at))

    def count(self, space: Space, outcome: Outcome) -> None:
        """Measures what became of an act."""
        outcomes(space).labels("presence-action", outcome.value).inc()

    async def refuse(self, refusal: Event[ActionRefused]) -> None:
        """Its subject takes one fact, so the same again is stale and changes nothing."""
        await self._attendances.commit([refusal])

    async def settle(self, decide: Callable[[], Sequence[Event[Any]]]) -> None:
        """Decides and records; when somebody was first, reads and decides again."""
        async with self._writing:
            while True:
                await self._attendances.follow()
                if not isinstance(await self._attendances.commit(decide()), Stale):
                    return

    def _changes(self, now: datetime) -> Iterator[Event[Any]]:
        heard = Heard(self._heard, self._since, self._offline_after)
        found = changes(self._attendances.all, heard, now)
        return (event for event in found if self._knows(event.data.desk, now) or event.data.change == "offline")

    async def _on_heartbeat(self, message: Msg) -> None:
        with suppress(ValueError):
            space, agency, desk = subjects.heart_of(message.subject)
            key = space, Addressee(agency=agency, desk=desk)
            if key in self._heard or len(self._heard) < MOST_HEARD:
                self._heard[key] = clock.now()
