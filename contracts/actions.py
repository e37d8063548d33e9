"""What a duty desk sends us: one act on one dispatch, by an officer on duty named by role."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from contracts.codes import Space
from contracts.frozen import Contract
from contracts.text import Line, Paragraph


class _Act(Contract):
    """What every action states about itself."""

    action: UUID
    """Made once by the desk; sending again under the same id is always safe."""
    space: Space
    incident: UUID
    dispatch: UUID
    sent: AwareDatetime
    officer: Line | None = None
    """Role and post of the officer on duty, never a person file."""


class Deliver(_Act):
    """The dispatch has reached the desk's screen: proof of delivery, sent by the desk's software by itself."""

    type: Literal["deliver"] = "deliver"


class Acknowledge(_Act):
    """The desk has it. Not yet that it takes the duty."""

    type: Literal["acknowledge"] = "acknowledge"
    note: Paragraph | None = None


DeskAction = Annotated[Deliver | Acknowledge, Field(discriminator="type")]

DESK_ACTION: TypeAdapter[Deliver | Acknowledge] = TypeAdapter(DeskAction)
