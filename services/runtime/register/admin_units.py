"""Reads the effective-dated list of provinces, districts and communes, strictly; a code means a unit only with a date.

Which bodies govern them is not said here; `phoihop codes import` writes the list.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from pydantic_core import PydanticCustomError

from contracts.register import Area, AreaKind
from contracts.text import clean
from services.runtime.documents import DocumentError, Finding
from services.runtime.trusted import trusted

COLUMNS: Final = ("code", "kind", "name", "parent", "valid_from", "valid_to", "instrument", "predecessors")
_SINCE_EVER: Final = date(1945, 9, 2)
_FIX: Final = f"write the eight columns {', '.join(COLUMNS)}, separated by tabs"


class UnitKind(StrEnum):
    """What kind of unit a name belongs to."""

    PROVINCE = "tinh"
    CENTRAL_CITY = "thanh-pho"
    RURAL_DISTRICT = "huyen"
    URBAN_DISTRICT = "quan"
    DISTRICT_TOWN = "thi-xa"
    DISTRICT_CITY = "thanh-pho-huyen"
    COMMUNE = "xa"
    WARD = "phuong"
    TOWNSHIP = "thi-tran"
    SPECIAL_ZONE = "dac-khu"


class _Words(NamedTuple):
    vi: str
    en: str
    area: AreaKind


_WORDS: Final = {
    "tinh": _Words("tỉnh", "Province", AreaKind.PROVINCE),
    "thanh-pho": _Words("thành phố", "City", AreaKind.PROVINCE),
    "huyen": _Words("huyện", "District", AreaKind.DISTRICT),
    "quan": _Words("quận", "Urban District", AreaKind.DISTRICT),
    "thi-xa": _Words("thị xã", "Town", AreaKind.DISTRICT),
    "thanh-pho-huyen": _Words("thành phố", "City", AreaKind.DISTRICT),
    "xa": _Words("xã", "Commune", AreaKind.COMMUNE),
    "phuong": _Words("phường", "Ward", AreaKind.COMMUNE),
    "thi-tran": _Words("thị trấn", "Township", AreaKind.COMMUNE),
    "dac-khu": _Words("đặc khu", "Special Zone", AreaKind.COMMUNE),
}


class AdminUnit(NamedTuple):
    """One unit in one period; the same code may stand for another unit in another period."""

    code: str
    kind: UnitKind
    name: str
    """Without the word for its kind: `Vỹ Dạ`, not `phường Vỹ Dạ`."""
    parent: str | None
    valid_from: date
    valid_to: date | None
    instrument: str
    """The act that made it, where a public page names one; otherwise empty."""
    predecessors: tuple[str, ...]
    """Codes, valid the day before `valid_from`, of the units it was made from or of."""
    province: str
    line: int

    @property
    def area_kind(self) -> AreaKind:
        """The level it stands on."""
        return _WORDS[self.kind].area

    @property
    def name_vi(self) -> str:
        """As in a sentence: `phường Vỹ Dạ`."""
        return f"{_WORDS[self.kind].vi} {self.name}"

    @property
    def name_en(self) -> str:
        """As in a title: `Vỹ Dạ Ward`, but `Ward 1`."""
        word = _WORDS[self.kind].en
        return f"{word} {self.name}" if self.name.isdigit() else f"{self.name} {word}"

    def holds_on(self, day: date) -> bool:
        """Whether the code meant this unit on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def area(self, nation: str | None) -> Area:
        """The unit as the register holds it; its text was checked with the file, so it is not validated again."""
        parent = self.parent or nation
        words = _WORDS[self.kind]
        fields = {
            "code": self.code,
            "kind": words.area,
            "name_vi": f"{words.vi} {self.name}",
            "name_en": self.name_en,
            "parents": (parent,) if parent else (),
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }
        return trusted(Area, fields)


def read_units(file: Path, provinces: Container[str] | None = None) -> tuple[AdminUnit, ...]:
    """Every unit of the list, a parent before its parts.

    Only those of these provinces, by any code a province had; of all where none is named.
    Raises `DocumentError` naming each line that is not as it should be.
    """
    try:
        text = clean(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, PydanticCustomError) as error:
        finding = Finding(file, 1, "", f"cannot be read: {error}", "write it with `phoihop codes import`")
        raise DocumentError([finding]) from error
    return parse_units(text, file, provinces)


def parse_units(text: str, file: Path, provinces: Container[str] | None = None) -> tuple[AdminUnit, ...]:
    """The same from the text of a list; `file` is what findings name."""
    findings: list[Finding] = []
    units = tuple(_units(text.split("\n"), provinces, lambda *fault: findings.append(Finding(file, *fault))))
    findings += _contradictions(units, file)
    if findings:
        raise DocumentError(findings)
    return units


Refuse = Callable[[int, str, str, str], None]
"""Notes a fault: line, path, problem, fix."""


def _units(lines: Iterable[str], wanted: Container[str] | None, refuse: Refuse) -> Iterator[AdminUnit]:
    """The units of well-formed lines. Lines starting with `#` say where the list is from."""
    provinces: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        fields = line.split("\t")
        if len(fields) != len(COLUMNS) or (kind := _KINDS.get(fields[1])) is None:
            refuse(number, "", "is no row of this list", _FIX)
            continue
        level, parent = _WORDS[kind].area, fields[3]
        province = fields[0] if level is AreaKind.PROVINCE else provinces.get(parent)
        if province is None:
            refuse(number, "parent", f"the parent {parent} stands in no line above", "add it above")
            continue
        if level is not AreaKind.COMMUNE:
            provinces[fields[0]] = province
        if wanted is not None and province not in wanted:
            continue
        if (unit := _unit(fields, kind, province, number, refuse)) is not None:
            yield unit


def _unit(fields: list[str], kind: UnitKind, province: str, line: int, refuse: Refuse) -> AdminUnit | None:
    code, _, name, parent, since, until, instrument, predecessors = fields
    if not (code.isdigit() and name and name == name.strip()):
        refuse(line, "code" if name else "name", f"{code} {name!r} is no code of digits with a name", _FIX)
        return None
    try:
        start, end = _day(since) or _SINCE_EVER, _day(until)
    except ValueError as error:
        refuse(line, "valid_from", str(error), "write a date as 2025-07-01")
        return None
    if end is not None and end < start:
        refuse(line, "valid_to", "ends before it begins", "correct one of the dates")
    before = tuple(predecessors.split())
    return AdminUnit(code, kind, name, parent or None, start, end, instrument, before, province, line)


_KINDS: Final = {kind.value: kind for kind in UnitKind}


@cache
def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _contradictions(units: Iterable[AdminUnit], file: Path) -> Iterator[Finding]:
    """A code that stands for two units on one day would make every date useless; so would a parent of another time."""
    earlier: dict[str, list[AdminUnit]] = {}
    for unit in units:
        others = earlier.setdefault(unit.code, [])
        for other in others:
            if other.valid_from <= (unit.valid_to or date.max) and unit.valid_from <= (other.valid_to or date.max):
                problem = f"code {unit.code} already stands for {other.name_vi} at that time (line {other.line})"
                yield Finding(file, unit.line, "", problem, "end one before the other begins")
        others.append(unit)
        if unit.parent and not any(parent.holds_on(unit.valid_from) for parent in earlier.get(unit.parent, ())):
            problem = f"the parent {unit.parent} does not exist on {unit.valid_from}"
            yield Finding(file, unit.line, "parent", problem, "correct one of the dates")
