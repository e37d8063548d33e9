"""Waiting is told at shares of all reports, over windows with enough of them."""

import pytest

from benchmarks.rates import SAMPLES, at_shares, seconds


def test_shares_are_of_all_reports_and_in_milliseconds() -> None:
    found = at_shares([number / 1000 for number in range(1000, 0, -1)])
    assert found == {"p50": 501.0, "p99": 991.0, "p99.9": 1000.0}


def test_a_single_report_is_its_own_share() -> None:
    assert set(at_shares([0.25]).values()) == {250.0}


@pytest.mark.parametrize("rate", [10, 100, 1000])
def test_a_slow_rate_goes_on_until_there_are_enough_reports(rate: int) -> None:
    assert rate * seconds(rate) >= SAMPLES
