"""Decides what a merge and its undoing change in both incidents. Reports never change, so both can be undone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from contracts.actions import Merge, Split
from contracts.codes import Change, Role
from contracts.course import IncidentAbsorbed, IncidentMerged, IncidentParted, IncidentSplit
from contracts.decisions import Assignment
from contracts.lifecycle import DispatchWithdrawn
from contracts.problems import Problem, ProblemCode
from contracts.reports import ReportRef, Sender
from services.routing.incident.authority import impossible, knows
from services.routing.incident.commands import Absorb, Act, Refused, Revive
from services.routing.incident.issuing import duty_of, issue, issue_all, matter_of
from services.routing.incident.ladder import Outcome, act_cause, excused
from services.routing.incident.opening import worse
from services.routing.incident.recording import Cause, IncidentEvent, course_event, dispatch_event
from services.routing.incident.responsibility import distinct, redecided
from services.routing.incident.state import Dispatch, Incident, Standing
from services.routing.incident.telling import tell
from services.routing.incident.told import NOTHING, Told

_DONE: Final = frozenset({Standing.COMPLETED, Standing.LAPSED})


def merge(state: Incident, held: Dispatch, command: Act, action: Merge) -> Outcome:
    """This incident ends here and goes on in the other one, which the desk must know by a dispatch of its own."""
    other = command.around.other
    if other is None or other.space is not state.space or not knows(other, command.sender):
        return Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="into"))
    if other.over or other.incident == state.incident or command.around.decision is None or state.absorbed:
        return impossible(state, held, "into")
    cause = act_cause(command)
    data = IncidentMerged(
        incident=state.incident,
        into=other.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
    )
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.MERGED, cause, headline=action.reason, told=Told(f"→ {other.incident}")),
        *(event for one in state.in_force if one.standing not in _DONE for event in _withdrawn(state, one, cause)),
    )


def absorb(state: Incident, command: Absorb) -> tuple[IncidentEvent, ...]:
    """The other incident's reports count here; whoever was asked there and is not named here is informed."""
    action, absorbed, decision = command.action, command.absorbed, command.decision
    if action.action in state.settled:
        return ()
    cause = Cause(action.action, action.action, command.submission, command.at)
    data = IncidentAbsorbed(
        incident=state.incident,
        absorbed=absorbed.incident,
        reports=_of(absorbed),
        severity=worse(state.severity, absorbed.severity),
        action=action.action,
        decision=decision,
    )
    like = state.leading or next(iter(state.dispatches.values()))
    other = NOTHING if absorbed.discretion else absorbed.told
    matter = replace(matter_of(state, like), severity=data.severity, told=state.told.after(other))
    issued = redecided(state, decision, matter, cause)
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.MERGED, cause, headline=action.reason, severity=data.severity, told=other),
        *issued,
        *_informed(state, absorbed, issued, cause),
    )


def split(state: Incident, held: Dispatch, command: Act, action: Split) -> Outcome:
    """What was merged into this incident stands for itself again; reports that came since stay here."""
    if action.released not in state.absorbed:
        return impossible(state, held, "released")
    cause = act_cause(command)
    data = IncidentParted(incident=state.incident, released=action.released, action=action.action)
    return (
        course_event(data, state.space, state.incident, cause),
        *tell(state, Change.SPLIT, cause, headline=action.reason, told=Told(f"→ {action.released}")),
    )


def revive(state: Incident, command: Revive) -> tuple[IncidentEvent, ...]:
    """Everybody whose dispatch the merge withdrew is asked anew, in the same times counted from now."""
    action = command.action
    if action.action in state.settled:
        return ()
    cause = Cause(action.action, action.action, command.submission, command.at)
    data = IncidentSplit(
        incident=state.incident,
        out_of=action.incident,
        dispatch=action.dispatch,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
    )
    again = [duty for held in state.dispatches.values() if (duty := _asked_anew(held)) is not None]
    like = next(iter(state.dispatches.values()))
    issued = issue_all(matter_of(state, like), distinct(again), state.dispatches, cause)
    return (course_event(data, state.space, state.incident, cause), *issued)


def _asked_anew(held: Dispatch) -> Assignment | None:
    """The duty that only the merge ended; what was asked beside a duty comes again with the duty itself."""
    if not held.withdrawn_by_merge or held.issued.consents_to or held.issued.objects_to:
        return None
    duty = duty_of(held, held.desk, held.issued.role, held.issued.escalation)
    return duty.model_copy(update={"approvals": held.issued.approvals, "any_one_of": held.issued.any_one_of})


def _of(absorbed: Incident) -> tuple[ReportRef, ...]:
    """Every report of the incident, not only those that a dispatch names."""
    return tuple(
        ReportRef(report=report, sender=Sender(agency=agency, unit=unit), event=event)
        for (agency, unit, report), event in absorbed.filed.items()
    )


def _withdrawn(state: Incident, held: Dispatch, cause: Cause) -> Iterator[IncidentEvent]:
    yield from excused(state, held, "withdrawn", cause)
    data = DispatchWithdrawn(dispatch=held.issued.dispatch, incident=state.incident, reason="merged")
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause, held.issued.dispatch)


def _informed(
    state: Incident, absorbed: Incident, issued: tuple[IncidentEvent, ...], cause: Cause
) -> Iterator[IncidentEvent]:
    here = {held.desk for held in state.in_force} | {getattr(event.data, "addressee", None) for event in issued}
    for held in absorbed.in_force:
        if held.desk not in here:
            here.add(held.desk)
            informed = duty_of(held, held.desk, Role.INFORM, ())
            yield issue(matter_of(state, held), informed, state.dispatches, cause)
