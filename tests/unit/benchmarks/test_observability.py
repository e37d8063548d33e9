"""One side of the comparison logs and counts, the other does neither; a run in which that is not so gives no figure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.goals import GOALS, Reached, answer
from benchmarks.light import Shape
from benchmarks.loading import HERE, Loaded
from benchmarks.observability import WITH, WITHOUT, Heard, check, counted, told
from benchmarks.unobserved import as_sitecustomize
from benchmarks.whole import SERVICES

ROOT = Path(__file__).parents[3]
OBSERVED = """
import logging
import sys

from prometheus_client import Counter, Gauge, Histogram, generate_latest

from services.audit import measures
from services.runtime import telemetry
from services.runtime.logs import configure, logger

configure("routing")
logger().info("batch_recorded", size=3)
logger().bind(consumer="routing").error("cannot_go_on", exc_info=ValueError("no"))
logging.getLogger("nats").error("gone")
for measure in [*vars(telemetry).values(), *vars(measures).values()]:
    if isinstance(measure, Counter | Gauge | Histogram):
        one = measure.labels(*measure._labelnames) if measure._labelnames else measure
        getattr(one, next(name for name in ("observe", "set", "inc") if hasattr(one, name)))(2)
sys.stdout.buffer.write(generate_latest())
"""
"""A process that logs in all our ways and takes every measure there is."""


def observed(folder: Path) -> tuple[str, list[float]]:
    """What such a process logged, and of each measure what it counted, where this folder is looked into first."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", OBSERVED]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    families = done.stdout.split("# HELP ")
    ours = [f"# HELP {one}" for one in families if one.startswith("phoihop_") and "_created " not in one]
    assert len(ours) > 15
    return done.stderr, [counted(one) for one in ours]


def test_a_service_logs_and_takes_every_measure(tmp_path: Path) -> None:
    """Otherwise the test below would hold of a process that never had anything to say."""
    logged, sums = observed(tmp_path)
    assert all(word in logged for word in ("batch_recorded", "cannot_go_on", "gone"))
    assert all(one > 0 for one in sums)


def test_with_logs_and_measures_taken_out_it_says_and_counts_nothing(tmp_path: Path) -> None:
    """Otherwise the figure would be of a system beside itself, and every cost look like none."""
    (tmp_path / "sitecustomize.py").write_text(as_sitecustomize(), encoding="utf-8")
    logged, sums = observed(tmp_path)
    assert logged == ""
    assert not any(sums)


def heard(log_records: int, sum_of_measures: float) -> dict[str, Heard]:
    return dict.fromkeys(SERVICES, Heard(log_records, sum_of_measures))


@pytest.mark.parametrize(
    ("as_it_is", "taken_out"),
    [((0, 9), (0, 0)), ((9, 0), (0, 0)), ((9, 9), (1, 0)), ((9, 9), (0, 1))],
)
def test_a_run_in_which_one_side_is_not_what_it_should_be_gives_no_figure(
    as_it_is: tuple[int, float], taken_out: tuple[int, float]
) -> None:
    check({WITH: heard(9, 9), WITHOUT: heard(0, 0)})
    with pytest.raises(AssertionError, match="should have"):
        check({WITH: heard(*as_it_is), WITHOUT: heard(*taken_out)})


def test_one_service_that_still_logs_is_enough_to_give_no_figure() -> None:
    with pytest.raises(AssertionError, match="audit should have neither"):
        check({WITH: heard(9, 9), WITHOUT: heard(0, 0) | {"audit": Heard(1, 0)}})


def test_when_a_measure_was_made_and_what_python_itself_counts_is_no_count_of_ours() -> None:
    text = "phoihop_x_total 2.0\nphoihop_x_created 1.7e9\npython_gc_objects_collected_total 9.0\nphoihop_lag 3.0\n"
    assert counted(text) == 5


def load(each: float) -> Loaded:
    spent = {"nats": 50.0, "postgres": 50.0, **dict.fromkeys(SERVICES, each), HERE: 1000.0}
    return Loaded(100, 100, 8, spent, Shape(1, 1, 1, 1))


@pytest.mark.parametrize(("each", "reached"), [(12, Reached.YES), (14, Reached.NO)])
def test_the_goal_is_judged_by_the_services_alone(each: float, reached: Reached) -> None:
    """Servers log and measure the same on both sides: counted in, they would make every cost look small."""
    found = {WITH: [load(each)] * 3, WITHOUT: [load(10)] * 3}
    written = told(found, {WITH: heard(9, 9), WITHOUT: heard(0, 0)}, 3000)
    [measure] = GOALS[9].measures
    got = answer(measure, {"observability": written})
    assert got.reached is reached
    assert got.figure is not None
    assert got.figure.median == pytest.approx(each / 10)
    assert answer(measure, {}).reached is Reached.NOT_MEASURED
