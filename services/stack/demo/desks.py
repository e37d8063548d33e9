"""The duty desks of the story: each watches its own durable consumer and answers, or keeps silent, as the data says."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.actions import Accept
from contracts.decisions import ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.identity import desk
from contracts.receipts import Outcome
from services.desk.board import DispatchEvent
from services.desk.client import DeskClient
from services.runtime.clock import now
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import NoReceiptError
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import Conduct
from services.stack.identity.lines import Lines

OFFICER = "Trực ban"
LOOK_EVERY = 3.0
"""Seconds between two looks at the record of each of some seventy desks."""


@dataclass(slots=True)
class Watched:
    """One desk and everything its feed has brought."""

    conduct: Conduct
    client: DeskClient
    events: dict[UUID, Event[Any]] = field(default_factory=dict)
    acknowledged: set[UUID] = field(default_factory=set)
    """Dispatches whose acknowledgement was receipted as recorded."""
    taken: set[UUID] = field(default_factory=set)
    """Dispatches whose acceptance was receipted as recorded; one that was relieved meanwhile is told so instead."""
    failed: set[UUID] = field(default_factory=set)
    """Dispatches whose acknowledgement was refused, or of which an act was never receipted."""

    def dispatches(self) -> dict[UUID, Event[DispatchIssued]]:
        """What was addressed to this desk."""
        issued = (event for event in self.events.values() if isinstance(event.data, DispatchIssued))
        return {event.data.dispatch: event for event in issued}


@dataclass(slots=True)
class Desks:
    """All desks of the story that are staffed."""

    pace: Pace
    returned: Callable[[Conduct, datetime], None]
    """Called when a desk that was away connects."""
    shared: bool = False
    """People have pages of these desks open, which take messages too."""
    watched: list[Watched] = field(default_factory=list)
    _watching: list[asyncio.Task[None]] = field(default_factory=list)
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def answering(self) -> int:
        """Acts that are still to be sent or receipted."""
        return len(self._answering)

    async def attend(self, parties: Lines, conducts: tuple[Conduct, ...]) -> None:
        """Connects every desk that is there from the start, and the others when they come."""
        for conduct in conducts:
            client = await parties.of(desk(*conduct.origin))
            watched = Watched(conduct, DeskClient(client, conduct.space, conduct.origin, OFFICER))
            await watched.client.start()
            self.watched.append(watched)
            self._watching.append(asyncio.create_task(self._watch(watched)))

    async def leave(self) -> None:
        """Everybody goes home; a desk that had broken down says so now."""
        for task in (*self._watching, *self._answering):
            task.cancel()
        ended = await asyncio.gather(*self._watching, *self._answering, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _watch(self, watched: Watched) -> None:
        away = watched.conduct.attends_from
        if away:
            await self._until(away)
            self.returned(watched.conduct, now())

        async def seen(event: DispatchEvent) -> None:
            new = event.id not in watched.events
            watched.events[event.id] = event
            if new and isinstance(event.data, DispatchIssued) and event.data.obligations:
                self._answer(watched, event.data)

        looking = [asyncio.create_task(_look_again(watched.client, seen))] if self.shared else []
        try:
            await watched.client.watch(seen, lambda: True)
        finally:
            for task in looking:
                task.cancel()

    def _answer(self, watched: Watched, issued: DispatchIssued) -> None:
        conduct = watched.conduct
        if conduct.acknowledges_after is not None:
            self._later(self._acknowledge(watched, issued, conduct.acknowledges_after))
        asked = any(owed.kind is ObligationKind.DECIDE for owed in issued.obligations)
        if asked and conduct.accepts_after is not None:
            self._later(self._accept(watched, issued, conduct.accepts_after))

    def _later(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(act)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _acknowledge(self, watched: Watched, issued: DispatchIssued, after: timedelta) -> None:
        await asyncio.sleep(after.total_seconds() / self.pace.speed)
        try:
            receipt = await watched.client.acknowledge(issued.incident, issued.dispatch)
        except NoReceiptError:
            watched.failed.add(issued.dispatch)
        else:
            done = receipt.outcome is Outcome.ACCEPTED
            (watched.acknowledged if done else watched.failed).add(issued.dispatch)

    async def _accept(self, watched: Watched, issued: DispatchIssued, after: timedelta) -> None:
        await asyncio.sleep(after.total_seconds() / self.pace.speed)
        try:
            receipt = await watched.client.act(Accept, issued.incident, issued.dispatch)
        except NoReceiptError:
            watched.failed.add(issued.dispatch)
        else:
            if receipt.outcome is Outcome.ACCEPTED:
                watched.taken.add(issued.dispatch)

    async def _until(self, at: timedelta) -> None:
        await asyncio.sleep((self.pace.hub(at) - now()).total_seconds())


async def _look_again(client: DeskClient, seen: Callable[[DispatchEvent], Coroutine[Any, Any, None]]) -> None:
    """A page that somebody has open takes messages of the desk too: what it took is on the record."""
    sequence = 0
    while True:
        await asyncio.sleep(LOOK_EVERY)
        with suppress(BusUnavailableError):
            async for found, event in client.since(sequence + 1):
                await seen(event)
                sequence = found
