"""Decides what a new decision of the regulation changes for the desks: who is added, who leads, who leads no longer."""

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, Decision
from contracts.lifecycle import DispatchReleased, DispatchWithdrawn
from services.routing.incident.issuing import Matter, issue_all
from services.routing.incident.ladder import excused
from services.routing.incident.recording import Cause, IncidentEvent, dispatch_event
from services.routing.incident.state import Holding, Incident, lead_of

_STRENGTH: Final = {
    Role.LEAD: 5,
    Role.COMMAND: 4,
    Role.DIRECT: 3,
    Role.COORDINATE: 2,
    Role.ADVISE: 2,
    Role.INFORM: 1,
}


def distinct(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """Of two assignments of one desk in one role the first counts."""
    first: dict[tuple[object, Role], Assignment] = {}
    for assignment in assignments:
        first.setdefault((assignment.addressee, assignment.role), assignment)
    return tuple(first.values())


def redecided(state: Incident, decision: Decision | None, matter: Matter, cause: Cause) -> tuple[IncidentEvent, ...]:
    """A dispatch for each desk or role that the decision adds; nobody is dropped, no deadline moves.

    While the regulation names the same lead as before, the one that leads by hand-over goes on leading.
    """
    if decision is None:
        return ()
    issued = tuple(issue_all(matter.under(decision), _added(state, decision), state.dispatches, cause))
    return (*issued, *_former_leads(state, decision, issued, cause))


def _added(state: Incident, decision: Decision) -> tuple[Assignment, ...]:
    """What the decision adds to the roles in force; a lead it replaces is told its further role in any case."""
    changes = _changes_lead(state, decision)
    stays = _kept(state, decision) if changes else state.holdings
    relieved = state.lead if changes else None
    named = [a for a in distinct(decision.assignments) if changes or a.role is not Role.LEAD]
    new = tuple(a for a in named if a.addressee == relieved or not _holds_as_much(stays, a))
    if relieved is None or any(a.addressee == relieved for a in named):
        return new
    return (*new, _coordinating(relieved, decision))


def _changes_lead(state: Incident, decision: Decision) -> bool:
    return lead_of(decision) not in (None, state.decided_lead, state.lead)


def _kept(state: Incident, decision: Decision) -> frozenset[Holding]:
    lead = lead_of(decision)
    return frozenset((desk, role) for desk, role in state.holdings if role is not Role.LEAD or desk == lead)


def _holds_as_much(stays: frozenset[Holding], assignment: Assignment) -> bool:
    """Whether the desk keeps this role or one that asks more of it: a weaker one would only be noise."""
    held = [role for desk, role in stays if desk == assignment.addressee]
    return any(role is assignment.role or _STRENGTH[role] > _STRENGTH[assignment.role] for role in held)


def _coordinating(former: Addressee, decision: Decision) -> Assignment:
    """A former lead the decision does not mention stays as coordinator, by the very rule that made another lead."""
    lead = next(a for a in decision.assignments if a.role is Role.LEAD)
    return lead.model_copy(
        update={
            "addressee": former,
            "role": Role.COORDINATE,
            "escalation": (),
            "decide_within": None,
            "first_report_within": None,
            "follow_up_every": None,
            "order": None,
            "approvals": (),
        }
    )


def _former_leads(
    state: Incident, decision: Decision, issued: Iterable[IncidentEvent], cause: Cause
) -> Iterator[IncidentEvent]:
    """Who led is released by the new lead's dispatch; whoever was only offered the lead is asked no longer."""
    if not _changes_lead(state, decision):
        return
    by = next((e.data.dispatch for e in issued if getattr(e.data, "role", None) is Role.LEAD), None)  # type: ignore[union-attr]
    for held in state.in_force:
        if held.issued.role is not Role.LEAD or by is None:
            continue
        dispatch, key = held.issued.dispatch, (state.space, state.incident, held.desk)
        if held.desk == state.lead:
            yield from excused(state, held, "released", cause)
            yield dispatch_event(
                DispatchReleased(dispatch=dispatch, incident=state.incident, by=by), key, cause, dispatch
            )
        else:
            yield from excused(state, held, "withdrawn", cause)
            gone = DispatchWithdrawn(dispatch=dispatch, incident=state.incident, reason="taken_back")
            yield dispatch_event(gone, key, cause, dispatch)
