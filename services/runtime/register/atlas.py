"""Answers which unit a code stood for on a day, what became of a former district, and what a unit is called."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from contracts.register import AreaKind
from services.runtime.register.admin_units import AdminUnit

_ONE_DAY: Final = timedelta(days=1)


class Atlas:
    """A list of units, ready to be asked."""

    def __init__(self, units: Sequence[AdminUnit], short_names: Mapping[tuple[str, date], str]) -> None:
        self._by_code: defaultdict[str, list[AdminUnit]] = defaultdict(list)
        self._by_level: defaultdict[tuple[AreaKind, str], list[AdminUnit]] = defaultdict(list)
        for unit in units:
            self._by_code[unit.code].append(unit)
            self._by_level[unit.area_kind, unit.province].append(unit)
        named = ((self.on(code, day), short) for (code, day), short in short_names.items())
        self._shorts = {(unit.code, unit.valid_from): short for unit, short in named if unit is not None}
        self._names: dict[tuple[str, date, bool], dict[str, str]] = {}
        self.formed = _formed(units)
        """Former district -> the communes in force that were made from it."""

    def on(self, code: str | None, day: date) -> AdminUnit | None:
        """The unit a code stood for on a day."""
        return next((unit for unit in self._by_code.get(code or "", ()) if unit.holds_on(day)), None)

    def before(self, unit: AdminUnit) -> tuple[AdminUnit, ...]:
        """The units it was made of, as they were the day before."""
        day = unit.valid_from - _ONE_DAY if unit.predecessors else unit.valid_from
        found = (self.on(code, day) for code in unit.predecessors)
        return tuple(one for one in found if one is not None)

    def district(self, unit: AdminUnit) -> AdminUnit | None:
        """The district it lay in, or itself: an island district had no communes."""
        return unit if unit.area_kind is AreaKind.DISTRICT else self.on(unit.parent, unit.valid_from)

    def of(self, level: AreaKind, provinces: Iterable[str]) -> list[AdminUnit]:
        """All units of a level in these provinces, ended ones included."""
        return [unit for code in provinces for unit in self._by_level.get((level, code), ())]

    def names(self, unit: AdminUnit, *, now: bool) -> dict[str, str]:
        """What stands for the braces of a template; `now` means the province its communes lie in since it ended."""
        known = self._names.get((unit.code, unit.valid_from, now))
        if known is None:
            known = self._names[unit.code, unit.valid_from, now] = self._named(unit, now=now)
        return known

    def _named(self, unit: AdminUnit, *, now: bool) -> dict[str, str]:
        province = self._province_now(unit) if now else self.on(unit.province, unit.valid_from)
        district = self.on(unit.parent, unit.valid_from)
        return {
            "name": unit.name,
            "unit_vi": unit.name_vi,
            "unit_en": unit.name_en,
            "short": self._short(unit),
            "province": self._short(province),
            "province_vi": "" if province is None else province.name_vi,
            "province_en": "" if province is None else province.name_en,
            "district": self._short(district),
        }

    def _province_now(self, unit: AdminUnit) -> AdminUnit | None:
        """The province of the communes made from a former district."""
        commune = next((one for one in self._by_code[self.formed[unit.code][0]] if one.valid_to is None), None)
        return None if commune is None else self.on(commune.province, commune.valid_from)

    def _short(self, unit: AdminUnit | None) -> str:
        """The short name the register gives it, otherwise its code."""
        return "" if unit is None else self._shorts.get((unit.code, unit.valid_from), unit.code)


def _formed(units: Iterable[AdminUnit]) -> dict[str, tuple[str, ...]]:
    """Former district -> communes in force: a new commune kept the code of one of those it was made of.

    Only an island district without communes became a special zone with a code of its own.
    """
    communes = [unit for unit in units if unit.area_kind is AreaKind.COMMUNE]
    district = {unit.code: unit.parent for unit in communes if unit.valid_to is not None}
    formed: defaultdict[str, list[str]] = defaultdict(list)
    for unit in communes:
        if unit.valid_to is None:
            islands = () if unit.code in unit.predecessors else unit.predecessors
            if former := district.get(unit.code) or next(iter(islands), None):
                formed[former].append(unit.code)
    return {code: tuple(found) for code, found in formed.items()}
