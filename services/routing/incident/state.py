"""Folds an incident's events into what is true of it now: who leads, holds and owes what. Decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.codes import Role, Severity, Space
from contracts.decisions import Addressee, Decision, Obligation, ObligationKind
from contracts.events import (
    DispatchAcknowledged,
    DispatchDelivered,
    DispatchEscalated,
    DispatchIssued,
    IncidentOpened,
    IncidentUpdated,
)
from contracts.reports import ReportRef
from contracts.taxonomy import Category
from services.routing.incident.recording import IncidentEvent

NAMED_REPORTS: Final = 20
"""How many reports a dispatch names: the first and the newest. The record of the incident names all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rung of the ladder that was reached: by which action, by whom, when."""

    action: UUID
    officer: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One desk's dispatch and how far up the ladder it is. Rungs are only ever added."""

    issued: DispatchIssued
    at: datetime
    correlation: UUID
    delivered: Mark | None = None
    acknowledged: Mark | None = None
    escalated: bool = False

    @property
    def owed(self) -> Obligation | None:
        """What it owes or owed: to acknowledge; None for a dispatch that only informs."""
        return {o.kind: o for o in self.issued.obligations}.get(ObligationKind.ACKNOWLEDGE)

    @property
    def within(self) -> timedelta:
        """How long the desk was given; zero where nothing is owed."""
        return timedelta() if (owed := self.owed) is None else owed.due - self.at

    @property
    def unmet(self) -> Obligation | None:
        """What it still owes: not acknowledged, and its deadline has not fired."""
        return None if self.acknowledged or self.escalated else self.owed


Holding = tuple[Addressee, Role]


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything deciding needs to know about one incident."""

    incident: UUID
    space: Space
    category: Category
    severity: Severity
    headline: str
    opened_at: datetime
    reports: tuple[ReportRef, ...]
    """The first and the newest joined reports, at most `NAMED_REPORTS`."""
    joined: frozenset[UUID]
    """The `ReportAccepted` events of all joined reports."""
    lead: Addressee | None
    """The one desk that leads; replaced only by a decision that names another, never by silence."""
    holdings: frozenset[Holding] = frozenset()
    """Who holds which roles. Roles add up; only the lead passes from one desk to another."""
    dispatches: Mapping[UUID, Dispatch] = field(default_factory=dict)
    obligations: Mapping[UUID, UUID] = field(default_factory=dict)
    """Obligation -> the dispatch that owes it."""

    @property
    def unmet(self) -> tuple[Obligation, ...]:
        """What is owed at this moment, in the order it was issued: the deadlines that must be scheduled."""
        return tuple(owed for dispatch in self.dispatches.values() if (owed := dispatch.unmet))


def lead_of(decision: Decision) -> Addressee | None:
    """The desk a decision names as lead."""
    return next((a.addressee for a in decision.assignments if a.role is Role.LEAD), None)


def kept(holdings: frozenset[Holding], decision: Decision) -> frozenset[Holding]:
    """The roles in force that a later decision leaves: all of them, except the lead of a desk it replaces as lead."""
    lead = lead_of(decision)
    if lead is None:
        return holdings
    return frozenset((desk, role) for desk, role in holdings if role is not Role.LEAD or desk == lead)


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
        return _opened(data, event.time)
    if state is None:
        raise ValueError(f"{event.type} of incident {event.incidentid} came before its opening")
    match data:
        case IncidentUpdated():
            return _updated(state, data)
        case DispatchIssued():
            return _issued(state, Dispatch(data, event.time, event.correlationid))
        case DispatchDelivered():
            held = state.dispatches[data.dispatch]
            return _with(state, replace(held, delivered=Mark(data.action, data.officer, event.time)))
        case DispatchAcknowledged():
            held = state.dispatches[data.dispatch]
            return _with(state, replace(held, acknowledged=Mark(data.action, data.officer, event.time)))
        case DispatchEscalated():
            return _with(state, replace(state.dispatches[data.dispatch], escalated=True))


def _opened(data: IncidentOpened, at: datetime) -> Incident:
    return Incident(
        incident=data.incident,
        space=data.space,
        category=data.category,
        severity=data.severity,
        headline=data.headline,
        opened_at=at,
        reports=(data.report,),
        joined=frozenset((data.report.event,)),
        lead=lead_of(data.decision),
    )


def _updated(state: Incident, data: IncidentUpdated) -> Incident:
    """The report is added; a decision that comes with it re-orders the roles."""
    reports = state.reports if len(state.reports) < NAMED_REPORTS else (state.reports[0], *state.reports[2:])
    decision = data.decision
    return replace(
        state,
        severity=data.severity,
        reports=(*reports, data.report),
        joined=state.joined | {data.report.event},
        lead=(decision and lead_of(decision)) or state.lead,
        holdings=kept(state.holdings, decision) if decision else state.holdings,
    )


def _issued(state: Incident, dispatch: Dispatch) -> Incident:
    issued = dispatch.issued
    return replace(
        state,
        holdings=state.holdings | {(issued.addressee, issued.role)},
        dispatches={**state.dispatches, issued.dispatch: dispatch},
        obligations={**state.obligations, **{o.obligation: issued.dispatch for o in issued.obligations}},
    )


def _with(state: Incident, dispatch: Dispatch) -> Incident:
    return replace(state, dispatches={**state.dispatches, dispatch.issued.dispatch: dispatch})
