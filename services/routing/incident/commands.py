"""What an incident can be asked (open, join a report, act, reach a deadline), and how an act is refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.actions import Action
from contracts.decisions import Addressee, Decision
from contracts.envelope import Event
from contracts.events import Correlation, ReportAccepted, Sighting
from contracts.problems import Problem


@dataclass(frozen=True, slots=True)
class Open:
    """Start an incident from a report that belongs to none."""

    report_event: Event[ReportAccepted]
    decision: Decision
    at: datetime
    """When the message being handled was stored; never a clock."""
    place: str | None = None
    """Where it is, in words from the register; without it the report's own words or figures are used."""
    sighting: Sighting | None = None
    """By what a later report is recognised as one about this incident; recorded, so a restart forgets nothing."""


@dataclass(frozen=True, slots=True)
class Join:
    """Add a further report to the incident; `decision` only where the report changed the facts."""

    report_event: Event[ReportAccepted]
    correlation: Correlation
    decision: Decision | None
    at: datetime
    place: str | None = None
    sighting: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What a desk did; `sender` is the desk the server authenticated, whatever the body says."""

    action: Action
    sender: Addressee
    submission: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ReachDeadline:
    """The due time of an obligation has come; `cause` is the message that says so, and only a hint."""

    obligation: UUID
    at: datetime
    cause: UUID


Command = Open | Join | Act | ReachDeadline


@dataclass(frozen=True, slots=True)
class Refused:
    """The act is not this desk's to do or not possible now; nothing changed."""

    problem: Problem
    current_state: str | None = None
