"""Goals are judged by figures alone: what was not measured, or not at the size asked for, is never reached."""

from typing import Any

import pytest

from benchmarks.catalogue import BENCHMARKS
from benchmarks.goals import GOALS, Answer, Measure, Reached, answer, together
from benchmarks.measuring import Figure

AT_LEAST = Measure("× other", "some", ("deep", "down"), at_least=3)
AT_MOST = Measure("ms", "some", ("deep", "down"), at_most=3)


def written(figure: object, **more: object) -> dict[str, Any]:
    return {"some": {"deep": {"down": figure}, **more}}


@pytest.mark.parametrize("figure", [{"median": 3, "least": 1, "most": 9}, [3, 1, 9]])
def test_the_median_is_judged_however_it_was_written(figure: object) -> None:
    for measure in (AT_LEAST, AT_MOST):
        assert answer(measure, written(figure)) == Answer(Reached.YES, Figure(3, 1, 9))


def test_beyond_its_bound_a_measure_is_missed() -> None:
    assert answer(AT_LEAST, written(2.99)).reached is Reached.NO
    assert answer(AT_MOST, written(3.01)).reached is Reached.NO


@pytest.mark.parametrize("figures", [{}, {"some": {}}, {"some": {"deep": 1}}, {"some": {"deep": {"down": "soon"}}}])
def test_what_is_not_there_was_not_measured(figures: dict[str, Any]) -> None:
    assert answer(AT_LEAST, figures) == Answer(Reached.NOT_MEASURED)


def test_a_good_figure_of_a_small_ledger_says_nothing_of_a_large_one() -> None:
    """Without this, a quick run of 200,000 entries would claim the goal for 5 million."""
    measure = Measure("ms", "some", ("deep", "down"), at_most=3, rows=5_000_000)
    assert answer(measure, written(1, rows=200_000)).reached is Reached.NOT_MEASURED
    assert "200,000" in answer(measure, written(1, rows=200_000)).note
    assert answer(measure, written(1, rows=5_000_000)).reached is Reached.YES


def test_a_goal_is_reached_only_with_all_its_measures() -> None:
    yes, no, unknown = (Answer(one) for one in (Reached.YES, Reached.NO, Reached.NOT_MEASURED))
    assert together([yes, yes]) is Reached.YES
    assert together([yes, unknown]) is Reached.NOT_MEASURED
    assert together([no, unknown]) is Reached.NO


def test_there_are_ten_goals_and_each_measure_has_one_bound() -> None:
    assert [goal.number for goal in GOALS] == list(range(1, 11))
    for goal in GOALS:
        assert all((one.at_least is None) != (one.at_most is None) for one in goal.measures)


def test_every_measure_is_of_a_benchmark_that_can_be_run() -> None:
    """Otherwise it would be "not measured" for ever, whoever measures."""
    assert {one.benchmark for goal in GOALS for one in goal.measures} <= BENCHMARKS.keys()
