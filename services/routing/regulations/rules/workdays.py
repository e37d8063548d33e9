"""Reckons in working days and working hours by a dated calendar of holidays. It reads no clock and knows no law."""

from datetime import UTC, date, datetime, time, timedelta, timezone
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
_ONE_DAY: Final = timedelta(days=1)
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
        """When a limit that begins at that moment ends.

        Days end with the last working hour of the last day; the day on which they begin does not count (as in Civil
        Code 2015 art. 147 and 148). At the end of the calendar, where no date can hold the answer, all time counts.
        """
        try:
            return self._days(moment, limit.days) if limit.days else self._hours(moment, limit.hours).astimezone(UTC)
        except (OverflowError, ValueError):
            return moment

    def _days(self, moment: datetime, days: int) -> datetime:
        begins = moment.astimezone(VIETNAM).date()
        if (known := self._ends.get((begins, days))) is None:
            day, left = begins, days
            while left:
                day += _ONE_DAY
                left -= bool(self._stretches_of(day))
            known = datetime.combine(day, self.hours[-1].end, VIETNAM).astimezone(UTC)
            self._ends[begins, days] = known
        return known

    def _hours(self, moment: datetime, hours: int) -> datetime:
        here, left = moment.astimezone(VIETNAM), timedelta(hours=hours)
        day = here.date()
        while True:
            for opens, closes in self._stretches_of(day):
                start = max(here, opens)
                if start < closes:
                    if left <= closes - start:
                        return start + left
                    left -= closes - start
            day += _ONE_DAY

    def _stretches_of(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Working time of that day; none on a day off."""
        if (known := self._known.get(day)) is None:
            hours = self.hours if self.works_on(day) else ()
            known = self._known[day] = tuple(
                [(datetime.combine(day, h.start, VIETNAM), datetime.combine(day, h.end, VIETNAM)) for h in hours]
            )
        return known

    @cached_property
    def _known(self) -> Memo[date, tuple[tuple[datetime, datetime], ...]]:
        return Memo(_KEPT_DAYS)

    @cached_property
    def _ends(self) -> Memo[tuple[date, int], datetime]:
        """When a limit of so many days that begins on that day ends."""
        return Memo(_KEPT_DAYS)
