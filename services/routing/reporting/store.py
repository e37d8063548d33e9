"""Holds what agencies owe and what runs where, as the stream has it, and commits decisions to it, all or nothing."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, read
from contracts.events import ActionRefused
from contracts.reporting import (
    OwedData,
    PaperAcknowledged,
    PeriodReportCopied,
    PeriodReportRequested,
    ReportingRegimeSwitched,
)
from services.routing.reporting.regime.acting import Papers
from services.routing.reporting.regime.book import Standing, after
from services.routing.reporting.regime.demands import Course, Demand, Orders, after_course, after_order
from services.runtime.broker import Bus
from services.runtime.jetstream import last_on_subject, read_subject
from services.runtime.publishing import Expectation, Fact, Recorded, ReportDeadline, Stale

EVENTS: Final = "EVENTS"
_RISK_STATED: Final = b'"disaster_risk":'


class Books:
    """All of it. What is here is only ever a copy: the stream decides whether a commit holds."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._last: dict[str, int] = {}
        """Subject -> sequence of its newest fact."""
        self._standings: dict[tuple[Space, str], dict[UUID, Standing]] = {}
        self._orders: dict[str, Orders] = {}
        """By the subject of the area."""
        self._papers: dict[str, dict[UUID, bool]] = {}
        """By the subject of the desk."""
        self._courses: dict[tuple[Space, UUID], Course] = {}
        self._course_read = 0
        self._fresh: list[Demand] = []
        self._running: dict[str, tuple[Demand, ...]] = {}
        self._due: list[tuple[datetime, UUID, Space, str]] = []
        self._doubtful: set[str] = set()

    async def load(self) -> None:
        """Reads everything; runs before the first message is handled."""
        async for stored in read_subject(self._bus.client, EVENTS, subjects.ALL_REPORTING):
            self._keep(read(stored.body), stored.sequence)
        async for stored in read_subject(self._bus.client, EVENTS, subjects.ALL_COURSES):
            self.follow(stored.subject, stored.sequence, stored.body)

    async def certain(self) -> None:
        """Reads again what an interrupted attempt left in doubt."""
        for subject in tuple(self._doubtful):
            self._forget(subject)
            async for stored in read_subject(self._bus.client, EVENTS, subject):
                self._keep(read(stored.body), stored.sequence)
            self._doubtful.discard(subject)

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        """Records all events or none; None when there is nothing to record.

        Until the answer is here, every touched subject is in doubt and will be read again before it is used.
        """
        if not events:
            return None
        self._doubtful.update(event.subject for event in events if not isinstance(event.data, ActionRefused))
        outcome = await self._bus.publisher.record(self._facts(events))
        if isinstance(outcome, Recorded):
            for sequence, event in enumerate(events, start=outcome.first_sequence):
                if not isinstance(event.data, ActionRefused):
                    self._keep(event, sequence)
                    self._doubtful.discard(event.subject)
        return outcome

    def follow(self, subject: str, sequence: int, body: bytes) -> None:
        """One more fact of an incident's course; one that was read before changes nothing."""
        if sequence <= self._course_read:
            return
        self._course_read = sequence
        space, incident = subjects.course_of(subject)
        # Most incidents never have a stated risk: their long facts need no second reading.
        if _RISK_STATED not in body and (space, incident) not in self._courses:
            return
        before = self._courses.get((space, incident), Course())
        course = self._courses[space, incident] = after_course(before, space, incident, read(body))
        self._changed(subject, before.demands, course.demands)

    async def is_recorded(self, subject: str) -> bool:
        """Whether the stream holds a fact under exactly this subject."""
        return await last_on_subject(self._bus.client, EVENTS, subject) is not None

    def fresh(self) -> tuple[Demand, ...]:
        """Reasons for reporting that were never looked at, in the order in which they came."""
        return tuple(self._fresh)

    def looked_at(self, demands: Sequence[Demand]) -> None:
        """These need no second look but for new periods."""
        del self._fresh[: len(demands)]

    def running(self) -> tuple[Demand, ...]:
        """Reasons for reporting that have no end yet."""
        return tuple(demand for demands in self._running.values() for demand in demands)

    def owes(self, space: Space, agency: str, obligation: UUID) -> Standing | None:
        """How one report that is owed stands."""
        return self._standings.get((space, agency), {}).get(obligation)

    def standings(self, space: Space, agency: str) -> tuple[Standing, ...]:
        """Everything an agency owes or owed."""
        return tuple(self._standings.get((space, agency), {}).values())

    def orders(self, space: Space, area: str) -> Orders:
        """What desks have ordered for an area."""
        return self._orders.get(subjects.regime(space, area), Orders())

    def papers(self, space: Space, desk: Addressee) -> Papers:
        """The papers of one desk."""
        return Papers(self._papers.get(subjects.papers(space, desk.agency, desk.desk), {}))

    def overdue(self, at: datetime, most: int) -> Sequence[ReportDeadline]:
        """Reports due before `at` that nothing answered; each time is named once, the oldest first."""
        found: list[ReportDeadline] = []
        while self._due and self._due[0][0] < at and len(found) < most:
            due, obligation, space, agency = heapq.heappop(self._due)
            standing = self.owes(space, agency, obligation)
            if standing is not None and standing.due == due:
                found.append(ReportDeadline(space, agency, obligation, due))
        return found

    def put_back(self, deadlines: Iterable[ReportDeadline]) -> None:
        """Deadlines that could not be handled now and must be named again."""
        for one in deadlines:
            heapq.heappush(self._due, (one.due, one.obligation, one.space, one.agency))

    def _facts(self, events: Sequence[Event[Any]]) -> list[Fact]:
        """The events as facts; the first under each subject carries what must still be true of it."""
        expected: set[str] = set()
        facts = []
        for event in events:
            last = 0 if isinstance(event.data, ActionRefused) else self._last.get(event.subject, 0)
            expect = None if event.subject in expected else Expectation(event.subject, last)
            expected.add(event.subject)
            facts.append(Fact(event.subject, event.to_bytes(), event.type, expect))
        return facts

    def _keep(self, event: Event[Any], sequence: int) -> None:
        self._last[event.subject] = sequence
        space = subjects.space_of_fact(event.subject)
        data = event.data
        if isinstance(data, ReportingRegimeSwitched):
            before = self._orders.get(event.subject, Orders())
            after_it = self._orders[event.subject] = after_order(before, data)
            self._changed(event.subject, before.demands, after_it.demands)
        elif isinstance(data, PaperAcknowledged):
            self._papers.setdefault(event.subject, {})[data.paper] = True
        elif isinstance(data, PeriodReportCopied | PeriodReportRequested):
            self._papers.setdefault(event.subject, {}).setdefault(data.paper, False)
        else:
            self._keep_owed(space, data)

    def _changed(self, subject: str, before: Sequence[Demand], now: Sequence[Demand]) -> None:
        self._fresh += [demand for demand in now if demand not in before]
        if running := tuple(demand for demand in now if demand.until is None):
            self._running[subject] = running
        else:
            self._running.pop(subject, None)

    def _keep_owed(self, space: Space, data: OwedData) -> None:
        held = self._standings.setdefault((space, data.agency), {})
        if (standing := after(held.get(data.obligation), data)) is None:
            return
        held[data.obligation] = standing
        if standing.due is not None:
            self.put_back([ReportDeadline(space, data.agency, data.obligation, standing.due)])

    def _forget(self, subject: str) -> None:
        self._last.pop(subject, None)
        self._orders.pop(subject, None)
        self._papers.pop(subject, None)
        space, _, *rest = subject.split(".")
        if len(rest) == 1:
            self._standings.pop((Space(space), rest[0]), None)
