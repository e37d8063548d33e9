"""Working days and hours by the calendar of Vietnam: weekends, Tết, made-up days, the end of the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decisions import WorkingTime
from services.routing.regulations.rules.workdays import VIETNAM
from tests.unit.regulations.drawn import OFFICE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-18 10:00", 1, "2026-11-19 17:00"),
        ("2026-11-20 10:00", 1, "2026-11-23 17:00"),
        ("2026-11-21 10:00", 1, "2026-11-23 17:00"),
        ("2026-02-13 10:00", 1, "2026-02-23 17:00"),
        ("2026-02-13 10:00", 2, "2026-02-24 17:00"),
        ("2026-08-21 10:00", 1, "2026-08-22 17:00"),
    ],
)
def test_working_days_skip_weekends_and_holidays(start: str, days: int, end: str) -> None:
    """Pitfall 27: one working day before Tết ends after Tết, and a Saturday that is worked counts."""
    assert OFFICE.after(at(start), WorkingTime(days=days)) == at(end)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-18 08:00", 3, "2026-11-18 11:00"),
        ("2026-11-18 10:30", 4, "2026-11-18 16:00"),
        ("2026-11-18 16:00", 4, "2026-11-19 10:30"),
        ("2026-11-20 18:00", 4, "2026-11-23 11:30"),
        ("2026-02-13 16:00", 4, "2026-02-23 10:30"),
    ],
)
def test_working_hours_run_only_while_people_work(start: str, hours: int, end: str) -> None:
    assert OFFICE.after(at(start), WorkingTime(hours=hours)) == at(end)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)), st.integers(1, 60))  # noqa: DTZ001
def test_working_time_is_never_shorter_than_the_time_itself(moment: datetime, amount: int) -> None:
    assert OFFICE.after(moment, WorkingTime(hours=amount)) - moment >= timedelta(hours=amount)
    end = OFFICE.after(moment, WorkingTime(days=amount))
    between = (moment.astimezone(VIETNAM).date() + timedelta(days=n) for n in range(1, 200))
    assert sum(OFFICE.works_on(day) for day in between if day <= end.astimezone(VIETNAM).date()) == amount


def test_lunch_weekends_and_holidays_are_no_working_time() -> None:
    assert OFFICE.works_at(at("2026-11-18 08:00"))
    assert not OFFICE.works_at(at("2026-11-18 12:00"))
    assert not OFFICE.works_at(at("2026-11-18 17:00"))
    assert not OFFICE.works_at(at("2026-11-22 08:00"))
    assert not OFFICE.works_at(at("2026-02-17 08:00"))
    assert OFFICE.works_on(date(2026, 8, 22))


def test_the_end_of_the_calendar_stops_no_report() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    for limit in (WorkingTime(days=1), WorkingTime(hours=4)):
        assert OFFICE.after(last, limit) == last
    assert not OFFICE.works_at(last)
