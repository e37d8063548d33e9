"""Answers in which communes a position may lie, by a boundary file of the deployment's own. It never picks the nearest.

The file is a GeoJSON FeatureCollection (WGS 84): each feature is the Polygon or MultiPolygon of one commune, with the
properties `code`, and `valid_from` and `valid_to` where the boundary held for a time only. None is shipped.
shapely is imported where it is used: its numpy starts threads, which only a deployment with boundaries should have.
"""

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.places import AreaCode, Point
from contracts.register import AreaKind, Register
from services.runtime.documents import DocumentError, Finding

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_METRES_PER_DEGREE: Final = 110_574.0
"""Of latitude at the equator, where a degree is shortest: a circle drawn with it is never too small."""
_CORNERS: Final = 64
_FORM: Final = "write a GeoJSON FeatureCollection of commune boundaries"


class Located(NamedTuple):
    """The communes a position may lie in."""

    communes: tuple[str, ...]
    whole: bool
    """Whether it lies in one of them for certain: no part of where it may be lies outside all boundaries."""


class Box(NamedTuple):
    """A part of the earth between two meridians and two parallels, in degrees."""

    west: float
    south: float
    east: float
    north: float


Ring = tuple[tuple[float, float], ...]
"""Corners as (longitude, latitude)."""


class _Properties(BaseModel):
    """What a feature says of itself; anything else a map tool writes there is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: AreaCode
    valid_from: date = date(1945, 9, 2)
    valid_to: date | None = None


class _Geometry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class _Feature(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["Feature"]
    properties: _Properties
    geometry: _Geometry


@dataclass(frozen=True, slots=True)
class _Boundary:
    code: str
    valid_from: date
    valid_to: date | None
    ground: "BaseGeometry"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Boundaries:
    """The boundaries of one file in a tree, ready to be asked about any day."""

    def __init__(self, boundaries: tuple[_Boundary, ...]) -> None:
        import shapely  # noqa: PLC0415

        self._boundaries = boundaries
        self._union = shapely.union_all
        self._tree = shapely.STRtree([boundary.ground for boundary in boundaries])

    def bounds(self, codes: Collection[str], day: date) -> Box | None:
        """West, south, east, north of these communes together, in degrees; of all where none is named."""
        import shapely  # noqa: PLC0415

        found = [one.ground for one in self._boundaries if one.holds_on(day) and (not codes or one.code in codes)]
        return Box(*shapely.total_bounds(found).tolist()) if found else None

    def middle(self, code: str, day: date) -> Point | None:
        """A position that lies in this commune for certain."""
        ground = next((one.ground for one in self._boundaries if one.code == code and one.holds_on(day)), None)
        inside = ground.representative_point() if ground else None
        return Point(lat=inside.y, lon=inside.x) if inside else None

    def seen(self, view: Box, day: date, detail: float) -> Iterator[tuple[str, tuple[Ring, ...]]]:
        """Every commune of which a part lies in view: its code and rings there; `detail` in degrees is left out."""
        import shapely  # noqa: PLC0415

        frame = shapely.box(*view)
        for index in sorted(self._tree.query(frame, predicate="intersects").tolist()):
            one = self._boundaries[index]
            if one.holds_on(day) and (rings := tuple(_rings(one.ground.simplify(detail).intersection(frame)))):
                yield one.code, rings

    def locate(self, point: Point, day: date) -> Located:
        """The communes that the circle of its accuracy touches; a point on a border lies in all communes there."""
        circle = _circle(point)
        near = (self._boundaries[index] for index in sorted(self._tree.query(circle, predicate="intersects").tolist()))
        touched = [boundary for boundary in near if boundary.holds_on(day)]
        whole = bool(touched) and bool(self._union([one.ground for one in touched]).covers(circle))
        return Located(tuple(dict.fromkeys(boundary.code for boundary in touched)), whole)


def load_boundaries(file: Path, register: Register) -> Boundaries:
    """The boundaries in this file. Raises `DocumentError` with every fault: file, line, feature and the way out."""
    try:
        text = file.read_text(encoding="utf-8")
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError([Finding(file, error.lineno, "", f"is no JSON: {error.msg}", _FORM)]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError([Finding(file, 1, "", f"cannot be read: {error}", _FORM)]) from error
    collection = document.get("type") == "FeatureCollection" if isinstance(document, dict) else False
    if not collection or not isinstance(document.get("features"), list):
        raise DocumentError([Finding(file, 1, "type", "is no FeatureCollection with features", _FORM)])
    found = _Reading(file, register)
    for number, (line, written) in enumerate(zip(_lines(text), document["features"], strict=True)):
        found.read(number, line, written)
    if found.findings:
        raise DocumentError(found.findings)
    return Boundaries(tuple(found.boundaries))


def _circle(point: Point) -> "BaseGeometry":
    """Where the position may be: itself, or a polygon around the circle of its accuracy, never smaller than it."""
    import shapely  # noqa: PLC0415

    centre = shapely.Point(point.lon, point.lat)
    if not point.accuracy_m:
        return centre
    north = point.accuracy_m / math.cos(math.pi / _CORNERS) / _METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(point.lat)), 0.01)
    turns = (2 * math.pi * corner / _CORNERS for corner in range(_CORNERS))
    return shapely.Polygon([(point.lon + east * math.cos(turn), point.lat + north * math.sin(turn)) for turn in turns])


def _rings(ground: "BaseGeometry") -> Iterator[Ring]:
    """Outer rings and holes of whatever has an area."""
    import shapely  # noqa: PLC0415

    for part in getattr(ground, "geoms", (ground,)):
        if isinstance(part, shapely.Polygon) and not part.is_empty:
            yield from (tuple((x, y) for x, y, *_ in ring.coords) for ring in (part.exterior, *part.interiors))


def _lines(text: str) -> Iterator[int]:
    """The line on which each feature of a well-formed collection begins."""
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"features"')) + 1
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        if text[at] == "]":
            return
        yield text.count("\n", 0, at) + 1
        _, at = decoder.raw_decode(text, at)


class _Reading:
    """One file being read: boundaries found so far, and faults."""

    def __init__(self, file: Path, register: Register) -> None:
        self._file = file
        self._communes = [area for area in register.areas if area.kind is AreaKind.COMMUNE]
        self.boundaries: list[_Boundary] = []
        self.findings: list[Finding] = []

    def read(self, number: int, line: int, written: object) -> None:
        """Takes a feature, or notes what is wrong with it."""
        try:
            feature = _Feature.model_validate(written)
        except ValidationError as error:
            for fault in error.errors():
                path = ".".join(map(str, ("features", number, *fault["loc"])))
                self.findings.append(Finding(self._file, line, path, fault["msg"], _FORM))
            return
        said = feature.properties
        for path, problem, fix in (*self._faults(said), *_shape_faults(feature.geometry)):
            self.findings.append(Finding(self._file, line, f"features.{number}.{path}", problem, fix))
        if not self.findings:
            ground = _drawn(feature.geometry)
            self.boundaries.append(_Boundary(said.code, said.valid_from, said.valid_to, ground))

    def _faults(self, said: _Properties) -> Iterator[tuple[str, str, str]]:
        """A code that is no commune then, a period that ends before it starts, two boundaries at one time."""
        if said.valid_to is not None and said.valid_to < said.valid_from:
            yield "properties.valid_to", f"is before valid_from {said.valid_from}", "correct one of the dates"
        named = [commune for commune in self._communes if commune.code == said.code]
        ends = said.valid_to or date.max
        if not any(one.valid_from <= ends and said.valid_from <= (one.valid_to or date.max) for one in named):
            problem = f"{said.code} is no commune of the register in that time"
            yield "properties.code", problem, "correct the code or its dates: a code counts only with a date"
        for other in self.boundaries:
            if other.code == said.code and other.valid_from <= ends and said.valid_from <= (other.valid_to or date.max):
                yield "properties.code", f"{said.code} has two boundaries at one time", "join them or end the first"


def _drawn(geometry: _Geometry) -> "BaseGeometry":
    from shapely.geometry import shape  # noqa: PLC0415

    return shape(geometry.model_dump())


def _shape_faults(geometry: _Geometry) -> Iterator[tuple[str, str, str]]:
    """Coordinates that draw nothing, cross themselves or lie outside the earth."""
    import shapely  # noqa: PLC0415

    try:
        ground = _drawn(geometry)
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError) as error:
        yield "geometry.coordinates", f"draws no {geometry.type}: {error}", "write rings of [longitude, latitude]"
        return
    if ground.is_empty or not ground.is_valid:
        yield "geometry.coordinates", shapely.is_valid_reason(ground), "let no ring cross itself"
        return
    west, south, east, north = ground.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:  # noqa: PLR2004 - degrees
        yield "geometry.coordinates", "lies outside the earth", "write longitude first, then latitude, in degrees"
