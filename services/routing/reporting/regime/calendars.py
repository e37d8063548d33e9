"""What a reporting calendar can say: periods, due times, who owes, who gets the copies. It reckons no date."""

from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import CountOf
from contracts.decisions import Citation
from contracts.frozen import Contract
from contracts.register import Tree
from contracts.text import Line, Token
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.workdays import WorkCalendar

Month = Annotated[int, Field(ge=1, le=12)]
_LONGEST_MINUTE: Final = timedelta(minutes=1)


class Cause(StrEnum):
    """When a calendar runs in an area."""

    ORDER = "order"
    """From the moment at which a desk of the area switches it on, until one switches it off."""
    EVENT = "event"
    """The same, and while an open incident of the area has a stated disaster-risk level."""


class DailyPeriod(Contract):
    """A day from one hour to the same hour of the next day."""

    daily_at: time


class WindowPeriod(Contract):
    """Part of a day, for example from 16:00 to 06:00 of the next; the rest of the day belongs to no period."""

    window_from: time
    window_to: time

    @model_validator(mode="after")
    def _is_part_of_a_day(self) -> Self:
        if self.window_from == self.window_to:
            raise PydanticCustomError("field.invalid", "a window of a whole day is written daily_at")
        return self


class WeeklyPeriod(Contract):
    """A week from this weekday (Monday is 1) and hour on."""

    weekly_from: Annotated[int, Field(ge=1, le=7)]
    at: time = time()


class MonthsPeriod(Contract):
    """From this day of one of these months to the day before the same day of the next of them."""

    months: Annotated[tuple[Month, ...], Field(min_length=1)]
    """In which months a period begins: all twelve, the four of a quarter, two, one."""
    from_day: Annotated[int, Field(ge=1, le=28)]
    only_from: tuple[Month, ...] = ()
    """Only periods that begin in one of these months are reported about; empty: all."""

    @model_validator(mode="after")
    def _months_rise(self) -> Self:
        if any(later <= earlier for earlier, later in zip(self.months, self.months[1:], strict=False)):
            raise PydanticCustomError("field.invalid", "months must rise, each once")
        if not set(self.only_from) <= set(self.months):
            raise PydanticCustomError("field.invalid", "only_from names a month in which no period begins")
        return self


_PERIODS: Final = ("daily_at", "window_from", "weekly_from", "months")


def _form(keys: tuple[str, ...], value: object) -> str | None:
    held = value if isinstance(value, dict) else vars(value)
    return next((key for key in keys if key in held), None)


PeriodRule = Annotated[
    Annotated[DailyPeriod, Tag("daily_at")]
    | Annotated[WindowPeriod, Tag("window_from")]
    | Annotated[WeeklyPeriod, Tag("weekly_from")]
    | Annotated[MonthsPeriod, Tag("months")],
    Discriminator(
        lambda value: _form(_PERIODS, value),
        custom_error_type="period.form",
        custom_error_message="a period needs daily_at, window_from, weekly_from or months",
    ),
]


class DueAt(Contract):
    """At a fixed hour, so many days after the last day of the period."""

    at: time
    days_after: Annotated[int, Field(ge=0, le=60)] = 0


class DueAfterWorkingDays(Contract):
    """At a fixed hour of the n-th working day after the last day of the period."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    at: time


class DueOn(Contract):
    """On a fixed date: the first of these dates on or after the end of the period."""

    dates: Annotated[
        tuple[Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$")], ...], Field(min_length=1)
    ]
    """As `MM-DD`."""
    at: time


_DUES: Final = ("working_days", "dates", "at")
DueRule = Annotated[
    Annotated[DueAt, Tag("at")] | Annotated[DueAfterWorkingDays, Tag("working_days")] | Annotated[DueOn, Tag("dates")],
    Discriminator(
        lambda value: _form(_DUES, value),
        custom_error_type="due.form",
        custom_error_message="a due rule needs at, working_days or dates",
    ),
]


class Calendar(Contract):
    """One kind of report about periods: who owes it, for which periods, by when, to whom."""

    code: Token
    kind: Literal["daily", "window", "weekly", "monthly", "quarterly", "half_yearly", "yearly"]
    cause: Cause
    title_vi: Line
    title_en: Line
    owed_by: Annotated[tuple[AgencyType, ...], Field(min_length=1)]
    period: PeriodRule
    due: DueRule
    tolerance: timedelta = _LONGEST_MINUTE
    """How far the ends of a report's window may lie from those of the period."""
    named: bool = False
    """Met only by reports that name this calendar: another one has the same periods."""
    horizontal: tuple[AgencyType, ...] = ()
    """The first of these types that covers the same area, beside the owing agency itself, gets the horizontal copy."""
    vertical: Tree | None = None
    """In which tree the superior gets the vertical copy; None: the tree in which the agency is commanded."""
    ask_again_within: timedelta
    """The new deadline that each "report is missing" sets."""
    ask_times: Annotated[int, Field(ge=1, le=10)] = 2
    """How often it sets one; after the last it is only said to be missing."""
    citation: Citation
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("field.invalid", "valid_to is before valid_from")
        if self.ask_again_within <= timedelta():
            raise PydanticCustomError("field.invalid", "ask_again_within must be longer than nothing")
        if not timedelta() <= self.tolerance <= timedelta(hours=6):
            raise PydanticCustomError("field.invalid", "tolerance lies between nothing and six hours")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Authority(Contract):
    """Whose figure stands where sources differ: the first of these types of agency that gave one."""

    of: CountOf
    types: Annotated[tuple[AgencyType, ...], Field(min_length=1)]
    citation: Citation


class Confirmation(Contract):
    """How soon a unit confirms in writing what was logged for it."""

    within: timedelta
    ask_again_within: timedelta
    ask_times: Annotated[int, Field(ge=1, le=10)] = 1
    citation: Citation


class ReportingSet(Contract):
    """All reporting calendars of a deployment."""

    version: Token
    label_vi: Line
    label_en: Line
    work_calendar: WorkCalendar
    regime_by: Annotated[tuple[AgencyType, ...], Field(min_length=1)]
    """Desks of these types of agency may switch calendars on and off for an area they answer for."""
    confirmation: Confirmation
    authorities: tuple[Authority, ...] = ()
    calendars: Annotated[tuple[Calendar, ...], Field(min_length=1)]

    def calendar(self, code: str, day: date) -> Calendar | None:
        """The calendar of that code in force on that day."""
        return next((one for one in self.calendars if one.code == code and one.holds_on(day)), None)
