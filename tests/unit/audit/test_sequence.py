"""When a batch continues the ledger and when nothing may be written."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.audit.entries import Received
from services.audit.sequence import Gap, InOrder, Rewound, arrange

STORED = datetime(2026, 11, 22, tzinfo=UTC)


def message(seq: int, body: bytes = b"{}") -> Received:
    return Received(seq, "actual.x", body, STORED)


def test_what_follows_the_end_without_a_hole_is_new() -> None:
    assert arrange([message(4), message(5)], 3) == InOrder((), (message(4), message(5)))


def test_what_the_ledger_has_already_is_known_and_the_rest_is_new() -> None:
    assert arrange([message(2), message(3), message(4)], 3) == InOrder((message(2), message(3)), (message(4),))


def test_a_hole_before_the_batch_is_a_gap() -> None:
    assert arrange([message(5)], 3) == Gap(4, 5)


def test_a_hole_inside_the_batch_is_a_gap() -> None:
    assert arrange([message(4), message(6)], 3) == Gap(5, 6)


def test_a_ledger_that_is_empty_begins_with_the_first_sequence() -> None:
    assert arrange([message(2)], 0) == Gap(1, 2)


def test_the_same_sequence_twice_in_a_batch_with_other_content_is_a_rewound_stream() -> None:
    assert arrange([message(4), message(4, b"other")], 3) == Rewound(4)


@given(st.integers(0, 30), st.lists(st.integers(1, 40), max_size=60))
def test_order_and_redelivery_inside_a_batch_change_nothing(last: int, sequences: list[int]) -> None:
    arranged = arrange([message(seq) for seq in sequences], last)
    assert arranged == arrange([message(seq) for seq in sorted(set(sequences))], last)
    if isinstance(arranged, InOrder):
        assert [one.stream_seq for one in arranged.new] == list(range(last + 1, last + 1 + len(arranged.new)))
