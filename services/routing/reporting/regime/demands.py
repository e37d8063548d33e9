"""Why reporting calendars run in an area, from when to when: orders of desks, and open incidents with a stated risk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.codes import Space
from contracts.course import IncidentClosed, IncidentMerged, IncidentReopened, IncidentSplit
from contracts.decisions import Decision
from contracts.envelope import Event
from contracts.reporting import ReportingRegimeSwitched
from services.routing.reporting.regime.calendars import Calendar, Cause


@dataclass(frozen=True, slots=True)
class Demand:
    """One reason for which calendars run."""

    space: Space
    cause: UUID
    """The incident, or the action that ordered it."""
    areas: tuple[str, ...]
    calendars: frozenset[str] | None
    """None: an incident, for which all calendars of events run."""
    since: datetime
    until: datetime | None = None

    @property
    def of_incident(self) -> bool:
        """Whether an incident demands it: then those who answer for more than its place report too."""
        return self.calendars is None

    def runs(self, calendar: Calendar) -> bool:
        """Whether this calendar runs because of it."""
        return calendar.cause is Cause.EVENT if self.calendars is None else calendar.code in self.calendars


@dataclass(frozen=True, slots=True)
class Course:
    """What an incident's own facts say about reporting, folded in order."""

    areas: tuple[str, ...] = ()
    risk: bool = False
    """A disaster-risk level is stated."""
    open: bool = True
    demands: tuple[Demand, ...] = ()
    """In order; only the last may still run."""


def after_course(course: Course, space: Space, incident: UUID, event: Event[Any]) -> Course:
    """The course after one more fact of the incident."""
    match event.data:
        case IncidentClosed() | IncidentMerged():
            course = replace(course, open=False)
        case IncidentReopened() | IncidentSplit():
            course = replace(course, open=True)
        case data:
            course = _decided(course, getattr(data, "decision", None))
    running = bool(course.demands) and course.demands[-1].until is None
    wanted = course.open and course.risk and bool(course.areas)
    if running and (not wanted or course.demands[-1].areas != course.areas):
        ended = replace(course.demands[-1], until=event.time)
        course, running = replace(course, demands=(*course.demands[:-1], ended)), False
    if wanted and not running:
        begun = Demand(space, incident, course.areas, None, event.time)
        course = replace(course, demands=(*course.demands, begun))
    return course


def _decided(course: Course, decision: object) -> Course:
    """Where it is and whether its risk is stated, as the latest decision saw it."""
    if not isinstance(decision, Decision):
        return course
    facts = decision.facts
    areas = facts.communes or facts.areas[:1]
    return replace(course, areas=areas, risk=facts.scales.disaster_risk is not None)


@dataclass(frozen=True, slots=True)
class Orders:
    """What desks have ordered for one area, folded in order."""

    demands: tuple[Demand, ...] = ()
    actions: frozenset[UUID] = field(default_factory=frozenset)
    """Every action recorded, so that one sent again is known."""


def after_order(orders: Orders, order: ReportingRegimeSwitched) -> Orders:
    """The orders after one more; what runs already goes on, what is switched off ends now."""
    running = {code for one in orders.demands if one.until is None for code in one.calendars or ()}
    demands: Iterable[Demand] = orders.demands
    if order.on:
        fresh = frozenset(order.calendars) - running
        begun = Demand(order.space, order.action, (order.area,), fresh, order.since)
        demands = (*demands, begun) if fresh else demands
    else:
        demands = (part for one in demands for part in _without(one, frozenset(order.calendars), order.since))
    return Orders(tuple(demands), orders.actions | {order.action})


def _without(demand: Demand, calendars: frozenset[str], at: datetime) -> Iterator[Demand]:
    """The demand, cut at that moment for these calendars."""
    stopped = (demand.calendars or frozenset()) & calendars
    if demand.until is not None or not stopped:
        yield demand
        return
    yield replace(demand, calendars=stopped, until=at)
    if left := (demand.calendars or frozenset()) - stopped:
        yield replace(demand, calendars=left)
