"""Two incidents become one and two again; an objection to a rule gets its answer. One desk leads throughout."""

from typing import Any

import pytest

from contracts.actions import Accept, AnswerMisroute, Merge, Misroute, Split
from contracts.codes import Misrouting, MisroutingAnswer, Role
from contracts.course import IncidentAbsorbed
from contracts.decisions import Addressee
from contracts.problems import ProblemCode
from services.routing.incident.commands import Absorb, Act, Around, Revive
from services.routing.incident.decide import Incident, IncidentEvent, decide
from services.routing.incident.state import Standing
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    T0,
    TOP,
    acting,
    after,
    assignment,
    decision,
    dispatch_of,
    minutes,
    names,
    opening,
    refused,
    report,
    uid,
)

BOTH = decision(assignment(PROVINCE), assignment(COMMUNE, Role.COORDINATE))
OWNER = Addressee(agency="ptds-qg", desk="truc-ban")
Merged = tuple[Incident, Incident, list[IncidentEvent], Act]
MISROUTE: dict[str, Any] = {"finding": Misrouting.WRONG_ROLE, "text": "Chỉ phối hợp"}


@pytest.fixture
def survivor() -> Incident:
    state, _ = after(None, opening(assignment(COMMUNE, Role.LEAD), assignment(TOP, Role.INFORM), filed=report("first")))
    return state


@pytest.fixture
def merged(survivor: Incident) -> Merged:
    """The incident that goes on, the one that became part of it, the facts of both, and the act."""
    other, _ = after(None, opening(assignment(COMMUNE), assignment(POLICE, Role.COORDINATE), filed=report("second")))
    around = Around(decision=BOTH, other=survivor)
    act = acting(Merge, dispatch_of(other), into=survivor.incident, reason="Cùng một trận lũ", around=around)
    gone, first = after(other, act)
    assert isinstance(act.action, Merge)
    stays, second = after(survivor, Absorb(act.action, other, BOTH, act.submission, act.at))
    return stays, gone, first + second, act


def test_a_merge_moves_the_reports_and_drops_nobody(
    merged: Merged,
) -> None:
    stays, gone, events, _ = merged
    assert (gone.merged_into, stays.absorbed) == (stays.incident, frozenset({gone.incident}))
    assert len(stays.joined) == 2
    assert stays.lead == PROVINCE
    assert gone.unmet == ()
    assert all(d.standing is Standing.WITHDRAWN for d in gone.dispatches.values())
    desks = {d.desk for d in gone.dispatches.values()}
    assert desks <= {d.desk for d in stays.in_force}
    assert dispatch_of(stays, POLICE).role is Role.INFORM
    assert len({e.id for e in events}) == len(events)


def test_a_merged_incident_asks_nothing_more(merged: Merged) -> None:
    _, gone, _, act = merged
    answer = refused(gone, acting(Accept, dispatch_of(gone, POLICE)))
    assert answer.problem.code is ProblemCode.ACTION_NOT_POSSIBLE
    assert decide(gone, act) == ()


def test_absorbing_again_adds_nothing(merged: Merged) -> None:
    stays, gone, _, act = merged
    assert isinstance(act.action, Merge)
    assert decide(stays, Absorb(act.action, gone, BOTH, act.submission, act.at)) == ()


def test_a_split_asks_everybody_anew_and_both_stand(
    merged: Merged,
) -> None:
    """Breaks if undoing a merge lost a dispatch or a report of either incident."""
    stays, gone, _, _ = merged
    act = acting(
        Split, dispatch_of(stays, PROVINCE), released=gone.incident, reason="Hai nơi khác nhau", at=T0 + minutes(9)
    )
    apart, told = after(stays, act)
    assert isinstance(act.action, Split)
    alive, again = after(gone, Revive(act.action, act.submission, act.at))
    assert apart.absorbed == frozenset()
    assert names(told)[0] == "IncidentParted"
    assert alive.merged_into is None
    assert alive.lead == COMMUNE
    assert {(d.desk, d.issued.role) for d in alive.in_force} == {(COMMUNE, Role.LEAD), (POLICE, Role.COORDINATE)}
    assert min(owed.due for owed in alive.unmet) == T0 + minutes(9 + 15)
    assert names(again) == ["IncidentSplit", "DispatchIssued", "DispatchIssued"]
    assert len(alive.joined) == 1


def test_splitting_again_adds_nothing(merged: Merged) -> None:
    """Breaks if a redelivered split were refused: its desk would be told that what is on record did not happen."""
    stays, gone, _, _ = merged
    act = acting(Split, dispatch_of(stays, PROVINCE), released=gone.incident, reason="Hai nơi khác nhau")
    apart, _ = after(stays, act)
    assert decide(apart, act) == ()


def test_only_a_desk_that_knows_both_may_merge(survivor: Incident) -> None:
    """Breaks if naming an id were enough: a desk would learn what another incident is about."""
    other, _ = after(None, opening(assignment(POLICE), filed=report("second")))
    around = Around(decision=BOTH, other=survivor)
    act = acting(Merge, dispatch_of(other, POLICE), into=survivor.incident, reason="…", around=around)
    answer = refused(other, act)
    assert (answer.problem.code, answer.problem.field) == (ProblemCode.ACTION_UNKNOWN_DISPATCH, "into")
    unknown = acting(Merge, dispatch_of(other, POLICE), "2", into=uid("none"), reason="…")
    assert refused(other, unknown).problem == answer.problem


def test_an_absorbed_incident_states_both_and_why(merged: Merged) -> None:
    _, gone, events, _ = merged
    (absorbed,) = (e.data for e in events if isinstance(e.data, IncidentAbsorbed))
    assert absorbed.absorbed == gone.incident
    assert absorbed.decision == BOTH


def test_an_objection_asks_the_owner_of_the_rules_and_the_duty_stands(survivor: Incident) -> None:
    sent = dispatch_of(survivor)
    state, events = after(survivor, acting(Misroute, sent, around=Around(owner=OWNER), **MISROUTE))
    assert names(events) == ["MisrouteRaised", "DispatchIssued"]
    item = dispatch_of(state, OWNER)
    assert (item.role, item.objects_to) == (Role.ADVISE, sent.dispatch)
    assert state.dispatches[sent.dispatch].standing is Standing.OPEN
    assert state.lead == COMMUNE


def test_the_answer_stands_where_the_objector_sees_it(survivor: Incident) -> None:
    sent = dispatch_of(survivor)
    state, _ = after(survivor, acting(Misroute, sent, around=Around(owner=OWNER), **MISROUTE))
    item = dispatch_of(state, OWNER)
    reply = acting(AnswerMisroute, item, answer=MisroutingAnswer.RULE_CHANGES, text="Sẽ sửa", at=SOON)
    state, events = after(state, reply)
    assert names(events) == ["DispatchAcknowledged", "ObligationExcused", "DispatchCompleted", "MisrouteAnswered"]
    assert events[-1].subject.endswith("ubnd-x-an-phu.truc-ban")
    assert state.dispatches[item.dispatch].owes == {}
    again = acting(AnswerMisroute, item, "again", answer=MisroutingAnswer.RULE_STANDS, text="Không sửa", at=SOON)
    assert refused(state, again).problem.code is ProblemCode.ACTION_NOT_POSSIBLE


def test_one_objection_per_dispatch(survivor: Incident) -> None:
    sent = dispatch_of(survivor)
    state, _ = after(survivor, acting(Misroute, sent, "1", around=Around(owner=OWNER), **MISROUTE))
    again = acting(Misroute, sent, "2", around=Around(owner=OWNER), **MISROUTE)
    assert refused(state, again).problem.code is ProblemCode.ACTION_NOT_POSSIBLE
