"""Decides what becomes of a duty: taken, put off, declined, handed over, done. It never belongs to nobody."""

from collections.abc import Iterator
from typing import Final

from contracts.actions import Accept, Complete, Decline, Defer, Transfer
from contracts.codes import Change, Role
from contracts.course import LeadTransferred
from contracts.decisions import Addressee, Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.identifiers import derived_id
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchCompleted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchReleased,
    DispatchTransferred,
    DispatchWithdrawn,
)
from contracts.problems import Problem, ProblemCode
from services.routing.incident.authority import Asked, asked_by, may_receive
from services.routing.incident.commands import Act, Refused
from services.routing.incident.issuing import Instead, duty_of, issue, matter_of
from services.routing.incident.ladder import Outcome, acknowledged, act_cause, by_desk, excused
from services.routing.incident.recording import IncidentEvent, course_event, dispatch_event
from services.routing.incident.state import Dispatch, Incident, Standing
from services.routing.incident.telling import tell

_FORWARDED: Final = frozenset({Standing.DECLINED, Standing.HANDING_OVER})


def accept(state: Incident, held: Dispatch, command: Act, action: Accept) -> Outcome:
    """The desk takes it. Whoever forwarded it is released; what the desk itself had forwarded is taken back."""
    if missing := _missing_consents(state, held, action):
        names = ", ".join(f"{desk.agency}/{desk.desk}" for desk in missing)
        return Refused(Problem(code=ProblemCode.ACTION_CONSENT_MISSING, field="oral_consents"), names[:200])
    data = DispatchAccepted(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        late=_late(held, command),
        part=action.part,
        note=action.note,
        oral_consents=action.oral_consents,
    )
    return (
        *acknowledged(state, held, command, action),
        by_desk(state, command, data),
        *_taken_back(state, held, command),
        *_released(state, held, command),
        *_lead_taken(state, held, command),
    )


def defer(state: Incident, held: Dispatch, command: Act, action: Defer) -> Outcome:
    """The desk names the time by which it will decide; that replaces the time the rule gave."""
    if action.until <= command.at:
        return Refused(Problem(code=ProblemCode.TIME_INVALID, field="until"))
    owed = held.owing(ObligationKind.DECIDE)
    data = DispatchDeferred(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
        obligation=Obligation(
            obligation=derived_id(action.dispatch, ObligationKind.DECIDE, action.action),
            kind=ObligationKind.DECIDE,
            due=action.until,
            basis=held.issued.citation,
        ),
        excused=(owed.obligation,) if owed else (),
    )
    return (*acknowledged(state, held, command, action), by_desk(state, command, data))


def decline(state: Incident, held: Dispatch, command: Act, action: Decline) -> Outcome:
    """Declining forwards: to whom the desk names, else to the next of its chain. Consent is refused, not forwarded."""
    asks_consent = asked_by(held) is Asked.CONSENT
    target = None if asks_consent else action.forward_to or _next_of_chain(held)
    if not asks_consent and not may_receive(held, target, command):
        return Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DESK, field="forward_to"))
    following = _forward(state, held, target, command) if target else None
    data = DispatchDeclined(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
        text=action.text,
        next=following.data.dispatch if following else None,
        late=_late(held, command),
    )
    first = (*acknowledged(state, held, command, action), by_desk(state, command, data))
    return (*first, following) if following else first


def transfer(state: Incident, held: Dispatch, command: Act, action: Transfer) -> Outcome:
    """The desk keeps its duty until the other one accepts."""
    if not may_receive(held, action.to, command):
        return Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DESK, field="to"))
    following = _forward(state, held, action.to, command)
    data = DispatchTransferred(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        reason=action.reason,
        next=following.data.dispatch,
    )
    return (*acknowledged(state, held, command, action), by_desk(state, command, data), following)


def complete(state: Incident, held: Dispatch, command: Act, action: Complete) -> Outcome:
    """Nothing more is owed. A lead that is done still leads until the incident is closed or the lead handed over."""
    data = DispatchCompleted(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        summary=action.summary,
    )
    rest = (e for e in excused(state, held, "completed", act_cause(command)) if not _met_by_acknowledging(held, e))
    return (*acknowledged(state, held, command, action), *rest, by_desk(state, command, data))


def _met_by_acknowledging(held: Dispatch, event: IncidentEvent) -> bool:
    owed = held.owing(ObligationKind.ACKNOWLEDGE)
    return owed is not None and getattr(event.data, "obligation", None) == owed.obligation


def _late(held: Dispatch, command: Act) -> bool:
    """After the time in force, or after the first one where that was never answered and has fired."""
    first = next((o for o in held.issued.obligations if o.kind is ObligationKind.DECIDE), None)
    owed = held.owing(ObligationKind.DECIDE) or first
    return owed is not None and command.at > owed.due


def _missing_consents(state: Incident, held: Dispatch, action: Accept) -> tuple[Addressee, ...]:
    given = {
        d.desk
        for d in state.dispatches.values()
        if d.issued.consents_to == held.issued.dispatch and d.standing in {Standing.ACCEPTED, Standing.COMPLETED}
    }
    return tuple(desk for desk in held.issued.approvals if desk not in given | set(action.oral_consents))


def _next_of_chain(held: Dispatch) -> Addressee | None:
    return next((desk for desk in held.issued.escalation[held.asked :] if desk != held.desk), None)


def _forward(state: Incident, held: Dispatch, target: Addressee, command: Act) -> Event[DispatchIssued]:
    chain = tuple(desk for desk in held.issued.escalation[held.asked :] if desk != target)
    assignment = duty_of(held, target, held.issued.role, chain)
    instead = Instead(forwarded_from=held.issued.dispatch)
    return issue(matter_of(state, held), assignment, state.dispatches, act_cause(command), instead)


def _taken_back(state: Incident, held: Dispatch, command: Act) -> Iterator[IncidentEvent]:
    """The desk had forwarded it and now takes it after all: whoever was asked instead is asked no longer."""
    successor = held.successor
    while successor is not None:
        asked = state.dispatches[successor]
        if asked.in_force:
            yield from excused(state, asked, "withdrawn", act_cause(command))
            data = DispatchWithdrawn(dispatch=successor, incident=state.incident, reason="taken_back")
            yield dispatch_event(data, (state.space, state.incident, asked.desk), act_cause(command), successor)
        successor = asked.successor


def _released(state: Incident, held: Dispatch, command: Act) -> Iterator[IncidentEvent]:
    """Everybody who forwarded it, up to the first."""
    forwarder = held.issued.forwarded_from
    while forwarder is not None:
        before = state.dispatches[forwarder]
        if before.standing in _FORWARDED:
            yield from excused(state, before, "released", act_cause(command))
            data = DispatchReleased(dispatch=forwarder, incident=state.incident, by=held.issued.dispatch)
            yield dispatch_event(data, (state.space, state.incident, before.desk), act_cause(command), forwarder)
        forwarder = before.issued.forwarded_from


def _lead_taken(state: Incident, held: Dispatch, command: Act) -> Iterator[IncidentEvent]:
    if held.issued.role is not Role.LEAD or state.lead in (None, held.desk):
        return
    assert state.lead is not None  # noqa: S101  # said to the type checker
    cause = act_cause(command)
    data = LeadTransferred(incident=state.incident, giver=state.lead, taker=held.desk, dispatch=held.issued.dispatch)
    yield course_event(data, state.space, state.incident, cause)
    headline = f"{state.lead.agency} → {held.desk.agency}"
    yield from tell(state, Change.LEAD_CHANGED, cause, headline=headline, but={held.issued.dispatch})
