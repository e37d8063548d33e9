"""The edge of reporting: reads a batch, decides purely, records all of it or nothing, schedules what is owed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, read
from contracts.events import ReportAccepted
from contracts.reporting import PeriodReportCopied, PeriodReportMissing, PeriodReportWithdrawn, ReportOwed
from services.routing.reporting.regime.acting import Law, Papers
from services.routing.reporting.regime.book import Standing
from services.routing.reporting.regime.chasing import overdue, owed
from services.routing.reporting.regime.demands import Demand, Orders
from services.routing.reporting.regime.filing import Filing, filed, reporter
from services.routing.reporting.regime.owing import Debt, debts
from services.routing.reporting.regime.unasked import unasked
from services.runtime import clock
from services.runtime.broker import Bus
from services.runtime.failures import INFRASTRUCTURE
from services.runtime.logs import logger
from services.runtime.messages import sequence, stored_at
from services.runtime.publishing import EVENT_TYPE_HEADER, Recorded, ReportDeadline, Stale

SWEEP_GRACE: Final = timedelta(seconds=3)
"""How long past its time a report may stay unasked for before the sweep takes it up."""
AT_MOST_SWEPT: Final = 200
AT_ONCE: Final = 250
"""Decisions in one commit: each gives at most three facts, and a batch holds a thousand."""
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONCERNS_PERIODS: Final = (b'"type":"situation"', b'"references":["', b'"on_behalf_of":')
"""What a report has that says anything about what is owed; any other is not read a second time."""

Hint = tuple[Space, str, UUID, datetime]
"""A report that may be overdue, and the hub's time at which that was said."""


class ReportingBooks(Protocol):
    """What agencies owe, as the stream has it; `reporting_store.Books` is the real one."""

    async def certain(self) -> None:
        """Reads again what is in doubt."""

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        """All or nothing."""

    async def is_recorded(self, subject: str) -> bool:
        """Whether there is a fact under this subject."""

    def follow(self, subject: str, sequence: int, body: bytes) -> None:
        """One more fact of an incident's course."""

    def fresh(self) -> tuple[Demand, ...]:
        """Reasons never looked at."""

    def looked_at(self, demands: Sequence[Demand]) -> None:
        """These were."""

    def running(self) -> tuple[Demand, ...]:
        """Reasons that have no end yet."""

    def owes(self, space: Space, agency: str, obligation: UUID) -> Standing | None:
        """How a report stands."""

    def standings(self, space: Space, agency: str) -> tuple[Standing, ...]:
        """All an agency owes."""

    def orders(self, space: Space, area: str) -> Orders:
        """What is ordered for an area."""

    def papers(self, space: Space, desk: Addressee) -> Papers:
        """The papers of a desk."""

    def overdue(self, at: datetime, most: int) -> Sequence[ReportDeadline]:
        """What is past its time."""

    def put_back(self, deadlines: Sequence[ReportDeadline]) -> None:
        """To be named again."""


class Reporting:
    """Decides about what agencies owe, one batch at a time.

    A crash before the commit decides again; after it, the same input yields nothing new. Nothing is lost either way.
    """

    def __init__(self, books: ReportingBooks, law: Callable[[], Law]) -> None:
        self._books = books
        self._law = law
        self._writing = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._opened_until = _BEGINNING

    async def on_reports(self, messages: Sequence[Msg]) -> None:
        """Accepted reports: those about a period that is owed meet, correct or reopen it, and are copied both ways."""
        for message in messages:
            if _concerns_periods(message):
                event = read(message.data)
                await self.settle(lambda event=event: self._filed(event))  # type: ignore[misc]

    async def on_courses(self, messages: Sequence[Msg]) -> None:
        """The courses of incidents: an open one with a stated disaster-risk level makes calendars of events run."""
        for message in messages:
            self._books.follow(message.subject, sequence(message), message.data)
        await self.open(clock.now())

    async def on_due(self, messages: Sequence[Msg]) -> None:
        """Times that have come: a report that is missing is asked for. The message is a hint; the facts decide."""
        await self._chase([(*subjects.report_due_of(message.subject), stored_at(message)) for message in messages])

    async def run(
        self, running: Callable[[], bool], every: float, stream_now: Callable[[], Awaitable[datetime]]
    ) -> None:
        """Begins new periods, and takes up what is overdue although its message never came, by the stream's clock."""
        while running():
            missed: Sequence[ReportDeadline] = ()
            try:
                now = await stream_now()
                await self.open(now)
                missed = self._books.overdue(now - SWEEP_GRACE, AT_MOST_SWEPT)
                await self._chase([(one.space, one.agency, one.obligation, now) for one in missed])
            except INFRASTRUCTURE:
                self._books.put_back(missed)
            if missed:
                logger().warning("reports_swept", count=len(missed))
            await asyncio.sleep(every)

    async def open(self, now: datetime) -> None:
        """Records what became owed since the last look: by new periods, or by reasons not looked at yet."""
        async with self._opening:
            fresh, running = self._books.fresh(), self._books.running()
            found = [*self._debts(fresh, _BEGINNING, now), *self._debts(running, self._opened_until, now)]
            for start in range(0, len(found), AT_ONCE):
                await self.settle(lambda part=found[start : start + AT_ONCE]: self._opened(part))  # type: ignore[misc]
            self._books.looked_at(fresh)
            self._opened_until = now

    def _debts(self, demands: Sequence[Demand], since: datetime, until: datetime) -> list[Debt]:
        if not demands:
            return []
        law = self._law()
        return debts(law.reporting, demands, law.register, since, until)

    def _opened(self, found: Sequence[Debt]) -> list[Event[Any]]:
        new = {one.obligation: one for one in found if self._books.owes(one.space, one.agency, one.obligation) is None}
        register = self._law().register
        return [owed(one, register) for one in new.values()]

    async def _chase(self, hints: Sequence[Hint]) -> None:
        distinct = list({hint[:3]: hint for hint in hints}.values())
        for start in range(0, len(distinct), AT_ONCE):
            await self.settle(
                lambda part=distinct[start : start + AT_ONCE]: [e for hint in part for e in self._overdue(hint)]  # type: ignore[misc]
            )

    def _overdue(self, hint: Hint) -> Iterator[Event[Any]]:
        space, agency, obligation, at = hint
        standing = self._books.owes(space, agency, obligation)
        return iter(()) if standing is None else overdue(standing, at, *self._law())

    def _filed(self, accepted: Event[ReportAccepted]) -> list[Event[Any]]:
        space, agency = subjects.space_of_fact(accepted.subject), reporter(accepted.data).agency
        filing, standings = Filing(accepted, *self._law()), self._books.standings(space, agency)
        found = list(filed(filing, standings))
        unmet = [copy for copy in unasked(filing, standings, found) if not self._is_copied(copy)]
        return [*found, *unmet]

    def _is_copied(self, copy: Event[PeriodReportCopied]) -> bool:
        return copy.data.paper in self._books.papers(subjects.space_of_fact(copy.subject), copy.data.to).held

    async def settle(self, decide: Callable[[], Sequence[Event[Any]]]) -> None:
        """Decides and records; when somebody was first, reads again and decides again."""
        async with self._writing:
            while True:
                await self._books.certain()
                if not isinstance(await self._books.commit(decide()), Stale):
                    return


class ReportScheduling:
    """Schedules one message for every report that is owed or asked for; doing it again changes nothing."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_owed(self, messages: Sequence[Msg]) -> None:
        """Asks the server for a message at the time by which each report is owed."""
        deadlines = [deadline for message in messages for deadline in deadlines_of(message)]
        await asyncio.gather(*(self._bus.publisher.schedule_report(deadline) for deadline in deadlines))


def deadlines_of(message: Msg) -> tuple[ReportDeadline, ...]:
    """The time that a fact about what is owed sets."""
    space, data = subjects.space_of_fact(message.subject), read(message.data).data
    match data:
        case ReportOwed(due=due) | PeriodReportWithdrawn(due=due) | PeriodReportMissing(send_by=datetime() as due):
            return (ReportDeadline(space, data.agency, data.obligation, due),)
        case _:
            return ()


def _concerns_periods(message: Msg) -> bool:
    kind = (message.headers or {}).get(EVENT_TYPE_HEADER, "")
    return kind.startswith("phoihop.ReportAccepted.") and any(mark in message.data for mark in _CONCERNS_PERIODS)
