"""Counts what was owed, met, late, breached or excused, by agency and month, from the facts; it reads no storage.

An obligation belongs to the agency of its dispatch and to the month, in Việt Nam, in which its time ran out. It counts
once, with how it ended: met in time; late, though it came, also after an escalation; breached; excused, because the
hub released the desk from it; or open, where its time had not come by the end of the ledger.

Further kinds need no change here as long as they are owed in `DispatchIssued.obligations` or as `next`, and end in
`ObligationMet`, `ObligationBreached` or `ObligationExcused`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.audit.moments import period_of

EVENTS: Final = (
    "DispatchIssued",
    "DispatchAcknowledged",
    "DispatchAccepted",
    "DispatchDeclined",
    "DispatchDeferred",
    "DispatchTransferred",
    "DispatchEscalated",
    "DispatchRepeated",
    "ObligationMet",
    "ObligationBreached",
    "ObligationExcused",
)
"""The names of the events this looks at."""
_ACKNOWLEDGE: Final = "acknowledge"
_DECIDE: Final = "decide"
_ANSWER: Final = "answer"
_REMINDERS: Final = frozenset({"order_prompt", "order_expires"})
"""Times at which the hub itself does something; no desk owes them."""

Data = Mapping[str, Any]


class Outcome(StrEnum):
    """How an obligation ended."""

    MET = "met"
    LATE = "late"
    BREACHED = "breached"
    EXCUSED = "excused"
    OPEN = "open"


class Line(NamedTuple):
    """The obligations of one kind of one agency in one month."""

    agency: str
    period: str
    kind: str
    met: int
    late: int
    breached: int
    excused: int
    open: int

    @property
    def owed(self) -> int:
        """All of them."""
        return self.met + self.late + self.breached + self.excused + self.open


@dataclass(slots=True)
class _Owed:
    agency: str
    dispatch: str
    kind: str
    due: datetime
    breached: bool = False


@dataclass(slots=True)
class Reckoning:
    """Takes the facts in the order of the ledger; keeps the obligations that may still change, and sums."""

    since: datetime | None = None
    until: datetime | None = None
    """Only obligations whose time ran out from `since` on and before `until` are counted."""
    unreadable: int = field(init=False, default=0)
    """Facts of these kinds that were not of the expected form."""
    _owed: dict[str, _Owed] = field(init=False, default_factory=dict)
    _of_dispatch: dict[str, set[str]] = field(init=False, default_factory=dict)
    _counts: Counter[tuple[str, str, str, Outcome]] = field(init=False, default_factory=Counter)

    def take(self, name: str, agency: str | None, data: Data) -> None:
        """One fact, by the name of its event and the agency of its subject."""
        try:
            if step := _STEPS.get(name):
                step(self, agency or "", data)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unreadable += 1

    def lines(self, as_of: datetime) -> tuple[Line, ...]:
        """The report as it stands at this time of the hub's clock, by agency, month and kind."""
        counts = self._counts.copy()
        for owed in self._owed.values():
            self._count(counts, owed, Outcome.BREACHED if owed.breached or owed.due <= as_of else Outcome.OPEN)
        keys = sorted({key[:3] for key in counts})
        return tuple(Line(*key, *(counts[*key, outcome] for outcome in Outcome)) for key in keys)

    def issued(self, agency: str, data: Data) -> None:
        """What the dispatch asks for is owed from now on."""
        for obligation in data["obligations"]:
            self._owe(agency, data["dispatch"], obligation)

    def acknowledged(self, _agency: str, data: Data) -> None:
        """Meets what the dispatch asks to be acknowledged."""
        self._settle_kind(data, _ACKNOWLEDGE)

    def decided(self, _agency: str, data: Data) -> None:
        """Meets what the dispatch asks to be decided."""
        self._settle_kind(data, _DECIDE)

    def deferred(self, agency: str, data: Data) -> None:
        """Another time to decide by, in the place of earlier ones."""
        for obligation in data["excused"]:
            self._settle(obligation, Outcome.EXCUSED)
        self._owe(agency, data["dispatch"], data["obligation"])

    def breached(self, agency: str, data: Data) -> None:
        """Did not come in time; it may still come late. What is asked for instead is owed from now on."""
        if (owed := self._owed.get(data["obligation"])) is not None:
            owed.breached = True
        self._owe_next(agency, data)

    def met(self, agency: str, data: Data) -> None:
        """Came, in time or late."""
        self._settle(data["obligation"], Outcome.LATE if data["late"] else Outcome.MET)
        self._owe_next(agency, data)

    def excused(self, _agency: str, data: Data) -> None:
        """Is owed no longer; the answer to an objection, because it was given."""
        answered = (data.get("reason"), data.get("kind")) == ("completed", _ANSWER)
        self._settle(data["obligation"], Outcome.MET if answered else Outcome.EXCUSED)

    def _owe_next(self, agency: str, data: Data) -> None:
        for name in ("next", "repeat"):
            if isinstance(obligation := data.get(name), Mapping):  # elsewhere `next` names a dispatch
                self._owe(agency, data["dispatch"], obligation)

    def _owe(self, agency: str, dispatch: str, obligation: Data) -> None:
        owed = _Owed(agency, dispatch, str(obligation["kind"]), datetime.fromisoformat(obligation["due"]))
        if owed.kind not in _REMINDERS:
            self._owed[obligation["obligation"]] = owed
            self._of_dispatch.setdefault(dispatch, set()).add(obligation["obligation"])

    def _settle_kind(self, data: Data, kind: str) -> None:
        late = Outcome.LATE if data.get("late") else Outcome.MET
        for obligation in tuple(self._of_dispatch.get(data["dispatch"], ())):
            if self._owed[obligation].kind == kind:
                self._settle(obligation, late)

    def _settle(self, obligation: str, outcome: Outcome) -> None:
        if (owed := self._owed.pop(obligation, None)) is None:
            return
        siblings = self._of_dispatch[owed.dispatch]
        siblings.discard(obligation)
        if not siblings:
            del self._of_dispatch[owed.dispatch]
        self._count(self._counts, owed, Outcome.LATE if outcome is Outcome.MET and owed.breached else outcome)

    def _count(self, counts: Counter[tuple[str, str, str, Outcome]], owed: _Owed, outcome: Outcome) -> None:
        if (self.since is None or self.since <= owed.due) and (self.until is None or owed.due < self.until):
            counts[owed.agency, period_of(owed.due), owed.kind, outcome] += 1


_STEPS: Final[dict[str, Callable[[Reckoning, str, Data], None]]] = {
    "DispatchIssued": Reckoning.issued,
    "DispatchAcknowledged": Reckoning.acknowledged,
    "DispatchAccepted": Reckoning.decided,
    "DispatchDeclined": Reckoning.decided,
    "DispatchDeferred": Reckoning.deferred,
    "DispatchTransferred": Reckoning.decided,
    "DispatchEscalated": Reckoning.breached,
    "DispatchRepeated": Reckoning.breached,
    "ObligationMet": Reckoning.met,
    "ObligationBreached": Reckoning.breached,
    "ObligationExcused": Reckoning.excused,
}
