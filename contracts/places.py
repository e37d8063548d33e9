"""Where something is: an administrative code with the date it is valid on, or geometry on WGS 84."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.frozen import Contract
from contracts.text import Line

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""An administrative code (for example `19774`) or the register's own code of a sea, port, border or sector area."""


class AdminArea(Contract):
    """An administrative unit. The code counts only together with the date: codes and names are reused after reforms."""

    kind: Literal["area"] = "area"
    code: AreaCode
    valid_on: date
    name: Line | None = None


class Point(Contract):
    """A position in degrees, WGS 84."""

    kind: Literal["point"] = "point"
    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """Radius in metres within which the true position lies."""


class Circle(Contract):
    """CAP 1.2 `area.circle`: centre in degrees, radius in kilometres."""

    kind: Literal["circle"] = "circle"
    lat: Latitude
    lon: Longitude
    radius_km: Annotated[float, Field(ge=0, le=20_040)]


class Polygon(Contract):
    """CAP 1.2 `area.polygon`: a closed ring of (latitude, longitude) pairs, first equal to last, at least four."""

    kind: Literal["polygon"] = "polygon"
    ring: Annotated[tuple[tuple[Latitude, Longitude], ...], Field(min_length=4, max_length=2000)]

    @model_validator(mode="after")
    def _is_closed(self) -> Self:
        if self.ring[0] != self.ring[-1]:
            raise PydanticCustomError(
                "field.invalid",
                "the first and the last pair of a polygon must be equal",
            )
        return self


class Described(Contract):
    """A place in words only; it never decides who is responsible, it helps people find it."""

    kind: Literal["words"] = "words"
    text: Line


Place = Annotated[AdminArea | Point | Circle | Polygon | Described, Field(discriminator="kind")]
