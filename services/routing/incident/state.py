"""What is true of one incident now: who leads, who holds and owes what, how it stands. Decides and folds nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.codes import Role, Severity, Space
from contracts.decisions import Addressee, Decision, Discretion, Obligation, ObligationKind
from contracts.events import DispatchIssued
from contracts.reports import ReportRef, Scales
from contracts.taxonomy import Category
from services.routing.incident.told import NOTHING, Told

NAMED_REPORTS: Final = 20
"""How many reports a dispatch names: the first and the newest. The record of the incident names all."""


class Standing(StrEnum):
    """Whose duty a dispatch is. Until another desk has it, it stays with the desk that was asked."""

    OPEN = "open"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    """Forwarded; still answerable until somebody accepts."""
    HANDING_OVER = "handing_over"
    RELEASED = "released"
    COMPLETED = "completed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


REPORTS: Final = frozenset({ObligationKind.FIRST_REPORT, ObligationKind.FOLLOW_UP})
"""What a report meets."""
_GONE: Final = frozenset({Standing.RELEASED, Standing.WITHDRAWN})


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
    basis: tuple[str, str]
    """Regulation set and version by which it was issued."""
    owes: Mapping[UUID, Obligation]
    """What the desk owes at this moment."""
    delivered: Mark | None = None
    opened: Mark | None = None
    acknowledged: Mark | None = None
    decided: Mark | None = None
    standing: Standing = Standing.OPEN
    version: int = 0
    """How many decisions it has seen; an act made on fewer is refused with the current state."""
    acted: frozenset[UUID] = frozenset()
    """The actions that are on record: the same again adds nothing."""
    repeated: bool = False
    diverted: bool = False
    """Nobody was at the desk, and another one was told in addition, once."""
    escalated: bool = False
    asked: int = 0
    """How many desks of its chain were asked already or passed over."""
    missed: int = 0
    """Reports missing one after the other."""
    given_up: Obligation | None = None
    """The missing report that is asked for no longer; the next one that comes meets it."""
    merged: bool = False
    """Withdrawn because its incident became part of another one."""
    successor: UUID | None = None
    """The dispatch it was forwarded by."""

    @property
    def desk(self) -> Addressee:
        """Whose it is."""
        return self.issued.addressee

    @property
    def in_force(self) -> bool:
        """Whether its desk still has to do with it."""
        return self.standing not in _GONE

    @property
    def owed(self) -> Obligation | None:
        """By when it was to be acknowledged at first; None for a dispatch that only informs."""
        return next((o for o in self.issued.obligations if o.kind is ObligationKind.ACKNOWLEDGE), None)

    @property
    def withdrawn_by_merge(self) -> bool:
        """Whether only a merge took it out of force."""
        return self.standing is Standing.WITHDRAWN and self.merged

    def owing(self, kind: ObligationKind) -> Obligation | None:
        """What of this kind it owes now."""
        return next((owed for owed in self.owes.values() if owed.kind is kind), None)


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
    filed: Mapping[tuple[str, str, UUID], UUID]
    """Agency, unit and report -> the `ReportAccepted` event of every report joined."""
    basis: tuple[str, str]
    """Regulation set and version of the newest decision."""
    lead: Addressee | None
    """The one desk that leads; replaced by a decision that names another or by who accepts its duty, not by silence."""
    decided_lead: Addressee | None
    """Whom the regulation named last; while it names the same, a hand-over between desks stands."""
    scales: Scales
    began: datetime
    """From when an order that ends by law counts."""
    discretion: Discretion | None = None
    """From whom the newest decision keeps the exact position."""
    told: Told = NOTHING
    """What the desks that may know everything were told of it."""
    dispatches: Mapping[UUID, Dispatch] = field(default_factory=dict)
    obligations: Mapping[UUID, UUID] = field(default_factory=dict)
    """Obligation -> the dispatch that owes or owed it."""
    command: tuple[tuple[datetime, str], ...] = ()
    """Command on scene as a time series: since when, who. Each entry relieves the one before."""
    closed: bool = False
    merged_into: UUID | None = None
    absorbed: frozenset[UUID] = frozenset()
    suggested: frozenset[UUID] = frozenset()
    """The incidents that it was said to be perhaps."""
    settled: frozenset[UUID] = frozenset()
    """The actions on record here that no dispatch of this incident keeps: merges absorbed, splits on either side."""

    @property
    def over(self) -> bool:
        """Whether nothing is owed here: it was closed, or is part of another one."""
        return self.closed or self.merged_into is not None

    @property
    def joined(self) -> frozenset[UUID]:
        """The `ReportAccepted` events of all joined reports."""
        return frozenset(self.filed.values())

    @property
    def unmet(self) -> tuple[Obligation, ...]:
        """What is owed at this moment, in the order it was issued: the deadlines that must be scheduled."""
        return tuple(owed for dispatch in self.dispatches.values() for owed in dispatch.owes.values())

    @property
    def in_force(self) -> Iterator[Dispatch]:
        """The dispatches whose desks still have to do with it."""
        return (dispatch for dispatch in self.dispatches.values() if dispatch.in_force)

    @property
    def holdings(self) -> frozenset[Holding]:
        """Who holds which roles. Roles add up; only the lead passes from one desk to another."""
        held = ((d.desk, d.issued.role) for d in self.in_force)
        return frozenset((desk, role) for desk, role in held if role is not Role.LEAD or desk == self.lead)

    @property
    def leading(self) -> Dispatch | None:
        """The newest dispatch by which the lead leads."""
        held = [d for d in self.in_force if d.issued.role is Role.LEAD and d.desk == self.lead]
        return held[-1] if held else None


def lead_of(decision: Decision) -> Addressee | None:
    """The desk a decision names as lead."""
    return next((a.addressee for a in decision.assignments if a.role is Role.LEAD), None)
