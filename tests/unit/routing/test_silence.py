"""What silence does to a dispatch: the desk is asked again, then the next of its chain, and the lead stays."""

from itertools import permutations

import pytest

from contracts.codes import EscalationStep, Role
from contracts.decisions import Addressee
from contracts.events import DispatchAcknowledged, DispatchEscalated, DispatchIssued
from contracts.lifecycle import DispatchRepeated
from services.routing.incident.commands import Act, Posts, ReachDeadline
from services.routing.incident.decide import Incident, decide
from services.routing.incident.recording import IncidentEvent
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    T0,
    TOP,
    acknowledging,
    after,
    assignment,
    decision,
    delivering,
    dispatch_of,
    joining,
    minutes,
    names,
    opening,
    report,
    silence,
    uid,
    unanswered,
)


@pytest.fixture
def state() -> Incident:
    """One incident led by the commune, with province and top desk behind it."""
    return after(None, opening(assignment(escalation=(PROVINCE, TOP))))[0]


def test_before_its_time_a_deadline_does_nothing(state: Incident) -> None:
    assert decide(state, silence(dispatch_of(state), after=-minutes(0.001))) == ()


def test_an_unknown_obligation_does_nothing(state: Incident) -> None:
    assert decide(state, ReachDeadline(uid("unknown"), T0 + minutes(999), uid("cause"))) == ()
    assert decide(None, ReachDeadline(uid("unknown"), T0 + minutes(999), uid("cause"))) == ()


def test_the_first_silence_asks_the_same_desk_once_more_in_half_the_time(state: Incident) -> None:
    silent = dispatch_of(state)
    state, events = after(state, silence(silent, after=minutes(2)))
    (repeated,) = (event.data for event in events)
    assert isinstance(repeated, DispatchRepeated)
    assert (repeated.obligation, repeated.due) == (silent.obligations[0].obligation, silent.obligations[0].due)
    assert repeated.repeat.due == T0 + minutes(17) + minutes(7.5)
    assert state.unmet == (repeated.repeat,)


def test_whoever_answers_the_repetition_is_late_and_escalates_nothing(state: Incident) -> None:
    silent = dispatch_of(state)
    state, _ = after(state, silence(silent))
    state, events = after(state, acknowledging(silent, at=T0 + minutes(16)))
    assert isinstance(events[0].data, DispatchAcknowledged)
    assert events[0].data.late
    assert state.unmet == ()


def test_silence_goes_to_the_next_desk_with_the_rest_of_the_chain_and_as_much_time(state: Incident) -> None:
    silent = dispatch_of(state)
    state, events = unanswered(state, silent, late=minutes(2))
    assert names(events) == ["DispatchEscalated", "DispatchIssued"]
    heir = dispatch_of(state, PROVINCE)
    assert isinstance(events[0].data, DispatchEscalated)
    assert (events[0].data.next, events[0].data.due) == (heir.dispatch, T0 + minutes(22.5))
    assert (heir.role, heir.escalated_from, heir.escalation) == (Role.DIRECT, silent.dispatch, (TOP,))
    assert heir.obligations[0].due == T0 + minutes(22.5 + 2) + minutes(15)
    assert (heir.rule, heir.citation) == (silent.rule, silent.citation)


def test_the_silent_lead_keeps_leading_until_relieved(state: Incident) -> None:
    """Decree 30/2017: breaks if escalation made a second lead or left the incident without one."""
    state, _ = unanswered(state, dispatch_of(state))
    assert state.lead == COMMUNE
    assert [role for _, role in state.holdings].count(Role.LEAD) == 1


def test_escalation_follows_the_incident_it_belongs_to(state: Incident) -> None:
    opened = opening().report_event
    _, events = after(state, silence(dispatch_of(state)))
    assert {e.correlationid for e in events} == {opened.correlationid}
    assert {e.causationid for e in events} == {silence(dispatch_of(state)).cause}


def test_the_sweep_and_the_scheduled_message_give_the_same_event_ids(state: Incident) -> None:
    """Breaks if ids came from the message instead of the obligation: two causes of one silence would be two facts."""
    hint = silence(dispatch_of(state))
    sweep = ReachDeadline(hint.obligation, hint.at, uid("sweep"))
    first, second = decide(state, hint), decide(state, sweep)
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert [e.id for e in first] == [e.id for e in second]


def test_a_deadline_fires_once(state: Incident) -> None:
    silent = dispatch_of(state)
    state, _ = after(state, silence(silent))
    assert decide(state, silence(silent)) == ()
    assert decide(state, silence(silent, after=minutes(60))) == ()


DEPUTY, COMMAND = (Addressee(agency=COMMUNE.agency, desk=desk) for desk in ("truc-pho", "truc-chi-huy"))


def _escalated(state: Incident, desk: Addressee, posts: Posts) -> tuple[Incident, DispatchEscalated]:
    """The silence of a desk to its end: asked again, then the next."""
    state, _ = after(state, silence(dispatch_of(state, desk)))
    (owed,) = state.dispatches[dispatch_of(state, desk).dispatch].owes.values()
    state, events = after(state, ReachDeadline(owed.obligation, owed.due, uid("due"), posts=posts))
    assert isinstance(events[0].data, DispatchEscalated)
    return state, events[0].data


def test_silence_climbs_every_step_of_the_chain_each_on_record_the_top_with_an_alarm() -> None:
    """Facts, section 6: repeat, deputy, duty commander, superior, top. Breaks when a step is lost or not told apart."""
    state, _ = after(None, opening(assignment(escalation=(DEPUTY, COMMAND, PROVINCE, TOP))))
    climbed = []
    for desk in (COMMUNE, DEPUTY, COMMAND, PROVINCE, TOP):
        state, escalated = _escalated(state, desk, Posts(COMMAND if desk.agency == COMMUNE.agency else None, TOP))
        climbed.append((escalated.step, escalated.absent, escalated.alarm))

    assert climbed == [
        (EscalationStep.DEPUTY, (), False),
        (EscalationStep.DUTY_COMMAND, (), False),
        (EscalationStep.SUPERIOR, (), False),
        (EscalationStep.TOP, (), True),
        (None, (), True),
    ]


@pytest.mark.parametrize(
    ("chain", "command", "step", "absent"),
    [
        ((PROVINCE, TOP), None, EscalationStep.SUPERIOR, (EscalationStep.DEPUTY, EscalationStep.DUTY_COMMAND)),
        ((COMMAND, TOP), COMMAND, EscalationStep.DUTY_COMMAND, (EscalationStep.DEPUTY,)),
        ((PROVINCE, TOP), COMMUNE, EscalationStep.SUPERIOR, (EscalationStep.DEPUTY,)),
        ((TOP,), None, EscalationStep.TOP, (EscalationStep.DEPUTY, EscalationStep.DUTY_COMMAND)),
    ],
)
def test_steps_that_the_register_names_nobody_for_are_left_out_and_said_so(
    chain: tuple[Addressee, ...],
    command: Addressee | None,
    step: EscalationStep,
    absent: tuple[EscalationStep, ...],
) -> None:
    state, _ = after(None, opening(assignment(escalation=chain)))
    _, escalated = _escalated(state, COMMUNE, Posts(command, TOP))

    assert (escalated.step, escalated.absent) == (step, absent)


def test_a_deputy_without_a_duty_command_behind_it_goes_to_the_superior_and_says_so() -> None:
    state, _ = after(None, opening(assignment(escalation=(DEPUTY, PROVINCE, TOP))))
    state, _ = _escalated(state, COMMUNE, Posts(None, TOP))
    _, escalated = _escalated(state, DEPUTY, Posts(None, TOP))

    assert (escalated.step, escalated.absent) == (EscalationStep.SUPERIOR, (EscalationStep.DUTY_COMMAND,))


def test_at_the_end_of_the_chain_the_silence_is_still_recorded(state: Incident) -> None:
    state, _ = unanswered(state, dispatch_of(state))
    state, _ = unanswered(state, dispatch_of(state, PROVINCE))
    state, events = unanswered(state, dispatch_of(state, TOP))
    assert names(events) == ["DispatchEscalated"]
    assert isinstance(events[0].data, DispatchEscalated)
    assert events[0].data.next is None
    assert state.unmet == ()


@pytest.mark.parametrize("role", [Role.LEAD, Role.COMMAND, Role.DIRECT])
def test_a_desk_in_charge_already_hears_which_of_its_desks_is_silent(role: Role) -> None:
    """Breaks if the leading province were passed over: it would never learn that its commune does not answer."""
    coordinating = assignment(POLICE, Role.COORDINATE, escalation=(PROVINCE, TOP))
    state, _ = after(None, opening(assignment(PROVINCE, role), coordinating))
    silent = dispatch_of(state, POLICE)
    state, events = unanswered(state, silent)
    assert isinstance(events[1].data, DispatchIssued)
    assert (events[1].data.addressee, events[1].data.role) == (PROVINCE, Role.DIRECT)
    assert events[1].data.escalated_from == silent.dispatch
    assert state.lead == (PROVINCE if role is Role.LEAD else None)


def test_a_chain_that_names_the_silent_desk_itself_goes_on_to_the_next() -> None:
    """Breaks if silence could be escalated to whoever was silent."""
    coordinating = assignment(POLICE, Role.COORDINATE, escalation=(POLICE, PROVINCE))
    state, _ = after(None, opening(assignment(), coordinating))
    state, _ = unanswered(state, dispatch_of(state, POLICE))
    assert dispatch_of(state, POLICE).role is Role.COORDINATE
    assert dispatch_of(state, PROVINCE).role is Role.DIRECT


def test_a_chain_of_the_silent_desk_alone_ends_and_says_so() -> None:
    state, _ = after(None, opening(assignment(escalation=(COMMUNE,))))
    _, events = unanswered(state, dispatch_of(state))
    assert (events[0].data.next, events[0].data.skipped) == (None, (COMMUNE,))  # type: ignore[union-attr]


@pytest.mark.parametrize("role", [Role.INFORM, Role.COORDINATE, Role.ADVISE])
def test_a_superior_that_was_only_told_is_not_passed_over(role: Role) -> None:
    """Breaks if any dispatch counted as enough: a province that was only informed would never hear of the silence."""
    state, _ = after(None, opening(assignment(escalation=(PROVINCE,)), assignment(PROVINCE, role)))
    state, _ = unanswered(state, dispatch_of(state))
    assert dispatch_of(state, PROVINCE).role is Role.DIRECT
    assert len(dispatch_of(state, PROVINCE).obligations) == 1


def test_a_late_answer_after_escalation_is_recorded_and_undoes_nothing(state: Incident) -> None:
    silent = dispatch_of(state)
    state, _ = unanswered(state, silent)
    state, events = after(state, acknowledging(silent, at=T0 + minutes(30)))
    assert isinstance(events[0].data, DispatchAcknowledged)
    assert events[0].data.late
    assert state.dispatches[silent.dispatch].escalated
    assert [o.obligation for o in state.unmet] == [dispatch_of(state, PROVINCE).obligations[0].obligation]


def test_an_answer_recorded_first_leaves_nothing_to_escalate_even_when_late(state: Incident) -> None:
    silent = dispatch_of(state)
    state, _ = after(state, acknowledging(silent, at=T0 + minutes(20)))
    assert decide(state, silence(silent, after=minutes(10))) == ()


def test_answer_delivery_and_deadline_have_one_outcome_in_each_order(state: Incident) -> None:
    """Breaks if any order recorded a rung twice, lost the answer, or asked again after an answer."""
    sent = dispatch_of(state)
    answer, deadline = acknowledging(sent, at=T0 + minutes(16)), silence(sent, after=minutes(1))
    commands: tuple[Act | ReachDeadline, ...] = (delivering(sent), answer, deadline)
    for order in permutations(commands * 2):
        here: Incident = state
        log: list[IncidentEvent] = []
        for command in order:
            here, events = after(here, command)
            log += events
        recorded = names(log)
        answered_first = order.index(answer) < order.index(deadline)
        assert recorded.count("DispatchAcknowledged") == 1
        assert recorded.count("DispatchRepeated") == (0 if answered_first else 1)
        assert len({e.id for e in log}) == len(log)


def test_a_role_brought_by_escalation_survives_later_decisions(state: Incident) -> None:
    state, _ = unanswered(state, dispatch_of(state))
    later = decision(assignment(), assignment(PROVINCE, Role.DIRECT))
    state, events = after(state, joining(report(2), later, at=T0 + minutes(30)))
    assert set(names(events)) == {"IncidentUpdated", "DispatchUpdated"}
    assert (PROVINCE, Role.DIRECT) in state.holdings
