"""Folds the course of an incident into series: who led, who commanded, how grave, which reports. It decides nothing.

The facts of the course are enough for it, so a list of incidents needs no fact of any dispatch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple
from uuid import UUID

from contracts.codes import Disposition, Severity
from contracts.course import (
    CommandHandedOver,
    IncidentAbsorbed,
    IncidentClosed,
    IncidentMerged,
    IncidentParted,
    IncidentReopened,
    IncidentSplit,
    LeadTransferred,
    LevelChanged,
)
from contracts.decisions import Addressee
from contracts.events import IncidentOpened, IncidentUpdated
from contracts.reports import ReportRef, Scales
from services.routing.incident.recording import IncidentEvent
from services.routing.incident.state import lead_of


class Recorded(NamedTuple):
    """One fact, and when the stream stored it: from then on it could be known, whenever it happened."""

    event: IncidentEvent
    at: datetime


class State(StrEnum):
    """Whether anything can still be owed in an incident."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Term:
    """Who led, from when up to and not including when; None: still."""

    desk: Addressee
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """Who commanded on scene, from when to when, as it was told."""

    who: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """One report of the incident, and what became of it."""

    ref: ReportRef
    at: datetime
    absorbed_with: UUID | None = None
    """The merged incident that brought it."""
    superseded_by: UUID | None = None
    """The `ReportAccepted` event of the report by which its sender corrected it or took it back."""
    taken_back: bool = False
    """That report only takes it back."""
    only_withdraws: bool = False
    """It is itself such a report: it says nothing of its own."""

    @property
    def counts(self) -> bool:
        """Whether its figures still stand."""
        return self.superseded_by is None and not self.only_withdraws


@dataclass(frozen=True, slots=True)
class History:
    """The incident as a whole, at the end of the facts that were folded."""

    opened: IncidentOpened
    opened_at: datetime
    severity: Severity
    scales: Scales
    leads: tuple[Term, ...] = ()
    """In order, each beginning where the one before ends."""
    decided_lead: Addressee | None = None
    command: tuple[Command, ...] = ()
    reports: tuple[Joined, ...] = ()
    closed: Disposition | None = None
    closed_at: datetime | None = None
    merged_into: UUID | None = None

    @property
    def state(self) -> State:
        """How it stands."""
        if self.merged_into is not None:
            return State.MERGED
        return State.OPEN if self.closed is None else State.CLOSED

    @property
    def lead(self) -> Addressee | None:
        """Who leads at the end."""
        return self.leads[-1].desk if self.leads else None


def up_to(facts: Iterable[Recorded], at: datetime) -> Iterator[Recorded]:
    """What the stream held at that instant."""
    return takewhile(lambda one: one.at <= at, facts)


def history(facts: Iterable[Recorded]) -> History | None:
    """The series of these facts in stream order; None before the opening. Facts of dispatches change nothing."""
    held: History | None = None
    for fact in facts:
        held = _opened(fact) if held is None else _after(held, fact)
    return held


def _opened(fact: Recorded) -> History | None:
    data = fact.event.data
    if not isinstance(data, IncidentOpened):
        return None
    begun = History(
        opened=data,
        opened_at=fact.at,
        severity=data.severity,
        scales=data.decision.facts.scales,
        reports=(Joined(data.report, fact.at),),
    )
    return _decided(begun, fact)


def _after(held: History, fact: Recorded) -> History:  # noqa: PLR0911  # one line per fact
    held = _decided(held, fact)
    match fact.event.data:
        case IncidentUpdated() as data:
            return replace(held, severity=data.severity, reports=_joined(held.reports, data, fact.at))
        case LevelChanged() as data:
            return replace(held, severity=data.severity, scales=data.scales)
        case LeadTransferred() as data:
            return _led_by(held, data.taker, fact.at)
        case CommandHandedOver() as data:
            return replace(held, command=_commanded(held.command, data))
        case IncidentAbsorbed() as data:
            return replace(held, severity=data.severity, reports=_absorbed(held.reports, data, fact.at))
        case IncidentParted() as data:
            kept = tuple(one for one in held.reports if one.absorbed_with != data.released)
            return replace(held, reports=kept)
        case _:
            return _ended(held, fact)


def _ended(held: History, fact: Recorded) -> History:
    match fact.event.data:
        case IncidentMerged() as data:
            return replace(held, merged_into=data.into)
        case IncidentSplit():
            return replace(held, merged_into=None)
        case IncidentClosed() as data:
            return replace(held, closed=data.disposition, closed_at=fact.at)
        case IncidentReopened():
            return replace(held, closed=None, closed_at=None)
        case _:
            return held


def _decided(held: History, fact: Recorded) -> History:
    """A decision names a lead; while it names the same as before, a hand-over between desks stands."""
    decision = getattr(fact.event.data, "decision", None)
    named = None if decision is None else lead_of(decision)
    if named is None or named == held.decided_lead:
        return held
    return replace(_led_by(held, named, fact.at), decided_lead=named)


def _led_by(held: History, desk: Addressee, at: datetime) -> History:
    if held.lead == desk:
        return held
    ended = (replace(held.leads[-1], until=at),) if held.leads else ()
    return replace(held, leads=(*held.leads[:-1], *ended, Term(desk, at)))


def _commanded(series: tuple[Command, ...], data: CommandHandedOver) -> tuple[Command, ...]:
    relieved = (replace(series[-1], until=data.since),) if series else ()
    return (*series[:-1], *relieved, Command(data.taker, data.since))


def _joined(reports: tuple[Joined, ...], data: IncidentUpdated, at: datetime) -> tuple[Joined, ...]:
    by = data.report.event
    marked = tuple(
        replace(one, superseded_by=by, taken_back=data.withdrawn) if one.ref.event in data.supersedes else one
        for one in reports
    )
    return (*marked, Joined(data.report, at, only_withdraws=data.withdrawn))


def _absorbed(reports: tuple[Joined, ...], data: IncidentAbsorbed, at: datetime) -> tuple[Joined, ...]:
    known = {one.ref.event for one in reports}
    new = (ref for ref in data.reports if ref.event not in known)
    return (*reports, *(Joined(ref, at, absorbed_with=data.absorbed) for ref in new))
