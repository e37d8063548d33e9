"""Days and times as people in Việt Nam type them."""

from datetime import UTC, datetime

import pytest

from services.audit.reports.moments import moment, month, period_of


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-22", datetime(2026, 11, 21, 17, tzinfo=UTC)),
        ("2026-11-22T08:30", datetime(2026, 11, 22, 1, 30, tzinfo=UTC)),
        ("2026-11-22T08:30+00:00", datetime(2026, 11, 22, 8, 30, tzinfo=UTC)),
        ("2026-11-22T08:30Z", datetime(2026, 11, 22, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_that_of_viet_nam_unless_it_says_otherwise(text: str, read: datetime) -> None:
    assert moment(text) == read


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid"):
        moment("22/11/2026")


def test_the_month_turns_at_midnight_in_viet_nam() -> None:
    assert [period_of(datetime(2026, 11, 30, hour, tzinfo=UTC)) for hour in (16, 17)] == ["2026-11", "2026-12"]


def test_a_month_is_from_its_beginning_in_viet_nam_to_that_of_the_next() -> None:
    december = datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert month("2026-11") == (datetime(2026, 10, 31, 17, tzinfo=UTC), december)
    assert month("2026-12") == (december, datetime(2026, 12, 31, 17, tzinfo=UTC))
    assert month("2028-02")[1] == datetime(2028, 2, 29, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026", "2026-13", "11/2026", "2026-11-01", "9999-12", "0001-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its words are the library's
        month(text)
