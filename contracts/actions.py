"""What a duty desk sends us: one act of one officer, named by role, through a dispatch that the desk holds."""

from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from contracts.codes import DeclineReason, Disposition, Misrouting, MisroutingAnswer, Severity, Space
from contracts.decisions import Addressee
from contracts.frozen import Contract
from contracts.reports import Scales
from contracts.text import Line, Paragraph


class _Act(Contract):
    """What every action states about itself."""

    action: UUID
    """Made once by the desk; sending again under the same id is always safe."""
    space: Space
    incident: UUID
    dispatch: UUID
    """A dispatch of the acting desk: in which role it acts."""
    sent: AwareDatetime
    officer: Line | None = None
    """Role and post of the officer on duty, never a person file."""


class _Decisive(_Act):
    """An act that decides something, on what the officer saw."""

    version: Annotated[int, Field(ge=0)] | None = None
    """How many decisions of this dispatch the officer had seen; another number is refused with the current state."""


class Deliver(_Act):
    """The dispatch has reached the desk's screen: proof of delivery, sent by the desk's software by itself."""

    type: Literal["deliver"] = "deliver"


class Read(_Act):
    """An officer opened the dispatch."""

    type: Literal["open"] = "open"


class Acknowledge(_Act):
    """The desk has it. Not yet that it takes the duty."""

    type: Literal["acknowledge"] = "acknowledge"
    note: Paragraph | None = None


class Comment(_Act):
    """A remark for the record."""

    type: Literal["comment"] = "comment"
    text: Paragraph


class Accept(_Decisive):
    """The desk takes the duty, or the part of it that it names."""

    type: Literal["accept"] = "accept"
    part: Paragraph | None = None
    note: Paragraph | None = None
    oral_consents: tuple[Addressee, ...] = ()
    """Who consented by word of mouth, where consent is needed; each is asked to confirm it in writing."""


class Defer(_Decisive):
    """The desk will decide later, and says by when."""

    type: Literal["defer"] = "defer"
    until: AwareDatetime
    reason: Paragraph


class Decline(_Decisive):
    """The desk does not take it and forwards it; to the next of its chain where it names nobody."""

    type: Literal["decline"] = "decline"
    reason: DeclineReason
    text: Paragraph
    forward_to: Addressee | None = None


class Transfer(_Decisive):
    """The desk hands its duty over to another, and keeps it until that one accepts."""

    type: Literal["transfer"] = "transfer"
    to: Addressee
    reason: Paragraph


class Complete(_Decisive):
    """What the desk owed is done."""

    type: Literal["complete"] = "complete"
    summary: Paragraph


class Misroute(_Act):
    """This should not have come here, or not like this; the owner of the rules is asked."""

    type: Literal["misroute"] = "misroute"
    finding: Misrouting
    text: Paragraph


class AnswerMisroute(_Decisive):
    """The owner's answer to an objection, given on the dispatch that asks for it."""

    type: Literal["answer_misroute"] = "answer_misroute"
    answer: MisroutingAnswer
    text: Paragraph


class SetLevel(_Decisive):
    """The incident is graver or less grave than it stands; who is responsible is decided again."""

    type: Literal["set_level"] = "set_level"
    severity: Severity | None = None
    """None: as it is."""
    scales: Scales | None = None
    """None: as they are; given, they replace all: a level left out is withdrawn."""
    reason: Paragraph


class HandOverCommand(_Decisive):
    """Who commands on scene from now on."""

    type: Literal["hand_over_command"] = "hand_over_command"
    taker: Line
    """Post and body, for example `Đội trưởng Đội CC&CNCH khu vực 3`."""
    since: AwareDatetime


class Merge(_Decisive):
    """This incident is the same as another one that the desk knows."""

    type: Literal["merge"] = "merge"
    into: UUID
    reason: Paragraph


class Split(_Decisive):
    """An incident that was merged into this one was another matter after all."""

    type: Literal["split"] = "split"
    released: UUID
    reason: Paragraph


class Close(_Decisive):
    """The incident is over."""

    type: Literal["close"] = "close"
    disposition: Disposition
    summary: Paragraph


class Reopen(_Decisive):
    """The incident is not over."""

    type: Literal["reopen"] = "reopen"
    reason: Paragraph


Action = (
    Deliver
    | Read
    | Acknowledge
    | Comment
    | Accept
    | Defer
    | Decline
    | Transfer
    | Complete
    | Misroute
    | AnswerMisroute
    | SetLevel
    | HandOverCommand
    | Merge
    | Split
    | Close
    | Reopen
)

DeskAction = Annotated[Action, Field(discriminator="type")]

ACTION_TYPES: Final = frozenset(model.model_fields["type"].default for model in get_args(Action))
"""The values of `type`."""

DESK_ACTION: TypeAdapter[Action] = TypeAdapter(DeskAction)
