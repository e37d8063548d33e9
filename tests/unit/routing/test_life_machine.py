"""Two incidents under random acts, reports, deadlines, merges and repetitions: what must hold after every fact."""

from collections import Counter
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.actions import (
    Accept,
    Acknowledge,
    Action,
    AnswerMisroute,
    Close,
    Comment,
    Complete,
    Decline,
    Defer,
    Deliver,
    HandOverCommand,
    Merge,
    Misroute,
    Read,
    Reopen,
    SetLevel,
    Split,
    Transfer,
)
from contracts.codes import DeclineReason, Disposition, Misrouting, MisroutingAnswer, Role, Severity
from contracts.correlation import SameCommune, correlation
from contracts.decisions import Addressee, Assignment, ObligationKind, OrderCap
from contracts.events import DispatchAcknowledged, DispatchEscalated
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchLapsed,
    DispatchRepeated,
    DispatchTransferred,
    ObligationBreached,
    ObligationExcused,
    ObligationMet,
    OrderPrompted,
)
from contracts.reports import Scales
from services.routing.incident.commands import Absorb, Around, Command, ReachDeadline, Refused, Revive, Suggest
from services.routing.incident.decide import Incident, IncidentEvent, decide, evolve, fold
from services.routing.incident.diverting import Noticed, divert, waiting
from services.routing.incident.owing import owed_by
from services.routing.incident.state import Standing
from services.routing.presence.signs import Absence
from tests.unit.routing import cases
from tests.unit.routing.invariants import one_lead, only_climbs

DESKS = tuple(Addressee(agency=f"agency-{n}", desk="truc-ban") for n in range(5))
SIDES = ("one", "two")

desks = st.sampled_from(DESKS)
limits = st.none() | st.integers(1, 60).map(lambda n: timedelta(minutes=n))
orders = st.none() | st.builds(
    OrderCap,
    lasts=st.integers(60, 120).map(lambda n: timedelta(minutes=n)),
    prompt_before=st.integers(1, 30).map(lambda n: timedelta(minutes=n)),
    next=st.lists(desks, max_size=2).map(tuple),
)


def _assignments(role: st.SearchStrategy[Role]) -> st.SearchStrategy[Assignment]:
    return st.builds(
        cases.assignment,
        desks,
        role,
        acknowledge_within=limits,
        decide_within=limits,
        first_report_within=limits,
        follow_up_every=limits,
        escalation=st.lists(desks, max_size=3).map(tuple),
        any_one_of=st.sampled_from((None, "group")),
        approvals=st.lists(desks, max_size=1).map(tuple),
        order=orders,
    )


leads = _assignments(st.just(Role.LEAD))
followers = st.lists(_assignments(st.sampled_from([r for r in Role if r is not Role.LEAD])), max_size=3)

DETAILS: dict[type[Action], st.SearchStrategy[dict[str, Any]]] = {
    Deliver: st.just({}),
    Read: st.just({}),
    Acknowledge: st.just({}),
    Comment: st.just({"text": "Ghi chú"}),
    Accept: st.builds(dict, oral_consents=st.lists(desks, max_size=3).map(tuple)),
    Decline: st.builds(dict, reason=st.just(DeclineReason.OTHER), text=st.just("…"), forward_to=st.none() | desks),
    Transfer: st.builds(dict, to=desks, reason=st.just("…")),
    Complete: st.just({"summary": "Xong"}),
    Misroute: st.just({"finding": Misrouting.NOT_OURS, "text": "…"}),
    AnswerMisroute: st.just({"answer": MisroutingAnswer.RULE_STANDS, "text": "…"}),
    SetLevel: st.builds(
        dict,
        severity=st.sampled_from(Severity),
        scales=st.builds(Scales, disaster_risk=st.none() | st.integers(1, 5)),
        reason=st.just("…"),
    ),
    HandOverCommand: st.builds(dict, taker=st.sampled_from(("Trưởng thôn", "Đội trưởng", "Chủ tịch xã"))),
    Close: st.just({"disposition": Disposition.RESOLVED, "summary": "Xong"}),
    Reopen: st.just({"reason": "…"}),
    Defer: st.builds(dict, minutes=st.integers(-5, 90), reason=st.just("…")),
}
ENDS = (ObligationMet, ObligationBreached, ObligationExcused, DispatchEscalated, DispatchRepeated, OrderPrompted)
MEETS = {
    ObligationKind.ACKNOWLEDGE: (DispatchAcknowledged,),
    ObligationKind.DECIDE: (DispatchAccepted, DispatchDeclined, DispatchTransferred, DispatchDeferred),
    ObligationKind.ORDER_EXPIRES: (DispatchLapsed,),
}


class TwoIncidents(RuleBasedStateMachine):
    """Breaks when any sequence leaves not exactly one lead, loses an obligation, or records a fact twice."""

    def __init__(self) -> None:
        super().__init__()
        self.now = cases.T0
        self.states: dict[str, Incident] = {}
        self.logs: dict[str, list[IncidentEvent]] = {side: [] for side in SIDES}
        self.record: list[IncidentEvent] = []
        self.handled: list[tuple[str, Command]] = []
        self.count = 0

    @initialize(first=leads, second=leads, others=followers)
    def reports_open_them(self, first: Assignment, second: Assignment, others: list[Assignment]) -> None:
        for side, lead in zip(SIDES, (first, second), strict=True):
            self.handle(side, cases.opening(lead, *others, filed=cases.report(side)))

    @rule(data=st.data(), side=st.sampled_from(SIDES), kind=st.sampled_from(list(DETAILS)), stale=st.booleans())
    def a_desk_acts(self, data: st.DataObject, side: str, kind: type[Action], stale: bool) -> None:  # noqa: FBT001  # drawn
        held = data.draw(st.sampled_from(list(self.states[side].dispatches.values())))
        details = data.draw(DETAILS[kind])
        if "minutes" in details:
            details = {"until": self.now + timedelta(minutes=details["minutes"]), "reason": "…"}
        if kind is HandOverCommand:
            details = details | {"since": self.now - timedelta(minutes=data.draw(st.integers(-1, 9)))}
        if "version" in kind.model_fields:
            details = details | {"version": held.version - 1 if stale and held.version else held.version}
        decided = cases.decision(data.draw(leads), *data.draw(followers))
        around = Around(decision=decided, owner=DESKS[0], reachable=data.draw(st.booleans()))
        outcome = self.handle(side, cases.acting(kind, held.issued, self.name(), self.now, around, **details))
        if stale and held.version and "version" in kind.model_fields:
            assert isinstance(outcome, Refused)

    @rule(data=st.data(), side=st.sampled_from(SIDES))
    def a_desk_merges(self, data: st.DataObject, side: str) -> None:
        state, other = self.states[side], self.states[self.other(side)]
        held = data.draw(st.sampled_from(list(state.dispatches.values())))
        decided = cases.decision(data.draw(leads), *data.draw(followers))
        around = Around(decision=decided, other=other)
        act = cases.acting(Merge, held.issued, self.name(), self.now, around, into=other.incident, reason="…")
        if not isinstance(self.handle(side, act), Refused):
            assert isinstance(act.action, Merge)
            self.handle(self.other(side), Absorb(act.action, state, decided, act.submission, act.at))

    @rule(data=st.data(), side=st.sampled_from(SIDES))
    def a_desk_splits(self, data: st.DataObject, side: str) -> None:
        state, other = self.states[side], self.states[self.other(side)]
        held = data.draw(st.sampled_from(list(state.dispatches.values())))
        act = cases.acting(Split, held.issued, self.name(), self.now, released=other.incident, reason="…")
        if not isinstance(self.handle(side, act), Refused):
            assert isinstance(act.action, Split)
            self.handle(self.other(side), Revive(act.action, act.submission, act.at))

    @rule(side=st.sampled_from(SIDES), lead=st.none() | leads, others=followers)
    def a_report_joins(self, side: str, lead: Assignment | None, others: list[Assignment]) -> None:
        decided = cases.decision(lead, *others) if lead else None
        self.handle(side, cases.joining(cases.report(self.name()), decided, self.now))

    @rule(data=st.data(), side=st.sampled_from(SIDES), wait=st.integers(0, 45))
    def time_passes_and_a_deadline_is_announced(self, data: st.DataObject, side: str, wait: int) -> None:
        self.now += timedelta(minutes=wait)
        if obligations := sorted(self.states[side].obligations):
            named = data.draw(st.sampled_from(obligations))
            self.handle(side, ReachDeadline(named, self.now, cases.uid("cause")))

    @rule(desk=desks, why=st.sampled_from(("unstaffed", "offline")), others=st.frozensets(desks, max_size=3))
    def a_desk_goes(self, desk: Addressee, why: Literal["unstaffed", "offline"], others: frozenset[Addressee]) -> None:
        """What waits for it is told to another as well, once; its own duty and times stay as they are."""
        noticed = Noticed(cases.uid("gone", self.name()), self.now)
        gone = {one: Absence(why) for one in others | {desk}}
        for side in SIDES:
            for dispatch in tuple(waiting(self.states[side], desk)):
                before = self.states[side].dispatches[dispatch]
                self.keep(side, divert(self.states[side], dispatch, gone.get, noticed))
                after = self.states[side].dispatches[dispatch]
                assert (after.owes, after.standing, after.version) == (before.owes, before.standing, before.version)
                assert divert(self.states[side], dispatch, gone.get, noticed) == ()
            assert list(waiting(self.states[side], desk)) == []

    @rule(side=st.sampled_from(SIDES), score=st.sampled_from((0.6, 0.7)))
    def a_merge_is_suggested(self, side: str, score: float) -> None:
        why = correlation(SameCommune(area="19774", points=score))
        other = self.states[self.other(side)]
        before = self.states[side]
        self.handle(side, Suggest(other, why, cases.uid("cause"), cases.uid("thread"), self.now))
        assert (self.states[side].lead, self.states[side].unmet) == (before.lead, before.unmet)
        assert self.states[side].merged_into == before.merged_into

    @rule(data=st.data())
    def a_message_is_redelivered(self, data: st.DataObject) -> None:
        """What is on record already yields nothing, whatever happened since."""
        side, command = data.draw(st.sampled_from(self.handled))
        outcome = decide(self.states[side], command)
        if not isinstance(command, ReachDeadline):
            assert isinstance(outcome, Refused) or outcome == ()

    def name(self) -> str:
        self.count += 1
        return str(self.count)

    def other(self, side: str) -> str:
        return SIDES[1 - SIDES.index(side)]

    def handle(self, side: str, command: Command) -> object:
        """Decides twice, records once, and looks at every state between two facts."""
        state = self.states.get(side)
        outcome, again = decide(state, command), decide(state, command)
        assert outcome == again
        if isinstance(outcome, Refused):
            return outcome
        self.handled.append((side, command))
        self.keep(side, outcome)
        return outcome

    def keep(self, side: str, events: tuple[IncidentEvent, ...]) -> None:
        """Records the facts and looks at every state between two of them."""
        for event in events:
            before = self.states.get(side)
            self.states[side] = evolve(before, event)
            self.logs[side].append(event)
            self.record.append(event)
            one_lead(self.states[side])
            if before is not None:
                only_climbs(before, self.states[side])

    @invariant()
    def what_is_forwarded_has_somebody_answerable(self) -> None:
        for state in self.states.values():
            for held in state.dispatches.values():
                if held.standing is Standing.DECLINED and not state.over and held.issued.consents_to is None:
                    assert held.successor in state.dispatches

    def teardown(self) -> None:
        """No fact twice, no obligation lost; and as time runs on every chain of silence ends."""
        counted = Counter(event.id for log in self.logs.values() for event in log)
        twice = [event for log in self.logs.values() for event in log if counted[event.id] > 1]
        assert not twice, [(type(event.data).__name__, event.subject) for event in twice]
        for side, state in self.states.items():
            assert fold(self.logs[side]) == state
            _nothing_owed_is_lost(state, self.logs[side])
        for side in self.states:
            for _ in range(2000):
                unmet = sorted(self.states[side].unmet, key=lambda owed: (owed.due, owed.obligation))
                if not unmet:
                    break
                self.now = max(self.now, unmet[0].due)
                self.handle(side, ReachDeadline(unmet[0].obligation, self.now, cases.uid("end")))
            assert self.states[side].unmet == ()


def _nothing_owed_is_lost(state: Incident, log: list[IncidentEvent]) -> None:
    """Whatever arose is owed still, or a fact says how it ended."""
    owed = {o.obligation for o in state.unmet}
    ended = {getattr(e.data, "obligation", None) for e in log if isinstance(e.data, ENDS)}
    kinds: dict[UUID | None, set[type]] = {}
    for event in log:
        kinds.setdefault(_dispatch(event), set()).add(type(event.data))
    for event in log:
        for said in owed_by(event.data):
            met = kinds[_dispatch(event)] & set(MEETS.get(said.kind, ()))
            assert said.obligation in owed or said.obligation in ended or met, said


def _dispatch(event: IncidentEvent) -> UUID | None:
    found: UUID | None = getattr(event.data, "dispatch", None)
    return found


TestTwoIncidents = pytest.mark.timeout(600)(TwoIncidents.TestCase)
TestTwoIncidents.settings = settings(
    max_examples=120, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
