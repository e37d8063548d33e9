"""What a desk knew at a time: only what it can be proved to have had, and the rest said to be unproved."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.audit.reports.knowing import FeedFact, Knowledge, known_at

START = datetime(2026, 11, 22, 1, tzinfo=UTC)


def fact(minute: int, name: str, dispatch: str = "d", **data: Any) -> FeedFact:
    return FeedFact(minute, name, START + timedelta(minutes=minute), "i", {"dispatch": dispatch, **data})


FEED = [
    fact(0, "DispatchIssued"),
    fact(5, "DispatchDelivered", action="x"),
    fact(6, "DispatchUpdated"),
    fact(8, "DispatchIssued", "e"),
    fact(9, "DispatchAcknowledged", action="y"),
    fact(10, "DispatchUpdated"),
]


def knowledge(minute: int) -> list[tuple[int, Knowledge, int | None]]:
    known = known_at(FEED, START + timedelta(minutes=minute))
    return [(each.fact.idx, each.knowledge, each.proof and each.proof.idx) for each in known]


def test_a_dispatch_is_not_known_before_the_desk_answered_anything_about_it() -> None:
    """Breaks if issuing counted as knowing: a desk would answer for what never reached its screen."""
    assert knowledge(4) == [(0, Knowledge.NOT_DELIVERED, None)]
    assert knowledge(5) == [(0, Knowledge.DELIVERED, 5), (5, Knowledge.OWN, 5)]


def test_what_was_stored_later_did_not_exist_yet() -> None:
    assert knowledge(-1) == []
    assert {idx for idx, _, _ in knowledge(8)} == {0, 5, 6, 8}


def test_an_act_proves_the_dispatch_and_not_what_was_added_to_it() -> None:
    """Breaks if any later act counted as having read everything before it."""
    assert knowledge(10) == [
        (0, Knowledge.DELIVERED, 5),
        (5, Knowledge.OWN, 5),
        (6, Knowledge.ACTED_LATER, 9),
        (8, Knowledge.NOT_DELIVERED, None),
        (9, Knowledge.OWN, 9),
        (10, Knowledge.NOT_DELIVERED, None),
    ]


def test_the_act_of_another_desk_on_this_feed_proves_nothing_about_this_desk() -> None:
    feed = [fact(0, "DispatchIssued"), fact(1, "MisrouteAnswered", action="of-the-owner")]
    assert [each.knowledge for each in known_at(feed, START + timedelta(hours=1))] == [Knowledge.NOT_DELIVERED] * 2
