"""Turns the areas of a CAP alert into places: geometry and our own area codes first, descriptions in words last."""

import textwrap
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from contracts.problems import Problem, ProblemCode
from services.intake.formats.cap_model import CapAlert, CapArea
from services.intake.formats.cap_rules import circle, ring

AREA_CODE: Final = "phoihop:area"
"""The `geocode/valueName` whose value is a code of the register."""

MAX_PLACES: Final = 20
_LINE: Final = 200

Place = dict[str, Any]
"""The JSON form of a place; the report's own model checks it."""


def places(alert: CapAlert, valid_on: date) -> list[Place]:
    """Every area of every info block once: those that can decide who is responsible come first."""
    areas = [area for info in alert.infos for area in info.areas]
    located = [place for area in areas for place in _located(area, valid_on)]
    described = [place for area in areas for place in _described(area.description)]
    return _once([*located, *described])


def too_many(found: list[Place], path: str) -> Iterator[Problem]:
    """A report holds twenty places; which of more are left out is not ours to choose."""
    if len(found) > MAX_PLACES:
        finding = f"{len(found)} places, a report holds at most {MAX_PLACES}"
        yield Problem(code=ProblemCode.FIELD_TOO_LONG, field=f"{path}/info/area", detail=finding)


def _located(area: CapArea, valid_on: date) -> Iterator[Place]:
    for code in area.geocodes:
        if code.name.strip() == AREA_CODE:
            yield {"kind": "area", "code": code.value.strip(), "valid_on": valid_on.isoformat()}
    for text in area.polygons:
        yield {"kind": "polygon", "ring": [list(position) for position in ring(text) if position]}
    for text in area.circles:
        if found := circle(text):
            (latitude, longitude), radius = found
            at = {"lat": latitude, "lon": longitude}
            yield {"kind": "circle", **at, "radius_km": radius} if radius else {"kind": "point", **at}


def _described(text: str) -> Iterator[Place]:
    """Long descriptions are lists of places: they are parted, never cut."""
    for line in _lines(" ".join(unicodedata.normalize("NFC", text).split())):
        yield {"kind": "words", "text": line}


def _lines(text: str) -> Iterator[str]:
    if len(text) <= _LINE:
        yield from (text,) if text else ()
        return
    line = ""
    for part in text.split("; "):
        if line and len(line) + 2 + len(part) > _LINE:
            yield line
            line = part
        else:
            line = f"{line}; {part}" if line else part
        if len(line) > _LINE:
            *full, line = textwrap.wrap(line, _LINE, break_on_hyphens=False)
            yield from full
    if line:
        yield line


def _once(found: list[Place]) -> list[Place]:
    return [place for index, place in enumerate(found) if place not in found[:index]]
