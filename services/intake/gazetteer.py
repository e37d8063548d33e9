"""Which places a unit can choose from: communes and other areas by province, as they stand on one day. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from contracts.places import AreaCode
from contracts.register import Agency, Area, AreaKind, Register

NOWHERE = ""
"""Stands for the province of what lies in none: waters, and areas of the whole nation."""


class Gazetteer:
    """The areas of a register as people look for them."""

    def __init__(self, register: Register) -> None:
        self._areas = register.areas
        self._agencies: defaultdict[str, list[Agency]] = defaultdict(list)
        for agency in register.agencies:
            self._agencies[agency.code].append(agency)

    def provinces(self, day: date) -> list[Area]:
        """Every province of the register that day."""
        return [area for area in self._areas if area.kind is AreaKind.PROVINCE and area.holds_on(day)]

    def by_province(self, day: date) -> dict[AreaCode, list[Area]]:
        """Everything that can be named as a place that day, under each province it lies in, else under `NOWHERE`."""
        valid = {area.code: area for area in self._areas if area.holds_on(day)}
        found: dict[AreaCode, list[Area]] = {code: [] for code in (NOWHERE, *(one.code for one in self.provinces(day)))}
        for area in valid.values():
            if area.kind is not AreaKind.NATION:
                for province in _provinces_of(area.code, valid) or {NOWHERE}:
                    found[province].append(area)
        return found

    def home(self, agency: str, day: date) -> AreaCode | None:
        """The one province in which an agency answers for anything; None where there is none or more than one."""
        valid = {area.code: area for area in self._areas if area.holds_on(day)}
        held = self.answered_for(agency, day)
        found = {province for code in held for province in _provinces_of(code, valid)}
        return found.pop() if len(found) == 1 else None

    def answered_for(self, agency: str, day: date) -> frozenset[AreaCode]:
        """The areas in which an agency answers for anything."""
        held = (one for one in self._agencies.get(agency, ()) if one.holds_on(day))
        return frozenset(code for one in held for code in one.covers)

    def communes(self, day: date, of: frozenset[AreaCode] | None = None) -> dict[AreaCode, Area]:
        """All communes of the register that day, or those that these areas are, hold or lie in."""
        valid = {area.code: area for area in self._areas if area.holds_on(day)}
        communes = {code: area for code, area in valid.items() if area.kind is AreaKind.COMMUNE}
        if of is None:
            return communes
        around = {code for one in of for code in _above(one, valid)}
        return {
            code: area for code, area in communes.items() if code in around or not of.isdisjoint(_above(code, valid))
        }

    def unit_name(self, agency: str, unit: str, day: date) -> tuple[str, str] | None:
        """What a unit is called in Vietnamese and English; None for a stranger."""
        for one in self._agencies.get(agency, ()):
            for each in one.units if one.holds_on(day) else ():
                if each.code == unit and each.holds_on(day):
                    return f"{each.name_vi}, {one.name_vi}", f"{each.name_en}, {one.name_en}"
        return None


def _provinces_of(code: AreaCode, valid: Mapping[AreaCode, Area]) -> set[AreaCode]:
    """The provinces that an area is or lies in, by whatever lies between."""
    return {one for one in _above(code, valid) if valid[one].kind is AreaKind.PROVINCE}


def _above(code: AreaCode, valid: Mapping[AreaCode, Area]) -> set[AreaCode]:
    """An area and everything it lies in; nothing for one that is not there."""
    found: set[AreaCode] = set()
    waiting = [code]
    while waiting:
        area = valid.get(waiting.pop())
        if area is not None and area.code not in found:
            found.add(area.code)
            waiting.extend(area.parents)
    return found
