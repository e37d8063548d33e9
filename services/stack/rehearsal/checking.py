"""Checks the facts of a rehearsal one after the other: one lead, no obligation lost or fired twice. Pure.

Reads contracts only and shares nothing with what decided the facts: leads are followed on two tracks, what the course
of an incident says and who holds a dispatch of the lead, and must agree after everything recorded together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from contracts.codes import Role
from contracts.course import (
    CommandHandedOver,
    IncidentClosed,
    IncidentMerged,
    IncidentReopened,
    IncidentSplit,
    LeadTransferred,
)
from contracts.decisions import Addressee, Decision, Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchAcknowledged, DispatchEscalated, DispatchIssued
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchLapsed,
    DispatchReleased,
    DispatchRepeated,
    DispatchTransferred,
    DispatchWithdrawn,
    ObligationBreached,
    ObligationExcused,
    ObligationMet,
    OrderPrompted,
)
from services.stack.rehearsal.steps import party

_DECIDES: Final = (DispatchAccepted, DispatchDeclined, DispatchDeferred, DispatchTransferred)
_FIRES: Final = (DispatchRepeated, DispatchEscalated, ObligationBreached, OrderPrompted, DispatchLapsed)
_NAMES: Final = ("obligation", "repeat", "next")


class Fault(NamedTuple):
    """Something that must never be true."""

    vi: str
    en: str


class Owed(NamedTuple):
    """One obligation that arose, and by which dispatch."""

    dispatch: UUID
    kind: ObligationKind
    due: datetime


@dataclass(slots=True)
class _Course:
    """One incident, by what is said about it as a whole."""

    lead: Addressee | None = None
    named: Addressee | None = None
    """By the newest decision; while it names the same desk, a hand-over stands."""
    over: bool = False
    commander: str | None = None
    """Who commands on scene; None before anybody was put in command."""
    commanded_since: datetime | None = None


@dataclass(slots=True)
class Watch:
    """Everything the facts so far say about leads and obligations, and what is wrong with it."""

    faults: list[Fault] = field(default_factory=list)
    courses: dict[UUID, _Course] = field(default_factory=dict)
    issued: dict[UUID, DispatchIssued] = field(default_factory=dict)
    gone: set[UUID] = field(default_factory=set)
    """Dispatches released or withdrawn."""
    accepted: set[UUID] = field(default_factory=set)
    arisen: dict[UUID, Owed] = field(default_factory=dict)
    ended: set[UUID] = field(default_factory=set)
    fired: Counter[UUID] = field(default_factory=Counter)
    _together: UUID | None = None
    _touched: set[UUID] = field(default_factory=set)
    """Incidents of which something was recorded together with the newest fact."""

    def take(self, event: Event[Any]) -> None:
        """One more fact, in the order of the stream."""
        if event.causationid != self._together:
            self.settle()
            self._together = event.causationid
        self._course(event.data)
        if isinstance(event.data, CommandHandedOver):
            self._commanded(self.courses[event.data.incident], event.data)
        self._dispatch(event.data)
        self._owing(event.data)

    def settle(self) -> None:
        """What was recorded together is complete: whoever leads by the course holds the one dispatch of the lead."""
        for incident in self._touched:
            course = self.courses[incident]
            holders = set(self.holders(incident))
            if not course.over and holders != {course.lead}:
                held = ", ".join(sorted(map(party, holders))) or "-"
                said = party(course.lead) if course.lead else "-"
                self.faults.append(
                    Fault(
                        f"{incident}: chủ trì là {said} nhưng nhiệm vụ chủ trì ở {held}",
                        f"{incident}: {said} leads but the lead's dispatch is with {held}",
                    )
                )
        self._touched.clear()

    def holders(self, incident: UUID) -> Iterator[Addressee]:
        """The desks that hold a dispatch of the lead; an offer that nobody accepted yet is none."""
        for dispatch, issued in self.issued.items():
            offered = issued.forwarded_from is not None and dispatch not in self.accepted
            if issued.incident == incident and issued.role is Role.LEAD and not offered and dispatch not in self.gone:
                yield issued.addressee

    def lead(self, incident: UUID) -> str | None:
        """Who leads now; None where it is over or unknown."""
        course = self.courses.get(incident)
        return None if course is None or course.over or course.lead is None else party(course.lead)

    def lost(self) -> list[UUID]:
        """Obligations that arose and that nothing has ended."""
        return [obligation for obligation in self.arisen if obligation not in self.ended]

    def twice(self) -> list[UUID]:
        """Obligations whose deadline fired more than once."""
        return [obligation for obligation, times in self.fired.items() if times > 1]

    def owes(self, dispatch: UUID, kind: ObligationKind) -> bool:
        """Whether a dispatch owes something of this kind now."""
        return any(o.dispatch == dispatch and o.kind is kind and i not in self.ended for i, o in self.arisen.items())

    def _course(self, data: Any) -> None:  # noqa: ANN401  # any fact
        incident = getattr(data, "incident", None)
        if incident is None:
            return
        course = self.courses.setdefault(incident, _Course())
        self._touched.add(incident)
        if isinstance(decision := getattr(data, "decision", None), Decision):
            lead = next((a.addressee for a in decision.assignments if a.role is Role.LEAD), None)
            if lead is not None and lead != course.named:
                course.lead = course.named = lead
        match data:
            case LeadTransferred():
                if data.giver != course.lead:
                    self.faults.append(
                        Fault(f"{party(data.giver)} không chủ trì", f"{party(data.giver)} gave a lead it did not have")
                    )
                course.lead = data.taker
            case IncidentClosed() | IncidentMerged():
                course.over = True
            case IncidentReopened() | IncidentSplit():
                course.over = False
            case _:
                pass

    def _commanded(self, course: _Course, data: CommandHandedOver) -> None:
        """Whoever commanded is relieved by name and at once: no gap, and never two."""
        if data.giver != course.commander:
            given, known = data.giver or "-", course.commander or "-"
            self.faults.append(
                Fault(f"{given} giao quyền chỉ huy, người chỉ huy là {known}", f"{given} gave command held by {known}")
            )
        if course.commanded_since is not None and data.since < course.commanded_since:
            self.faults.append(
                Fault(f"{data.taker} chỉ huy từ trước người trước", f"{data.taker} commands from before its giver did")
            )
        course.commander, course.commanded_since = data.taker, data.since

    def _dispatch(self, data: Any) -> None:  # noqa: ANN401  # any fact
        match data:
            case DispatchIssued():
                self.issued[data.dispatch] = data
            case DispatchReleased() | DispatchWithdrawn():
                self.gone.add(data.dispatch)
            case DispatchAccepted():
                self.accepted.add(data.dispatch)
            case _:
                pass

    def _owing(self, data: Any) -> None:  # noqa: ANN401  # any fact
        dispatch = getattr(data, "dispatch", None)
        if dispatch is None:
            return
        if isinstance(data, _FIRES):
            self.fired[data.obligation] += 1
        if isinstance(data, (*_FIRES, ObligationMet, ObligationExcused)):
            self.ended.add(data.obligation)
        if isinstance(data, DispatchAcknowledged):
            self._end(dispatch, ObligationKind.ACKNOWLEDGE)
        if isinstance(data, _DECIDES):
            self._end(dispatch, ObligationKind.DECIDE)
        for owed in _arising(data):
            self.arisen[owed.obligation] = Owed(dispatch, owed.kind, owed.due)

    def _end(self, dispatch: UUID, kind: ObligationKind) -> None:
        self.ended |= {i for i, owed in self.arisen.items() if (owed.dispatch, owed.kind) == (dispatch, kind)}


def watched(facts: Iterable[Event[Any]]) -> Watch:
    """Everything a finished rehearsal recorded, checked: what is still owed at its end is a fault too."""
    watch = Watch()
    for fact in facts:
        watch.take(fact)
    watch.settle()
    watch.faults += [Fault(f"nghĩa vụ {o} bị bỏ quên", f"obligation {o} was forgotten") for o in watch.lost()]
    watch.faults += [Fault(f"hạn {o} kích hoạt hai lần", f"deadline {o} fired twice") for o in watch.twice()]
    return watch


def _arising(data: Any) -> Iterator[Obligation]:  # noqa: ANN401  # any fact
    yield from getattr(data, "obligations", ())
    for name in _NAMES:
        if isinstance(owed := getattr(data, name, None), Obligation):
            yield owed
