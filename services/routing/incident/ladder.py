"""Decides what a desk's act or its silence does to a dispatch: delivered, acknowledged, escalated. Each rung once."""

from datetime import datetime, timedelta, timezone
from typing import Final

from contracts.actions import Acknowledge, Deliver
from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, Obligation
from contracts.events import DispatchAcknowledged, DispatchDelivered, DispatchEscalated
from contracts.problems import Problem, ProblemCode
from services.routing.incident.commands import Act, ReachDeadline, Refused
from services.routing.incident.issuing import Matter, issue
from services.routing.incident.recording import Cause, IncidentEvent, dispatch_event
from services.routing.incident.state import Dispatch, Incident, Mark

UNKNOWN_DISPATCH: Final = Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="dispatch"))
_HANOI: Final = timezone(timedelta(hours=7))


def act(state: Incident, command: Act) -> tuple[IncidentEvent, ...] | Refused:
    """What the desk's act adds; nothing when it is on record already, refused when it is not this desk's to do."""
    action = command.action
    held = state.dispatches.get(action.dispatch)
    if held is None or not _is_theirs(state, held, command):
        return UNKNOWN_DISPATCH
    match action:
        case Deliver():
            return _deliver(state, held, command, action)
        case Acknowledge():
            return _acknowledge(state, held, command, action)
        case _:
            return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="type"))


def reach_deadline(state: Incident, command: ReachDeadline) -> tuple[IncidentEvent, ...]:
    """Silence at the due time goes to the next desk of the chain. The lead stays: it leads until relieved.

    A desk that leads or directs already is not passed over: it must hear which of its desks is silent.
    Whatever was recorded first stands: an obligation met earlier, even late, fires nothing.
    """
    dispatch = state.obligations.get(command.obligation)
    held = state.dispatches[dispatch] if dispatch else None
    if held is None or (owed := held.unmet) is None or command.at < owed.due:
        return ()
    return _escalate(state, held, owed, command)


def _is_theirs(state: Incident, held: Dispatch, command: Act) -> bool:
    action = command.action
    return held.issued.addressee == command.sender and action.incident == state.incident and action.space is state.space


def _deliver(state: Incident, held: Dispatch, command: Act, action: Deliver) -> tuple[IncidentEvent, ...]:
    """Once; a desk that has acknowledged needs no further proof of delivery."""
    if held.delivered or held.acknowledged:
        return ()
    data = DispatchDelivered(
        dispatch=action.dispatch, incident=state.incident, action=action.action, officer=action.officer
    )
    return (dispatch_event(data, (state.space, state.incident, command.sender), _act_cause(command), action.dispatch),)


def _acknowledge(
    state: Incident, held: Dispatch, command: Act, action: Acknowledge
) -> tuple[IncidentEvent, ...] | Refused:
    """Once, also after the silence was escalated: late is said, and the escalation stands."""
    if done := held.acknowledged:
        if done.action == action.action:
            return ()
        return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="type"), _already(done))
    data = DispatchAcknowledged(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        late=(owed := held.owed) is not None and command.at > owed.due,
        note=action.note,
    )
    return (dispatch_event(data, (state.space, state.incident, command.sender), _act_cause(command), action.dispatch),)


def _act_cause(command: Act) -> Cause:
    """An action has its own id, so the same action in another submission is still the same cause."""
    return Cause(command.action.action, command.action.action, command.submission, command.at)


def _already(done: Mark) -> str:
    when = f"{_local(done.at)}, {done.officer}" if done.officer else _local(done.at)
    return f"already acknowledged / đã xác nhận: {when}"[:200]


def _local(at: datetime) -> str:
    """For people: Vietnam has one time zone without summer time."""
    return at.astimezone(_HANOI).strftime("%Y-%m-%d %H:%M:%S +07:00")


def _escalate(state: Incident, held: Dispatch, owed: Obligation, command: ReachDeadline) -> tuple[IncidentEvent, ...]:
    # Derived from the obligation, not from the message: the scheduled one and the sweep must yield the same event.
    cause = Cause(command.obligation, command.cause, held.correlation, command.at)
    silent, chain = held.issued, held.issued.escalation
    passed = next((n for n, desk in enumerate(chain) if desk != silent.addressee), len(chain))
    following = None
    if passed < len(chain):
        heir = _heir(held, chain[passed], chain[passed + 1 :])
        following = issue(_matter(state, held), heir, state.dispatches, cause, silent.dispatch)
    data = DispatchEscalated(
        dispatch=silent.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        due=owed.due,
        next=following.data.dispatch if following else None,
        skipped=chain[:passed],
    )
    event = dispatch_event(data, (state.space, state.incident, silent.addressee), cause)
    return (event, following) if following else (event,)


def _heir(held: Dispatch, desk: Addressee, rest: tuple[Addressee, ...]) -> Assignment:
    """The silent desk's duty, by the same rule and in the same time, for the next desk."""
    silent = held.issued
    return Assignment(
        addressee=desk,
        role=Role.DIRECT,
        rule=silent.rule,
        sentence_vi=silent.sentence_vi,
        sentence_en=silent.sentence_en,
        citation=silent.citation,
        acknowledge_within=held.within,
        escalation=rest,
    )


def _matter(state: Incident, held: Dispatch) -> Matter:
    return Matter(
        incident=state.incident,
        space=state.space,
        category=state.category,
        severity=state.severity,
        headline=state.headline,
        place=held.issued.place,
        reports=state.reports,
    )
