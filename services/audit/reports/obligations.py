"""Counts what was owed, met, late, breached or excused, by agency and month, from the facts; it reads no storage.

An obligation belongs to the agency of its dispatch and to the month, in Việt Nam, in which its time ran out. It counts
once, with how it ended: met in time; late, though it came, also after it was asked for again; breached; excused,
because it was owed no longer before its time ran out; or open, where its time had not come by the end of the ledger.

Asking again is no second obligation: the repeated request and the request for a missing report stand in the account
of the first one, whose time has run out all the same. A deferral in time moves the time to decide by. A report of a
period that met what was owed and is taken back is owed again.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.audit.reports.moments import period_of

_ACKNOWLEDGE: Final = "acknowledge"
_DECIDE: Final = "decide"
_ANSWER: Final = "answer"
_REMINDERS: Final = frozenset({"order_prompt", "order_expires"})
"""Times at which the hub itself does something; no desk owes them."""
_REVISABLE: Final = frozenset({_ANSWER, "period", "confirmation"})
"""Kinds whose end a later fact may still change."""

Data = Mapping[str, Any]


class Fact(NamedTuple):
    """One fact of the ledger."""

    name: str
    agency: str
    """Of the desk whose dispatch it is about; nothing where it is about none."""
    at: datetime
    """When it happened, by the event itself."""
    data: Data


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
    because: tuple[tuple[str, int], ...] = ()
    """Why how many of them were excused; each reason says by whom."""

    @property
    def owed(self) -> int:
        """All of them."""
        return self.met + self.late + self.breached + self.excused + self.open


@dataclass(slots=True, eq=False)
class _Account:
    """One obligation, under every id by which it was asked for."""

    agency: str
    dispatch: str | None
    kind: str
    due: datetime
    ids: list[str] = field(default_factory=list)
    breached: bool = False
    ended: Outcome | None = None
    why: str | None = None


class _End(NamedTuple):
    outcome: Outcome
    why: str | None


_Key = tuple[str, str, str, Outcome, str | None]


@dataclass(slots=True)
class Reckoning:
    """Takes the facts in the order of the ledger; keeps the obligations that may still change, and sums."""

    since: datetime | None = None
    until: datetime | None = None
    """Only obligations whose time ran out from `since` on and before `until` are counted."""
    unreadable: int = field(init=False, default=0)
    """Facts of these kinds that were not of the expected form."""
    _accounts: dict[str, _Account] = field(init=False, default_factory=dict)
    _of_dispatch: dict[str, list[_Account]] = field(init=False, default_factory=dict)
    _objected: dict[str, _Account] = field(init=False, default_factory=dict)
    """Dispatch objected to -> the answer owed."""
    _counts: Counter[_Key] = field(init=False, default_factory=Counter)

    def take(self, fact: Fact) -> None:
        """The next fact."""
        try:
            if step := _STEPS.get(fact.name):
                step(self, fact)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unreadable += 1

    def lines(self, as_of: datetime) -> tuple[Line, ...]:
        """The report as it stands at this time of the hub's clock, by agency, month and kind."""
        counts = self._counts.copy()
        for account in dict.fromkeys(self._accounts.values()):
            running = Outcome.BREACHED if account.breached or account.due <= as_of else Outcome.OPEN
            self._count(counts, account, account.ended or running)
        grouped: dict[tuple[str, str, str], Counter[_End]] = {}
        for (agency, period, kind, outcome, why), number in counts.items():
            grouped.setdefault((agency, period, kind), Counter())[_End(outcome, why)] += number
        return tuple(_line(key, grouped[key]) for key in sorted(grouped))

    def issued(self, fact: Fact) -> None:
        """What the dispatch asks for is owed from now on."""
        for obligation in fact.data["obligations"]:
            account = self._owe(fact, obligation)
            if account and account.kind == _ANSWER and (objected := fact.data.get("objects_to")):
                self._objected[objected] = account

    def acknowledged(self, fact: Fact) -> None:
        """Meets what the dispatch asks to be acknowledged."""
        self._meet(self._running(fact, _ACKNOWLEDGE), fact)

    def decided(self, fact: Fact) -> None:
        """Meets what the dispatch asks to be decided."""
        self._meet(self._running(fact, _DECIDE), fact)

    def deferred(self, fact: Fact) -> None:
        """Another time to decide by, in the place of the first; one that had run out stays missed."""
        account, counter = self._running(fact, _DECIDE), fact.data["obligation"]
        if account is None:
            self._owe(fact, counter)
            return
        account.breached = account.breached or fact.at > account.due
        if not account.breached:
            account.due = datetime.fromisoformat(counter["due"])
        self._also(account, counter)

    def breached(self, fact: Fact) -> None:
        """Did not come in time; it may still come late, also when it is asked for once more."""
        if (account := self._accounts.get(fact.data["obligation"])) is None:
            return
        account.breached = True
        for name in ("next", "repeat"):
            if isinstance(again := fact.data.get(name), Mapping):  # elsewhere `next` names a dispatch
                self._also(account, again)

    def met(self, fact: Fact) -> None:
        """Came, in time or late; the one after it is another obligation."""
        self._meet(self._accounts.get(fact.data["obligation"]), fact)
        if isinstance(following := fact.data.get("next"), Mapping):
            self._owe(fact, following)

    def excused(self, fact: Fact) -> None:
        """Is owed no longer. One whose time had run out was missed all the same."""
        account = self._accounts.get(fact.data["obligation"])
        if account is not None and not account.breached:
            self._end(account, Outcome.EXCUSED, str(fact.data["reason"]))

    def over(self, fact: Fact) -> None:
        """Whatever the dispatch still asked for, it asks no longer."""
        for account in tuple(self._of_dispatch.get(fact.data["dispatch"], ())):
            if not account.breached and account.ended is None:
                self._end(account, Outcome.EXCUSED, _OVER[fact.name])

    def answered(self, fact: Fact) -> None:
        """The first answer to an objection counts; it stands on the dispatch objected to."""
        account = self._objected.get(fact.data["dispatch"])
        if account is not None and account.ended in (None, Outcome.EXCUSED):
            self._meet(account, fact)

    def report_owed(self, fact: Fact) -> None:
        """An agency owes a report about a period, or a confirmation."""
        data = fact.data
        if data["obligation"] not in self._accounts:
            due = datetime.fromisoformat(data["due"])
            self._also(_Account(str(data["agency"]), None, str(data["owing"]), due), data)

    def report_filed(self, fact: Fact) -> None:
        """Came; whether in time was decided by the time that ran then. A correction changes nothing."""
        account = self._accounts.get(fact.data["obligation"])
        if account is not None and account.ended is None:
            self._end(account, Outcome.LATE if fact.data["late"] else Outcome.MET)

    def report_withdrawn(self, fact: Fact) -> None:
        """Taken back: owed again, by another time."""
        if (account := self._accounts.get(fact.data["obligation"])) is not None:
            account.due = datetime.fromisoformat(fact.data["due"])
            account.ended, account.breached = None, False

    def report_excused(self, fact: Fact) -> None:
        """There is nobody, or nothing, left to report: it counts as excused even after its time."""
        if (account := self._accounts.get(fact.data["obligation"])) is not None:
            self._end(account, Outcome.EXCUSED, str(fact.data["reason"]))

    def _owe(self, fact: Fact, obligation: Data) -> _Account | None:
        due, kind = datetime.fromisoformat(obligation["due"]), str(obligation["kind"])
        if kind in _REMINDERS:
            return None
        account = _Account(fact.agency, fact.data["dispatch"], kind, due)
        self._also(account, obligation)
        self._of_dispatch.setdefault(fact.data["dispatch"], []).append(account)
        return account

    def _also(self, account: _Account, obligation: Data) -> None:
        account.ids.append(obligation["obligation"])
        self._accounts[obligation["obligation"]] = account

    def _running(self, fact: Fact, kind: str) -> _Account | None:
        held = self._of_dispatch.get(fact.data["dispatch"], ())
        return next((account for account in held if account.kind == kind), None)

    def _meet(self, account: _Account | None, fact: Fact) -> None:
        if account is not None:
            late = account.breached or bool(fact.data.get("late")) or fact.at > account.due
            self._end(account, Outcome.LATE if late else Outcome.MET)

    def _end(self, account: _Account, outcome: Outcome, why: str | None = None) -> None:
        account.ended, account.why = outcome, why
        if account.kind in _REVISABLE:
            return
        for name in account.ids:
            del self._accounts[name]
        if account.dispatch is not None:
            held = self._of_dispatch[account.dispatch]
            held.remove(account)
            if not held:
                del self._of_dispatch[account.dispatch]
        self._count(self._counts, account, outcome)

    def _count(self, counts: Counter[_Key], account: _Account, outcome: Outcome) -> None:
        if (self.since is None or self.since <= account.due) and (self.until is None or account.due < self.until):
            why = account.why if outcome is Outcome.EXCUSED else None
            counts[account.agency, period_of(account.due), account.kind, outcome, why] += 1


def _line(key: tuple[str, str, str], ends: Counter[_End]) -> Line:
    outcomes: Counter[Outcome] = Counter()
    for end, number in ends.items():
        outcomes[end.outcome] += number
    return Line(
        *key,
        met=outcomes[Outcome.MET],
        late=outcomes[Outcome.LATE],
        breached=outcomes[Outcome.BREACHED],
        excused=outcomes[Outcome.EXCUSED],
        open=outcomes[Outcome.OPEN],
        because=tuple(sorted((end.why, number) for end, number in ends.items() if end.why)),
    )


_OVER: Final = {"DispatchReleased": "released", "DispatchWithdrawn": "withdrawn", "DispatchCompleted": "completed"}
_STEPS: Final[dict[str, Callable[[Reckoning, Fact], None]]] = {
    "DispatchIssued": Reckoning.issued,
    "DispatchAcknowledged": Reckoning.acknowledged,
    "DispatchAccepted": Reckoning.decided,
    "DispatchDeclined": Reckoning.decided,
    "DispatchDeferred": Reckoning.deferred,
    "DispatchTransferred": Reckoning.decided,
    "DispatchEscalated": Reckoning.breached,
    "DispatchRepeated": Reckoning.breached,
    **dict.fromkeys(_OVER, Reckoning.over),
    "ObligationMet": Reckoning.met,
    "ObligationBreached": Reckoning.breached,
    "ObligationExcused": Reckoning.excused,
    "MisrouteAnswered": Reckoning.answered,
    "ReportOwed": Reckoning.report_owed,
    "PeriodReportFiled": Reckoning.report_filed,
    "PeriodReportMissing": Reckoning.breached,
    "PeriodReportWithdrawn": Reckoning.report_withdrawn,
    "PeriodReportExcused": Reckoning.report_excused,
}
EVENTS: Final = tuple(_STEPS)
"""The names of the events this looks at."""
EVERYBODYS: Final = ("MisrouteAnswered",)
"""Those that change what another agency owes than the one they are about."""
