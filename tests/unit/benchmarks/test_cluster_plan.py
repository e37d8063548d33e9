"""What is broken on a cluster depends on the seed alone, and the gaps that are told are the longest there were."""

import json

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cluster.complaints import ADVISORY, GONE, told_apart
from benchmarks.cluster.gaps import longest
from benchmarks.cluster.plan import DOWN, FIRST, TARGETS, Kind, plan
from tests.system.evidence import Parked

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_the_same_seed_is_the_same_plan(seed: int) -> None:
    """Broken when a flaw that was found cannot be looked for again."""
    assert plan(seed, 20) == plan(seed, 20)
    assert plan(seed, 20)[:7] == plan(seed, 7)


@given(SEEDS)
def test_every_kind_comes_before_one_comes_again_and_the_worst_come_first(seed: int) -> None:
    """A short run must not leave out the death of a leader, a split, and two instances that both think they decide."""
    faults = plan(seed, len(Kind))

    assert {fault.kind for fault in faults} == set(Kind)
    assert {fault.kind for fault in faults[: len(FIRST)]} == set(FIRST)
    assert all(fault.target in TARGETS[fault.kind] for fault in faults)
    assert all(not fault.seconds or DOWN[0] <= fault.seconds <= DOWN[1] for fault in faults)


def test_over_some_seeds_everything_that_may_be_struck_is_struck() -> None:
    struck = {(fault.kind, fault.target) for seed in range(60) for fault in plan(seed, 14)}

    assert struck == {(kind, target) for kind, targets in TARGETS.items() for target in targets}


def test_the_longest_silence_may_be_at_either_end() -> None:
    """A service that never came back would show no gap at all if only those between two receipts counted."""
    moments = [1.0, 2.0, 2.5, 9.0, 10.0]

    assert longest(moments, 0, 10) == 6.5
    assert longest(moments, 2.4, 5) == 2.5
    assert longest(moments, 10, 30) == 20
    assert longest([], 3, 8) == 5


@given(st.lists(st.floats(0, 100)), st.floats(0, 50), st.floats(50, 100))
def test_no_silence_is_longer_than_the_time_looked_at(moments: list[float], since: float, until: float) -> None:
    assert 0 <= longest(sorted(moments), since, until) <= until - since


def test_only_the_servers_word_of_a_handled_submission_is_no_flaw() -> None:
    """Told too widely, a report that was really set aside would be called nothing."""
    gone = json.dumps({"reason": GONE}).encode()
    complaint = Parked(f"{ADVISORY}INBOX.intake", {}, gone)
    real = [
        Parked("parked.INBOX.intake", {"Phoihop-Reason": "it has no type"}, b"{}"),
        Parked(f"{ADVISORY}INBOX.intake", {}, json.dumps({"reason": "by the client"}).encode()),
        Parked(f"{ADVISORY}EVENTS.audit", {}, gone),
        Parked("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.INBOX.intake", {}, gone),
        Parked(f"{ADVISORY}INBOX.intake", {}, b"no JSON"),
    ]

    assert told_apart([complaint, *real, complaint]) == (real, 2)
