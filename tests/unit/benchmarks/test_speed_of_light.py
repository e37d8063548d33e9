"""The arithmetic of the speed of light, and what one load is beside it."""

from benchmarks.journey import light
from benchmarks.light import Limits, Shape, parts, reports_per_second
from benchmarks.loading import Loaded

LIMITS = Limits(publish=10, record=20, deliver=5, copy=8, validate=7)
SHAPE = Shape(handed_in=1, recorded=4, delivered=8, rows=4)


def test_each_part_costs_its_limit_as_often_as_a_report_needs_it() -> None:
    spent = parts(LIMITS, SHAPE)
    assert spent == {"publish": 10, "record": 80, "deliver": 40, "COPY": 32, "validate": 7}


def test_all_processors_busy_with_nothing_else_are_the_most_there_can_be() -> None:
    assert reports_per_second({"publish": 100, "record": 150}, cores=2) == 8000


def test_a_load_is_measured_by_the_rate_and_by_the_processor_time_that_the_limits_need() -> None:
    """The second share would be lost if the sender's time were left out: it is spent on the same machine."""
    one = Loaded(
        receipts_per_second=4000,
        reports_per_second=2000,
        facts_per_report=4,
        cpu_microseconds={"routing": 300, "units": 38},
        shape=SHAPE,
    )
    found = light(LIMITS, one, cores=2)
    assert found.reports_per_second == 2e6 / 169
    assert found.share == 2000 / found.reports_per_second
    assert found.share_of_cpu == 0.5
