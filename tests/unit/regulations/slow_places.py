"""Says what facts mean on the map and whom a target means, the slow and obvious way."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from contracts.decisions import Addressee, Facts
from contracts.register import AreaKind
from services.routing.regulations.rules.agency_types import COMMUNE_LEVEL
from services.routing.regulations.rules.targets import (
    AgencyTarget,
    AnyTarget,
    CommonTarget,
    Of,
    OneTarget,
    ReporterTarget,
    SuperiorTarget,
    Target,
    TypeTarget,
)
from services.routing.regulations.rules.when import AreaRelation
from tests.unit.regulations.slow_register import Day, distinct


@dataclass(frozen=True)
class Meaning:
    """Facts on two days of a register."""

    facts: Facts
    then: Day
    now: Day

    @cached_property
    def communes(self) -> list[str]:
        found = [(code, self.then.area(code)) for code in distinct(self.facts.communes)]
        return [code for code, area in found if area and area.kind is AreaKind.COMMUNE]

    @cached_property
    def areas(self) -> list[str]:
        return [code for code in distinct(self.facts.areas) if self.then.area(code)] or self.communes

    @cached_property
    def provinces(self) -> list[str]:
        return self.then.of_kind([*self.areas, *self.communes], AreaKind.PROVINCE)

    @cached_property
    def relations(self) -> set[AreaRelation]:
        found = {AreaRelation.POSITION_UNKNOWN} if self.facts.position_unknown else set()
        if len(self.provinces) > 1:
            found.add(AreaRelation.SEVERAL_PROVINCES)
        elif len(self.communes) > 1:
            found.add(AreaRelation.SEVERAL_COMMUNES)
        elif self.communes:
            found.add(AreaRelation.ONE_COMMUNE)
        elif self.provinces:
            found.add(AreaRelation.ONE_PROVINCE)
        kinds = {area.kind.value for code in self.areas if (area := self.then.area(code))}
        return found | {relation for relation in AreaRelation if relation.value in kinds}


@dataclass(frozen=True)
class Who:
    """The facts, and the agency that leads once that is known."""

    seen: Meaning
    lead: str | None = None
    holder: str | None = None


def waits(target: Target) -> bool:
    each = target.any_one_of if isinstance(target, AnyTarget) else (target,)
    return any(isinstance(one, SuperiorTarget) and one.superior_of == "lead" for one in each)


def desks(target: Target, who: Who, missing: list[str]) -> list[Addressee]:
    """The desks meant; why somebody is missing is added to `missing`."""
    if isinstance(target, AnyTarget):
        return distinct(desk for one in target.any_one_of for desk in desks(one, who, missing))
    found: list[Addressee] = []
    for exists, agency in agencies(target, who):
        desk = who.seen.now.desk(agency, target.desk) if exists else agency
        if isinstance(desk, Addressee):
            found.append(desk)
        else:
            missing.append(desk)
    return distinct(found)


def agencies(target: OneTarget, who: Who) -> Iterator[tuple[bool, str]]:
    """(True, agency) or (False, why there is none)."""
    seen = who.seen
    match target:
        case TypeTarget():
            yield from of_type(target, seen)
        case SuperiorTarget():
            of = {"reporter": seen.facts.first_reporter, "lead": who.lead, "holder": who.holder}[target.superior_of]
            if of is None:
                yield False, "there is no lead whose superior could be told"
                return
            above = seen.now.superiors(of, target.tree)
            nobody = [(False, f"{of} has no superior in the {target.tree.value} tree")]
            yield from [(True, code) for code in above] or nobody
        case CommonTarget():
            yield common(target, seen)
        case ReporterTarget():
            yield True, seen.facts.first_reporter
        case AgencyTarget():
            yield True, target.agency


def of_type(target: TypeTarget, seen: Meaning) -> Iterator[tuple[bool, str]]:
    wanted = {Of.COMMUNE: seen.communes, Of.PROVINCE: seen.provinces, Of.AREA: seen.areas}[target.of]
    if not wanted:
        yield False, f"no {target.of.value} is known, so no {target.agency_type.value}"
    for area in wanted:
        outward = seen.then.around(area) if target.of is Of.AREA else [area]
        yield from nearest(target.agency_type.value, area, outward, seen)


def nearest(agency_type: str, area: str, outward: list[str], seen: Meaning) -> list[tuple[bool, str]]:
    for around in outward:
        if seen.now.area(around) is not seen.then.area(around):
            return [(False, f"{around} is another area now than on the day it happened")]
        if found := seen.now.covering(agency_type, around):
            return [(True, code) for code in found]
    return [(False, f"no {agency_type} covers {area}")]


def common(target: CommonTarget, seen: Meaning) -> tuple[bool, str]:
    foot = COMMUNE_LEVEL[target.tree]
    feet = [found for commune in seen.communes for found in nearest(foot, commune, [commune], seen)]
    for exists, reason in feet:
        if not exists:
            return False, reason
    lines = [seen.now.line(code, target.tree) for _, code in feet]
    shared = [code for code in (lines[0] if lines else []) if all(code in other for other in lines)]
    nobody = (False, f"the communes have no common superior in the {target.tree.value} tree")
    return (True, shared[0]) if shared else nobody
