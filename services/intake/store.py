"""Asks EVENTS what is on record and records new facts: the stream is its own register of reports seen."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from contracts.envelope import Event, read
from contracts.events import ReportAccepted
from services.runtime.broker import Bus
from services.runtime.jetstream import last_on_subject
from services.runtime.publishing import Expectation, Fact, Recorded, Stale

REMEMBERED: Final = 50_000
"""Subjects whose state is kept in memory, so that a repeat costs no question. Forgetting one costs one question."""
AT_ONCE: Final = 64

Known = dict[str, str]
"""Subject on record -> content digest of its report; empty text for a rejection."""


class Reports:
    """What EVENTS holds about reports."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._recent: OrderedDict[str, str] = OrderedDict()

    def recall(self, subjects: Iterable[str]) -> Known:
        """What is remembered of these subjects. Absence means nothing: the commit finds out."""
        return {subject: self._recent[subject] for subject in subjects if subject in self._recent}

    async def look_up(self, subjects: Sequence[str]) -> Known:
        """What the stream holds under these subjects, for certain."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(subject: str) -> tuple[str, str | None]:
            async with limit:
                stored = await last_on_subject(self._bus.client, "EVENTS", subject)
            return subject, None if stored is None else _content(read(stored.body))

        found = await asyncio.gather(*(one(subject) for subject in set(subjects)))
        known = {subject: content for subject, content in found if content is not None}
        self._remember(known)
        return known

    async def record(self, events: Sequence[Event[Any]]) -> Recorded | Stale:
        """All of them, each the first under its subject, or none."""
        facts = [Fact(e.subject, e.to_bytes(), e.type, Expectation(e.subject, 0)) for e in events]
        outcome = await self._bus.publisher.record(facts)
        if isinstance(outcome, Recorded):
            self._remember({event.subject: _content(event) for event in events})
        return outcome

    def _remember(self, known: Known) -> None:
        self._recent.update(known)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)


def _content(event: Event[Any]) -> str:
    return event.data.content if isinstance(event.data, ReportAccepted) else ""
