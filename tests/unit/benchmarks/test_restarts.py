"""What is late after a restart: only what could have been done, and was not."""

from datetime import UTC, datetime, timedelta

from benchmarks.restarts import Outage, Step, late

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_without_an_outage_all_the_time_counts() -> None:
    assert late(Step(at(1), at(1.25)), []) == 0.25


def test_time_counts_from_the_moment_when_all_was_ready_again() -> None:
    assert late(Step(at(1), at(6)), [Outage(at(0), at(5))]) == 1


def test_what_is_done_while_another_part_is_still_away_is_not_late() -> None:
    assert late(Step(at(1), at(4)), [Outage(at(0), at(5))]) == 0


def test_an_outage_that_was_over_before_excuses_nothing() -> None:
    """Else a message left lying until the server repeats it, half a minute later, would go unseen."""
    assert late(Step(at(10), at(40)), [Outage(at(0), at(5))]) == 30


def test_an_outage_that_begins_after_excuses_nothing() -> None:
    assert late(Step(at(1), at(4)), [Outage(at(5), at(9))]) == 3
