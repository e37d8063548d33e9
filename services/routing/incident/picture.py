"""Decides what was true of one incident at an instant, from its facts as the stream held them then. Reads nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.decisions import Addressee, Obligation
from contracts.events import DispatchAcknowledged, DispatchEscalated
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchDeclined,
    DispatchRepeated,
    ObligationBreached,
    ObligationMet,
    OrderPrompted,
)
from services.routing.incident.evolve import fold
from services.routing.incident.history import History, Recorded, history, up_to
from services.routing.incident.shown import Shown, shown
from services.routing.incident.state import Dispatch

_ON_SILENCE: Final = (DispatchRepeated, DispatchEscalated, ObligationBreached, OrderPrompted)
_IN_TIME_OR_LATE: Final = (DispatchAcknowledged, DispatchAccepted, DispatchDeclined, ObligationMet)


@dataclass(frozen=True, slots=True)
class Ladder:
    """One dispatch: how far up its ladder it was, what it owed, what followed from silence."""

    dispatch: Dispatch
    late: bool
    """Whether the desk did something of it after its time."""
    silence: tuple[Recorded, ...]
    """Asked again, the next desk asked, a report missing, an order about to end: in stream order."""

    @property
    def owes(self) -> tuple[Obligation, ...]:
        """What was owed, the soonest first."""
        return tuple(sorted(self.dispatch.owes.values(), key=lambda owed: owed.due))


@dataclass(frozen=True, slots=True)
class Picture:
    """One incident as it was at an instant: of every fact recorded by then, and of no other."""

    incident: UUID
    at: datetime
    history: History
    ladders: tuple[Ladder, ...]
    knew: Mapping[Addressee, tuple[Shown, ...]]
    """What each desk had been shown, and what proves it."""
    timeline: tuple[Recorded, ...]


def picture(facts: Iterable[Recorded], at: datetime) -> Picture | None:
    """The incident at that instant; None where nothing of it was recorded by then. `facts` are in stream order."""
    past = tuple(up_to(facts, at))
    state, course = fold(fact.event for fact in past), history(past)
    if state is None or course is None:
        return None
    followed: defaultdict[UUID, list[Recorded]] = defaultdict(list)
    late: set[UUID] = set()
    for fact in past:
        data = fact.event.data
        if isinstance(data, _ON_SILENCE):
            followed[data.dispatch].append(fact)
        if isinstance(data, _IN_TIME_OR_LATE) and data.late:
            late.add(data.dispatch)
    ladders = tuple(
        Ladder(held, dispatch in late, tuple(followed[dispatch])) for dispatch, held in state.dispatches.items()
    )
    return Picture(state.incident, at, course, ladders, shown(past), past)


def desk_of(picture_: Picture, fact: Recorded) -> Addressee | None:
    """Whose dispatch a fact is about; None for what is nobody's."""
    dispatch = getattr(fact.event.data, "dispatch", None)
    return next((one.dispatch.desk for one in picture_.ladders if one.dispatch.issued.dispatch == dispatch), None)
