"""A duty is taken, put off, declined, handed over, done; at every step it belongs to somebody, and one desk leads."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.actions import Accept, Action, Close, Complete, Decline, Defer, SetLevel, Transfer
from contracts.codes import DeclineReason, Disposition, Role
from contracts.course import LeadTransferred
from contracts.decisions import Addressee, ObligationKind
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchAccepted, DispatchDeclined, DispatchDeferred
from contracts.problems import ProblemCode
from services.routing.incident.commands import Act, Around
from services.routing.incident.decide import Incident, decide
from services.routing.incident.state import Standing
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    T0,
    TOP,
    acknowledging,
    acting,
    after,
    assignment,
    decision,
    dispatch_of,
    joining,
    minutes,
    names,
    opening,
    refused,
    report,
    silence,
)

LEAD = assignment(
    COMMUNE,
    decide_within=minutes(15),
    first_report_within=minutes(30),
    follow_up_every=minutes(60),
    escalation=(PROVINCE, TOP),
)
WRONG: dict[str, Any] = {"reason": DeclineReason.WRONG_AREA, "text": "Thuộc xã bên"}


@pytest.fixture
def state() -> Incident:
    opened, _ = after(None, opening(LEAD, assignment(POLICE, Role.COORDINATE), assignment(TOP, Role.INFORM)))
    return opened


def standing(state: Incident, issued: DispatchIssued) -> Standing:
    return state.dispatches[issued.dispatch].standing


def test_accepting_acknowledges_and_meets_the_duty_to_decide(state: Incident) -> None:
    sent = dispatch_of(state)
    state, events = after(state, acting(Accept, sent, officer="Trực ban"))
    assert names(events) == ["DispatchAcknowledged", "DispatchAccepted"]
    assert isinstance(events[1].data, DispatchAccepted)
    assert events[1].data.late is False
    held = state.dispatches[sent.dispatch]
    assert held.standing is Standing.ACCEPTED
    assert {owed.kind for owed in held.owes.values()} == {ObligationKind.FIRST_REPORT}


def test_a_part_is_accepted_in_its_words(state: Incident) -> None:
    _, events = after(state, acting(Accept, dispatch_of(state, POLICE), part="Chỉ phân luồng giao thông"))
    assert [getattr(e.data, "part", None) for e in events] == [None, "Chỉ phân luồng giao thông"]


def test_a_decision_after_its_time_is_late(state: Incident) -> None:
    _, events = after(state, acting(Accept, dispatch_of(state), at=T0 + minutes(15.001)))
    assert isinstance(events[1].data, DispatchAccepted)
    assert events[1].data.late


def test_a_deferral_replaces_the_time_to_decide_by_the_desks_own(state: Incident) -> None:
    sent, until = dispatch_of(state), T0 + minutes(90)
    state, events = after(state, acting(Defer, sent, until=until, reason="Chờ xác minh"))
    assert isinstance(events[1].data, DispatchDeferred)
    held = state.dispatches[sent.dispatch]
    assert held.standing is Standing.DEFERRED
    owed = held.owing(ObligationKind.DECIDE)
    assert owed is not None
    assert owed.due == until
    replaced = {o.obligation: o.kind for o in sent.obligations}
    assert [replaced[one] for one in events[1].data.excused] == [ObligationKind.DECIDE]


def test_a_deferral_into_the_past_is_refused(state: Incident) -> None:
    answer = refused(state, acting(Defer, dispatch_of(state), until=T0, reason="…"))
    assert (answer.problem.code, answer.problem.field) == (ProblemCode.TIME_INVALID, "until")


def test_declining_forwards_to_the_next_of_the_chain_and_the_decliner_stays_answerable(state: Incident) -> None:
    """Pitfall 11: breaks if a duty could be declined into nothing, or the lead passed to who has not said yes."""
    sent = dispatch_of(state)
    state, events = after(state, acting(Decline, sent, **WRONG))
    assert names(events) == ["DispatchAcknowledged", "DispatchDeclined", "DispatchIssued"]
    forwarded = dispatch_of(state, PROVINCE)
    assert isinstance(events[1].data, DispatchDeclined)
    assert events[1].data.next == forwarded.dispatch
    assert (forwarded.role, forwarded.forwarded_from, forwarded.escalation) == (Role.LEAD, sent.dispatch, (TOP,))
    assert state.lead == COMMUNE
    assert standing(state, sent) is Standing.DECLINED


def test_who_is_forwarded_the_lead_leads_from_accepting_on_and_releases_the_decliner(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Decline, sent, **WRONG))
    state, events = after(state, acting(Accept, dispatch_of(state, PROVINCE)))
    assert names(events)[:2] == ["DispatchAcknowledged", "DispatchAccepted"]
    transferred = [e.data for e in events if isinstance(e.data, LeadTransferred)]
    assert [(t.giver, t.taker) for t in transferred] == [(COMMUNE, PROVINCE)]
    assert state.lead == PROVINCE
    assert standing(state, sent) is Standing.RELEASED
    assert state.dispatches[sent.dispatch].owes == {}


def test_through_a_chain_of_refusals_the_first_stays_answerable_until_one_accepts(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Decline, sent, **WRONG))
    second = dispatch_of(state, PROVINCE)
    state, _ = after(state, acting(Decline, second, "2", **WRONG))
    third = dispatch_of(state, TOP, Role.LEAD)
    assert [standing(state, one) for one in (sent, second)] == [Standing.DECLINED] * 2
    assert state.lead == COMMUNE
    state, _ = after(state, acting(Accept, third))
    assert [standing(state, one) for one in (sent, second)] == [Standing.RELEASED] * 2
    assert state.lead == TOP


def test_nobody_left_to_forward_to_means_naming_somebody(state: Incident) -> None:
    police = dispatch_of(state, POLICE)
    answer = refused(state, acting(Decline, police, **WRONG))
    assert (answer.problem.code, answer.problem.field) == (ProblemCode.ACTION_UNKNOWN_DESK, "forward_to")
    state, _ = after(state, acting(Decline, police, forward_to=PROVINCE, **WRONG))
    assert dispatch_of(state, PROVINCE).forwarded_from == police.dispatch


@pytest.mark.parametrize(("to", "reachable"), [(COMMUNE, True), (PROVINCE, False)])
def test_a_duty_goes_neither_to_oneself_nor_to_a_desk_that_does_not_exist(
    state: Incident,
    to: Addressee,
    reachable: bool,  # noqa: FBT001  # a case
) -> None:
    act = acting(Transfer, dispatch_of(state), to=to, reason="…", around=Around(reachable=reachable))
    assert refused(state, act).problem.code is ProblemCode.ACTION_UNKNOWN_DESK


def test_who_declined_may_take_it_back_until_another_accepts(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Decline, sent, **WRONG))
    forwarded = dispatch_of(state, PROVINCE)
    state, _ = after(state, acting(Accept, sent, at=T0 + minutes(3)))
    assert (standing(state, sent), standing(state, forwarded)) == (Standing.ACCEPTED, Standing.WITHDRAWN)
    assert state.lead == COMMUNE
    late = refused(state, acting(Accept, forwarded, at=T0 + minutes(4)))
    assert late.problem.code in {ProblemCode.ACTION_NOT_POSSIBLE, ProblemCode.ACTION_ROLE}


def test_a_hand_over_keeps_the_duty_with_the_giver_until_the_taker_accepts(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Accept, sent), acting(Transfer, sent, to=PROVINCE, reason="Vượt khả năng"))
    assert (state.lead, standing(state, sent)) == (COMMUNE, Standing.HANDING_OVER)
    state, _ = after(state, acting(Accept, dispatch_of(state, PROVINCE), "taker"))
    assert (state.lead, standing(state, sent)) == (PROVINCE, Standing.RELEASED)


def test_a_lead_handed_over_stays_when_the_same_is_decided_again(state: Incident) -> None:
    """Breaks if every further report gave the lead back to the desk that could not carry it."""
    state, _ = after(state, acting(Transfer, dispatch_of(state), to=PROVINCE, reason="Vượt khả năng"))
    state, _ = after(state, acting(Accept, dispatch_of(state, PROVINCE)))
    state, events = after(state, joining(report(2), decision(LEAD), at=T0 + minutes(20)))
    assert state.lead == PROVINCE
    assert "DispatchIssued" not in names(events)


def test_a_completed_duty_owes_nothing_and_the_lead_still_leads(state: Incident) -> None:
    sent = dispatch_of(state)
    state, events = after(state, acting(Accept, sent), acting(Complete, sent, summary="Đã sơ tán 42 hộ"))
    assert names(events) == ["ObligationExcused", "DispatchCompleted"]
    assert state.dispatches[sent.dispatch].owes == {}
    assert state.lead == COMMUNE


def test_of_two_officers_at_once_the_second_sees_what_the_first_decided(state: Incident) -> None:
    """Breaks if the later of two contradicting acts won: the first officer would believe what is no longer so."""
    sent = dispatch_of(state)
    state, _ = after(state, acting(Accept, sent, "first", version=0, officer="Trực ban trưởng"))
    answer = refused(state, acting(Decline, sent, "second", version=0, **WRONG))
    assert answer.problem.code is ProblemCode.ACTION_VERSION
    assert answer.current_state is not None
    assert answer.current_state.startswith("accepted")
    assert "Trực ban trưởng" in answer.current_state


def test_an_act_made_on_the_present_state_is_done(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Accept, sent, version=0), acting(Complete, sent, version=1, summary="Xong"))
    assert standing(state, sent) is Standing.COMPLETED


def test_the_same_act_again_adds_nothing(state: Incident) -> None:
    sent = dispatch_of(state)
    act = acting(Decline, sent, **WRONG)
    state, _ = after(state, act)
    assert decide(state, Act(act.action, act.sender, act.submission, T0 + minutes(5), act.around)) == ()


@pytest.mark.parametrize(
    ("role", "act"),
    [
        (Role.INFORM, (Accept, {})),
        (Role.INFORM, (Decline, {**WRONG, "forward_to": PROVINCE})),
        (Role.COORDINATE, (Close, {"disposition": Disposition.RESOLVED, "summary": "Xong"})),
        (Role.COORDINATE, (SetLevel, {"reason": "…"})),
        (Role.ADVISE, (SetLevel, {"reason": "…"})),
    ],
)
def test_a_role_that_may_not_is_refused(role: Role, act: tuple[type[Action], dict[str, Any]]) -> None:
    kind, details = act
    state, _ = after(None, opening(LEAD, assignment(POLICE, role)))
    answer = refused(state, acting(kind, dispatch_of(state, POLICE), **details))
    assert answer.problem.code is ProblemCode.ACTION_ROLE


def test_a_former_lead_closes_nothing(state: Incident) -> None:
    """Breaks if an old dispatch kept its power: two desks could end one incident in two ways."""
    sent = dispatch_of(state)
    state, _ = after(state, acting(Transfer, sent, to=PROVINCE, reason="Vượt khả năng"))
    state, _ = after(state, acting(Accept, dispatch_of(state, PROVINCE)))
    answer = refused(state, acting(Close, sent, disposition=Disposition.RESOLVED, summary="Xong"))
    assert answer.problem.code in {ProblemCode.ACTION_ROLE, ProblemCode.ACTION_NOT_POSSIBLE}


def test_one_acknowledgement_of_a_group_excuses_the_others() -> None:
    """Pitfall 19: any one of them is enough, the others are still told."""
    group: dict[str, Any] = {"any_one_of": "rule:1"}
    ask = [assignment(desk, Role.COORDINATE, **group) for desk in (POLICE, PROVINCE)]
    state, _ = after(None, opening(LEAD, *ask))
    state, events = after(state, acknowledging(dispatch_of(state, POLICE)))
    assert names(events) == ["DispatchAcknowledged", "ObligationExcused"]
    assert state.dispatches[dispatch_of(state, PROVINCE).dispatch].owes == {}
    assert state.dispatches[dispatch_of(state).dispatch].owes != {}


def test_what_needs_consent_is_accepted_only_with_it() -> None:
    """Pitfall 17: militia orders need the committee chair and the superior commander; word of mouth is recorded."""
    needs = assignment(COMMUNE, approvals=(PROVINCE, TOP), approvals_written_within=timedelta(hours=24))
    state, events = after(None, opening(needs))
    assert names(events) == ["IncidentOpened", "DispatchIssued", "DispatchIssued", "DispatchIssued"]
    sent = dispatch_of(state)
    assert [d.issued.consents_to for d in state.dispatches.values()] == [None, sent.dispatch, sent.dispatch]
    answer = refused(state, acting(Accept, sent))
    assert answer.problem.code is ProblemCode.ACTION_CONSENT_MISSING
    assert answer.current_state == "ubnd-t/truc-ban, bchqg/truc-ban"
    state, _ = after(state, acting(Accept, dispatch_of(state, PROVINCE), "consent"))
    assert refused(state, acting(Accept, sent, "2")).current_state == "bchqg/truc-ban"
    state, _ = after(state, acting(Accept, sent, "3", oral_consents=(TOP,)))
    assert standing(state, sent) is Standing.ACCEPTED
    written = state.dispatches[dispatch_of(state, TOP).dispatch].owing(ObligationKind.DECIDE)
    assert written is not None
    assert written.due == T0 + timedelta(hours=24)


def test_a_refused_consent_is_forwarded_to_nobody() -> None:
    state, _ = after(None, opening(assignment(COMMUNE, approvals=(PROVINCE,))))
    state, events = after(state, acting(Decline, dispatch_of(state, PROVINCE), **WRONG))
    assert names(events) == ["DispatchAcknowledged", "DispatchDeclined"]
    assert refused(state, acting(Accept, dispatch_of(state))).problem.code is ProblemCode.ACTION_CONSENT_MISSING


def test_a_desk_that_does_not_decide_is_escalated_even_when_it_acknowledged(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acknowledging(sent, at=SOON))
    undecided = next(o for o in sent.obligations if o.kind is ObligationKind.DECIDE)
    command = silence(sent)
    command = type(command)(undecided.obligation, undecided.due, command.cause)
    state, events = after(state, command)
    assert names(events) == ["DispatchEscalated", "DispatchIssued"]
    assert dispatch_of(state, PROVINCE).role is Role.DIRECT
    assert state.lead == COMMUNE
