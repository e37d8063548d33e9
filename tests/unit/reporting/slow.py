"""A second, slow way to reckon periods and due times: walks minute marks and days one by one. Shares no arithmetic."""

from datetime import UTC, date, datetime, time, timedelta, timezone

from services.routing.regulations.rules.workdays import WorkCalendar
from services.routing.reporting.regime.calendars import (
    DailyPeriod,
    DueAfterWorkingDays,
    DueAt,
    DueRule,
    MonthsPeriod,
    PeriodRule,
    WeeklyPeriod,
)

HANOI = timezone(timedelta(hours=7))
DAY = timedelta(days=1)


def starts_on(rule: PeriodRule, day: date) -> time | None:
    """The hour at which a period begins on that day, by looking at that day alone."""
    match rule:
        case DailyPeriod():
            return rule.daily_at
        case WeeklyPeriod():
            return (
                rule.at
                if day.strftime("%a") == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][rule.weekly_from - 1]
                else None
            )
        case MonthsPeriod():
            return time() if day.day == rule.from_day and day.month in rule.months else None
        case _:
            return rule.window_from


def slow_period(rule: PeriodRule, at: datetime) -> tuple[datetime, datetime] | None:
    """The period around a moment, found by walking days backwards and forwards."""
    begun = _walk(rule, at, -1)
    if hasattr(rule, "window_to"):
        end = begun
        while end.astimezone(HANOI).time() != rule.window_to:
            end += timedelta(minutes=1)
        return (begun, end) if at < end else None
    ended = _walk(rule, begun + timedelta(microseconds=1), +1)
    if isinstance(rule, MonthsPeriod) and rule.only_from and begun.astimezone(HANOI).month not in rule.only_from:
        return None
    return begun, ended


def _walk(rule: PeriodRule, at: datetime, step: int) -> datetime:
    """The nearest beginning at or before (step -1), or at or after (step +1) that moment."""
    day = at.astimezone(HANOI).date()
    while True:
        hour = starts_on(rule, day)
        if hour is not None:
            moment = datetime.combine(day, hour, HANOI).astimezone(UTC)
            if (step < 0 and moment <= at) or (step > 0 and moment >= at):
                return moment
        day += step * DAY


def slow_due(rule: DueRule, until: datetime, work: WorkCalendar) -> datetime:
    """The due time, by walking days."""
    day = (until - timedelta(microseconds=1)).astimezone(HANOI).date()
    match rule:
        case DueAt():
            for _ in range(rule.days_after):
                day += DAY
        case DueAfterWorkingDays():
            for _ in range(rule.working_days):
                day += DAY
                while not _worked(day, work):
                    day += DAY
        case _:
            while f"{day:%m-%d}" not in rule.dates:
                day += DAY
    return datetime.combine(day, rule.at, HANOI).astimezone(UTC)


def _worked(day: date, work: WorkCalendar) -> bool:
    off = any(holiday.first <= day <= (holiday.last or holiday.first) for holiday in work.holidays)
    return day in work.worked_instead or (day.weekday() + 1 in work.weekdays and not off)
