"""Who owes which report for which period: types of agency in the areas concerned, as the register has them that day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.identifiers import derived_id
from contracts.register import Agency
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex, day_of
from services.routing.regulations.rules.agency_types import AgencyType, own_tree
from services.routing.reporting.regime.calendars import Calendar, ReportingSet
from services.routing.reporting.regime.demands import Demand
from services.routing.reporting.regime.periods import Period, due, periods


class Debt(NamedTuple):
    """One report that one agency owes about one period."""

    obligation: UUID
    space: Space
    agency: str
    calendar: Calendar
    period: Period
    known: datetime
    """From when on it is owed: the beginning of the period, or of the reason for it if that is later."""
    due: datetime
    because: tuple[UUID, ...]


class Circle(NamedTuple):
    """Who is concerned beside the agency itself."""

    desk: Addressee | None
    horizontal: Addressee | None
    superior: Addressee | None


def debts(
    reporting: ReportingSet, demands: Iterable[Demand], register: RegisterIndex, since: datetime, until: datetime
) -> list[Debt]:
    """Every report that became owed after `since` and up to `until`, in the order in which it did."""
    found: defaultdict[tuple[Space, str, str, Period], list[tuple[datetime, UUID]]] = defaultdict(list)
    kept: dict[tuple[Space, str, str, Period], Calendar] = {}
    for demand in demands:
        for calendar in reporting.calendars:
            if not demand.runs(calendar):
                continue
            for period, known in _running(calendar, demand, until):
                for agency in concerned(register.on(day_of(known)), demand, calendar):
                    key = (demand.space, agency, calendar.code, period)
                    found[key].append((known, demand.cause))
                    kept[key] = calendar
    owed = (_debt(reporting, kept[key], key, causes) for key, causes in found.items())
    return sorted((one for one in owed if one.known > since), key=lambda one: (one.known, one.agency, one.obligation))


def _running(calendar: Calendar, demand: Demand, until: datetime) -> Iterator[tuple[Period, datetime]]:
    """The periods of which some part lies in the demand and that have begun, with the moment at which they count."""
    now = until + timedelta(microseconds=1)  # a period that begins at this very moment has begun
    end = now if demand.until is None else min(now, demand.until)
    for period in periods(calendar.period, demand.since, end):
        if calendar.holds_on(period.last_day):
            yield period, max(period.since, demand.since)


def _debt(
    reporting: ReportingSet,
    calendar: Calendar,
    key: tuple[Space, str, str, Period],
    causes: list[tuple[datetime, UUID]],
) -> Debt:
    space, agency, _, period = key
    first = min(known for known, _ in causes)
    because = tuple(dict.fromkeys(cause for known, cause in causes if known == first))[:20]
    by = due(calendar, period, reporting.work_calendar)
    return Debt(
        obligation_id(space, agency, calendar.code, period), space, agency, calendar, period, first, by, because
    )


def obligation_id(space: Space, agency: str, calendar: str, period: Period) -> UUID:
    """The same report owed has the same id, whoever works it out and how often."""
    return derived_id("report-owed", space, agency, calendar, period.since.isoformat())


def concerned(day: RegisterDay, demand: Demand, calendar: Calendar) -> tuple[str, ...]:
    """Agencies of the calendar's types that answer for the demand's areas on that day.

    An order concerns those whose area is or lies in one of these; an incident also those who answer for more.
    """
    found: dict[str, None] = {}
    for kind in calendar.owed_by:
        for area in demand.areas:
            found.update(dict.fromkeys(_inside(day, kind).get(area, ())))
            for outer in day.surroundings(area) if demand.of_incident else ():
                found.update(dict.fromkeys(day.covering(kind, outer)))
    return tuple(found)


@lru_cache(maxsize=128)
def _inside(day: RegisterDay, kind: AgencyType) -> dict[str, tuple[str, ...]]:
    """Area -> the agencies of a type that answer for it or for something in it."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for code, agency in day.agencies.items():
        if agency.type == kind:
            for outer in dict.fromkeys(outer for area in agency.covers for outer in day.surroundings(area)):
                inside[outer].append(code)
    return {area: tuple(codes) for area, codes in inside.items()}


def circle(day: RegisterDay, agency: Agency, calendar: Calendar | None) -> Circle:
    """Desk, horizontal recipient and superior of an agency on that day; without a calendar only desk and superior."""
    tree = calendar.vertical if calendar and calendar.vertical else own_tree(agency.type)
    superiors = (day.desk(code, None) for code in day.superiors(agency.code, tree))
    types = calendar.horizontal if calendar else ()
    beside = (
        day.desk(code, None)
        for kind in types
        for area in agency.covers
        for code in day.covering(kind, area)
        if code != agency.code
    )
    return Circle(_first([day.desk(agency.code, None)]), _first(beside), _first(superiors))


def _first(desks: Iterable[object]) -> Addressee | None:
    return next((desk for desk in desks if isinstance(desk, Addressee)), None)
