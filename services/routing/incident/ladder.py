"""Decides the rungs a desk climbs without deciding anything: delivered, opened, acknowledged, remarked. Each once."""

from collections.abc import Iterator

from contracts.actions import Acknowledge, Action, Comment, Deliver, Read
from contracts.decisions import ObligationKind
from contracts.events import DispatchAcknowledged, DispatchDelivered, IncidentEventData
from contracts.lifecycle import DispatchCommented, DispatchOpened, ObligationExcused
from contracts.problems import Problem, ProblemCode
from services.routing.incident.commands import Act, Refused
from services.routing.incident.recording import Cause, IncidentEvent, dispatch_event
from services.routing.incident.saying import already_acknowledged
from services.routing.incident.state import Dispatch, Incident

Outcome = tuple[IncidentEvent, ...] | Refused


def deliver(state: Incident, held: Dispatch, command: Act, action: Deliver) -> Outcome:
    """Once; a desk that has acknowledged needs no further proof of delivery."""
    if held.delivered or held.acknowledged:
        return ()
    data = DispatchDelivered(
        dispatch=action.dispatch, incident=state.incident, action=action.action, officer=action.officer
    )
    return (by_desk(state, command, data),)


def read(state: Incident, held: Dispatch, command: Act, action: Read) -> Outcome:
    """The first officer who looked at it counts."""
    if held.opened:
        return ()
    data = DispatchOpened(
        dispatch=action.dispatch, incident=state.incident, action=action.action, officer=action.officer
    )
    return (by_desk(state, command, data),)


def acknowledge(state: Incident, held: Dispatch, command: Act, action: Acknowledge) -> Outcome:
    """Once, also after the silence was escalated: late is said, and the escalation stands."""
    if held.acknowledged:
        problem = Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="type")
        return Refused(problem, already_acknowledged(held.acknowledged))
    return tuple(acknowledged(state, held, command, action, action.note))


def comment(state: Incident, command: Act, action: Comment) -> Outcome:
    """A remark for the record."""
    data = DispatchCommented(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        text=action.text,
    )
    return (by_desk(state, command, data),)


def acknowledged(
    state: Incident, held: Dispatch, command: Act, action: Action, note: str | None = None
) -> Iterator[IncidentEvent]:
    """That the desk has it, if that is not on record; where one answer is enough, the others owe none any longer."""
    if held.acknowledged:
        return
    data = DispatchAcknowledged(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        late=(owed := held.owed) is not None and command.at > owed.due,
        note=note,
    )
    yield by_desk(state, command, data)
    for other in state.in_force:
        if held.issued.any_one_of and other.issued.any_one_of == held.issued.any_one_of and other is not held:
            yield from excused(state, other, "other_desk_acknowledged", act_cause(command), ObligationKind.ACKNOWLEDGE)


def excused(
    state: Incident, held: Dispatch, reason: str, cause: Cause, kind: ObligationKind | None = None
) -> Iterator[IncidentEvent]:
    """What the dispatch owes, all of it or of one kind, is owed no longer."""
    for owed in held.owes.values():
        if kind in (None, owed.kind):
            data = ObligationExcused.model_validate(
                {
                    "dispatch": held.issued.dispatch,
                    "incident": state.incident,
                    "obligation": owed.obligation,
                    "kind": owed.kind,
                    "reason": reason,
                }
            )
            yield dispatch_event(data, (state.space, state.incident, held.desk), cause, owed.obligation)


def by_desk(state: Incident, command: Act, data: IncidentEventData) -> IncidentEvent:
    """A fact of the acting desk's own dispatch."""
    key = state.space, state.incident, command.sender
    return dispatch_event(data, key, act_cause(command), command.action.dispatch)


def act_cause(command: Act) -> Cause:
    """An action has its own id, so the same action in another submission is still the same cause."""
    return Cause(command.action.action, command.action.action, command.submission, command.at)
