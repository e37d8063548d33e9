"""Decides what a desk can be proved to have been shown of one incident at an instant. It reads no storage.

A fact exists from the moment the stream stored it. That it reached the desk is proved only by what the desk itself sent
about that dispatch later: the proof of delivery, an acknowledgement, any other act. Those prove the dispatch, whose id
nobody else is told. What the hub added to the dispatch afterwards is proved by none, and so it is said.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from contracts.course import IncidentSplit
from contracts.decisions import Addressee
from contracts.events import DispatchData, DispatchIssued
from contracts.lifecycle import MisrouteAnswered
from services.routing.incident.history import Recorded


class Knowledge(StrEnum):
    """How far it is proved that the desk had a fact."""

    PROVED = "proved"
    """The desk sent something that it could not have sent without it."""
    OWN = "own"
    """The desk's own act."""
    ACTED_LATER = "acted_later"
    """It was there, and the desk acted on the same dispatch after it; that proves no reading."""
    NO_PROOF = "no_proof"
    """It was recorded for the desk, and nothing came from it about this dispatch since."""


class Shown(NamedTuple):
    """One fact recorded for a desk, and what shows that the desk had it."""

    fact: Recorded
    knowledge: Knowledge
    proof: Recorded | None
    """The desk's first act on the dispatch after it."""


_OF_OTHERS: Final = (MisrouteAnswered, IncidentSplit)
"""Facts that name an action which is not one of the dispatch's own desk."""


def shown(facts: Iterable[Recorded]) -> Mapping[Addressee, tuple[Shown, ...]]:
    """Per desk every fact recorded for it or done by it, in stream order."""
    past = tuple(facts)
    desks = {e.event.data.dispatch: e.event.data.addressee for e in past if isinstance(e.event.data, DispatchIssued)}
    acts: defaultdict[UUID, list[int]] = defaultdict(list)
    for index, fact in enumerate(past):
        if (dispatch := _dispatch(fact)) in desks and is_act(fact):
            acts[dispatch].append(index)
    known: defaultdict[Addressee, list[Shown]] = defaultdict(list)
    for index, fact in enumerate(past):
        if (dispatch := _dispatch(fact)) in desks and (is_act(fact) or _is_for_the_desk(fact)):
            later = next((past[act] for act in acts[dispatch] if act > index), None)
            known[desks[dispatch]].append(_judged(fact, later))
    return {desk: tuple(of_desk) for desk, of_desk in known.items()}


def is_act(fact: Recorded) -> bool:
    """A fact that names an action of the dispatch's own desk; the hub's own facts name none."""
    return hasattr(fact.event.data, "action") and not isinstance(fact.event.data, _OF_OTHERS)


def _judged(fact: Recorded, later: Recorded | None) -> Shown:
    if is_act(fact):
        return Shown(fact, Knowledge.OWN, fact)
    if later is None:
        return Shown(fact, Knowledge.NO_PROOF, None)
    issued = isinstance(fact.event.data, DispatchIssued)
    return Shown(fact, Knowledge.PROVED if issued else Knowledge.ACTED_LATER, later)


def _is_for_the_desk(fact: Recorded) -> bool:
    """Recorded under the dispatch; what stands under the course is told to desks by facts of their own."""
    return isinstance(fact.event.data, DispatchData)


def _dispatch(fact: Recorded) -> UUID:
    """The dispatch it is about; that of the course itself stands for none."""
    found = getattr(fact.event.data, "dispatch", None)
    return found if isinstance(found, UUID) else fact.event.id
