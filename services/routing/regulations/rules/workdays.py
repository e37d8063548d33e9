"""Reckons in working days and working hours by a dated calendar of holidays. It reads no clock and knows no law."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.decisions import CitationStatus, WorkingTime
from contracts.frozen import Contract
from contracts.text import Line
from services.routing.regulations.engine.remember import Memo

VIETNAM: Final = timezone(timedelta(hours=7))
"""No daylight saving."""
_VIETNAM_1970: Final = datetime(1970, 1, 1, tzinfo=VIETNAM)
_DAY_1970: Final = date(1970, 1, 1)
_ONE_DAY: Final = timedelta(days=1)
_NO_TIME: Final = timedelta()
_KEPT_DAYS: Final = 1024


class Hours(Contract):
    """A stretch of the day in which people work."""

    start: time
    end: time

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("field.invalid", "end is not after start")
        return self


class Holiday(Contract):
    """Days off that are no weekend."""

    first: date
    last: date | None = None
    """None: the first day alone."""
    name_vi: Line
    name_en: Line

    def holds_on(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= (self.last or self.first)


class WorkCalendar(Contract):
    """When a body works, as far as it is known; a year without a listed holiday counts by weekdays alone."""

    source: Line
    status: CitationStatus
    weekdays: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1)] = (1, 2, 3, 4, 5)
    """Monday is 1."""
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)]
    holidays: tuple[Holiday, ...] = ()
    worked_instead: tuple[date, ...] = ()
    """Days off that are worked to make up for a holiday."""

    @model_validator(mode="after")
    def _hours_follow_each_other(self) -> Self:
        if any(later.start < earlier.end for earlier, later in zip(self.hours, self.hours[1:], strict=False)):
            raise PydanticCustomError("field.invalid", "the hours of a day must follow each other")
        return self

    @cached_property
    def _off(self) -> frozenset[date]:
        """Every single day of every holiday."""
        return frozenset(
            holiday.first + _ONE_DAY * number
            for holiday in self.holidays
            for number in range(((holiday.last or holiday.first) - holiday.first).days + 1)
        )

    def works_on(self, day: date) -> bool:
        """Whether that day is worked."""
        return day in self.worked_instead or (day.isoweekday() in self.weekdays and day not in self._off)

    def works_at(self, moment: datetime) -> bool:
        """Whether that moment lies in working time."""
        try:
            here = moment.astimezone(VIETNAM)
        except OverflowError:
            return False
        return self.works_on(here.date()) and any(h.start <= here.time() < h.end for h in self.hours)

    def after(self, moment: datetime, limit: WorkingTime) -> datetime:
        """When a limit that begins at that moment ends."""
        return moment + self.lasting(moment, ((limit.days, limit.hours),))[0]

    def lasting(self, moment: datetime, limits: Iterable[tuple[int, int]]) -> list[timedelta]:
        """How long limits of so many working days, or else hours, last that begin at that moment.

        Days end with the last working hour of the last day; the day on which they begin does not count (as in Civil
        Code 2015 art. 147 and 148). At the end of the calendar, where no date can hold the answer, all time counts.
        """
        since = moment - _VIETNAM_1970
        return [self._lasting(since, days, hours) for days, hours in limits]

    def _lasting(self, since: timedelta, days: int, hours: int) -> timedelta:
        try:
            return (self._days(since.days, days) if days else self._hours(since, hours)) - since
        except (OverflowError, ValueError):
            return _NO_TIME

    def _days(self, begins: int, days: int) -> timedelta:
        if (known := self._ends.get((begins, days))) is None:
            day, left = begins, days
            while left:
                day += 1
                left -= bool(self._stretches_of(day))
            known = self._ends[begins, days] = timedelta(day) + _in_the_day(self.hours[-1].end)
        return known

    def _hours(self, since: timedelta, hours: int) -> timedelta:
        left = timedelta(hours=hours)
        for opens, closes in self._coming(since.days, hours):
            if since < closes:
                start = max(opens, since)
                if left <= closes - start:
                    return start + left
                left -= closes - start
        raise OverflowError(since)

    def _coming(self, day: int, hours: int) -> tuple[tuple[timedelta, timedelta], ...]:
        """The working time of that day, and of the days after it as far as so many hours of them reach."""
        if (known := self._ahead.get((day, hours))) is None:
            coming, left, later = self._stretches_of(day), timedelta(hours=hours), day
            while left > _NO_TIME:
                later += 1
                further = self._stretches_of(later)
                coming += further
                left -= sum((closes - opens for opens, closes in further), _NO_TIME)
            known = self._ahead[day, hours] = coming
        return known

    def _stretches_of(self, day: int) -> tuple[tuple[timedelta, timedelta], ...]:
        """Working time of that day; none on a day off. Days and times are counted from 1970 in Vietnam."""
        begins, hours = timedelta(day), self.hours if self.works_on(_DAY_1970 + timedelta(day)) else ()
        return tuple([(begins + _in_the_day(h.start), begins + _in_the_day(h.end)) for h in hours])

    @cached_property
    def _ahead(self) -> Memo[tuple[int, int], tuple[tuple[timedelta, timedelta], ...]]:
        return Memo(_KEPT_DAYS)

    @cached_property
    def _ends(self) -> Memo[tuple[int, int], timedelta]:
        """When a limit of so many days that begins on that day ends."""
        return Memo(_KEPT_DAYS)


def _in_the_day(at: time) -> timedelta:
    """How long after midnight."""
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
