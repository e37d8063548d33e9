"""What happens to an incident and its dispatches after routing: each rung, obligation, hand-over and ending a fact."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import Change, DeclineReason, Disposition, Misrouting, MisroutingAnswer, Severity
from contracts.decisions import Addressee, Decision, Obligation, ObligationKind
from contracts.frozen import Contract
from contracts.reports import Count, ReportRef, Scales
from contracts.text import Line, Paragraph, Token


class _OfDesk(Contract):
    """A fact of one dispatch that an officer on duty brought about."""

    dispatch: UUID
    incident: UUID
    action: UUID
    officer: Line | None = None
    """Role and post, never a person file."""


class DispatchOpened(_OfDesk):
    """Somebody looked at it."""


class DispatchAccepted(_OfDesk):
    """The desk takes the duty; `part` says which part of it where it does not take all."""

    late: bool
    """After the time given for deciding."""
    part: Paragraph | None = None
    note: Paragraph | None = None


class DispatchDeferred(_OfDesk):
    """The desk will decide later, by the time it names; `excused` are the obligations this replaces."""

    reason: Paragraph
    obligation: Obligation
    """To decide by the counter-deadline."""
    excused: tuple[UUID, ...]


class DispatchDeclined(_OfDesk):
    """The desk does not take it and names who should; it stays answerable until `next` is accepted."""

    reason: DeclineReason
    text: Paragraph
    next: UUID
    """The dispatch that forwards it."""
    late: bool


class DispatchTransferred(_OfDesk):
    """The desk hands its duty over; it keeps it until `next` is accepted."""

    reason: Paragraph
    next: UUID


class DispatchReleased(Contract):
    """Whoever it was forwarded to accepted: this desk is answerable no longer."""

    dispatch: UUID
    incident: UUID
    by: UUID
    """The accepted dispatch."""


class DispatchCompleted(_OfDesk):
    """What the desk owed is done."""

    summary: Paragraph


class DispatchCommented(_OfDesk):
    """A remark for the record."""

    text: Paragraph


class DispatchWithdrawn(Contract):
    """Nothing is asked of this desk any longer; what it did stays on record."""

    dispatch: UUID
    incident: UUID
    reason: Literal["taken_back", "merged", "closed"]


class DispatchUpdated(Contract):
    """The desk is told what changed in the incident; nothing is asked of it by this."""

    dispatch: UUID
    incident: UUID
    change: Change
    severity: Severity
    headline: Line
    report: ReportRef | None = None
    counts: tuple[Count, ...] = ()
    """The figures of that report, as its sender gave them."""
    text: Paragraph | None = None


class DispatchRepeated(Contract):
    """Nobody acknowledged in time: the desk is asked once more before the next one is."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    due: AwareDatetime
    repeat: Obligation


class ObligationMet(Contract):
    """A report that was owed has come; `next` is the one owed after it."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    kind: ObligationKind
    due: AwareDatetime
    late: bool
    by: UUID
    """The event that met it."""
    next: Obligation | None = None


class ObligationBreached(Contract):
    """What was owed did not come by its time: "report is missing — please send", with a new time to send it by."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    kind: ObligationKind
    due: AwareDatetime
    next: Obligation | None = None


class ObligationExcused(Contract):
    """It is owed no longer, for a reason that is not the desk's."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    kind: ObligationKind
    reason: Literal["other_desk_acknowledged", "withdrawn", "closed", "released"]


class MisrouteRaised(_OfDesk):
    """A desk objects to the rule that brought it this; the owner of the rules owes an answer."""

    finding: Misrouting
    text: Paragraph
    rule: Token
    set: Token
    set_version: Token
    owner: Addressee
    item: UUID
    """The dispatch that asks the owner to answer."""


class MisrouteAnswered(_OfDesk):
    """The owner of the rules answered an objection to this dispatch; `officer` is the owner's."""

    answer: MisroutingAnswer
    text: Paragraph
    late: bool


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


DispatchLifeData = (
    DispatchOpened
    | DispatchAccepted
    | DispatchDeferred
    | DispatchDeclined
    | DispatchTransferred
    | DispatchReleased
    | DispatchCompleted
    | DispatchCommented
    | DispatchWithdrawn
    | DispatchUpdated
    | DispatchRepeated
    | ObligationMet
    | ObligationBreached
    | ObligationExcused
    | MisrouteRaised
    | MisrouteAnswered
)
"""Recorded under the subject of one dispatch."""

CourseLifeData = (
    LevelChanged
    | LeadTransferred
    | CommandHandedOver
    | IncidentMerged
    | IncidentAbsorbed
    | IncidentSplit
    | IncidentParted
    | IncidentClosed
    | IncidentReopened
)
"""Recorded under the course of the incident."""
