"""Which sheet of the deployment's own map somebody in the field points at; list and words stay what counts. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from contracts.places import Point
from services.runtime.register.boundaries import Boundaries, Box
from services.runtime.register.sheet import WIDTH, Backdrop, Sheet

MOST_NAMES: Final = 16
"""A sheet of more communes than this has no names written on it: they would cover each other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the place already, the first that lies on the map counts."""

    close: Point | None = None
    """A point that was pointed at, to be seen from nearer."""
    communes: frozenset[str] = frozenset()
    """Of the area chosen."""
    near: Point | None = None
    """Where the phone is."""
    own: frozenset[str] = frozenset()
    """Those the unit's agency answers for."""


@dataclass(frozen=True, slots=True)
class Label:
    """A commune's name on paper."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Pointing:
    """A sheet to point at."""

    backdrop: Backdrop
    concerned: frozenset[str]
    """The communes it was drawn around."""
    names: Mapping[str, str]
    """Of the communes in view, by code."""
    labels: tuple[Label, ...]
    view: Box
    """What the edges of the paper are on the earth: between them both directions are even."""


def pointing(wanted: Wanted, boundaries: Boundaries, names: Mapping[str, str], day: date) -> Pointing | None:
    """The sheet around what is known, else the whole map; None where the map has nothing on that day."""
    whole = boundaries.bounds((), day)
    if whole is None:
        return None
    sheet, concerned = _around(wanted, boundaries, whole, day)
    backdrop = sheet.backdrop(boundaries, day)
    shown = {ground.code: names[ground.code] for ground in backdrop.grounds if ground.code in names}
    (north, west), (south, east) = sheet.earth(0, 0), sheet.earth(WIDTH, backdrop.height)
    view = Box(west, south, east, north)
    return Pointing(backdrop, concerned, shown, tuple(_labels(sheet, shown, boundaries, day)), view)


def _around(wanted: Wanted, boundaries: Boundaries, whole: Box, day: date) -> tuple[Sheet, frozenset[str]]:
    if wanted.close is not None:
        return Sheet.around([wanted.close], whole), frozenset()
    here = boundaries.locate(wanted.near, day).communes if wanted.near else ()
    for communes in (wanted.communes, frozenset(here), wanted.own):
        if communes and (box := boundaries.bounds(communes, day)):
            return Sheet.around([], box), communes
    return Sheet.around([], whole), frozenset()


def _labels(sheet: Sheet, names: Mapping[str, str], boundaries: Boundaries, day: date) -> Iterator[Label]:
    for code, name in _few(names):
        if middle := boundaries.middle(code, day):
            x, y = sheet.at(middle)
            if 0 < x < WIDTH and 0 < y < sheet.height:
                yield Label(name, round(x), round(y))


def _few(names: Mapping[str, str]) -> Collection[tuple[str, str]]:
    return names.items() if len(names) <= MOST_NAMES else ()
