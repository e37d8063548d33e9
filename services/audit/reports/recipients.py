"""Tells for every dispatch of an incident how far its desk got and what became of what it owed. It reads no storage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.audit.reports.obligations import Fact, Outcome, Reckoning


class Rung(StrEnum):
    """How far a dispatch got."""

    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    """Accepted, declined, deferred or handed over: the name of the fact says which."""
    ENDED = "ended"
    """Completed, released, withdrawn or lapsed."""


class LifeFact(NamedTuple):
    """One fact of a dispatch, in the order of the ledger."""

    idx: int
    name: str
    agency: str
    at: datetime
    """When it happened, by the event itself."""
    data: Mapping[str, Any]


class Step(NamedTuple):
    """One fact that took the desk further, or told that it did not go on."""

    name: str
    at: datetime
    idx: int
    late: bool


class Owed(NamedTuple):
    """What became of the obligations of one kind."""

    kind: str
    outcomes: tuple[tuple[Outcome, int], ...]


@dataclass(slots=True)
class Recipient:
    """One desk in one role."""

    issued: LifeFact
    rungs: dict[Rung, Step] = field(default_factory=dict)
    """The first fact of each; of decisions the last, for a deferral is followed by another."""
    silences: list[Step] = field(default_factory=list)
    owed: tuple[Owed, ...] = ()

    @property
    def dispatch(self) -> str:
        """Its id."""
        return str(self.issued.data.get("dispatch"))

    @property
    def desk(self) -> tuple[str, str]:
        """Agency and duty desk."""
        named = self.issued.data.get("addressee")
        desk = named.get("desk", "") if isinstance(named, Mapping) else ""
        return self.issued.agency, str(desk)


def recipients(facts: Sequence[LifeFact], as_of: datetime) -> tuple[Recipient, ...]:
    """Every dispatch in the order of issue; what is still owed is judged by the ledger's clock at its end."""
    found: dict[str, Recipient] = {}
    for fact in facts:
        dispatch = str(fact.data.get("dispatch"))
        if fact.name == "DispatchIssued":
            found.setdefault(dispatch, Recipient(fact))
        elif dispatch in found:
            _take(found[dispatch], fact)
    for one in found.values():
        one.owed = _owed((fact for fact in facts if _concerns(fact, one)), as_of)
    return tuple(found.values())


def _take(recipient: Recipient, fact: LifeFact) -> None:
    step = Step(fact.name, fact.at, fact.idx, bool(fact.data.get("late")))
    rung = _RUNGS.get(fact.name)
    if rung is Rung.DECIDED:
        recipient.rungs[rung] = step
    elif rung is not None:
        recipient.rungs.setdefault(rung, step)
    elif fact.name in _SILENCES:
        recipient.silences.append(step)


def _concerns(fact: LifeFact, recipient: Recipient) -> bool:
    """Facts of this dispatch, and the answer to an objection that stands on the dispatch objected to."""
    dispatch = fact.data.get("dispatch")
    objected = recipient.issued.data.get("objects_to")
    return dispatch == recipient.dispatch or (objected is not None and dispatch == objected)


def _owed(facts: Iterable[LifeFact], as_of: datetime) -> tuple[Owed, ...]:
    reckoning = Reckoning()
    for fact in facts:
        reckoning.take(Fact(fact.name, fact.agency, fact.at, fact.data))
    totals: dict[str, dict[Outcome, int]] = {}
    for line in reckoning.lines(as_of):
        kind = totals.setdefault(line.kind, dict.fromkeys(Outcome, 0))
        for outcome in Outcome:
            kind[outcome] += int(getattr(line, outcome.value))
    return tuple(Owed(kind, tuple((o, n) for o, n in ends.items() if n)) for kind, ends in totals.items())


_RUNGS: Final = {
    "DispatchDelivered": Rung.DELIVERED,
    "DispatchOpened": Rung.OPENED,
    "DispatchAcknowledged": Rung.ACKNOWLEDGED,
    "DispatchAccepted": Rung.DECIDED,
    "DispatchDeclined": Rung.DECIDED,
    "DispatchDeferred": Rung.DECIDED,
    "DispatchTransferred": Rung.DECIDED,
    "DispatchCompleted": Rung.ENDED,
    "DispatchReleased": Rung.ENDED,
    "DispatchWithdrawn": Rung.ENDED,
    "DispatchLapsed": Rung.ENDED,
}
_SILENCES: Final = frozenset({"DispatchRepeated", "DispatchEscalated", "DispatchDiverted", "ObligationBreached"})
