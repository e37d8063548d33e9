"""Folds an incident's facts, one after the other, into what is true of it. Decides nothing and refuses nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from contracts.course import (
    CommandHandedOver,
    IncidentAbsorbed,
    IncidentClosed,
    IncidentMerged,
    IncidentParted,
    IncidentRedecided,
    IncidentReopened,
    IncidentSplit,
    LeadTransferred,
    LevelChanged,
    MergeSuggested,
)
from contracts.decisions import Decision
from contracts.events import DispatchIssued, IncidentOpened, IncidentUpdated
from contracts.frozen import Contract
from contracts.lifecycle import DispatchUpdated
from contracts.reports import ReportRef
from services.routing.incident.climbing import climbed
from services.routing.incident.owing import owed_by
from services.routing.incident.recording import IncidentEvent
from services.routing.incident.state import NAMED_REPORTS, Dispatch, Incident, lead_of
from services.routing.incident.told import Told

_ByDesk = LevelChanged | CommandHandedOver | IncidentMerged | IncidentClosed | IncidentReopened


def fold(events: Iterable[IncidentEvent]) -> Incident | None:
    """The incident after these events in their recorded order; None before the first."""
    state: Incident | None = None
    for event in events:
        state = evolve(state, event)
    return state


def evolve(state: Incident | None, event: IncidentEvent) -> Incident:
    """The incident after one more of its events. Raises `ValueError` where its opening was not read first."""
    data = event.data
    if isinstance(data, IncidentOpened):
        return _opened(data, event)
    if state is None:
        raise ValueError(f"{event.type} of incident {event.incidentid} came before its opening")
    if isinstance(data, DispatchIssued):
        owes = {owed.obligation: owed for owed in owed_by(data)}
        return _told(_with(state, Dispatch(data, event.time, event.correlationid, state.basis, owes)), data, data)
    if (fold_in := _COURSE.get(type(data))) is not None:
        return fold_in(state, data)
    held = state.dispatches[data.dispatch]  # type: ignore[union-attr]  # every fact that is left is one of a dispatch
    state = _with(state, climbed(held, event))
    return _told(state, held.issued, data) if isinstance(data, DispatchUpdated) and data.report else state


def _opened(data: IncidentOpened, event: IncidentEvent) -> Incident:
    lead = lead_of(data.decision)
    return Incident(
        incident=data.incident,
        space=data.space,
        category=data.category,
        severity=data.severity,
        headline=data.headline,
        opened_at=event.time,
        reports=(data.report,),
        filed={_key(data.report): data.report.event},
        basis=(data.decision.set, data.decision.set_version),
        lead=lead,
        decided_lead=lead,
        scales=data.decision.facts.scales,
        began=data.decision.facts.restricted_from,
        discretion=data.decision.discretion,
    )


def _updated(state: Incident, data: IncidentUpdated) -> Incident:
    return _decided(replace(_joined(state, data.report), severity=data.severity), data.decision)


def _levelled(state: Incident, data: LevelChanged) -> Incident:
    return _decided(replace(_acted(state, data), severity=data.severity, scales=data.scales), data.decision)


def _commanded(state: Incident, data: CommandHandedOver) -> Incident:
    return replace(_acted(state, data), command=(*state.command, (data.since, data.taker)))


def _absorbed(state: Incident, data: IncidentAbsorbed) -> Incident:
    for report in data.reports:
        state = _joined(state, report)
    grown = replace(_settled(state, data.action), severity=data.severity, absorbed=state.absorbed | {data.absorbed})
    return _decided(grown, data.decision)


def _parted(state: Incident, data: IncidentParted) -> Incident:
    return replace(_settled(state, data.action), absorbed=state.absorbed - {data.released})


def _told(state: Incident, issued: DispatchIssued, said: DispatchIssued | DispatchUpdated) -> Incident:
    """With what a desk was told that may know everything; the others were told the same or less."""
    told = state.told.after(Told(said.text, said.counts or (), said.scene))
    return state if issued.withheld or told is state.told else replace(state, told=told)


def _settled(state: Incident, action: UUID) -> Incident:
    return replace(state, settled=state.settled | {action})


def _joined(state: Incident, report: ReportRef) -> Incident:
    reports = state.reports if len(state.reports) < NAMED_REPORTS else (state.reports[0], *state.reports[2:])
    return replace(state, reports=(*reports, report), filed={**state.filed, _key(report): report.event})


def _decided(state: Incident, decision: Decision | None) -> Incident:
    """A decision names a lead; while it names the same as before, a hand-over between desks stands."""
    if decision is None:
        return state
    state = replace(
        state,
        basis=(decision.set, decision.set_version),
        began=decision.facts.restricted_from,
        discretion=decision.discretion,
    )
    named = lead_of(decision)
    if named is None or named == state.decided_lead:
        return state
    return replace(state, lead=named, decided_lead=named)


def _acted(state: Incident, data: _ByDesk) -> Incident:
    held = state.dispatches[data.dispatch]
    return _with(state, replace(held, acted=held.acted | {data.action}))


def _with(state: Incident, dispatch: Dispatch) -> Incident:
    owed = dict.fromkeys(dispatch.owes, dispatch.issued.dispatch)
    return replace(
        state,
        dispatches={**state.dispatches, dispatch.issued.dispatch: dispatch},
        obligations=state.obligations if owed.keys() <= state.obligations.keys() else {**state.obligations, **owed},
    )


def _key(report: ReportRef) -> tuple[str, str, UUID]:
    return report.sender.agency, report.sender.unit, report.report


_COURSE: Final[dict[type[Contract], Callable[[Incident, Any], Incident]]] = {
    IncidentUpdated: _updated,
    LevelChanged: _levelled,
    IncidentRedecided: lambda state, data: _decided(state, data.decision),
    LeadTransferred: lambda state, data: replace(state, lead=data.taker),
    CommandHandedOver: _commanded,
    MergeSuggested: lambda state, data: replace(state, suggested=state.suggested | {data.other}),
    IncidentMerged: lambda state, data: replace(_acted(state, data), merged_into=data.into),
    IncidentAbsorbed: _absorbed,
    IncidentSplit: lambda state, data: replace(_settled(state, data.action), merged_into=None),
    IncidentParted: _parted,
    IncidentClosed: lambda state, data: replace(_acted(state, data), closed=True),
    IncidentReopened: lambda state, data: replace(_acted(state, data), closed=False),
}
