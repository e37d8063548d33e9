"""Finds units by code or by folded words of their names, and tells how two lists differ. It prints nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

from contracts.text import fold
from services.runtime.register.admin_units import AdminUnit

_APOSTROPHES: Final = re.compile("['`\u2018\u2019\u00b4\u02bc\u02bb]")
_SAME: Final = ("kind", "name", "parent", "valid_to", "instrument", "predecessors")


class Found(NamedTuple):
    """A unit with the names of what it lies in and what became of it."""

    unit: AdminUnit
    within: str
    """For people: `thành phố Huế`, or `huyện Yên Thế, tỉnh Bắc Giang`."""
    successors: tuple[AdminUnit, ...]
    """Units made of it or of parts of it, when it has ended."""


class Difference(NamedTuple):
    """One unit of one period in one of two lists or in both, but not alike."""

    change: Literal["added", "removed", "changed"]
    unit: AdminUnit
    fields: dict[str, tuple[object, object]]


def search_key(text: str) -> str:
    """Folded, without apostrophes, hyphens as blanks: `B'Lao` and `blao`, `Đà Lạt` and `da lat` are one."""
    return fold(_APOSTROPHES.sub("", text).replace("-", " "))


def find(units: Sequence[AdminUnit], words: str, on: date | None = None) -> list[Found]:
    """Units of that code, or whose name with its kind holds the words in order; exact names and present units first."""
    wanted = search_key(words)
    if wanted.isdigit() and any(unit.code == wanted for unit in units):
        hits = [unit for unit in units if unit.code == wanted]
    else:
        hits = [unit for unit in units if f" {wanted}" in f" {search_key(unit.name_vi)}"]
    hits = [unit for unit in hits if on is None or unit.holds_on(on)]
    hits.sort(key=lambda unit: (search_key(unit.name) != wanted, unit.valid_to is not None, unit.code, unit.valid_from))
    return [Found(unit, _within(unit, units), _successors(unit, units)) for unit in hits]


def differences(old: Iterable[AdminUnit], new: Iterable[AdminUnit]) -> Iterator[Difference]:
    """What the new list has beyond the old one, has no more, or says otherwise, by code and first day."""
    before = {(unit.code, unit.valid_from): unit for unit in old}
    after = {(unit.code, unit.valid_from): unit for unit in new}
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            for unit in filter(None, (one, other)):
                yield Difference("added" if one is None else "removed", unit, {})
            continue
        fields = {name: (getattr(one, name), getattr(other, name)) for name in _SAME}
        if unlike := {name: pair for name, pair in fields.items() if pair[0] != pair[1]}:
            yield Difference("changed", other, unlike)


def _within(unit: AdminUnit, units: Sequence[AdminUnit]) -> str:
    names: list[str] = []
    code = unit.parent
    while code is not None:
        outer = next((one for one in units if one.code == code and one.holds_on(unit.valid_from)), None)
        if outer is None:
            break
        names.append(outer.name_vi)
        code = outer.parent
    return ", ".join(names)


def _successors(unit: AdminUnit, units: Sequence[AdminUnit]) -> tuple[AdminUnit, ...]:
    if unit.valid_to is None:
        return ()
    followed = unit.valid_to.toordinal() + 1
    return tuple(one for one in units if unit.code in one.predecessors and one.valid_from.toordinal() == followed)
