"""Whether a duty desk is watching and staffed, and how one shift hands it over to the next. Posts only, no persons."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from contracts.codes import Role, Space
from contracts.decisions import Addressee, ObligationKind
from contracts.frozen import Contract
from contracts.text import Line, Paragraph, Token

HEARTBEAT_EVERY: Final = timedelta(seconds=15)
OFFLINE_AFTER: Final = timedelta(seconds=60)
"""So long after its last sign of life a desk counts as offline."""
MOST_OPEN: Final = 500
"""Duties, or papers, in one note."""


class PresenceChange(StrEnum):
    """What became of a desk. Watching and being staffed are two things: a screen may run in an empty room."""

    ONLINE = "online"
    """Its software is watching."""
    OFFLINE = "offline"
    """Nothing was heard of its software for a minute."""
    STAFFED = "staffed"
    """By its own word."""
    UNSTAFFED = "unstaffed"
    """By its own word."""


class DeskPresenceChanged(Contract):
    """A desk came or went. Single signs of life are never recorded."""

    space: Space
    desk: Addressee
    change: PresenceChange
    last_heard: AwareDatetime | None = None
    """Where it went silent: the last sign of life, on the hub's clock."""
    officer: Line | None = None
    """Who is on duty from now on: role and post, never a person file."""
    divert_to: Addressee | None = None
    """Who is told in addition while nobody is there; the next of each chain where none is named."""
    action: UUID | None = None
    """The desk's act, where it was one."""


class OwedThen(Contract):
    """What is owed, and by when."""

    kind: ObligationKind
    due: AwareDatetime


class OpenDuty(Contract):
    """A dispatch that was open when the shift ended."""

    dispatch: UUID
    incident: UUID
    role: Role
    state: Token
    """How far it was, as the desk's board says it, `-` for `_`."""
    headline: Line | None = None
    """Left out where the note would be too long to send; the record of the dispatch has it."""
    owes: tuple[OwedThen, ...] = ()


class OpenPaper(Contract):
    """A copy of a report, or a request for one, that nobody had acknowledged."""

    paper: UUID
    agency: Token
    """Whose report it is about."""
    title: Line
    send_by: AwareDatetime | None = None


class ShiftHandOverProposed(Contract):
    """The outgoing officer signed: this is what the next shift takes over."""

    handover: UUID
    space: Space
    desk: Addressee
    outgoing: Line
    incoming: Line
    note: Paragraph | None = None
    duties: Annotated[tuple[OpenDuty, ...], Field(max_length=MOST_OPEN)] = ()
    papers: Annotated[tuple[OpenPaper, ...], Field(max_length=MOST_OPEN)] = ()


class ShiftHandedOver(Contract):
    """The incoming officer signed too, and is on duty from now on."""

    handover: UUID
    space: Space
    desk: Addressee
    outgoing: Line
    incoming: Line
    proposed: UUID
    """The `ShiftHandOverProposed` event with what was handed over."""
    proposed_at: AwareDatetime
    action: UUID


class _Act(Contract):
    """What every act of a desk about itself states."""

    action: UUID
    """Made once by the desk; sending again under the same id is always safe."""
    space: Space
    sent: AwareDatetime


class DeclareStaffed(_Act):
    """Somebody is at the desk."""

    type: Literal["staffed"] = "staffed"
    officer: Line
    """Role and post, never a person file."""


class DeclareUnstaffed(_Act):
    """Nobody is at the desk from now on."""

    type: Literal["unstaffed"] = "unstaffed"
    divert_to: Addressee | None = None


class ProposeHandOver(_Act):
    """The outgoing officer hands the desk over; nothing changes until the incoming one confirms."""

    type: Literal["propose_handover"] = "propose_handover"
    outgoing: Line
    incoming: Line
    note: Paragraph | None = None
    duties: Annotated[tuple[OpenDuty, ...], Field(max_length=MOST_OPEN)] = ()
    papers: Annotated[tuple[OpenPaper, ...], Field(max_length=MOST_OPEN)] = ()


class ConfirmHandOver(_Act):
    """The incoming officer takes the desk over as the newest proposal says."""

    type: Literal["confirm_handover"] = "confirm_handover"
    handover: UUID
    incoming: Line
    """Who confirms; only whom the proposal names."""


PresenceAct = DeclareStaffed | DeclareUnstaffed | ProposeHandOver | ConfirmHandOver
PresenceAction = Annotated[PresenceAct, Field(discriminator="type")]
PRESENCE_ACTION: TypeAdapter[PresenceAct] = TypeAdapter(PresenceAction)

PresenceData = DeskPresenceChanged | ShiftHandOverProposed | ShiftHandedOver
"""Recorded under the subject of one desk."""
