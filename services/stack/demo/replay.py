"""Plays one scenario against a running stack, waits until nothing moves, and gathers what there is to compare."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from contracts.decisions import Addressee
from contracts.envelope import read
from contracts.identity import AUDITOR
from contracts.receipts import Receipt
from contracts.streams import EVENTS, desk_consumer
from contracts.subjects import EVERYTHING
from services.audit.drill.demonstration import Drill, detects_tampering
from services.audit.recomputing.verification import Verification, verify
from services.runtime.clock import now
from services.runtime.embedded.local_stack import StackState
from services.runtime.jetstream import read_subject
from services.stack.demo.checking import Evidence, Feed
from services.stack.demo.chronicle import Chronicle
from services.stack.demo.desks import Desks, Watched
from services.stack.demo.pace import Pace
from services.stack.demo.record import on_record
from services.stack.demo.rest import Look, at_rest
from services.stack.demo.scenario import Conduct, Filing, Scenario
from services.stack.demo.telling import Passage, Teller
from services.stack.demo.units import Units
from services.stack.identity.lines import lines

FIRST_MOMENT: Final = timedelta(seconds=1)
"""Until the story begins: desks and units connect meanwhile."""
READ_SECONDS: Final = 0.1
REST_SECONDS: Final = 45.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """A story that was played to its end."""

    evidence: Evidence
    verification: Verification
    drill: Drill


@dataclass(slots=True)
class Replay:
    """One scenario, told line by line through `say`."""

    scenario: Scenario
    speed: float
    say: Say
    teller: Callable[[Pace, Chronicle], Teller]
    shared: bool = False
    """People look at its desks meanwhile."""

    async def play(self, stack: StackState, home: Path) -> Played:
        """Everything from the first report to the verified ledger.

        Raises:
            NoRestError: something was still under way long after the end of the story.
        """
        story = Story(self.scenario, Pace(now() + FIRST_MOMENT, self.speed, self.scenario.starts, self.scenario.ends))
        teller = self.teller(story.pace, story.chronicle)

        def heard(filing: Filing, receipt: Receipt, at: datetime) -> None:
            story.passages.append(teller.receipt(filing, receipt, at))

        def returned(conduct: Conduct, at: datetime) -> None:
            story.passages.append(teller.back(conduct, at))

        units, desks = Units(heard), Desks(story.pace, returned, self.shared)
        dsn = stack.postgres_dsn
        async with lines(stack.nats_url, home) as parties:
            hub = await parties.of(AUDITOR)
            telling = asyncio.create_task(self._tell(hub, story, teller))
            try:
                await desks.attend(parties, self.scenario.desks)
                await units.play(parties, self.scenario.filings, story.pace)
                look = await self._rest(hub, story, desks)
            finally:
                telling.cancel()
                await desks.leave()
        ledger = await on_record(dsn, look.events)
        feeds = tuple(_feed(watched) for watched in desks.watched)
        evidence = Evidence(self.scenario, units.receipts, feeds, story.chronicle, ledger, look.parked)
        return Played(evidence, await verify(dsn), await detects_tampering(dsn))

    async def _tell(self, hub: Client, story: "Story", teller: Teller) -> None:
        """Follows EVENTS in its order; only what is committed is ever read."""
        chronicle = story.chronicle
        while True:
            news = []
            async for stored in read_subject(hub, EVENTS.name, EVERYTHING, chronicle.sequence + 1):
                event = read(stored.body)
                chronicle.take(event, stored.sequence)
                news.append(event)
            story.passages += teller.facts(news)
            for passage in sorted(story.passages, key=lambda passage: passage.at):
                for line in passage.lines:
                    self.say(line)
            story.passages.clear()
            story.told = chronicle.sequence
            await asyncio.sleep(READ_SECONDS)

    async def _rest(self, hub: Client, story: "Story", desks: Desks) -> Look:
        """The end of the story, and then until nothing moves."""
        end = story.pace.hub(self.scenario.ends)
        await asyncio.sleep((end - now()).total_seconds())

        def busy(sequence: int) -> str | None:
            if story.told != sequence or story.passages:
                return "the story is still being told"
            if desks.answering:
                return f"{desks.answering} answers are under way"
            unanswered = sum(1 for _ in story.chronicle.unanswered(end))
            return f"{unanswered} deadlines have passed without a consequence" if unanswered else None

        consumers = [desk_consumer(conduct.space, *conduct.origin) for conduct in self.scenario.desks]
        return await at_rest(hub, consumers, busy, REST_SECONDS)


@dataclass(slots=True)
class Story:
    """What is being played, and how far it was told."""

    scenario: Scenario
    pace: Pace
    chronicle: Chronicle = field(default_factory=Chronicle)
    passages: list[Passage] = field(default_factory=list)
    """What has yet to be told."""
    told: int = 0
    """Sequence of EVENTS up to which every line was said."""


def _feed(watched: Watched) -> Feed:
    agency, desk = watched.conduct.origin
    return Feed(
        Addressee(agency=agency, desk=desk),
        watched.conduct.space,
        frozenset(watched.dispatches()),
        frozenset(watched.acknowledged),
        frozenset(watched.taken),
        frozenset(watched.failed),
    )
