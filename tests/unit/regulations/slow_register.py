"""Reads a register the slow and obvious way: every question goes through all its records."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

from contracts.decisions import Addressee
from contracts.register import Agency, Area, AreaKind, Register, Tree

RANK = {AreaKind.NATION: 4, AreaKind.OPEN_SEA: 4, AreaKind.PROVINCE: 3, AreaKind.DISTRICT: 2}
ValueT = TypeVar("ValueT")


def distinct(found: Iterable[ValueT]) -> list[ValueT]:
    return list(dict.fromkeys(found))


class Day:
    """The register on one day."""

    def __init__(self, register: Register, day: date) -> None:
        self._register = register
        self.day = day

    def area(self, code: str) -> Area | None:
        return next((a for a in reversed(self._register.areas) if a.code == code and a.holds_on(self.day)), None)

    def agency(self, code: str) -> Agency | None:
        valid = (a for a in reversed(self._register.agencies) if a.code == code and a.holds_on(self.day))
        return next(valid, None)

    def around(self, code: str) -> list[str]:
        """The area and all that contain it, nearest first."""
        found: list[str] = []
        layer = [code]
        while layer := [c for c in distinct(layer) if c not in found and self.area(c)]:
            found += layer
            layer = [parent for c in layer if (area := self.area(c)) for parent in area.parents]
        return found

    def of_kind(self, codes: Iterable[str], kind: AreaKind) -> list[str]:
        every = distinct(outer for code in codes for outer in self.around(code))
        return [code for code in every if (area := self.area(code)) and area.kind is kind]

    def covering(self, agency_type: str, area: str) -> list[str]:
        valid = (a for a in self._register.agencies if a.holds_on(self.day) and a.type == agency_type)
        return distinct(a.code for a in valid for code in a.covers if code == area)

    def covers_all(self, code: str, areas: Iterable[str]) -> bool:
        agency = self.agency(code)
        covers = agency.covers if agency else ()
        return all(any(outer in covers for outer in self.around(area)) for area in areas)

    def rank(self, code: str) -> int:
        agency = self.agency(code)
        areas = (self.area(covered) for covered in (agency.covers if agency else ()))
        return max((RANK.get(area.kind, 1) for area in areas if area), default=1)

    def superiors(self, code: str, tree: Tree) -> list[str]:
        agency = self.agency(code)
        above = [r for r in (agency.relations if agency else ()) if r.tree is tree and r.holds_on(self.day)]
        return [relation.superior for relation in above if self.agency(relation.superior)]

    def line(self, code: str, tree: Tree) -> list[str]:
        """All superiors, nearest first."""
        found: list[str] = []
        layer = self.superiors(code, tree)
        while layer:
            found += layer
            above = distinct(upper for lower in layer for upper in self.superiors(lower, tree))
            layer = [upper for upper in above if upper not in found and upper != code]
        return distinct(found)

    def everyone_above(self, code: str) -> set[str]:
        """All superiors in whichever trees."""
        found: set[str] = set()
        while more := {above for c in {code, *found} for tree in Tree for above in self.superiors(c, tree)} - found:
            found |= more
        return found

    def desk(self, code: str, desk: str | None) -> Addressee | str:
        """The desk, or why there is none."""
        agency = self.agency(code)
        if agency is None:
            return f"agency {code} is not in the register on that day"
        desks = [d.code for d in agency.desks if d.holds_on(self.day)]
        if desk is None:
            return Addressee(agency=code, desk=desks[0]) if desks else f"agency {code} has no desk"
        return Addressee(agency=code, desk=desk) if desk in desks else f"agency {code} has no desk {desk}"

    def chain(self, code: str, tree: Tree) -> Iterator[Addressee]:
        for superior in self.line(code, tree):
            if isinstance(desk := self.desk(superior, None), Addressee):
                yield desk

    def stand_ins(self, desk: Addressee) -> list[Addressee]:
        """The desk's deputy, the deputy's deputy and so on, then whoever is in charge of the shift."""
        agency = self.agency(desk.agency)
        valid = {d.code: d for d in (agency.desks if agency else ()) if d.holds_on(self.day)}
        found: list[str] = []
        last = desk.desk
        while last in valid and (deputy := valid[last].deputy) in valid and deputy not in [desk.desk, *found]:
            last = str(deputy)
            found.append(last)
        found += [code for code, one in valid.items() if one.duty_command and code not in (desk.desk, *found)]
        return [Addressee(agency=desk.agency, desk=code) for code in found]
