"""Loads the register and refuses one that contradicts itself: unknown codes, overlaps, loops. It resolves nothing."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from contracts.register import Agency, AreaKind, Desk, FieldUnit, Register, Tree
from services.runtime import documents
from services.runtime.register.admin_units import AdminUnit, read_units
from services.runtime.register.document import RegisterDocument
from services.runtime.register.expansion import Expansion, Fault, expanded


class _Dated(Protocol):
    """Anything with a period of validity, both ends included."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


DatedT = TypeVar("DatedT", bound=_Dated)
Placed = tuple[documents.Location, DatedT]


def load_register(path: Path) -> Register:
    """The register in this file or folder, in full. Raises `documents.DocumentError` with every fault found."""
    register, found = examine_register(path)
    if found:
        raise documents.DocumentError(found)
    return register


def examine_register(path: Path) -> tuple[Register, tuple[documents.Finding, ...]]:
    """The same, keeping a register whose records can be read but contradict each other, with every fault."""
    written = documents.read(path, RegisterDocument)
    full = expanded(written.content, _units(written, path))
    contradictions = faults(full.register, len(written.content.areas))
    found = _collapsed([*full.faults, *(_located(fault, full) for fault in contradictions)])
    return full.register, tuple(written.finding(*fault) for fault in found)


def _units(written: documents.Written[RegisterDocument], path: Path) -> tuple[AdminUnit, ...]:
    """The units of the list the document names."""
    if (named := written.content.admin_units) is None:
        return ()
    folder = path if path.is_dir() else path.parent
    return read_units(folder / named.file, frozenset(named.provinces) or None)


def _located(fault: Fault, full: Expansion) -> Fault:
    """The fault where a person can mend it: in the template that made the agency."""
    match fault.location:
        case ("agencies", int(index), *rest):
            origin = full.origins[index]
            if origin[0] == "agencies":
                return fault
            problem = f"{fault.problem} (for {full.register.agencies[index].code})"
            return Fault((*origin, *rest), problem, fault.fix)
        case _:
            return fault


def _collapsed(found: Sequence[Fault]) -> list[Fault]:
    """One fault for each place of the document: a wrong template would otherwise be refused hundreds of times."""
    by_place: dict[documents.Location, list[Fault]] = {}
    for fault in found:
        by_place.setdefault((*fault.location, fault.fix), []).append(fault)
    return [
        first if len(alike) == 1 else first._replace(problem=f"{first.problem}, and {len(alike) - 1} more like it")
        for alike in by_place.values()
        for first in alike[:1]
    ]


def faults(register: Register, own_areas: int | None = None) -> Iterator[Fault]:
    """Every contradiction in the register; of the areas only the first so many are looked at, all without a number."""
    own = len(register.areas) if own_areas is None else own_areas
    yield from _periods(register, own)
    yield from _areas(register, own)
    yield from _agencies(register)
    yield from _relations(register)
    yield from _loops(register)
    if not any(area.kind is AreaKind.NATION for area in register.areas):
        yield Fault(("areas",), "no area of kind nation", "add the nation: everything else lies in it")


def _periods(register: Register, own: int) -> Iterator[Fault]:
    """Periods that end before they start."""
    for location, record in _records(register, own):
        if record.valid_to is not None and record.valid_to < record.valid_from:
            problem = f"valid_to {record.valid_to} is before valid_from {record.valid_from}"
            yield Fault((*location, "valid_to"), problem, "correct one of the dates")


def _records(register: Register, own: int) -> Iterator[Placed[_Dated]]:
    """Every dated record of the document with its location; what agencies of one template share comes once."""
    for index, area in enumerate(register.areas[:own]):
        yield ("areas", index), area
    seen: set[int] = set()
    for index, agency in enumerate(register.agencies):
        yield ("agencies", index), agency
        for name, records in (("relations", agency.relations), ("desks", agency.desks), ("units", agency.units)):
            if records and id(records) not in seen:
                seen.add(id(records))
                yield from ((("agencies", index, name, number), record) for number, record in enumerate(records))


def _areas(register: Register, own: int) -> Iterator[Fault]:
    """Area codes used twice at one time, and parents that do not exist then."""
    known = _by(register.areas, lambda area: area.code)
    parents = {area.code: area.parents for area in register.areas}
    for index, area in enumerate(register.areas[:own]):
        location: documents.Location = ("areas", index)
        if any(other is not area and _overlap(area, other) for other in known[area.code]):
            problem = f"area code {area.code} stands for two records at one time"
            yield Fault((*location, "code"), problem, "rename one or end the other before")
        for number, parent in enumerate(area.parents):
            yield from _missing((*location, "parents", number), f"area {parent}", known.get(parent, ()), area)
        if area.code in _reachable(parents, area.parents):
            yield Fault((*location, "parents"), f"area {area.code} contains itself", "correct its parents")


def _agencies(register: Register) -> Iterator[Fault]:
    """Agency, desk and unit codes used twice at one time, ids used twice, areas and predecessors that do not exist."""
    placed: list[Placed[Agency]] = [(("agencies", index), agency) for index, agency in enumerate(register.agencies)]
    yield from _repeated(placed, lambda agency: agency.code, "agency code")
    ids = _by(register.agencies, lambda agency: agency.id)
    known = _by(register.areas, lambda area: area.code)
    for location, agency in placed:
        if len(ids[agency.id]) > 1:
            yield Fault((*location, "id"), f"id {agency.id} stands for two agencies", "give each its own id")
        for number, code in enumerate(agency.covers):
            yield from _missing((*location, "covers", number), f"area {code}", known.get(code, ()), agency)
        for number, predecessor in enumerate(agency.predecessors):
            yield from _succession((*location, "predecessors", number), agency, ids.get(predecessor, ()), predecessor)
        yield from _deputies(location, agency)
        yield from _duty_commands(location, agency)
        parts: tuple[tuple[str, Sequence[Desk | FieldUnit]], ...] = (("desks", agency.desks), ("units", agency.units))
        for part, records in parts:
            if len(records) > 1:
                codes = [((*location, part, number), record) for number, record in enumerate(records)]
                yield from _repeated(codes, lambda record: record.code, f"{part[:-1]} code")


def _deputies(location: documents.Location, agency: Agency) -> Iterator[Fault]:
    """Deputy desks that do not exist when they are needed, or stand in for themselves."""
    deputies = {desk.code: (desk.deputy,) for desk in agency.desks if desk.deputy is not None}
    for number, desk in enumerate(agency.desks if deputies else ()):
        if desk.deputy is None:
            continue
        place = (*location, "desks", number, "deputy")
        others = [other for other in agency.desks if other.code == desk.deputy]
        yield from _missing(place, f"desk {desk.deputy} of {agency.code}", others, desk)
        if desk.code in _reachable(deputies, (desk.deputy,)):
            yield Fault(place, f"desk {desk.code} becomes its own deputy", "correct one deputy of the loop")


def _duty_commands(location: documents.Location, agency: Agency) -> Iterator[Fault]:
    """Two desks in charge of one agency's shift at one time."""
    earlier: list[Desk] = []
    for number, desk in enumerate(agency.desks):
        if desk.duty_command:
            if (other := next((one for one in earlier if _overlap(one, desk)), None)) is not None:
                problem = f"{other.code} and {desk.code} are both the duty command of {agency.code} at one time"
                yield Fault((*location, "desks", number, "duty_command"), problem, "mark one, or end the other before")
            earlier.append(desk)


def _succession(
    location: documents.Location, agency: Agency, found: Sequence[Agency], predecessor: UUID
) -> Iterator[Fault]:
    """A predecessor that nobody is, or that has not ended when the agency begins: both would answer for its place."""
    if not found:
        yield Fault(location, f"no agency has id {predecessor}", "correct the id")
    elif (ended := found[0].valid_to) is None or ended >= agency.valid_from:
        problem = f"predecessor {found[0].code} has not ended before {agency.code} begins on {agency.valid_from}"
        yield Fault(location, problem, "end it the day before, or remove it")


def _relations(register: Register) -> Iterator[Fault]:
    """Superiors that do not exist while the relation holds, or that nobody could escalate to."""
    known = _by(register.agencies, lambda agency: agency.code)
    for index, agency in enumerate(register.agencies):
        for number, relation in enumerate(agency.relations):
            location = ("agencies", index, "relations", number, "superior")
            superiors = known.get(relation.superior, ())
            yield from _missing(location, f"agency {relation.superior}", superiors, relation)
            if superiors and not any(superior.desks for superior in superiors):
                yield Fault(location, f"{relation.superior} has no desk", "give it a duty desk")


def _loops(register: Register) -> Iterator[Fault]:
    """Agencies that are their own superior in one tree at one time."""
    edges: defaultdict[Tree, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for agency in register.agencies:
        for relation in agency.relations:
            edges[relation.tree][agency.code].add(relation.superior)
    rings = {tree: _ringed(above) for tree, above in edges.items()}
    for index, agency in enumerate(register.agencies):
        for number, relation in enumerate(agency.relations):
            if agency.code not in rings[relation.tree]:
                continue
            above = _above(register.agencies, relation.tree, relation.valid_from)
            if agency.code in _reachable(above, (relation.superior,)):
                location = ("agencies", index, "relations", number)
                problem = f"{agency.code} becomes its own superior in the {relation.tree.value} tree"
                yield Fault(location, problem, "correct one superior of the loop")


def _ringed(above: Mapping[str, set[str]]) -> set[str]:
    """What is left when all who lead nowhere are taken away again and again: loops and those below them, any date."""
    below: defaultdict[str, set[str]] = defaultdict(set)
    left = {code: len(superiors) for code, superiors in above.items()}
    for code, superiors in above.items():
        for superior in superiors:
            below[superior].add(code)
    free = [code for code in below if code not in left]
    while free:
        for code in below.get(free.pop(), ()):
            left[code] -= 1
            if not left[code]:
                free.append(code)
    return {code for code, number in left.items() if number}


def _above(agencies: Iterable[Agency], tree: Tree, day: date) -> dict[str, set[str]]:
    """Superiors of every agency in one tree on one day."""
    return {
        agency.code: {r.superior for r in agency.relations if r.tree is tree and r.holds_on(day)}
        for agency in agencies
        if agency.holds_on(day)
    }


def _reachable(edges: Mapping[str, Iterable[str]], start: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    open_ = list(start)
    while open_:
        if (code := open_.pop()) not in seen:
            seen.add(code)
            open_.extend(edges.get(code, ()))
    return seen


def _missing(location: documents.Location, name: str, found: Sequence[_Dated], user: _Dated) -> Iterator[Fault]:
    """A fault when nothing of that name exists on the first day it is referred to."""
    if not found:
        yield Fault(location, f"{name} is not in the register", "add it or correct the code")
    elif not any(record.valid_from <= user.valid_from <= (record.valid_to or date.max) for record in found):
        problem = f"{name} does not exist on {user.valid_from}"
        yield Fault(location, problem, "correct valid_from here or there")


def _repeated(placed: Sequence[Placed[DatedT]], key: Callable[[DatedT], str], name: str) -> Iterator[Fault]:
    """A fault for every record whose key stands for another record on the same day."""
    earlier: defaultdict[str, list[DatedT]] = defaultdict(list)
    for location, record in placed:
        if any(_overlap(record, other) for other in earlier[key(record)]):
            problem = f"{name} {key(record)} stands for two records at one time"
            yield Fault((*location, "code"), problem, "rename one or end the other before")
        earlier[key(record)].append(record)


def _overlap(one: _Dated, other: _Dated) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)


KeyT = TypeVar("KeyT", bound=Hashable)


def _by(records: Iterable[DatedT], key: Callable[[DatedT], KeyT]) -> dict[KeyT, list[DatedT]]:
    """The records under each key."""
    grouped: defaultdict[KeyT, list[DatedT]] = defaultdict(list)
    for record in records:
        grouped[key(record)].append(record)
    return dict(grouped)
