"""What one set can tell apart of presence, calendar and duration, and no more: facts alike to it are decided alike."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from contracts.decisions import Facts
from services.routing.regulations.engine.periods import month_of
from services.routing.regulations.rules.when import Lasting, When
from services.routing.regulations.rules.workdays import WorkCalendar

_NOT_ASKED: Final = (0, False)
_NOBODY: Final[frozenset[str]] = frozenset()
_NOTHING: Final = timedelta()


class Seen(NamedTuple):
    """As much of the facts as the set's conditions can tell apart."""

    present: frozenset[str]
    """The types of agency on scene that some rule asks about."""
    calendar: tuple[int, bool]
    """The month, 0 where no rule asks; and whether it happened in working time, where a rule asks."""
    lasting: int
    """Which stretch between two bounds of any rule it has lasted for."""


class Discernment:
    """What the conditions of one set ask about."""

    def __init__(self, whens: Iterable[When], work_calendar: WorkCalendar | None) -> None:
        bounds: set[timedelta] = set()
        asked: set[str] = set()
        months = working = False
        for when in whens:
            if when.lasting is not None:
                bounds |= {limit for limit in (when.lasting.at_least, when.lasting.less_than) if limit is not None}
            if when.present or when.absent:
                asked.update(kind.value for kind in (*when.present, *when.absent))
            if when.calendar is not None:
                months |= bool(when.calendar.months)
                working |= when.calendar.working_time is not None
        self.bounds = tuple(sorted(bounds))
        self._asked = frozenset(asked)
        self._months = months
        self._working = work_calendar if working else None
        self._stretches = tuple(Seen(frozenset(), _NOT_ASKED, number) for number in range(len(bounds) + 1))
        """What is told where only a duration is asked for, by its stretch."""
        self._asks_more = bool(asked or months or working)

    def seen(self, facts: Facts, happened: int, at: datetime) -> Seen:
        """What the set can tell of these facts, which happened on the day of that number, at that time."""
        lasting = bisect_right(self.bounds, at - facts.restricted_from) if self.bounds else 0
        if not self._asks_more:
            return self._stretches[lasting]
        present = self._asked.intersection(facts.present) if facts.present else _NOBODY
        month = month_of(happened) if self._months else 0
        working = self._working is not None and self._working.works_at(facts.occurred_at)
        return Seen(present, (month, working), lasting)


def stretch(bounds: tuple[timedelta, ...], number: int) -> Lasting:
    """The time between two neighbouring bounds, of which there is at least one, as a condition would say it."""
    least = bounds[number - 1] if number else None
    most = bounds[number] if number < len(bounds) else None
    return Lasting(at_least=least, less_than=most)


def least_of(bounds: tuple[timedelta, ...], number: int) -> timedelta:
    """The shortest time in a stretch; it stands for the whole of it."""
    return bounds[number - 1] if number else _NOTHING
