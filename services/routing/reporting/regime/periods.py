"""Reckons periods and due times in Vietnamese days: pure arithmetic of calendars. It knows no agency and no report."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from services.routing.regulations.rules.workdays import VIETNAM, WorkCalendar
from services.routing.reporting.regime.calendars import (
    Calendar,
    DailyPeriod,
    DueAfterWorkingDays,
    DueAt,
    DueOn,
    DueRule,
    MonthsPeriod,
    PeriodRule,
    WeeklyPeriod,
    WindowPeriod,
)

ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """From `since` up to but not including `until`, both UTC."""

    since: datetime
    until: datetime

    @property
    def last_day(self) -> date:
        """The Vietnamese day in which its last moment lies: the cut-off day."""
        return (self.until - timedelta(microseconds=1)).astimezone(VIETNAM).date()


def periods(rule: PeriodRule, since: datetime, until: datetime) -> Iterator[Period]:
    """Every period that shares a moment with the time from `since` to `until`, in order."""
    period = _last_begun(rule, since)
    while period.since < until:
        if period.until > since and _counts(rule, period):
            yield period
        period = following(rule, period)


def period_at(rule: PeriodRule, at: datetime) -> Period | None:
    """The period in which that moment lies; None between two that are reported about."""
    period = _last_begun(rule, at)
    return period if at < period.until and _counts(rule, period) else None


def _counts(rule: PeriodRule, period: Period) -> bool:
    """Whether this one is reported about."""
    if not isinstance(rule, MonthsPeriod) or not rule.only_from:
        return True
    return _local(period.since)[0].month in rule.only_from


def following(rule: PeriodRule, period: Period) -> Period:
    """The period that begins next after this one has begun."""
    day, at = _local(period.since)
    match rule:
        case DailyPeriod():
            return _daily(day + ONE_DAY, at)
        case WindowPeriod():
            return _window(rule, day + ONE_DAY)
        case WeeklyPeriod():
            return _weekly(rule, day + 7 * ONE_DAY)
        case MonthsPeriod():
            start = _next_start(rule, day)
            return _between(start, _next_start(rule, start), time())


def due(calendar: Calendar, period: Period, work: WorkCalendar) -> datetime:
    """By when the report about that period must have come, UTC."""
    day, at = _due_day(calendar.due, period.last_day, work)
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)


def _due_day(rule: DueRule, cut_off: date, work: WorkCalendar) -> tuple[date, time]:
    match rule:
        case DueAt():
            return cut_off + rule.days_after * ONE_DAY, rule.at
        case DueAfterWorkingDays():
            return _working_day_after(cut_off, rule.working_days, work), rule.at
        case DueOn():
            return _first_date(rule, cut_off), rule.at


def _working_day_after(day: date, number: int, work: WorkCalendar) -> date:
    while number:
        day += ONE_DAY
        number -= work.works_on(day)
    return day


def _first_date(rule: DueOn, cut_off: date) -> date:
    """The first listed date on or after the cut-off day."""
    dates = (
        date.fromisoformat(f"{year}-{written}") for year in (cut_off.year, cut_off.year + 1) for written in rule.dates
    )
    return min(day for day in dates if day >= cut_off)


def _last_begun(rule: PeriodRule, at: datetime) -> Period:
    """The last period that begins at or before that moment."""
    day, clock = _local(at)
    match rule:
        case DailyPeriod(daily_at=hour):
            return _daily(day if hour <= clock else day - ONE_DAY, hour)
        case WindowPeriod():
            return _window(rule, day if rule.window_from <= clock else day - ONE_DAY)
        case WeeklyPeriod():
            first = day - ((day.isoweekday() - rule.weekly_from) % 7) * ONE_DAY
            return _weekly(rule, first if first < day or rule.at <= clock else first - 7 * ONE_DAY)
        case MonthsPeriod():
            start = _last_start(rule, day)
            return _between(start, _next_start(rule, start), time())


def _daily(day: date, at: time) -> Period:
    return _between(day, day + ONE_DAY, at)


def _weekly(rule: WeeklyPeriod, day: date) -> Period:
    return _between(day, day + 7 * ONE_DAY, rule.at)


def _window(rule: WindowPeriod, day: date) -> Period:
    last = day if rule.window_to > rule.window_from else day + ONE_DAY
    return Period(_utc(day, rule.window_from), _utc(last, rule.window_to))


def _last_start(rule: MonthsPeriod, day: date) -> date:
    starts = (date(year, month, rule.from_day) for year in (day.year, day.year - 1) for month in reversed(rule.months))
    return next(start for start in starts if start <= day)


def _next_start(rule: MonthsPeriod, day: date) -> date:
    starts = (date(year, month, rule.from_day) for year in (day.year, day.year + 1) for month in rule.months)
    return next(start for start in starts if start > day)


def _between(first: date, last: date, at: time) -> Period:
    return Period(_utc(first, at), _utc(last, at))


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)


def _local(moment: datetime) -> tuple[date, time]:
    here = moment.astimezone(VIETNAM)
    return here.date(), here.time()
