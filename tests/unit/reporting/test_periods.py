"""Periods and due times: against a slow second way, at their boundaries, at Tết, and in the reference calendars."""

import json
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.routing.regulations.rules.workdays import VIETNAM
from services.routing.reporting.files import load_reporting
from services.routing.reporting.regime.calendars import (
    Calendar,
    DailyPeriod,
    DueAfterWorkingDays,
    DueAt,
    DueOn,
    MonthsPeriod,
    PeriodRule,
    WeeklyPeriod,
    WindowPeriod,
)
from services.routing.reporting.regime.periods import Period, due, period_at, periods
from tests.unit.reporting.slow import slow_due, slow_period

REFERENCE = load_reporting(Path(__file__).parents[3] / "deploy" / "reference")
WORK = REFERENCE.work_calendar
A_CALENDAR = REFERENCE.calendars[0]

clocks = st.times().map(lambda one: one.replace(second=0, microsecond=0))
months = st.sets(st.integers(1, 12), min_size=1).map(lambda some: tuple(sorted(some)))
rules: st.SearchStrategy[PeriodRule] = st.one_of(
    st.builds(DailyPeriod, daily_at=clocks),
    st.builds(WeeklyPeriod, weekly_from=st.integers(1, 7), at=clocks),
    st.builds(MonthsPeriod, months=months, from_day=st.integers(1, 28)),
    st.tuples(clocks, clocks)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: WindowPeriod(window_from=pair[0], window_to=pair[1])),
)
written = st.tuples(st.integers(1, 12), st.integers(1, 28)).map(lambda one: f"{one[0]:02}-{one[1]:02}")
dues = st.one_of(
    st.builds(DueAt, at=clocks, days_after=st.integers(0, 20)),
    st.builds(DueAfterWorkingDays, working_days=st.integers(1, 15), at=clocks),
    st.builds(
        DueOn,
        dates=st.lists(written, min_size=1, max_size=4).map(tuple),
        at=clocks,
    ),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def calendar(period: PeriodRule, rule: DueAt | DueAfterWorkingDays | DueOn) -> Calendar:
    """A calendar with just these rules."""
    return A_CALENDAR.model_copy(update={"period": period, "due": rule})


def vn(text: str) -> datetime:
    """A Vietnamese wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@given(rules, moments)
@settings(deadline=None, max_examples=300)
def test_the_period_around_a_moment_is_the_one_that_walking_day_by_day_finds(rule: PeriodRule, at: datetime) -> None:
    found = period_at(rule, at)

    assert (found and tuple(found)) == slow_period(rule, at)


@given(rules, moments)
@settings(deadline=None)
def test_periods_follow_each_other_without_overlap_and_leave_a_gap_only_between_windows(
    rule: PeriodRule, at: datetime
) -> None:
    found = list(periods(rule, at, at + timedelta(days=800)))

    for one, other in pairwise(found):
        assert one.until < other.since if isinstance(rule, WindowPeriod) else one.until == other.since
    assert all(one.since < one.until for one in found)


@given(rules, moments, st.integers(0, 200))
@settings(deadline=None)
def test_periods_are_all_that_share_a_moment_with_the_time_asked_for(rule: PeriodRule, at: datetime, days: int) -> None:
    until = at + timedelta(days=days, seconds=1)
    found = list(periods(rule, at, until))

    assert all(one.since < until and one.until > at for one in found)
    for probe in (at, at + (until - at) / 2, until - timedelta(microseconds=1)):
        around = period_at(rule, probe)
        assert around is None or around in found


@given(dues, rules, moments)
@settings(deadline=None, max_examples=300)
def test_the_due_time_is_the_one_that_walking_day_by_day_finds(
    rule: DueAt | DueAfterWorkingDays | DueOn, period: PeriodRule, at: datetime
) -> None:
    one = next(periods(period, at, at + timedelta(days=800)))

    assert due(calendar(period, rule), one, WORK) == slow_due(rule, one.until, WORK)


@given(rules, st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001
@settings(deadline=None)
def test_a_day_has_24_hours_all_year(rule: PeriodRule, at: datetime) -> None:
    """Vietnam has no daylight saving: a period cut at one hour is cut at that hour in every season."""
    found = list(periods(rule, at.replace(tzinfo=VIETNAM), at.replace(tzinfo=VIETNAM) + timedelta(days=400)))
    clocks_of_ends = {one.until.astimezone(VIETNAM).time() for one in found}

    assert len(clocks_of_ends) <= 1
    assert all((one.until - one.since) % timedelta(minutes=1) == timedelta() for one in found)


@pytest.mark.parametrize(
    ("moment", "since"),
    [
        ("2026-11-14T23:59:59.999999", "2026-10-15T00:00"),
        ("2026-11-15T00:00:00", "2026-11-15T00:00"),
        ("2026-11-15T06:59:59", "2026-11-15T00:00"),
        ("2027-01-01T00:00:00", "2026-12-15T00:00"),
    ],
)
def test_a_month_begins_with_the_15th_in_vietnam_not_in_utc(moment: str, since: str) -> None:
    month = MonthsPeriod(months=tuple(range(1, 13)), from_day=15)
    found = period_at(month, vn(moment))

    assert found is not None
    assert found.since == vn(since)
    assert found.last_day.day == 14


def test_a_window_of_fourteen_hours_crosses_midnight_and_ten_hours_belong_to_none() -> None:
    window = WindowPeriod(window_from=time(16), window_to=time(6))

    assert period_at(window, vn("2025-10-05T16:00")) == Period(vn("2025-10-05T16:00"), vn("2025-10-06T06:00"))
    assert period_at(window, vn("2025-10-06T05:59:59.999999")) is not None
    assert period_at(window, vn("2025-10-06T06:00")) is None
    assert period_at(window, vn("2025-10-06T15:59:59")) is None


@pytest.mark.parametrize(
    ("code", "inside", "expected"),
    [
        ("daily-commune", "2026-11-22T15:59", "2026-11-22T17:00"),
        ("daily-commune", "2026-11-22T16:00", "2026-11-23T17:00"),
        ("daily-province", "2026-11-22T12:00", "2026-11-22T19:00"),
        ("night-window", "2025-10-06T05:00", "2025-10-06T07:00"),
        ("weekly", "2026-11-20T00:00", "2026-11-27T15:00"),
        ("monthly", "2026-11-01T00:00", "2026-11-16T17:00"),
        # cut off on Saturday 14 February; Tết Bính Ngọ takes the whole next week
        ("monthly", "2026-02-01T00:00", "2026-02-23T17:00"),
        # Tết Ất Tỵ ends before the cut-off of February 2025
        ("monthly", "2025-02-01T00:00", "2025-02-17T17:00"),
        ("quarterly", "2026-01-20T00:00", "2026-03-16T17:00"),
        ("half-yearly", "2026-01-20T00:00", "2026-06-15T17:00"),
        ("yearly", "2026-01-20T00:00", "2026-12-15T17:00"),
        # Saturday 22 August 2026 was worked for Monday 31; the 14th is a Friday
        ("monthly", "2026-08-01T00:00", "2026-08-17T17:00"),
        ("statistics-monthly", "2026-08-20T00:00", "2026-09-07T17:00"),
        ("cyber-response", "2026-03-01T00:00", "2026-06-20T17:00"),
        ("cyber-response", "2026-09-01T00:00", "2026-12-15T17:00"),
        ("work-accidents-half", "2026-03-01T00:00", "2026-07-15T17:00"),
        ("work-accidents-year", "2026-03-01T00:00", "2027-01-25T17:00"),
    ],
)
def test_the_reference_calendars_are_due_when_their_texts_say(code: str, inside: str, expected: str) -> None:
    found = next(one for one in REFERENCE.calendars if one.code == code)
    period = period_at(found.period, vn(inside))

    assert period is not None
    assert due(found, period, WORK) == vn(expected)


def test_the_second_half_of_the_year_has_no_half_yearly_report_on_accidents() -> None:
    found = next(one for one in REFERENCE.calendars if one.code == "work-accidents-half")

    assert period_at(found.period, vn("2026-09-01T00:00")) is None
    assert len(list(periods(found.period, vn("2026-01-01T00:00"), vn("2028-01-01T00:00")))) == 2


def test_statistics_run_beside_the_cut_off_on_the_14th() -> None:
    """Two calendars for one month: neither may be taken for the other."""
    by_code = {one.code: one for one in REFERENCE.calendars}
    at = vn("2026-11-20T00:00")
    office, statistics = (period_at(by_code[code].period, at) for code in ("monthly", "statistics-monthly"))

    assert office == Period(vn("2026-11-15T00:00"), vn("2026-12-15T00:00"))
    assert statistics == Period(vn("2026-11-01T00:00"), vn("2026-12-01T00:00"))


@pytest.mark.parametrize(
    "broken",
    [
        {"window_from": "16:00", "window_to": "16:00"},
        {"months": [3, 1], "from_day": 15},
        {"months": [1], "from_day": 31},
        {"months": [1], "from_day": 1, "only_from": [2]},
        {"weekly_from": 8},
        {"fortnightly": 1},
    ],
    ids=str,
)
def test_a_period_nobody_could_reckon_is_refused(broken: dict[str, object]) -> None:
    document = A_CALENDAR.model_dump(mode="json", exclude_none=True) | {"period": broken}
    with pytest.raises(ValidationError):
        Calendar.model_validate_json(json.dumps(document))
