"""Works out what a register document says in full: one agency for each unit of each template, the same every time.

Codes, names, superiors and ids follow from the document and the list of units alone. Contradictions are found later.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from contracts.identifiers import derived_id
from contracts.register import Agency, AreaKind, Register, Relation, Tree
from contracts.text import TOKEN_PATTERN
from services.runtime.documents import Location
from services.runtime.register.admin_units import AdminUnit
from services.runtime.register.atlas import Atlas
from services.runtime.register.document import (
    Addition,
    Per,
    RegisterDocument,
    Template,
    WrittenAgency,
    WrittenRelation,
)
from services.runtime.register.lineage import Lineage
from services.runtime.trusted import trusted

_SINCE_EVER: Final = date(1945, 9, 2)
_ONE_DAY: Final = timedelta(days=1)
_TOKEN: Final = re.compile(TOKEN_PATTERN)
_LEVELS: Final = {
    Per.PROVINCE: AreaKind.PROVINCE,
    Per.DISTRICT: AreaKind.DISTRICT,
    Per.COMMUNE: AreaKind.COMMUNE,
    Per.FORMER_DISTRICT: AreaKind.DISTRICT,
}


class Fault(NamedTuple):
    """Something in the register that cannot be true."""

    location: Location
    problem: str
    fix: str


class Period(NamedTuple):
    """First and last day; None means until further notice."""

    start: date
    end: date | None

    def within(self, start: date | None, end: date | None) -> "Period":
        """The part of it that also lies in another period."""
        ends = [day for day in (self.end, end) if day is not None]
        return Period(max(self.start, start or self.start), min(ends, default=None))

    @property
    def empty(self) -> bool:
        """Whether no day lies in it."""
        return self.end is not None and self.end < self.start


class _Plan(NamedTuple):
    """One agency of a template, before anything else about it is worked out."""

    template: int
    unit: AdminUnit
    code: str
    id: UUID


class _Held(NamedTuple):
    period: Period
    relations: tuple[tuple[WrittenRelation, Period], ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The full register, and where in the document each of its agencies comes from."""

    register: Register
    origins: tuple[Location, ...]
    faults: tuple[Fault, ...]


def expanded(document: RegisterDocument, units: Sequence[AdminUnit]) -> Expansion:
    """The register this document describes with these units; the document's own areas come first."""
    nation = next((area.code for area in document.areas if area.kind is AreaKind.NATION), None)
    atlas = Atlas(units, {(name.unit, name.on): name.short for name in document.short_names})
    full = _Full(document, atlas)
    agencies = (*full.written(), *full.made())
    register = Register.model_construct(
        version=document.version,
        as_of=document.as_of,
        label_vi=document.label_vi,
        label_en=document.label_en,
        areas=(*document.areas, *(unit.area(nation) for unit in units)),
        agencies=agencies,
    )
    return Expansion(register, tuple(full.origins), tuple(full.faults))


class _Full:
    """One expansion under way."""

    def __init__(self, document: RegisterDocument, atlas: Atlas) -> None:
        self.document, self.atlas = document, atlas
        self.origins: list[Location] = []
        self._periods: dict[tuple[int, date, date | None], _Held] = {}
        self._relations: dict[tuple[Tree, str, Period], Relation] = {}
        self.faults = list(self._unknown_units())
        self._lineage = Lineage(atlas)
        self._planned = tuple(self._plans())
        self._covers = [self._covers_of(index, agency) for index, agency in enumerate(document.agencies)]
        self._covering: defaultdict[tuple[str, str], list[WrittenAgency]] = defaultdict(list)
        for agency, covers in zip(document.agencies, self._covers, strict=True):
            for code in covers:
                self._covering[agency.type, code].append(agency)

    def written(self) -> Iterator[Agency]:
        """The agencies written out."""
        for index, (agency, covers) in enumerate(zip(self.document.agencies, self._covers, strict=True)):
            self.origins.append(("agencies", index))
            period = Period(agency.valid_from or _SINCE_EVER, agency.valid_to)
            relations = (self._relation(r, r.superior, covers, _stated(r, period)) for r in agency.relations)
            fields = {name: getattr(agency, name) for name in _KEPT}
            fields |= {"valid_from": period.start, "valid_to": period.end, "covers": covers}
            fields["predecessors"] = (*agency.predecessors, *self._followed(index, agency, period))
            related = tuple(relation for relation in relations if relation is not None)
            yield trusted(Agency, fields | {"relations": related})

    def made(self) -> Iterator[Agency]:
        """The agencies of the templates, with what the document adds to single ones."""
        additions = {addition.agency: addition for addition in self.document.additions}
        templates = self.document.templates
        shared = [{name: getattr(template, name) for name in _SHARED} for template in templates]
        for index, unit, code, id_ in self._planned:
            self.origins.append(("templates", index))
            template = templates[index]
            if not _TOKEN.fullmatch(code):
                problem = f"{code} is no agency code: lower-case letters, digits and hyphens, at most 32"
                self.faults.append(Fault(("templates", index, "code"), problem, "shorten the pattern or short name"))
            before = self._lineage.of_unit(template, unit)
            fields = shared[index] | self._fields(index, template, unit)
            agency = trusted(Agency, fields | {"id": id_, "code": code, "predecessors": before})
            yield agency if (more := additions.pop(code, None)) is None else _with(agency, more)
        for index, addition in enumerate(self.document.additions):
            if addition.agency in additions:
                problem = f"no template makes an agency {addition.agency}"
                self.faults.append(Fault(("additions", index, "agency"), problem, "correct the code"))

    def _plans(self) -> Iterator[_Plan]:
        """Which agencies the templates make; who follows whom is asked before any of them is made."""
        for index, template in enumerate(self.document.templates):
            for unit in self._units(template):
                code = template.code.format_map(self._names(template, unit))
                plan = _Plan(index, unit, code, derived_id("agency", code))
                self._lineage.add(template, unit, plan.id)
                yield plan

    def _fields(self, index: int, template: Template, unit: AdminUnit) -> dict[str, object]:
        """Everything else that differs from unit to unit."""
        names, held = self._names(template, unit), self._held(index, template, unit)
        covers = self.atlas.formed[unit.code] if template.per is Per.FORMER_DISTRICT else (unit.code,)
        relations = (
            self._relation(relation, relation.superior and relation.superior.format_map(names), covers, period)
            for relation, period in held.relations
        )
        return {
            "name_vi": template.name_vi.format_map(names),
            "name_en": template.name_en.format_map(names),
            "valid_from": held.period.start,
            "valid_to": held.period.end,
            "covers": covers,
            "relations": tuple(relation for relation in relations if relation is not None),
        }

    def _held(self, index: int, template: Template, unit: AdminUnit) -> "_Held":
        """When the agency and its relations hold: the same for all units of one period."""
        key = (index, unit.valid_from, unit.valid_to)
        if (held := self._periods.get(key)) is None:
            period = _period(template, unit)
            clipped = ((r, period.within(r.valid_from, r.valid_to)) for r in template.relations)
            held = self._periods[key] = _Held(period, tuple(one for one in clipped if not one[1].empty))
        return held

    def _units(self, template: Template) -> Iterator[AdminUnit]:
        """The units a template makes agencies for."""
        for unit in self.atlas.of(_LEVELS[template.per], template.provinces):
            if unit.code in template.without:
                continue
            if template.per is Per.FORMER_DISTRICT:
                if unit.code in self.atlas.formed:
                    yield unit
            elif not _period(template, unit).empty:
                yield unit

    def _names(self, template: Template, unit: AdminUnit) -> dict[str, str]:
        return self.atlas.names(unit, now=template.per is Per.FORMER_DISTRICT)

    def _relation(
        self, written: WrittenRelation, superior: str | None, covers: Sequence[str], held: Period
    ) -> Relation | None:
        """The relation in its period; none where nobody of the type covers the area."""
        if written.superior_covering is not None:
            superior = self._superior_covering(written.superior_covering, covers, held)
        if superior is None:
            return None
        key = (written.tree, superior, held)
        if (known := self._relations.get(key)) is None:
            fields = {"tree": written.tree, "superior": superior, "valid_from": held.start, "valid_to": held.end}
            known = self._relations[key] = trusted(Relation, fields)
        return known

    def _superior_covering(self, agency_type: str, covers: Sequence[str], held: Period) -> str | None:
        """The first agency of the type that covers the first of these areas at that time."""
        for code in covers:
            for agency in self._covering.get((agency_type, code), ()):
                if not held.within(agency.valid_from, agency.valid_to).empty:
                    return agency.code
        return None

    def _followed(self, index: int, agency: WrittenAgency, period: Period) -> tuple[UUID, ...]:
        """The agencies of the former districts that an agency written out comes after."""
        if agency.follows_district is None:
            return ()
        day = period.start - _ONE_DAY
        found = self._lineage.of_districts(agency.follows_district, agency.covers_former, day)
        if not found:
            problem = f"no template makes a {agency.follows_district} for a district in covers_former on {day}"
            fix = "correct the type, the districts or valid_from"
            self.faults.append(Fault(("agencies", index, "follows_district"), problem, fix))
        return found

    def _covers_of(self, index: int, agency: WrittenAgency) -> tuple[str, ...]:
        """What an agency written out covers, with the communes of former districts."""
        for number, code in enumerate(agency.covers_former):
            if code not in self.atlas.formed:
                problem = f"no commune was made from a district {code}"
                location = ("agencies", index, "covers_former", number)
                self.faults.append(Fault(location, problem, "correct the code of the former district"))
        communes = (commune for code in agency.covers_former for commune in self.atlas.formed.get(code, ()))
        return tuple(dict.fromkeys((*agency.covers, *communes)))

    def _unknown_units(self) -> Iterator[Fault]:
        for index, name in enumerate(self.document.short_names):
            if self.atlas.on(name.unit, name.on) is None:
                problem = f"no unit has the code {name.unit} on {name.on}"
                yield Fault(("short_names", index, "unit"), problem, "correct the code or the day")
        for index, template in enumerate(self.document.templates):
            for number, code in enumerate(template.provinces):
                if not self.atlas.of(AreaKind.PROVINCE, (code,)):
                    problem = f"no province has the code {code}"
                    yield Fault(("templates", index, "provinces", number), problem, "correct the code")


_SHARED: Final = ("type", "desks", "units", "source")
_KEPT: Final = ("id", "code", "type", "name_vi", "name_en", "desks", "units", "source")


def _with(agency: Agency, more: Addition) -> Agency:
    fields: dict[str, Iterable[object]] = {
        "covers": (*agency.covers, *more.covers),
        "desks": (*agency.desks, *more.desks),
        "units": (*agency.units, *more.units),
        "predecessors": (*agency.predecessors, *more.predecessors),
    }
    return agency.model_copy(update=fields)


def _stated(relation: WrittenRelation, period: Period) -> Period:
    """The dates written, otherwise those of the agency."""
    return Period(relation.valid_from or period.start, relation.valid_to or period.end)


def _period(template: Template, unit: AdminUnit) -> Period:
    """The time both hold; the agency of a former district outlives it."""
    own = Period(template.valid_from or _SINCE_EVER, template.valid_to)
    return own if template.per is Per.FORMER_DISTRICT else own.within(unit.valid_from, unit.valid_to)
