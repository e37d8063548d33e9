"""What happens to an incident as a whole: levels, lead, command on scene, merging and splitting, the end. All facts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import Disposition, Severity
from contracts.correlation import Correlation
from contracts.decisions import Addressee, Decision
from contracts.frozen import Contract
from contracts.reports import ReportRef, Scales
from contracts.text import Line, Paragraph


class LevelChanged(Contract):
    """The incident is graver or less grave than it was; `decision` says who is responsible now."""

    incident: UUID
    dispatch: UUID
    """The dispatch whose holder changed it."""
    action: UUID
    officer: Line | None = None
    severity: Severity
    scales: Scales
    reason: Paragraph
    decision: Decision


class IncidentRedecided(Contract):
    """Who is responsible was decided again, for a reason that no report and no desk brought."""

    incident: UUID
    because: Literal["order_lapsed"]
    decision: Decision


class LeadTransferred(Contract):
    """The lead passed from one desk to another by their own doing; at every instant exactly one desk leads."""

    incident: UUID
    giver: Addressee
    taker: Addressee
    dispatch: UUID
    """The taker's dispatch."""


class CommandHandedOver(Contract):
    """Command on scene passed on: from this fact on `taker` commands and `giver` is relieved."""

    incident: UUID
    dispatch: UUID
    action: UUID
    officer: Line | None = None
    giver: Line | None = None
    """Post and body of who commanded before; None for the first commander."""
    taker: Line
    since: AwareDatetime
    """When it happened on scene, as told; never before the previous hand-over."""


class MergeSuggested(Contract):
    """This incident is perhaps the same as another open one; people decide, nothing is merged by itself."""

    incident: UUID
    other: UUID
    correlation: Correlation
    told: tuple[Addressee, ...] = ()
    """The desks that may merge them and know both; none other hears of it, since it names another incident."""


class IncidentMerged(Contract):
    """This incident is part of another one; what follows happens there. Reversible: its reports never change."""

    incident: UUID
    into: UUID
    dispatch: UUID
    action: UUID
    officer: Line | None = None
    reason: Paragraph


class IncidentAbsorbed(Contract):
    """Another incident became part of this one."""

    incident: UUID
    absorbed: UUID
    reports: Annotated[tuple[ReportRef, ...], Field(min_length=1)]
    severity: Severity
    action: UUID
    decision: Decision
    """Who is responsible for both."""


class IncidentSplit(Contract):
    """A merge is undone: this incident stands for itself again, as it was."""

    incident: UUID
    out_of: UUID
    dispatch: UUID
    action: UUID
    officer: Line | None = None
    reason: Paragraph


class IncidentParted(Contract):
    """An incident that had become part of this one stands for itself again."""

    incident: UUID
    released: UUID
    action: UUID


class IncidentClosed(Contract):
    """Nothing is owed any longer."""

    incident: UUID
    dispatch: UUID
    action: UUID
    officer: Line | None = None
    disposition: Disposition
    summary: Paragraph


class IncidentReopened(Contract):
    """It was not over."""

    incident: UUID
    dispatch: UUID
    action: UUID
    officer: Line | None = None
    reason: Paragraph


CourseLifeData = (
    LevelChanged
    | IncidentRedecided
    | LeadTransferred
    | CommandHandedOver
    | MergeSuggested
    | IncidentMerged
    | IncidentAbsorbed
    | IncidentSplit
    | IncidentParted
    | IncidentClosed
    | IncidentReopened
)
"""Recorded under the course of the incident."""
