"""The part of the routing service that reports about periods are: what it loads, consumes, runs and publishes."""

from collections.abc import Callable
from typing import NamedTuple

from contracts.envelope import Event, one_of
from contracts.events import CourseData, ReportAccepted
from contracts.reporting import OwedData, PaperData, ReportingAction, ReportingRegimeSwitched
from contracts.streams import (
    EVENTS,
    REPORTING_ACTIONS,
    REPORTING_COURSES,
    REPORTING_DUE,
    REPORTING_REPORTS,
    REPORTING_SCHEDULES,
)
from contracts.subject_words import PATTERNS
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.desks import ReportingDesks
from services.routing.reporting.files import ReportingLaw
from services.routing.reporting.handlers import Reporting, ReportScheduling
from services.routing.reporting.store import Books
from services.routing.settings import RoutingSettings
from services.runtime.broker import Bus, Consumes
from services.runtime.jetstream import stream_clock
from services.runtime.service import Background, Publishes

PUBLISHES = (
    Publishes(PATTERNS.owed, one_of(OwedData), "report-owed"),
    Publishes(PATTERNS.papers, one_of(PaperData), "desk-papers"),
    Publishes(PATTERNS.regime, Event[ReportingRegimeSwitched], "reporting-regime"),
)


class ReportingPart(NamedTuple):
    """The part, wired."""

    law: ReportingLaw
    books: Books
    consumes: tuple[Consumes, ...]
    background: Background

    async def load(self) -> None:
        """Calendars, then what agencies owe; before the first message."""
        self.law.load()
        await self.books.load()


def reporting_part(bus: Bus, settings: RoutingSettings, register: Callable[[], RegisterIndex]) -> ReportingPart:
    """The part; nothing connects until the service is run."""
    law, books = ReportingLaw(settings.reference, register), Books(bus)
    reporting = Reporting(books, law)
    return ReportingPart(
        law,
        books,
        (
            Consumes(REPORTING_REPORTS, Event[ReportAccepted], reporting.on_reports),
            Consumes(REPORTING_COURSES, one_of(CourseData), reporting.on_courses),
            Consumes(REPORTING_ACTIONS, ReportingAction, ReportingDesks(bus, books, reporting, law).on_actions),
            Consumes(REPORTING_DUE, bytes, reporting.on_due, limit=500),
            Consumes(REPORTING_SCHEDULES, one_of(OwedData), ReportScheduling(bus).on_owed),
        ),
        lambda running: reporting.run(running, settings.sweep_seconds, lambda: stream_clock(bus.client, EVENTS.name)),
    )
