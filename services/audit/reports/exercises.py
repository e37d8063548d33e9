"""Measures an exercise: how long agencies took to get, open, acknowledge and accept dispatches. It reads no storage.

The time runs from the dispatch being issued, by the hub's clock. A rung is missing where the desk should have climbed
it and had not by the end of the ledger: everything is to be delivered and opened; acknowledged and accepted only what
asks for that. What the hub excused is not missing, nor is an acceptance where the desk declined or handed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, Final, NamedTuple


class Rung(StrEnum):
    """What a desk does with a dispatch."""

    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"


class DrillFact(NamedTuple):
    """One fact of a dispatch, in the order of the ledger."""

    name: str
    agency: str
    at: datetime
    """When it happened, by the event itself."""
    data: Mapping[str, Any]


class Times(NamedTuple):
    """How long it took, over all dispatches that climbed this rung."""

    median: timedelta | None
    worst: timedelta | None
    climbed: int
    missing: int


class Line(NamedTuple):
    """One agency in one incident of the exercise, or in all of them."""

    incident: str | None
    agency: str
    dispatches: int
    times: Mapping[Rung, Times]


@dataclass(slots=True)
class _Sent:
    incident: str
    agency: str
    at: datetime
    asked: set[Rung]
    """Rungs it must climb and has not."""
    took: dict[Rung, timedelta] = field(default_factory=dict)


@dataclass(slots=True)
class Drill:
    """Takes the facts of all dispatches of the exercise in the order of the ledger."""

    since: datetime | None = None
    until: datetime | None = None
    """Only dispatches issued from `since` on and before `until` count."""
    unreadable: int = field(init=False, default=0)
    _sent: dict[str, _Sent] = field(init=False, default_factory=dict)

    def take(self, fact: DrillFact) -> None:
        """The next fact."""
        try:
            if fact.name == "DispatchIssued":
                self._issued(fact)
            elif (sent := self._sent.get(fact.data["dispatch"])) is not None:
                _climb(sent, fact)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unreadable += 1

    def lines(self) -> tuple[Line, ...]:
        """Incident by incident in the order in which they began, then each agency in total."""
        groups: defaultdict[tuple[str, str], list[_Sent]] = defaultdict(list)
        agencies: defaultdict[str, list[_Sent]] = defaultdict(list)
        for sent in self._sent.values():
            groups[sent.incident, sent.agency].append(sent)
            agencies[sent.agency].append(sent)
        order = {incident: number for number, incident in enumerate(dict.fromkeys(key[0] for key in groups))}
        each = sorted(groups, key=lambda key: (order[key[0]], key[1]))
        totals = (_line(None, agency, agencies[agency]) for agency in sorted(agencies))
        return (*(_line(*key, groups[key]) for key in each), *totals)

    def _issued(self, fact: DrillFact) -> None:
        if (self.since is not None and fact.at < self.since) or (self.until is not None and fact.at >= self.until):
            return
        kinds = {obligation["kind"] for obligation in fact.data["obligations"]}
        asked = {Rung.DELIVERED, Rung.OPENED} | {rung for kind, rung in _ASKED.items() if kind in kinds}
        self._sent.setdefault(fact.data["dispatch"], _Sent(str(fact.data["incident"]), fact.agency, fact.at, asked))


def _climb(sent: _Sent, fact: DrillFact) -> None:
    if (rung := _RUNGS.get(fact.name)) is not None:
        sent.asked.discard(rung)
        sent.took.setdefault(rung, fact.at - sent.at)
        if rung is Rung.ACKNOWLEDGED:
            sent.asked.discard(Rung.DELIVERED)  # who acknowledges has it; no other proof of delivery follows
    elif fact.name in _OTHERWISE:
        sent.asked.discard(Rung.ACCEPTED)
    elif fact.name == "ObligationExcused" and (excused := _ASKED.get(fact.data["kind"])) is not None:
        sent.asked.discard(excused)


def _line(incident: str | None, agency: str, sent: Iterable[_Sent]) -> Line:
    dispatches = list(sent)
    return Line(incident, agency, len(dispatches), {rung: _times(rung, dispatches) for rung in Rung})


def _times(rung: Rung, sent: list[_Sent]) -> Times:
    took = [each.took[rung] for each in sent if rung in each.took]
    missing = sum(rung in each.asked for each in sent)
    return Times(_median(took), max(took, default=None), len(took), missing)


def _median(took: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in took)) if took else None


_ASKED: Final = {"acknowledge": Rung.ACKNOWLEDGED, "decide": Rung.ACCEPTED}
"""What a dispatch asks for by an obligation."""
_RUNGS: Final = {
    "DispatchDelivered": Rung.DELIVERED,
    "DispatchOpened": Rung.OPENED,
    "DispatchAcknowledged": Rung.ACKNOWLEDGED,
    "DispatchAccepted": Rung.ACCEPTED,
}
_OTHERWISE: Final = frozenset({"DispatchDeclined", "DispatchTransferred", "DispatchWithdrawn", "DispatchCompleted"})
EVENTS: Final = ("DispatchIssued", *_RUNGS, *sorted(_OTHERWISE), "ObligationExcused")
"""The names of the events this looks at."""
