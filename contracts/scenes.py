"""What a report says of the scene, in METHANE order, as it is passed on to the desks beside headline and figures."""

from typing import Annotated

from pydantic import Field

from contracts.frozen import Contract
from contracts.places import AreaCode, Point
from contracts.text import Line, Paragraph


class Scene(Contract):
    """Nothing here decides who is responsible. What the report leaves open is left out."""

    exact_location: Line | None = None
    hazards: Paragraph | None = None
    access: Paragraph | None = None
    services_present: Annotated[tuple[Line, ...], Field(max_length=20)] | None = None
    services_required: Annotated[tuple[Line, ...], Field(max_length=20)] | None = None
    measures_taken: Paragraph | None = None
    requests: Annotated[tuple[Line, ...], Field(max_length=20)] | None = None
    forecast: Paragraph | None = None
    position: Point | None = None
    """For a map: as the report gives it, the middle of what it draws, or rounded for a desk that may not know more."""
    areas: Annotated[tuple[AreaCode, ...], Field(max_length=20)] | None = None
    """For a map: the areas that the report names, valid on the day it says."""
