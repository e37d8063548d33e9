"""The incident as a whole: level up and down, command on scene, closing, reopening, and what every desk is told."""

from datetime import timedelta

import pytest

from contracts.actions import Close, HandOverCommand, Reopen, SetLevel
from contracts.codes import Change, CountOf, Disposition, MsgType, Role, Severity, Unit
from contracts.course import CommandHandedOver
from contracts.decisions import OrderCap
from contracts.events import IncidentUpdated
from contracts.lifecycle import DispatchUpdated, ObligationBreached, ObligationMet
from contracts.problems import ProblemCode
from contracts.reports import Count, ReportingWindow, Scales, SituationReport
from services.routing.incident.commands import Around, ReachDeadline
from services.routing.incident.decide import Incident, IncidentEvent, decide
from services.routing.incident.state import Standing
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SENDER,
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
    uid,
)

LEAD = assignment(COMMUNE, first_report_within=minutes(30), follow_up_every=minutes(60), escalation=(PROVINCE,))
RAISED = decision(assignment(PROVINCE), assignment(COMMUNE, Role.COORDINATE))


@pytest.fixture
def state() -> Incident:
    opened, _ = after(None, opening(LEAD, assignment(POLICE, Role.COORDINATE), assignment(TOP, Role.INFORM)))
    return opened


def told(events: list[IncidentEvent]) -> list[tuple[Change, str]]:
    """What was told to which desk."""
    return [
        (e.data.change, e.subject.split(".dispatch.")[1].split(".")[0])
        for e in events
        if isinstance(e.data, DispatchUpdated)
    ]


def test_a_raised_level_decides_again_who_leads_and_tells_everybody(state: Incident) -> None:
    act = acting(
        SetLevel,
        dispatch_of(state),
        scales=Scales(disaster_risk=4),
        reason="Vượt báo động 3",
        around=Around(decision=RAISED),
    )
    state, events = after(state, act)
    assert (state.lead, state.scales.disaster_risk) == (PROVINCE, 4)
    assert told(events) == [(Change.LEVEL_CHANGED, desk) for desk in ("ubnd-x-an-phu", "ca-x", "bchqg")]
    assert dispatch_of(state, COMMUNE).role is Role.COORDINATE
    assert dispatch_of(state, PROVINCE).scales == Scales(disaster_risk=4)
    assert {e.data.scales for e in events if isinstance(e.data, DispatchUpdated)} == {Scales(disaster_risk=4)}


def test_who_is_brought_in_by_a_raised_level_is_told_the_raised_level(state: Incident) -> None:
    """Its desk would otherwise show the dispatch as less pressing than it is, and stay silent."""
    assert dispatch_of(state).severity is Severity.MODERATE
    act = acting(
        SetLevel, dispatch_of(state), severity=Severity.EXTREME, reason="Vỡ đê", around=Around(decision=RAISED)
    )
    state, _ = after(state, act)
    assert dispatch_of(state, PROVINCE).severity is Severity.EXTREME


def test_a_lowered_level_drops_nobody_and_moves_no_deadline(state: Incident) -> None:
    """Pitfall 14: earlier recipients stay informed; a running deadline is never shortened backwards."""
    before = {d.issued.dispatch: d.owes for d in state.dispatches.values()}
    act = acting(
        SetLevel,
        dispatch_of(state),
        severity=Severity.MINOR,
        reason="Rút lệnh báo động I",
        around=Around(decision=decision(LEAD)),
    )
    state, events = after(state, act)
    assert state.severity is Severity.MINOR
    assert {d.issued.dispatch: d.owes for d in state.dispatches.values()} == before
    assert "DispatchIssued" not in names(events)


def test_a_level_that_changes_nothing_is_refused(state: Incident) -> None:
    act = acting(SetLevel, dispatch_of(state), reason="…", around=Around(decision=RAISED))
    assert refused(state, act).problem.code is ProblemCode.ACTION_NOT_POSSIBLE


def test_command_on_scene_is_a_time_series_without_gap_or_two_commanders(state: Incident) -> None:
    """Pitfall 12: each hand-over relieves whoever commanded, at one instant."""
    sent = dispatch_of(state)
    state, _ = after(state, acting(HandOverCommand, sent, "1", taker="Trưởng thôn Đông", since=T0))
    state, events = after(state, acting(HandOverCommand, sent, "2", taker="Đội trưởng CC&CNCH", since=SOON))
    first = events[0].data
    assert isinstance(first, CommandHandedOver)
    assert (first.giver, first.taker) == ("Trưởng thôn Đông", "Đội trưởng CC&CNCH")
    assert state.command == ((T0, "Trưởng thôn Đông"), (SOON, "Đội trưởng CC&CNCH"))


@pytest.mark.parametrize("since", [T0 - minutes(1), SOON + minutes(1)])
def test_command_is_not_handed_over_before_the_last_time_or_in_the_future(state: Incident, since: object) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(HandOverCommand, sent, "1", taker="A", since=T0))
    answer = refused(state, acting(HandOverCommand, sent, "2", taker="B", since=since))
    assert (answer.problem.code, answer.problem.field) == (ProblemCode.TIME_INVALID, "since")


def test_closing_excuses_what_is_owed_and_tells_everybody(state: Incident) -> None:
    act = acting(Close, dispatch_of(state), disposition=Disposition.RESOLVED, summary="Nước rút")
    state, events = after(state, act)
    assert state.closed
    assert state.unmet == ()
    assert names(events).count("ObligationExcused") == 3
    assert len(told(events)) == 3
    assert (
        refused(state, acting(Close, dispatch_of(state), "2", disposition=Disposition.RESOLVED, summary="x"))
        is not None
    )


def test_reopening_asks_the_lead_anew(state: Incident) -> None:
    sent = dispatch_of(state)
    state, _ = after(state, acting(Close, sent, disposition=Disposition.FALSE_ALARM, summary="Báo nhầm"))
    state, events = after(state, acting(Reopen, sent, reason="Lại cháy", at=SOON + minutes(5)))
    assert not state.closed
    assert dispatch_of(state).dispatch != sent.dispatch
    assert state.lead == COMMUNE
    assert {change for change, _ in told(events)} == {Change.REOPENED}


def test_a_report_on_a_closed_incident_is_kept_and_told(state: Incident) -> None:
    act = acting(Close, dispatch_of(state), disposition=Disposition.RESOLVED, summary="Nước rút")
    state, _ = after(state, act)
    state, events = after(state, joining(report(2), at=T0 + minutes(90)))
    assert state.closed
    assert len(told(events)) == 3
    assert state.unmet == ()


def test_a_correction_supersedes_the_senders_own_figure_and_is_told(state: Incident) -> None:
    """Pitfall 22: recipients of the wrong figure are told, and it no longer counts."""
    wrong = report(2, counts=(Count(of=CountOf.MISSING, value=3, unit=Unit.PERSON, source="UBND xã"),))
    state, first = after(state, joining(wrong))
    right = report(
        3,
        msg_type=MsgType.UPDATE,
        references=(wrong.report,),
        counts=(Count(of=CountOf.MISSING, value=2, unit=Unit.PERSON, source="UBND xã"),),
    )
    state, events = after(state, joining(right, at=T0 + minutes(5)))
    assert isinstance(events[0].data, IncidentUpdated)
    assert isinstance(first[0].data, IncidentUpdated)
    assert events[0].data.supersedes == (first[0].data.report.event,)
    assert {change for change, _ in told(events)} == {Change.REPORT_CORRECTED}
    assert [e.data.counts[0].value for e in events if isinstance(e.data, DispatchUpdated)] == [2, 2, 2]


def test_a_withdrawn_report_is_told_as_one(state: Incident) -> None:
    _, events = after(state, joining(report(2, msg_type=MsgType.CANCEL, references=(report().report,))))
    assert isinstance(events[0].data, IncidentUpdated)
    assert events[0].data.withdrawn
    assert len(events[0].data.supersedes) == 1
    assert {change for change, _ in told(events)} == {Change.REPORT_WITHDRAWN}


def _situation(state: Incident, name: str) -> SituationReport:
    return SituationReport(
        report=uid("situation", name),
        status=report().status,
        sent=T0,
        observed_at=T0,
        kind="situation_information",
        headline="Đã sơ tán 42 hộ",
        incident=state.incident,
        window=ReportingWindow(since=T0, until=SOON),
    )


def test_a_situation_report_goes_to_everybody_and_meets_what_its_agency_owed(state: Incident) -> None:
    assert SENDER.agency == COMMUNE.agency
    state, events = after(state, joining(_situation(state, "1"), at=T0 + minutes(20)))
    assert {change for change, _ in told(events)} == {Change.SITUATION_REPORT}
    (met,) = (e.data for e in events if isinstance(e.data, ObligationMet))
    assert (met.late, met.next and met.next.due) == (False, T0 + minutes(80))
    state, events = after(state, joining(_situation(state, "2"), at=T0 + minutes(81)))
    (met,) = (e.data for e in events if isinstance(e.data, ObligationMet))
    assert met.late


def test_a_missing_report_is_asked_for_then_escalated_and_a_late_one_still_counts(
    state: Incident,
) -> None:
    state, _ = after(state, acknowledging(dispatch_of(state)))
    seen: list[list[str]] = []
    for _ in range(3):
        (owed,) = state.dispatches[dispatch_of(state).dispatch].owes.values()
        state, events = after(state, ReachDeadline(owed.obligation, owed.due, uid("due", str(owed.obligation))))
        assert isinstance(events[0].data, ObligationBreached)
        seen.append(names(events))
    assert seen == [
        ["ObligationBreached"],
        ["ObligationBreached", "DispatchEscalated", "DispatchIssued"],
        ["ObligationBreached"],
    ]
    assert state.dispatches[dispatch_of(state).dispatch].owes == {}
    state, events = after(state, joining(_situation(state, "late"), at=T0 + timedelta(hours=9)))
    (met,) = (e.data for e in events if isinstance(e.data, ObligationMet))
    assert met.late
    assert met.next is not None


def test_a_time_capped_order_prompts_the_next_authority_and_then_ends() -> None:
    """Pitfall 15 (Border Law art. 11): the prompt comes before the end, and the end needs nobody to notice it."""
    cap = OrderCap(lasts=timedelta(hours=12), prompt_before=timedelta(hours=1), next=(PROVINCE,))
    state, _ = after(None, opening(assignment(COMMUNE, order=cap)))
    state, _ = after(state, acknowledging(dispatch_of(state)))
    prompt, end = sorted(state.unmet, key=lambda owed: owed.due)
    assert (prompt.due, end.due) == (T0 + timedelta(hours=11), T0 + timedelta(hours=12))
    state, events = after(state, ReachDeadline(prompt.obligation, prompt.due, uid("prompt")))
    assert names(events) == ["OrderPrompted", "DispatchIssued"]
    asked = dispatch_of(state, PROVINCE)
    assert asked.role is Role.DIRECT
    again = decision(assignment(PROVINCE), assignment(COMMUNE, Role.COORDINATE))
    state, events = after(state, ReachDeadline(end.obligation, end.due, uid("end"), again))
    assert names(events)[:2] == ["DispatchLapsed", "IncidentRedecided"]
    assert state.lead == PROVINCE
    assert decide(state, ReachDeadline(end.obligation, end.due, uid("end"), again)) == ()


def test_a_lapsed_order_stands_as_lapsed_where_nobody_else_is_named() -> None:
    cap = OrderCap(lasts=timedelta(hours=12), prompt_before=timedelta(hours=1), next=())
    state, _ = after(None, opening(assignment(COMMUNE, order=cap)))
    end = max(state.unmet, key=lambda owed: owed.due)
    state, events = after(state, ReachDeadline(end.obligation, end.due, uid("end")))
    assert names(events) == ["DispatchLapsed"]
    assert state.dispatches[dispatch_of(state).dispatch].standing is Standing.LAPSED
