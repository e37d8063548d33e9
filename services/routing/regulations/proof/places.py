"""Which places of a register are worth trying: one for every way in which areas lie and agencies cover them.

Two places with the same surroundings, covered by the same kinds of agencies, cannot make a rule answer differently.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain, combinations, product
from typing import Final, NamedTuple

from contracts.register import Agency, AreaKind, Tree
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex
from services.routing.regulations.rules.when import NAMED_KINDS, AreaRelation

_ONE_DAY: Final = timedelta(days=1)
Make = tuple[str, frozenset[str], frozenset[Tree]]
"""A type of agency with the desks and the trees of superiors that one of them has."""
Staff = Mapping[str, frozenset[Make]]
Signature = tuple[tuple[AreaKind, frozenset[Make]], ...]
Kinds = Mapping[str, int]
"""Area -> the number of its signature."""
_NOBODY: Final[frozenset[Make]] = frozenset()


class Place(NamedTuple):
    """Where a tried report says it is."""

    areas: tuple[str, ...] = ()
    """Most specific first, as facts name them."""
    communes: tuple[str, ...] = ()
    relations: frozenset[AreaRelation] = frozenset()
    in_province: bool = False
    position_unknown: bool = False

    @property
    def kinds(self) -> frozenset[AreaRelation]:
        """The kinds of area it names, beside how far it extends."""
        return self.relations.intersection(NAMED_KINDS.values())

    def lost(self) -> "Place":
        """The same, and the report says that nobody knows the position."""
        return self._replace(position_unknown=True, relations=self.relations | {AreaRelation.POSITION_UNKNOWN})


def change_days(register: RegisterIndex, first: date) -> Iterator[date]:
    """Days after the first on which the register begins to say something else."""
    records = register.register
    agencies = ((agency, *agency.relations, *agency.desks) for agency in records.agencies)
    for record in chain.from_iterable((records.areas, *agencies)):
        for day in (record.valid_from, record.valid_to and record.valid_to + _ONE_DAY):
            if day is not None and day > first:
                yield day


class Terrain:
    """The areas of one day and who answers for them, sorted once into those that lie and are covered alike."""

    def __init__(self, day: RegisterDay, on: date) -> None:
        self.day = day
        self.staff = staff(day, on)
        first: dict[Signature, str] = {}
        self.alike = {code: first.setdefault(signature(code, day, self.staff), code) for code in day.areas}
        """Area -> the first that no rule can tell from it, whichever types of agency it addresses."""
        self.communes: dict[str, list[str]] = {}
        """Province -> its communes."""
        for code, area in day.areas.items():
            if area.kind is AreaKind.COMMUNE:
                for province in day.of_kind((code,), AreaKind.PROVINCE):
                    self.communes.setdefault(province, []).append(code)
        self._places: dict[tuple[str, ...], Place] = {}

    def place(self, *codes: str) -> Place:
        """The place that names exactly these areas."""
        if codes not in self._places:
            self._places[codes] = self._place(codes)
        return self._places[codes]

    def _place(self, codes: tuple[str, ...]) -> Place:
        day = self.day
        areas = tuple(sorted(set(codes), key=lambda code: (-len(day.surroundings(code)), code)))
        communes, provinces = day.of_kind(areas, AreaKind.COMMUNE), day.of_kind(areas, AreaKind.PROVINCE)
        kinds = (NAMED_KINDS.get(day.areas[code].kind) for code in areas)
        relations = {*_extent(communes, provinces), *(kind for kind in kinds if kind is not None)}
        return Place(areas, communes, frozenset(relations), bool(provinces))


class Landscape:
    """The places worth trying on one day for rules that address these types of agency and name these kinds of area."""

    def __init__(self, terrain: Terrain, types: frozenset[str], kinds: frozenset[AreaRelation]) -> None:
        self._terrain = terrain
        self._day = terrain.day
        self._kinds = kinds
        around = {outer for code in set(terrain.alike.values()) for outer in self._day.surroundings(code)}
        makes = {area: frozenset(m for m in terrain.staff.get(area, _NOBODY) if m[0] in types) for area in around}
        numbers: dict[Signature, int] = {}
        shown = {
            code: numbers.setdefault(signature(code, self._day, makes), len(numbers))
            for code in set(terrain.alike.values())
        }
        self._signatures = {code: shown[first] for code, first in terrain.alike.items()}
        found = {place.areas: place for place in self._all()}.values()
        lost = AreaRelation.POSITION_UNKNOWN in kinds
        self.places = (*found, *(place.lost() for place in found)) if lost else tuple(found)

    def place(self, *codes: str) -> Place:
        """The place that names exactly these areas."""
        return self._terrain.place(*codes)

    def _all(self) -> Iterator[Place]:
        yield Place()
        alone = self._one_of_each(self._day.areas)
        yield from (self.place(code) for code in alone)
        named = [code for code in alone if NAMED_KINDS.get(self._day.areas[code].kind) in self._kinds]
        yield from (self.place(*codes) for codes in combinations(named, 2) if self._of_two_kinds(*codes))
        communes = self._communes()
        provinces = combinations(_two_of_each(communes, self._signatures), 2)
        for pairs in (_neighbours(communes), _strangers(communes), provinces):
            yield from (self.place(*codes) for codes in _distinct(pairs, self._signatures))
        for code in named:
            yield from (self.place(code, other) for other in self._elsewhere(code, communes))

    def _communes(self) -> dict[str, list[str]]:
        """Province -> its communes, at most two of each signature."""
        return {province: _two_of_each(codes, self._signatures) for province, codes in self._terrain.communes.items()}

    def _elsewhere(self, code: str, communes: dict[str, list[str]]) -> Iterator[str]:
        """One commune of the same province and one of another, neither of which holds this area."""
        home = self._day.of_kind((code,), AreaKind.PROVINCE)
        inside = self._day.of_kind((code,), AreaKind.COMMUNE)
        for same in (True, False):
            others = (c for province, held in communes.items() if (province in home) is same for c in held)
            yield from [c for c in others if c not in inside][:1]

    def _of_two_kinds(self, one: str, other: str) -> bool:
        return self._day.areas[one].kind is not self._day.areas[other].kind

    def _one_of_each(self, codes: Iterable[str]) -> list[str]:
        return list({self._signatures[code]: code for code in reversed(list(codes))}.values())[::-1]


def signature(code: str, day: RegisterDay, held: Staff) -> Signature:
    """What an area and everything around it is, and which kinds of agencies answer for each."""
    return tuple((day.areas[around].kind, held.get(around, _NOBODY)) for around in day.surroundings(code))


def staff(day: RegisterDay, on: date) -> Staff:
    """Area -> the agencies that cover it, told apart by type, desks and the trees of their superiors."""
    found: defaultdict[str, set[Make]] = defaultdict(set)
    for agency in day.agencies.values():
        make = _make(agency, on)
        for area in agency.covers:
            found[area].add(make)
    return {area: frozenset(held) for area, held in found.items()}


def _make(agency: Agency, on: date) -> Make:
    desks = frozenset(desk.code for desk in agency.desks if desk.holds_on(on))
    return agency.type, desks, frozenset(r.tree for r in agency.relations if r.holds_on(on))


def _extent(communes: tuple[str, ...], provinces: tuple[str, ...]) -> Iterator[AreaRelation]:
    if len(provinces) > 1:
        yield AreaRelation.SEVERAL_PROVINCES
    elif len(communes) > 1:
        yield AreaRelation.SEVERAL_COMMUNES
    elif communes:
        yield AreaRelation.ONE_COMMUNE
    elif provinces:
        yield AreaRelation.ONE_PROVINCE


def _two_of_each(codes: Iterable[str], signatures: Kinds) -> list[str]:
    """Two of a kind make a pair of that kind; more of them make no other."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for code in codes:
        found[signatures[code]].append(code)
    return [code for alike in found.values() for code in alike[:2]]


def _neighbours(communes: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Pairs inside one province."""
    for held in communes.values():
        yield from combinations(held, 2)


def _strangers(communes: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Pairs across two provinces."""
    for one, other in combinations(communes.values(), 2):
        yield from product(one, other)


def _distinct(pairs: Iterable[tuple[str, str]], signatures: Kinds) -> Iterator[tuple[str, str]]:
    """One pair for each two signatures."""
    seen: set[frozenset[int]] = set()
    for one, other in pairs:
        key = frozenset({signatures[one], signatures[other]})
        if key not in seen:
            seen.add(key)
            yield one, other
