"""The routing service, wired: which consumer goes to which handler, what it loads and what runs beside it."""

from collections.abc import Sequence

from nats.aio.msg import Msg

from contracts.actions import DeskAction
from contracts.activation import ReferenceRecorded, RegulationActivated, RegulationActivationRefused
from contracts.envelope import Event, one_of
from contracts.events import ActionRefused, CourseData, DispatchData, ReportAccepted
from contracts.presence import PresenceData
from contracts.receipts import ActionReceipt
from contracts.streams import ROUTING_ABSENCES, ROUTING_ACTIONS, ROUTING_DUE, ROUTING_REPORTS, ROUTING_SCHEDULES
from contracts.subject_words import PATTERNS
from services.routing.deadlines import Scheduling
from services.routing.desk_door import DeskDoor
from services.routing.drafting import Drafting
from services.routing.exercises.part import PUBLISHES as EXERCISES_PUBLISHES
from services.routing.exercises.part import exercises_part
from services.routing.handlers import Routing
from services.routing.in_force.active import ActiveRegulations
from services.routing.ladders.part import PUBLISHES as LADDERS_PUBLISHES
from services.routing.ladders.part import ladders_part
from services.routing.presence.handlers import Presence
from services.routing.presence.part import PUBLISHES as PRESENCE_PUBLISHES
from services.routing.presence.part import presence_part
from services.routing.reporting.part import PUBLISHES, reporting_part
from services.routing.settings import RoutingSettings
from services.routing.store import Incidents
from services.runtime import clock
from services.runtime.alone import Alone
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Publishes, Service

RegulationEvent = Event[ReferenceRecorded] | Event[RegulationActivated] | Event[RegulationActivationRefused]


def service(settings: RoutingSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    regulations = ActiveRegulations(bus, settings.reference, settings.time_scale, settings.boundaries)
    alone = Alone(bus, "routing", settings.instance)
    incidents = Incidents(bus, regulations.catch_up, alone.certain if alone.contested else None)
    desks = presence_part(bus, settings, lambda desk, at: regulations.at(at).knows(desk, at))
    door = DeskDoor(bus, lambda desk, at: regulations.at(at).knows(desk, at))
    routing = Routing(bus, incidents, Drafting(incidents, regulations, desks.presence.absence))
    reporting = reporting_part(bus, settings, lambda: regulations.at(clock.now()).register)

    async def load() -> None:
        await regulations.load()
        await incidents.load()
        await reporting.load()
        await desks.presence.listen()
        await door.listen()

    return Service(
        name="routing",
        settings=settings,
        bus=bus,
        alone=alone,
        load=load,
        consumes=(
            *_decides(routing, desks.presence),
            Consumes(ROUTING_SCHEDULES, one_of(DispatchData), Scheduling(bus, incidents.lately.read).on_dispatches),
            *reporting.consumes,
            *desks.consumes,
            *ladders_part(bus, incidents, lambda code: regulations.at(clock.now()).agency(code, clock.now())).consumes,
            *exercises_part(bus, regulations.at).consumes,
        ),
        background=(
            lambda running: routing.sweep(running, settings.sweep_seconds),
            reporting.background,
            desks.presence.run,
        ),
        publishes=_publishes(),
    )


def _decides(routing: Routing, presence: Presence) -> tuple[Consumes, ...]:
    """Whatever incidents are decided on."""

    async def on_absences(messages: Sequence[Msg]) -> None:
        """Desks that came or went: what waits for one that went is told to another too, once."""
        await presence.catch_up()
        await routing.on_absences(messages)

    return (
        Consumes(ROUTING_REPORTS, Event[ReportAccepted], routing.on_reports),
        Consumes(ROUTING_ACTIONS, DeskAction, routing.on_actions),
        Consumes(ROUTING_DUE, bytes, routing.on_due, limit=500),
        Consumes(ROUTING_ABSENCES, one_of(PresenceData), on_absences),
    )


def _publishes() -> tuple[Publishes, ...]:
    """What it says on the bus, and where."""
    return (
        Publishes(PATTERNS.course, one_of(CourseData), "incident-course"),
        Publishes(PATTERNS.dispatch, one_of(DispatchData), "dispatch"),
        Publishes(PATTERNS.refused_action, Event[ActionRefused], "action-refused"),
        Publishes(PATTERNS.regulation, RegulationEvent, "regulation"),
        Publishes(PATTERNS.register, Event[ReferenceRecorded], "register"),
        Publishes(PATTERNS.receipt, ActionReceipt, "action-receipt"),
        *PUBLISHES,
        *PRESENCE_PUBLISHES,
        *LADDERS_PUBLISHES,
        *EXERCISES_PUBLISHES,
    )
