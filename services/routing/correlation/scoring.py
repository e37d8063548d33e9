"""Scores how alike two sightings are in space, time, category and codes; who is joined on that is decided elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from contracts.correlation import (
    Distance,
    MinutesApart,
    NeighbouringCategory,
    Reason,
    SameArea,
    SameCategory,
    SameCommune,
    SameExternalCode,
    added_up,
)
from contracts.events import Sighting
from contracts.places import AreaCode, Circle, Place, Point
from contracts.taxonomy import Category
from services.routing.correlation.likeness import AREA_WIDE, like

NEAR_KM: Final = 2.0
WINDOW: Final = timedelta(hours=6)
"""After this long the time part has decayed to nothing, and the report is about something else."""
CODE_POINTS: Final = 0.3
"""Of a code of another system that both carry; only ever in a suggestion, since anybody may write any code."""

_CATEGORY, _PLACE, _TIME = 0.4, 0.4, 0.2
_KINDRED = 0.7
_SHARED_AREA, _COMMUNE_OF_A_SPOT = 0.6, 0.35
_EARTH_KM = 6371.0088

Position = tuple[float, float]
Seen = tuple[Category, Sighting]


class Alike(NamedTuple):
    """What two sightings have in common, part by part: 0 where nothing. The parts of the first three add up to 1."""

    categories: tuple[Category, Category]
    category: float
    where: Reason | None
    time: float
    minutes: int
    code: str | None = None

    @property
    def score(self) -> float:
        """From 0 to 1."""
        place = self.where.points if self.where else 0.0
        return added_up((self.category, place, self.time, CODE_POINTS if self.code else 0.0))

    def reasons(self) -> Iterator[Reason]:
        """What is alike, part by part."""
        one, other = self.categories
        if one is other:
            yield SameCategory(category=one, points=self.category)
        elif self.category:
            yield NeighbouringCategory(category=one, other=other, points=self.category)
        if self.where is not None:
            yield self.where
        yield MinutesApart(minutes=self.minutes, points=self.time)
        if self.code is not None:
            yield SameExternalCode(external=self.code, points=CODE_POINTS)


def alike(one: Seen, other: Seen) -> Alike | None:
    """How far the first is about the second; None where category, place or time forbids it. Codes do not count."""
    (category, seen), (known_category, known) = one, other
    if known_category not in like(category) or abs(seen.occurred_at - known.occurred_at) > WINDOW:
        return None
    found = compared(one, other)
    return found if found.where is not None else None


def compared(one: Seen, other: Seen) -> Alike:
    """Every part for itself, the codes as well."""
    (category, seen), (known_category, known) = one, other
    kind = 1.0 if category is known_category else _KINDRED if known_category in like(category) else 0.0
    gap = abs(seen.occurred_at - known.occurred_at)
    wide = category in AREA_WIDE and known_category in AREA_WIDE
    return Alike(
        categories=(category, known_category),
        category=round(_CATEGORY * kind, 3),
        where=_where(seen, known, wide=wide),
        time=round(_TIME * max(0.0, 1 - gap / WINDOW), 3),
        minutes=gap // timedelta(minutes=1),
        code=min({*seen.codes} & {*known.codes}, default=None),
    )


def _where(seen: Sighting, known: Sighting, *, wide: bool) -> Reason | None:
    """What the places have in common. Two exact positions far apart are two spots."""
    apart = min((distance_km(a, b) for a in seen.points for b in known.points), default=None)
    if apart is not None and apart <= NEAR_KM:
        return Distance(metres=round(apart * 1000), points=round(_PLACE * (1 - 0.1 * apart), 3))
    if apart is not None and not wide:
        return None
    if common := sorted({*seen.communes} & {*known.communes}):
        return SameCommune(area=common[0], points=round(_PLACE * (1.0 if wide else _COMMUNE_OF_A_SPOT), 3))
    if wide and (area := anchor(known)) is not None and area in seen.areas:
        return SameArea(area=area, points=round(_PLACE * _SHARED_AREA, 3))
    return None


def anchor(sighting: Sighting) -> AreaCode | None:
    """The one area that stands for a place outside any commune: a stretch of sea, a gate, a whole province."""
    return None if sighting.communes or not sighting.areas else sighting.areas[0]


def distance_km(a: Position, b: Position) -> float:
    """Great-circle distance in kilometres between two (latitude, longitude) pairs in degrees (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def positions(places: Sequence[Place]) -> tuple[Position, ...]:
    """The positions exact enough to tell two spots apart, each once; a polygon has none, its areas speak for it."""
    return tuple(dict.fromkeys(p for place in places if (p := _position(place))))


def _position(place: Place) -> Position | None:
    match place:
        case Point() if place.accuracy_m is None or place.accuracy_m <= NEAR_KM * 1000:
            return place.lat, place.lon
        case Circle() if place.radius_km <= NEAR_KM:
            return place.lat, place.lon
        case _:
            return None
