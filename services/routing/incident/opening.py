"""Decides what a report does: it opens an incident or joins one, is told to all who hold it, meets what is owed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from uuid import UUID

from contracts.codes import Change, MsgType, Severity, Space, space_of
from contracts.decisions import Discretion, Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import IncidentOpened, IncidentUpdated, ReportAccepted
from contracts.identifiers import derived_id
from contracts.lifecycle import ObligationMet
from contracts.reports import IncidentReport, ReportRef, SituationReport
from services.routing.incident.commands import Join, Open
from services.routing.incident.discretion import whole
from services.routing.incident.issuing import Matter, further, issue_all
from services.routing.incident.places import POSITION_UNKNOWN, place_line
from services.routing.incident.recording import Cause, IncidentEvent, course_event, dispatch_event
from services.routing.incident.responsibility import distinct, redecided
from services.routing.incident.state import REPORTS, Dispatch, Incident
from services.routing.incident.telling import tell
from services.routing.incident.told import told_of

_RANK: Final = {
    Severity.UNKNOWN: 0,
    Severity.MINOR: 1,
    Severity.MODERATE: 2,
    Severity.SEVERE: 3,
    Severity.EXTREME: 4,
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
        place=_line(command, decision.discretion),
        reports=(_ref(source),),
        began=decision.facts.restricted_from,
        told=told_of(report),
        scales=decision.facts.scales,
        discretion=decision.discretion,
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
    return (first, *issue_all(matter, distinct(decision.assignments), (), cause))


def join_report(state: Incident, command: Join) -> tuple[IncidentEvent, ...]:
    """The report, told to all who hold the incident; who is newly responsible is added, nobody dropped."""
    source, report = command.report_event, command.report_event.data.report
    if source.id in state.joined:
        return ()
    cause, ref = _cause(source, command), _ref(source)
    rule = command.decision.discretion if command.decision else state.discretion
    updated = IncidentUpdated(
        incident=state.incident,
        report=ref,
        correlation=command.correlation,
        severity=worse(state.severity, _claimed(source.data)),
        decision=command.decision,
        sighting=command.sighting,
        supersedes=_superseded(state, source.data),
        withdrawn=report.msg_type is MsgType.CANCEL,
    )
    matter = Matter(
        incident=state.incident,
        space=state.space,
        category=state.category,
        severity=updated.severity,
        headline=state.headline,
        place=_place(state, command, rule),
        reports=(*state.reports, ref),
        began=command.decision.facts.restricted_from if command.decision else state.began,
        told=state.told.after(told_of(report)),
        scales=command.decision.facts.scales if command.decision else state.scales,
        discretion=rule,
    )
    return (
        course_event(updated, state.space, state.incident, cause),
        *_told(replace(state, discretion=rule), updated, source.data, cause),
        *_met(state, source, cause),
        *redecided(state, command.decision, matter, cause),
    )


def worse(known: Severity, claimed: Severity) -> Severity:
    """The incident is as severe as its worst report: lowering a level is a decision of its own."""
    return max(known, claimed, key=_RANK.__getitem__)


def _told(state: Incident, updated: IncidentUpdated, accepted: ReportAccepted, cause: Cause) -> Iterator[IncidentEvent]:
    report = accepted.report
    if updated.withdrawn:
        change = Change.REPORT_WITHDRAWN
    elif updated.supersedes:
        change = Change.REPORT_CORRECTED
    elif isinstance(report, SituationReport):
        change = Change.SITUATION_REPORT
    else:
        change = Change.REPORT_JOINED
    yield from tell(
        state,
        change,
        cause,
        headline=report.headline,
        severity=updated.severity,
        report=updated.report,
        told=told_of(report),
    )


def _met(state: Incident, source: Event[ReportAccepted], cause: Cause) -> Iterator[IncidentEvent]:
    """A report of an agency meets what its desks owed, and the next one is owed from then on."""
    for held in state.in_force:
        if held.desk.agency != source.data.sender.agency or state.over:
            continue
        open_ones = [owed for owed in held.owes.values() if owed.kind in REPORTS]
        for owed in open_ones or ([held.given_up] if held.given_up else []):
            data = ObligationMet(
                dispatch=held.issued.dispatch,
                incident=state.incident,
                obligation=owed.obligation,
                kind=owed.kind,
                due=owed.due,
                late=cause.at > owed.due,
                by=source.id,
                next=_next(held, owed, cause),
            )
            yield dispatch_event(data, (state.space, state.incident, held.desk), cause, owed.obligation)


def _next(held: Dispatch, owed: Obligation, cause: Cause) -> Obligation | None:
    if held.issued.follow_up_every is None:
        return None
    return further(owed, ObligationKind.FOLLOW_UP, cause.at + held.issued.follow_up_every, str(cause.origin))


def _superseded(state: Incident, accepted: ReportAccepted) -> tuple[UUID, ...]:
    """The events of the sender's own earlier reports that this one corrects or takes back."""
    report, sender = accepted.report, accepted.sender
    if report.msg_type not in (MsgType.UPDATE, MsgType.CANCEL):
        return ()
    keys = ((sender.agency, sender.unit, earlier) for earlier in report.references)
    return tuple(state.filed[key] for key in keys if key in state.filed)


def _cause(source: Event[ReportAccepted], command: Open | Join) -> Cause:
    return Cause(origin=source.id, causation=source.id, correlation=source.correlationid, at=command.at)


def _space(source: Event[ReportAccepted]) -> Space:
    status = source.data.report.status
    if (space := space_of(status)) is None:
        raise ValueError(f"report event {source.id} has status {status}, which is never routed")
    return space


def _ref(source: Event[ReportAccepted]) -> ReportRef:
    return ReportRef(report=source.data.report.report, sender=source.data.sender, event=source.id)


def _claimed(accepted: ReportAccepted) -> Severity:
    report = accepted.report
    return report.severity if isinstance(report, IncidentReport) else Severity.UNKNOWN


def _line(command: Open | Join, rule: Discretion | None) -> str:
    """The area in the register's words, else the report's own; of a protected place both, for whoever may know."""
    said = place_line(command.report_event.data.report)
    return command.place or said if rule is None else whole(command.place, said)


def _place(state: Incident, command: Join, rule: Discretion | None) -> str:
    """The joined report's place, or that of the earlier dispatches where it gives none."""
    here = _line(command, rule)
    if here != POSITION_UNKNOWN or not state.dispatches:
        return here
    return next(iter(state.dispatches.values())).issued.place
