"""The routing service, wired: which consumer goes to which handler, what it loads and what runs beside it."""

from contracts import subjects
from contracts.actions import DeskAction
from contracts.activation import ReferenceRecorded, RegulationActivated, RegulationActivationRefused
from contracts.envelope import Event, one_of
from contracts.events import ActionRefused, CourseData, DispatchData, ReportAccepted
from contracts.receipts import ActionReceipt
from contracts.reporting import OwedData, PaperData, ReportingAction, ReportingRegimeSwitched
from contracts.streams import (
    REPORTING_ACTIONS,
    REPORTING_COURSES,
    REPORTING_DUE,
    REPORTING_REPORTS,
    REPORTING_SCHEDULES,
    ROUTING_ACTIONS,
    ROUTING_DUE,
    ROUTING_REPORTS,
    ROUTING_SCHEDULES,
)
from services.routing.active import ActiveRegulations
from services.routing.deadlines import Scheduling
from services.routing.drafting import Drafting
from services.routing.handlers import Routing
from services.routing.reporting_desks import ReportingDesks
from services.routing.reporting_files import ReportingLaw
from services.routing.reporting_handlers import Reporting, ReportScheduling
from services.routing.reporting_store import Books
from services.routing.settings import RoutingSettings
from services.routing.store import Incidents
from services.runtime import clock
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Publishes, Service

RegulationEvent = Event[ReferenceRecorded] | Event[RegulationActivated] | Event[RegulationActivationRefused]


def service(settings: RoutingSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    regulations = ActiveRegulations(bus, settings.reference, settings.time_scale, settings.boundaries)
    incidents = Incidents(bus, regulations.catch_up)
    routing = Routing(bus, incidents, Drafting(incidents, regulations))
    scheduling = Scheduling(bus)
    law = ReportingLaw(settings.reference, lambda: regulations.at(clock.now()).register)
    books = Books(bus)
    reporting = Reporting(books, law)
    desks = ReportingDesks(bus, books, reporting, law)

    async def load() -> None:
        law.load()
        await regulations.load()
        await incidents.load()
        await books.load()

    return Service(
        name="routing",
        settings=settings,
        bus=bus,
        load=load,
        consumes=(
            Consumes(ROUTING_REPORTS, Event[ReportAccepted], routing.on_reports),
            Consumes(ROUTING_ACTIONS, DeskAction, routing.on_actions),
            Consumes(ROUTING_DUE, bytes, routing.on_due, limit=500),
            Consumes(ROUTING_SCHEDULES, one_of(DispatchData), scheduling.on_dispatches),
            Consumes(REPORTING_REPORTS, Event[ReportAccepted], reporting.on_reports),
            Consumes(REPORTING_COURSES, one_of(CourseData), reporting.on_courses),
            Consumes(REPORTING_ACTIONS, ReportingAction, desks.on_actions),
            Consumes(REPORTING_DUE, bytes, reporting.on_due, limit=500),
            Consumes(REPORTING_SCHEDULES, one_of(OwedData), ReportScheduling(bus).on_owed),
        ),
        background=(
            lambda running: routing.sweep(running, settings.sweep_seconds),
            lambda running: reporting.run(running, settings.sweep_seconds),
        ),
        publishes=(
            Publishes(subjects.PATTERNS.course, one_of(CourseData), "incident-course"),
            Publishes(subjects.PATTERNS.dispatch, one_of(DispatchData), "dispatch"),
            Publishes(subjects.PATTERNS.refused_action, Event[ActionRefused], "action-refused"),
            Publishes(subjects.PATTERNS.regulation, RegulationEvent, "regulation"),
            Publishes(subjects.PATTERNS.register, Event[ReferenceRecorded], "register"),
            Publishes(subjects.PATTERNS.receipt, ActionReceipt, "action-receipt"),
            Publishes(subjects.PATTERNS.owed, one_of(OwedData), "report-owed"),
            Publishes(subjects.PATTERNS.papers, one_of(PaperData), "desk-papers"),
            Publishes(subjects.PATTERNS.regime, Event[ReportingRegimeSwitched], "reporting-regime"),
        ),
    )
