"""Decides acts on the incident as a whole: its level, command on scene, its end and its beginning anew."""

from dataclasses import replace

from contracts.actions import Close, HandOverCommand, Reopen, SetLevel
from contracts.codes import Change, Role
from contracts.course import CommandHandedOver, IncidentClosed, IncidentReopened, LevelChanged
from contracts.problems import Problem, ProblemCode
from services.routing.incident.authority import impossible
from services.routing.incident.commands import Act, Refused
from services.routing.incident.issuing import duty_of, issue, matter_of
from services.routing.incident.ladder import Outcome, act_cause, excused
from services.routing.incident.recording import course_event
from services.routing.incident.responsibility import redecided
from services.routing.incident.state import Dispatch, Incident
from services.routing.incident.telling import tell
from services.routing.incident.told import Told


def set_level(state: Incident, held: Dispatch, command: Act, action: SetLevel) -> Outcome:
    """Up or down, with a reason; recipients are added or get further roles, earlier ones stay informed."""
    severity, scales = action.severity or state.severity, action.scales or state.scales
    decision = command.around.decision
    if decision is None or (severity, scales) == (state.severity, state.scales):
        return impossible(state, held, "severity")
    cause = act_cause(command)
    data = LevelChanged(
        incident=state.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        severity=severity,
        scales=scales,
        reason=action.reason,
        decision=decision,
    )
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.LEVEL_CHANGED, cause, headline=action.reason, severity=severity, scales=scales),
        *redecided(state, decision, replace(matter_of(state, held), severity=severity, scales=scales), cause),
    )


def hand_over_command(state: Incident, held: Dispatch, command: Act, action: HandOverCommand) -> Outcome:
    """From `since` on the taker commands and whoever did is relieved: no gap, and never two."""
    giver = state.command[-1] if state.command else None
    if action.since > command.at or (giver and action.since < giver[0]):
        return Refused(Problem(code=ProblemCode.TIME_INVALID, field="since"))
    if giver and giver[1] == action.taker:
        return impossible(state, held, "taker")
    cause = act_cause(command)
    data = CommandHandedOver(
        incident=state.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        giver=giver[1] if giver else None,
        taker=action.taker,
        since=action.since,
    )
    headline = f"{giver[1]} → {action.taker}" if giver else action.taker
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.COMMAND_CHANGED, cause, headline=headline),
    )


def close(state: Incident, command: Act, action: Close) -> Outcome:
    """Nothing is owed any longer; what was done stays on record."""
    cause = act_cause(command)
    data = IncidentClosed(
        incident=state.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        disposition=action.disposition,
        summary=action.summary,
    )
    return (
        course_event(data, state.space, state.incident, cause),
        *(event for held in state.in_force for event in excused(state, held, "closed", cause)),
        *tell(state, Change.CLOSED, cause, headline=action.summary, told=Told(action.summary)),
    )


def reopen(state: Incident, held: Dispatch, command: Act, action: Reopen) -> Outcome:
    """The lead is asked anew; everybody else is told."""
    leading = state.leading
    if leading is None:
        return impossible(state, held)
    cause = act_cause(command)
    data = IncidentReopened(
        incident=state.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
    )
    duty = duty_of(leading, leading.desk, Role.LEAD, leading.issued.escalation)
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.REOPENED, cause, headline=action.reason),
        issue(matter_of(state, leading), duty, state.dispatches, cause),
    )
