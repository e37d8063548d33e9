"""Reckons what limits in working time come to from the moment of a decision. It decides no limit.

Which limits these are is remembered with the assignments; how long they last cannot be, as moments differ.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Assignment, WorkingTime
from services.routing.regulations.engine.remember import taken
from services.routing.regulations.rules.duties import Course, WorkingLimit
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.rules.workdays import WorkCalendar


class Owed(NamedTuple):
    """One limit of an assignment."""

    field: str
    limit: int
    """Its place among the limits to be reckoned."""
    most: timedelta | None = None
    """What the law allows at the latest."""


class Reckoning(NamedTuple):
    """What must be reckoned for assignments that are made together."""

    calendar: WorkCalendar
    limits: tuple[tuple[int, int], ...]
    """Every limit once, in days or else hours."""
    owed: tuple[tuple[int, tuple[Owed, ...]], ...]
    """The places of the assignments, and their limits."""


def reckoning(given: tuple[Assignment, ...], regulation_set: RegulationSet, mark: UrgencyMark) -> Reckoning | None:
    """What must be reckoned; None where no limit runs in working time, or nobody says what that is."""
    course = regulation_set.course.get(mark)
    owing = () if course is None else tuple(_owing(course))
    limits: dict[tuple[int, int], int] = {}
    owed: list[tuple[int, tuple[Owed, ...]]] = []
    for place, one in enumerate(given):
        # Only a lead that has something to decide owes more than to acknowledge.
        leads = bool(owing) and one.role is Role.LEAD and one.rule not in regulation_set.acknowledged_only
        if leads or one.acknowledge_working is not None:
            owed.append((place, tuple(_owed(one, owing if leads else (), limits))))
    if not owed or regulation_set.work_calendar is None:
        return None
    return Reckoning(regulation_set.work_calendar, tuple(limits), tuple(owed))


def _owing(course: Course) -> Iterator[tuple[str, WorkingTime]]:
    """What of a lead's course runs in working time."""
    if isinstance(course.decide_within, WorkingLimit):
        yield "decide_within", course.decide_within.time
    if isinstance(course.first_report_within, WorkingLimit):
        yield "first_report_within", course.first_report_within.time


def _owed(
    one: Assignment, owing: Iterable[tuple[str, WorkingTime]], limits: dict[tuple[int, int], int]
) -> Iterator[Owed]:
    known = one.acknowledge_working
    for field, time in owing if known is None else (("acknowledge_within", known), *owing):
        number = limits.setdefault((time.days, time.hours), len(limits))
        yield Owed(field, number, one.first_report_within if field == "first_report_within" else None)


def reckoned(given: tuple[Assignment, ...], what: Reckoning, at: datetime) -> tuple[Assignment, ...]:
    """The assignments with what their limits in working time come to, counted from the moment of the decision."""
    lasting = what.calendar.lasting(at, what.limits)
    made = list(given)
    for place, owed in what.owed:
        values = made[place].__dict__.copy()
        for field, limit, most in owed:
            worked = lasting[limit]
            values[field] = worked if most is None or worked < most else most
        made[place] = taken(Assignment, values)
    return tuple(made)
