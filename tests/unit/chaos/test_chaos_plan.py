"""What chaos breaks when depends on the seed alone, and nothing that can be broken is left out for ever."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chaos.plan import FREEZES, Kind, plan, whole_system

SEEDS = st.integers(0, 2**32 - 1)
SECONDS = st.floats(5, 300)


@given(SEEDS, SECONDS)
def test_the_same_seed_is_the_same_plan(seed: int, seconds: float) -> None:
    """Broken when a flaw that was found cannot be looked for again."""
    assert plan(seed, seconds, whole_system()) == plan(seed, seconds, whole_system())


@given(SEEDS, SECONDS)
def test_a_plan_is_bounded_in_order_and_strikes_only_what_may_be_struck(seed: int, seconds: float) -> None:
    faults = plan(seed, seconds, whole_system())
    assert faults
    assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
    for fault in faults:
        assert 0 < fault.at <= seconds + 0.1
        assert fault.target in whole_system()[fault.kind]
        assert (FREEZES[0] <= fault.seconds <= FREEZES[1]) if fault.kind is Kind.FREEZE else not fault.seconds


@given(SEEDS)
def test_every_kind_comes_before_one_comes_again(seed: int) -> None:
    kinds = [fault.kind for fault in plan(seed, 120, whole_system())]
    every = whole_system().keys()
    assert set(kinds[: len(every)]) == set(every)


def test_over_some_seeds_everything_that_may_be_struck_is_struck() -> None:
    """Broken when a part of the system is never tried, whatever the seed."""
    struck = {(fault.kind, fault.target) for seed in range(60) for fault in plan(seed, 120, whole_system())}
    assert struck == {(kind, target) for kind, targets in whole_system().items() for target in targets}
    assert plan(1, 60, whole_system()) != plan(2, 60, whole_system())
