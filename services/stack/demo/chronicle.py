"""What EVENTS says happened, folded fact by fact: the figures of the closing summary come from here. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import subjects
from contracts.codes import Role, Space
from contracts.decisions import Addressee, Decision
from contracts.envelope import Event
from contracts.events import (
    DispatchAcknowledged,
    DispatchDelivered,
    DispatchEscalated,
    DispatchIssued,
    IncidentOpened,
    IncidentUpdated,
    ReportAccepted,
    ReportRejected,
)
from contracts.lifecycle import DispatchAccepted
from services.stack.rehearsal.checking import Watch


@dataclass(slots=True)
class Chronicle:
    """Every fact up to one sequence of the stream."""

    sequence: int = 0
    """The last fact taken in."""
    ids: set[UUID] = field(default_factory=set)
    accepted: dict[UUID, Event[ReportAccepted]] = field(default_factory=dict)
    rejected: dict[UUID, Event[ReportRejected]] = field(default_factory=dict)
    opened: dict[UUID, Event[IncidentOpened]] = field(default_factory=dict)
    incident_of: dict[UUID, UUID] = field(default_factory=dict)
    """Accepted report (its event) -> incident."""
    led_by: dict[UUID, Addressee] = field(default_factory=dict)
    """Accepted report (its event) -> who leads once it was decided on."""
    leads: dict[UUID, Addressee] = field(default_factory=dict)
    """Incident -> who leads now."""
    issued: dict[UUID, Event[DispatchIssued]] = field(default_factory=dict)
    delivered: dict[UUID, Event[DispatchDelivered]] = field(default_factory=dict)
    acknowledged: dict[UUID, Event[DispatchAcknowledged]] = field(default_factory=dict)
    escalated: dict[UUID, Event[DispatchEscalated]] = field(default_factory=dict)
    """Obligation -> the silence about it."""
    taken: dict[UUID, Event[DispatchAccepted]] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    """Who leads and what is owed, followed on two tracks."""

    def take(self, event: Event[Any], sequence: int) -> None:
        """Adds one fact, in the order of the stream."""
        self.sequence = sequence
        self.ids.add(event.id)
        self.watch.take(event)
        match event.data:
            case ReportAccepted():
                self.accepted[event.id] = event
            case ReportRejected():
                self.rejected[event.id] = event
            case IncidentOpened() as data:
                self.opened[data.incident] = event
                self._report(data.report.event, data.incident, data.decision)
            case IncidentUpdated() as data:
                self._report(data.report.event, data.incident, data.decision)
            case _:
                self._dispatch(event)

    def unanswered(self, by: datetime) -> Iterator[UUID]:
        """Obligations that were due by then and that nothing has met, excused or followed up."""
        yield from (obligation for obligation in self.watch.lost() if self.watch.arisen[obligation].due <= by)

    def exercises(self) -> set[UUID]:
        """Accepted reports (their events) of the exercise space."""
        return {id_ for id_, e in self.accepted.items() if subjects.space_of_fact(e.subject) is Space.EXERCISE}

    def _report(self, report: UUID, incident: UUID, decision: Decision | None) -> None:
        self.incident_of[report] = incident
        if decision is not None:
            self.leads[incident] = lead_of(decision)
        self.led_by[report] = self.leads[incident]

    def _dispatch(self, event: Event[Any]) -> None:
        match event.data:
            case DispatchIssued() as data:
                self.issued[data.dispatch] = event
            case DispatchDelivered() as data:
                self.delivered[data.dispatch] = event
            case DispatchAcknowledged() as data:
                self.acknowledged[data.dispatch] = event
            case DispatchEscalated() as data:
                self.escalated[data.obligation] = event
            case DispatchAccepted() as data:
                self.taken[data.dispatch] = event
            case _:
                pass


def lead_of(decision: Decision) -> Addressee:
    """Who leads by this decision: every decision names one."""
    return next(assignment.addressee for assignment in decision.assignments if assignment.role is Role.LEAD)
