"""What happens to a dispatch after it was issued: every rung, obligation, forwarding and objection is a fact."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import Change, DeclineReason, Misrouting, MisroutingAnswer, Severity
from contracts.correlation import Correlation
from contracts.decisions import Addressee, Obligation, ObligationKind
from contracts.frozen import Contract
from contracts.reports import Count, ReportRef, Scales
from contracts.scenes import Scene
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
    oral_consents: tuple[Addressee, ...] = ()
    """Consents that count although they are not in writing yet."""


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
    next: UUID | None = None
    """The dispatch that forwards it; None only where it asked for consent, which is refused."""
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
    scene: Scene | None = None
    """What that report says of the scene."""
    scales: Scales | None = None
    """The levels at which the incident stands from now on; None: as before."""
    other: UUID | None = None
    """The incident that this one perhaps is; one that the desk knows."""
    correlation: Correlation | None = None
    """Why."""


class DispatchRepeated(Contract):
    """Nobody acknowledged in time: the desk is asked once more before the next one is."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    due: AwareDatetime
    repeat: Obligation


class DispatchDiverted(Contract):
    """Nobody is at the desk: another one was told at once, in addition. The duty stays where it is."""

    dispatch: UUID
    incident: UUID
    reason: Literal["unstaffed", "offline"]
    next: UUID | None = None
    """The dispatch issued in addition; None where nobody of its chain is there either: an alarm."""
    passed: Annotated[int, Field(ge=0)]
    """How many desks of its chain this has used up; silence goes on after them."""


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
    reason: Literal["other_desk_acknowledged", "withdrawn", "closed", "released", "completed", "lapsed"]


class OrderPrompted(Contract):
    """What this desk ordered is about to end by law: `next` is the dispatch that asks the next authority."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    due: AwareDatetime
    next: UUID | None = None
    """None where the register knows no such authority: an alarm."""


class DispatchLapsed(Contract):
    """What this desk ordered has ended by law, whoever noticed."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    due: AwareDatetime


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
    | DispatchDiverted
    | ObligationMet
    | ObligationBreached
    | ObligationExcused
    | OrderPrompted
    | DispatchLapsed
    | MisrouteRaised
    | MisrouteAnswered
)
"""Recorded under the subject of one dispatch."""

_CHANGES_THE_DUTY = (
    DispatchAccepted,
    DispatchDeferred,
    DispatchDeclined,
    DispatchTransferred,
    DispatchReleased,
    DispatchCompleted,
    DispatchWithdrawn,
    DispatchLapsed,
    MisrouteAnswered,
)
_CHANGES_THE_MATTER = frozenset(
    {
        Change.LEVEL_CHANGED,
        Change.LEAD_CHANGED,
        Change.COMMAND_CHANGED,
        Change.MERGED,
        Change.SPLIT,
        Change.CLOSED,
        Change.REOPENED,
    }
)


def counts_as_decision(data: Contract) -> bool:
    """Whether this fact of a dispatch raises its version: an officer who has not seen it must look before deciding."""
    if isinstance(data, DispatchUpdated):
        return data.change in _CHANGES_THE_MATTER
    return isinstance(data, _CHANGES_THE_DUTY)
