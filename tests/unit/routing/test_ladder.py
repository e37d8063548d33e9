"""What a desk's acts do to a dispatch: each rung once, by the desk that holds it, in whatever order they come."""

from typing import Any

import pytest

from contracts.actions import Acknowledge
from contracts.codes import Role, Space
from contracts.events import DispatchAcknowledged, DispatchIssued
from contracts.problems import ProblemCode
from services.routing.incident.commands import Act, Refused
from services.routing.incident.decide import Incident, decide, fold, refusal_event
from tests.unit.routing.cases import (
    POLICE,
    PROVINCE,
    T0,
    TOP,
    acknowledging,
    after,
    assignment,
    delivering,
    dispatch_of,
    minutes,
    names,
    opening,
    uid,
    unanswered,
)


@pytest.fixture
def state() -> Incident:
    """One incident led by the commune, with province and top desk behind it."""
    return after(None, opening(assignment(escalation=(PROVINCE, TOP))))[0]


def test_a_delivery_is_recorded_once_under_any_action_id(state: Incident) -> None:
    sent = dispatch_of(state)
    state, events = after(state, delivering(sent))
    assert names(events) == ["DispatchDelivered"]
    assert decide(state, delivering(sent)) == ()
    assert decide(state, delivering(sent, "another")) == ()


def test_a_desk_that_acknowledged_needs_no_proof_of_delivery(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acknowledging(sent))
    assert decide(state, delivering(sent)) == ()


@pytest.mark.parametrize(("wait", "late"), [(0, False), (15, False), (15.001, True)])
def test_an_acknowledgement_is_late_only_after_its_due_time(state: Incident, wait: float, late: bool) -> None:  # noqa: FBT001  # a case
    _, events = after(state, acknowledging(dispatch_of(state), at=T0 + minutes(wait)))
    assert isinstance(events[0].data, DispatchAcknowledged)
    assert events[0].data.late is late


def test_an_acknowledgement_of_a_dispatch_without_timer_is_never_late() -> None:
    state, _ = after(None, opening(assignment(), assignment(POLICE, Role.INFORM)))
    _, events = after(state, acknowledging(dispatch_of(state, POLICE), at=T0 + minutes(9999)))
    assert isinstance(events[0].data, DispatchAcknowledged)
    assert events[0].data.late is False


def test_an_action_carries_its_submission_and_its_desk(state: Incident) -> None:
    act = acknowledging(dispatch_of(state), officer="Trực ban trưởng")
    _, (event,) = after(state, act)
    assert (event.correlationid, event.causationid) == (act.submission, act.action.action)
    assert event.subject.endswith("dispatch.ubnd-x-an-phu.truc-ban")
    assert event.time == act.at


def test_every_rung_stays_on_the_dispatch(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, delivering(sent))
    state, _ = unanswered(state, sent)
    state, _ = after(state, acknowledging(sent, at=T0 + minutes(30)))
    held = state.dispatches[sent.dispatch]
    assert held.delivered is not None
    assert held.acknowledged is not None
    assert held.escalated


def test_the_same_action_in_another_submission_changes_nothing(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acknowledging(sent))
    again = acknowledging(sent)
    assert decide(state, Act(again.action, again.sender, uid("another submission"), T0 + minutes(3))) == ()


def test_a_second_officer_is_refused_and_sees_who_was_first(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acknowledging(sent, officer="Trực ban trưởng"))
    refused = decide(state, acknowledging(sent, "b", at=T0 + minutes(2)))
    assert isinstance(refused, Refused)
    assert refused.problem.code is ProblemCode.ACTION_NOT_POSSIBLE
    assert refused.current_state is not None
    assert refused.current_state.startswith("already acknowledged")
    assert "2026-11-22 12:01:00 +07:00, Trực ban trưởng" in refused.current_state


@pytest.mark.parametrize(
    "changes",
    [{"dispatch": uid("no such")}, {"incident": uid("another incident")}, {"space": Space.EXERCISE}],
    ids=["dispatch", "incident", "space"],
)
def test_an_act_that_names_what_does_not_exist_is_refused(state: Incident, changes: dict[str, Any]) -> None:
    refused = decide(state, acknowledging(dispatch_of(state), **changes))
    assert isinstance(refused, Refused)
    assert refused.problem.code is ProblemCode.ACTION_UNKNOWN_DISPATCH


def test_an_act_on_an_unknown_incident_is_refused(state: Incident) -> None:
    refused = decide(None, acknowledging(dispatch_of(state)))
    assert isinstance(refused, Refused)
    assert refused.problem.code is ProblemCode.ACTION_UNKNOWN_DISPATCH


def test_no_desk_acts_on_the_dispatch_of_another() -> None:
    """Breaks if the body's dispatch id were enough: the sender the server authenticated must hold the dispatch.

    The answer is the same as for a dispatch that does not exist, so it tells a stranger nothing.
    """
    state, _ = after(None, opening(assignment(), assignment(POLICE, Role.COORDINATE)))
    act = acknowledging(dispatch_of(state))
    refused = decide(state, Act(act.action, POLICE, act.submission, act.at))
    assert refused == decide(state, acknowledging(dispatch_of(state), dispatch=uid("no such")))


def test_a_refusal_is_recorded_for_the_desk_and_is_the_same_every_time(state: Incident) -> None:
    act = acknowledging(dispatch_of(state), dispatch=uid("no such"))
    refused = decide(state, act)
    assert isinstance(refused, Refused)
    event = refusal_event(refused, act)
    assert event.subject.startswith("actual.action.ubnd-x-an-phu.truc-ban")
    assert event.to_bytes() == refusal_event(refused, act).to_bytes()
    assert event.data.problems == (refused.problem,)
    assert event.incidentid is None


def test_events_read_without_their_opening_are_an_error(state: Incident) -> None:
    _, events = after(state, acknowledging(dispatch_of(state)))
    with pytest.raises(ValueError, match="before its opening"):
        fold(events)


def test_an_acknowledgement_keeps_the_officers_note(state: Incident) -> None:
    act = acknowledging(dispatch_of(state), note="Đã cử tổ xung kích.")
    assert isinstance(act.action, Acknowledge)
    _, events = after(state, act)
    assert isinstance(events[0].data, DispatchAcknowledged)
    assert events[0].data.note == "Đã cử tổ xung kích."
    assert not isinstance(events[0].data, DispatchIssued)
