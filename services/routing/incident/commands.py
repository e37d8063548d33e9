"""What an incident can be asked: open, join a report, act, reach a deadline, merge; and how an act is refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.actions import Action, Merge, Split
from contracts.correlation import Correlation
from contracts.decisions import Addressee, Decision
from contracts.envelope import Event
from contracts.events import ReportAccepted, Sighting
from contracts.problems import Problem

if TYPE_CHECKING:
    from services.routing.incident.state import Incident


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
class Around:
    """What an act needs to know from outside its incident."""

    decision: Decision | None = None
    """Who is responsible at the level, or for the merged incidents, that the act asks for."""
    other: "Incident | None" = None
    """The other incident that a merge or split names."""
    owner: Addressee | None = None
    """Who answers for the rules."""
    reachable: bool = True
    """Whether the desk that the act names exists today."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a desk did; `sender` is the desk the server authenticated, whatever the body says."""

    action: Action
    sender: Addressee
    submission: UUID
    at: datetime
    around: Around = Around()


@dataclass(frozen=True, slots=True)
class Absorb:
    """Take in an incident whose holder decided that it is the same; follows the `Merge` that was not refused."""

    action: Merge
    absorbed: "Incident"
    decision: Decision
    submission: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Revive:
    """Stand for itself again; follows the `Split` that was not refused."""

    action: Split
    submission: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Posts:
    """What the desks of a chain are, as far as their addresses do not say it."""

    duty_command: Addressee | None = None
    """Who is in charge of the shift in the silent desk's agency; None where the register names nobody."""
    top: Addressee | None = None
    """The last desk of every chain."""


@dataclass(frozen=True, slots=True)
class ReachDeadline:
    """The due time of an obligation has come; `cause` is the message that says so, and only a hint."""

    obligation: UUID
    at: datetime
    cause: UUID
    decision: Decision | None = None
    """Who is responsible from now on, where an order that ends by law ends."""
    posts: Posts = Posts()


@dataclass(frozen=True, slots=True)
class Suggest:
    """Another open incident is perhaps the same; people decide."""

    other: "Incident"
    correlation: Correlation
    cause: UUID
    thread: UUID
    """What the causing fact belongs to."""
    at: datetime


Command = Open | Join | Act | Absorb | Revive | ReachDeadline | Suggest


@dataclass(frozen=True, slots=True)
class Refused:
    """The act is not this desk's to do or not possible now; nothing changed."""

    problem: Problem
    current_state: str | None = None
