"""Decides what a duty desk can be proved to have known at a time: from the facts on its feed. It reads no storage.

Two times are kept apart. A fact exists from the moment the stream stored it. That it reached the desk is proved only by
something the desk itself sent about that dispatch later: the proof of delivery, an acknowledgement, any other act. The
dispatch itself is proved by the first such act, because nobody else is told its id. What the hub added to the dispatch
afterwards is proved by none: the desk may have acted without having seen it, and so it is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple


class Knowledge(StrEnum):
    """How far it is proved that a fact was known."""

    DELIVERED = "delivered"
    """The desk sent something that it could not have sent without it."""
    OWN = "own"
    """The desk's own act."""
    ACTED_LATER = "acted_later"
    """It was there, and the desk acted on the same dispatch after it; that proves no reading."""
    NOT_DELIVERED = "not_delivered"
    """It was there, and nothing came from the desk about this dispatch since."""


class FeedFact(NamedTuple):
    """One fact on the desk's feed."""

    idx: int
    name: str
    stored_at: datetime
    incident: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """One fact that existed by then, and what shows that the desk had it."""

    fact: FeedFact
    knowledge: Knowledge
    proof: FeedFact | None = None
    """The desk's first act on the dispatch after it."""


_ACTS_OF_OTHERS: Final = frozenset({"MisrouteAnswered"})
"""Facts on a desk's feed that name an action, but not one of this desk."""


def known_at(feed: list[FeedFact], at: datetime) -> tuple[Known, ...]:
    """Every fact of the feed stored at or before `at`, in the ledger's order, with what proves that it was known."""
    past = [fact for fact in feed if fact.stored_at <= at]
    acts: dict[str, list[FeedFact]] = {}
    for fact in past:
        if _is_act(fact):
            acts.setdefault(_dispatch(fact), []).append(fact)
    return tuple(_judged(fact, acts.get(_dispatch(fact), [])) for fact in past)


def _judged(fact: FeedFact, acts: list[FeedFact]) -> Known:
    if _is_act(fact):
        return Known(fact, Knowledge.OWN, fact)
    later = next((act for act in acts if act.idx > fact.idx), None)
    if later is None:
        return Known(fact, Knowledge.NOT_DELIVERED)
    issued = fact.name == "DispatchIssued"
    return Known(fact, Knowledge.DELIVERED if issued else Knowledge.ACTED_LATER, later)


def _is_act(fact: FeedFact) -> bool:
    """A fact that names an action of this desk; the hub's own facts name none."""
    return "action" in fact.data and "dispatch" in fact.data and fact.name not in _ACTS_OF_OTHERS


def _dispatch(fact: FeedFact) -> str:
    return str(fact.data.get("dispatch", ""))
