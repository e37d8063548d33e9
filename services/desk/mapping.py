"""Where on a sheet of the deployment's own map a desk's dispatches lie; the list beside it stays what counts. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from contracts.places import Point
from services.desk.line import Line
from services.desk.row import Row
from services.runtime.register.boundaries import Boundaries, Box
from services.runtime.register.sheet import WIDTH, Backdrop, Sheet

_STEP: Final = 34.0
"""How far apart marks of one place are drawn."""
_ROW: Final = 5
VIETNAM: Final = Box(102.0, 8.0, 110.0, 23.5)
"""Shown where neither a dispatch nor a boundary says what to show."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One dispatch on the map, by its number in the list."""

    number: int
    line: Line
    x: float
    y: float
    exact: bool
    """Whether a position is known; otherwise the mark stands somewhere in the commune."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One sheet with everything on it."""

    backdrop: Backdrop
    concerned: frozenset[str]
    """The communes that dispatches name."""
    marks: tuple[Mark, ...]


def drawing(shown: Sequence[tuple[Row, Line]], boundaries: Boundaries, day: date) -> Drawing:
    """The sheet around these dispatches, numbered from one in their order."""
    placed = list(_placed(shown, boundaries, day))
    sheet = Sheet.around([at for _, _, at, _ in placed], boundaries.bounds((), day) or VIETNAM)
    named = frozenset(code for row, _ in shown for code in _areas(row))
    return Drawing(sheet.backdrop(boundaries, day), named, tuple(_apart(sheet, placed)))


def _placed(
    shown: Sequence[tuple[Row, Line]], boundaries: Boundaries, day: date
) -> Iterator[tuple[int, Line, Point, bool]]:
    for number, (row, line) in enumerate(shown, 1):
        scene = row.issued.scene
        if scene and scene.position:
            yield number, line, scene.position, row.issued.withheld is None
        elif middle := next((at for code in _areas(row) if (at := boundaries.middle(code, day))), None):
            yield number, line, middle, False


def _areas(row: Row) -> tuple[str, ...]:
    return (row.issued.scene and row.issued.scene.areas) or ()


def _apart(sheet: Sheet, placed: Iterable[tuple[int, Line, Point, bool]]) -> Iterator[Mark]:
    """Marks that would cover each other stand in rows beside each other."""
    taken: dict[tuple[int, int], int] = {}
    for number, line, at, exact in placed:
        x, y = sheet.at(at)
        cell = (round(x / _STEP), round(y / _STEP))
        before = taken[cell] = taken.get(cell, -1) + 1
        x = min(max(x + before % _ROW * _STEP, 0.0), WIDTH)
        yield Mark(number, line, round(x, 1), round(y + before // _ROW * _STEP, 1), exact)
