"""Draws a sheet of a map: which part of the earth it shows, and where on paper everything lies. Knows no incident."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import cos, floor, log10, radians
from typing import Final, Self

from contracts.places import Point
from services.runtime.register.boundaries import Boundaries, Box, Ring

WIDTH: Final = 1000.0
_LEAST: Final = 0.04
"""Degrees shown at least: a single point is shown with its surroundings."""
_MARGIN: Final = 0.15
_TALLEST, _FLATTEST = 1.2, 0.5
"""Height for each unit of width, at most and at least."""
_KILOMETRES_PER_DEGREE: Final = 111.32
_FINENESS: Final = 1200
"""Corners nearer to each other than this part of the width are drawn as one."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One commune on paper."""

    code: str
    path: str
    """As the `d` of an SVG path."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What lies under everything else on a sheet: the communes in view and a scale bar."""

    height: int
    grounds: tuple[Ground, ...]
    kilometres: float
    bar: float
    """The length of so many kilometres on paper."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One drawing; x goes right and y down, `WIDTH` wide."""

    view: Box

    @classmethod
    def around(cls, points: Iterable[Point], otherwise: Box) -> Self:
        """Shows these points with a margin, or where there are none the box given instead."""
        places = [(one.lon, one.lat) for one in points]
        lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
        return cls(_shaped(Box(min(lons), min(lats), max(lons), max(lats)) if places else otherwise))

    @property
    def height(self) -> float:
        """Of the drawing, in its own units."""
        return (self.view.north - self.view.south) * self._scale

    def at(self, point: Point) -> tuple[float, float]:
        """Where a position lies on paper; it may lie outside."""
        return self._on_paper(point.lon, point.lat)

    def earth(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a place on paper."""
        return self.view.north - y / self._scale, self.view.west + x / (self._scale * self._narrowing)

    def backdrop(self, boundaries: Boundaries, day: date) -> Backdrop:
        """The sheet before anything is marked on it."""
        kilometres, bar = self.bar()
        return Backdrop(round(self.height), self.grounds(boundaries, day), kilometres, round(bar, 1))

    def grounds(self, boundaries: Boundaries, day: date) -> tuple[Ground, ...]:
        """All communes in view as they were on that day."""
        detail = (self.view.east - self.view.west) / _FINENESS
        return tuple(Ground(code, self._path(rings)) for code, rings in boundaries.seen(self.view, day, detail))

    def bar(self) -> tuple[float, float]:
        """A round length for the scale bar: its kilometres, and how long it is on paper."""
        wanted = WIDTH / 5 / self._scale * _KILOMETRES_PER_DEGREE
        power = 10.0 ** floor(log10(wanted))
        length = next(step * power for step in (5, 2, 1) if step * power <= wanted)
        return length, length / _KILOMETRES_PER_DEGREE * self._scale

    def _path(self, rings: Collection[Ring]) -> str:
        return "".join(f"M{'L'.join(self._corners(ring))}Z" for ring in rings)

    def _corners(self, ring: Ring) -> Iterator[str]:
        for lon, lat in ring[:-1]:
            x, y = self._on_paper(lon, lat)
            yield f"{x:.1f} {y:.1f}"

    def _on_paper(self, lon: float, lat: float) -> tuple[float, float]:
        return (lon - self.view.west) * self._scale * self._narrowing, (self.view.north - lat) * self._scale

    @property
    def _narrowing(self) -> float:
        """A degree of longitude is shorter than one of latitude; for a sheet of a province one figure is enough."""
        return _narrowing(self.view)

    @property
    def _scale(self) -> float:
        return WIDTH / ((self.view.east - self.view.west) * self._narrowing)


def _narrowing(box: Box) -> float:
    return cos(radians((box.south + box.north) / 2))


def _shaped(box: Box) -> Box:
    """With a margin, no smaller than is useful and neither a tower nor a ribbon."""
    narrow = _narrowing(box)
    wide = max((box.east - box.west) * (1 + 2 * _MARGIN), _LEAST / narrow)
    high = max((box.north - box.south) * (1 + 2 * _MARGIN), _LEAST)
    high = max(high, wide * narrow * _FLATTEST)
    wide = max(wide, high / _TALLEST / narrow)
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    return Box(lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2)
