"""Decides what a report does: it opens an incident, or joins one and brings in whoever is newly responsible."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from contracts.codes import Role, Severity, Space, space_of
from contracts.decisions import Addressee, Assignment, Decision
from contracts.envelope import Event
from contracts.events import DispatchIssued, IncidentOpened, IncidentUpdated, ReportAccepted
from contracts.identifiers import derived_id
from contracts.reports import IncidentReport, ReportRef
from services.routing.incident.commands import Join, Open
from services.routing.incident.issuing import POSITION_UNKNOWN, Matter, issue, place_line
from services.routing.incident.recording import Cause, IncidentEvent, course_event
from services.routing.incident.state import Holding, Incident, kept, lead_of

_RANK: Final = {
    Severity.UNKNOWN: 0,
    Severity.MINOR: 1,
    Severity.MODERATE: 2,
    Severity.SEVERE: 3,
    Severity.EXTREME: 4,
}


_STRENGTH: Final = {
    Role.LEAD: 5,
    Role.COMMAND: 4,
    Role.DIRECT: 3,
    Role.COORDINATE: 2,
    Role.ADVISE: 2,
    Role.INFORM: 1,
}


def incident_id(report_event: Event[ReportAccepted]) -> UUID:
    """The incident this report opens, should it open one: known before deciding, the same on every redelivery."""
    return derived_id(report_event.id, "incident")


def open_incident(command: Open) -> tuple[IncidentEvent, ...]:
    """The incident and one dispatch per assignment.

    The decision is trusted to name at most one lead; of two assignments of one desk in one role the first counts.
    """
    source, decision = command.report_event, command.decision
    report, cause = source.data.report, _cause(source, command)
    matter = Matter(
        incident=incident_id(source),
        space=_space(source),
        category=decision.facts.category,
        severity=decision.facts.severity,
        headline=report.headline,
        place=command.place or place_line(report),
        reports=(_ref(source),),
    )
    opened = IncidentOpened(
        incident=matter.incident,
        space=matter.space,
        category=matter.category,
        severity=matter.severity,
        headline=matter.headline,
        report=matter.reports[0],
        decision=decision,
        sighting=command.sighting,
    )
    first = course_event(opened, matter.space, matter.incident, cause)
    return (first, *_issue_all(matter, _distinct(decision.assignments), (), cause))


def join_report(state: Incident, command: Join) -> tuple[IncidentEvent, ...]:
    """The report, and a dispatch for each desk or role that the decision adds; nobody is dropped, no deadline moves."""
    source, decision = command.report_event, command.decision
    if source.id in state.joined:
        return ()
    cause, added = _cause(source, command), _added(state, decision)
    updated = IncidentUpdated(
        incident=state.incident,
        report=_ref(source),
        correlation=command.correlation,
        severity=_worse(state.severity, source.data),
        decision=decision,
        sighting=command.sighting,
    )
    first = course_event(updated, state.space, state.incident, cause)
    matter = Matter(
        incident=state.incident,
        space=state.space,
        category=state.category,
        severity=updated.severity,
        headline=state.headline,
        place=_place(state, command),
        reports=(*state.reports, updated.report),
    )
    return (first, *_issue_all(matter, added, state.dispatches, cause))


def _issue_all(
    matter: Matter, assignments: Iterable[Assignment], taken: Iterable[UUID], cause: Cause
) -> list[Event[DispatchIssued]]:
    known = frozenset(taken)
    return [issue(matter, assignment, known, cause) for assignment in assignments]


def _added(state: Incident, decision: Decision | None) -> tuple[Assignment, ...]:
    """What the decision adds to the roles in force; a lead it replaces is told its further role in any case."""
    if decision is None:
        return ()
    stays, relieved = kept(state.holdings, decision), _relieved(state, decision)
    named = _distinct(decision.assignments)
    new = tuple(a for a in named if a.addressee == relieved or not _holds_as_much(stays, a))
    if relieved is None or any(a.addressee == relieved for a in named):
        return new
    return (*new, _coordinating(relieved, decision))


def _holds_as_much(stays: frozenset[Holding], assignment: Assignment) -> bool:
    """Whether the desk keeps this role or one that asks more of it: a weaker one would only be noise."""
    held = [role for desk, role in stays if desk == assignment.addressee]
    return any(role is assignment.role or _STRENGTH[role] > _STRENGTH[assignment.role] for role in held)


def _relieved(state: Incident, decision: Decision) -> Addressee | None:
    """The desk that leads now and no longer will."""
    return state.lead if lead_of(decision) not in (None, state.lead) else None


def _coordinating(former: Addressee, decision: Decision) -> Assignment:
    """A former lead the decision does not mention stays as coordinator, by the very rule that made another lead."""
    lead = next(a for a in decision.assignments if a.role is Role.LEAD)
    return lead.model_copy(update={"addressee": former, "role": Role.COORDINATE, "escalation": ()})


def _distinct(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    first: dict[tuple[object, Role], Assignment] = {}
    for assignment in assignments:
        first.setdefault((assignment.addressee, assignment.role), assignment)
    return tuple(first.values())


def _cause(source: Event[ReportAccepted], command: Open | Join) -> Cause:
    return Cause(origin=source.id, causation=source.id, correlation=source.correlationid, at=command.at)


def _space(source: Event[ReportAccepted]) -> Space:
    status = source.data.report.status
    if (space := space_of(status)) is None:
        raise ValueError(f"report event {source.id} has status {status}, which is never routed")
    return space


def _ref(source: Event[ReportAccepted]) -> ReportRef:
    return ReportRef(report=source.data.report.report, sender=source.data.sender, event=source.id)


def _worse(known: Severity, accepted: ReportAccepted) -> Severity:
    """The incident is as severe as its worst report: lowering a level is a decision of its own."""
    report = accepted.report
    claimed = report.severity if isinstance(report, IncidentReport) else Severity.UNKNOWN
    return max(known, claimed, key=_RANK.__getitem__)


def _place(state: Incident, command: Join) -> str:
    """The joined report's place, or that of the earlier dispatches where it gives none."""
    here = command.place or place_line(command.report_event.data.report)
    if here != POSITION_UNKNOWN or not state.dispatches:
        return here
    return next(iter(state.dispatches.values())).issued.place
