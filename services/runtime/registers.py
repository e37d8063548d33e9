"""Loads the register and refuses one that contradicts itself: unknown codes, overlaps, loops. It resolves nothing."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from contracts.register import Agency, Area, AreaKind, Register, Tree
from services.runtime import documents


class Fault(NamedTuple):
    """Something in the register that cannot be true."""

    location: documents.Location
    problem: str
    fix: str


class _Dated(Protocol):
    """Anything with a period of validity, both ends included."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


DatedT = TypeVar("DatedT", bound=_Dated)
Placed = tuple[documents.Location, DatedT]


def load_register(path: Path) -> Register:
    """The register in this file or folder. Raises `documents.DocumentError` with every fault found."""
    return documents.load(path, Register, faults)


def faults(register: Register) -> Iterator[Fault]:
    """Every contradiction in the register, in the order of the document."""
    yield from _periods(register)
    yield from _areas(register)
    yield from _agencies(register)
    yield from _relations(register)
    yield from _loops(register)
    if not any(area.kind is AreaKind.NATION for area in register.areas):
        yield Fault(("areas",), "no area of kind nation", "add the nation: everything else lies in it")


def _periods(register: Register) -> Iterator[Fault]:
    """Periods that end before they start."""
    for location, record in _records(register):
        if record.valid_to is not None and record.valid_to < record.valid_from:
            problem = f"valid_to {record.valid_to} is before valid_from {record.valid_from}"
            yield Fault((*location, "valid_to"), problem, "correct one of the dates")


def _records(register: Register) -> Iterator[Placed[_Dated]]:
    """Every dated record of the document with its location."""
    for index, area in enumerate(register.areas):
        yield ("areas", index), area
    for index, agency in enumerate(register.agencies):
        here = ("agencies", index)
        yield here, agency
        parts: tuple[tuple[str, Sequence[_Dated]], ...] = (
            ("relations", agency.relations),
            ("desks", agency.desks),
            ("units", agency.units),
        )
        for name, records in parts:
            yield from (((*here, name, number), record) for number, record in enumerate(records))


def _areas(register: Register) -> Iterator[Fault]:
    """Area codes used twice at one time, and parents that do not exist then."""
    placed: list[Placed[Area]] = [(("areas", index), area) for index, area in enumerate(register.areas)]
    yield from _repeated(placed, lambda area: area.code, "area code")
    known = _by(register.areas, lambda area: area.code)
    for location, area in placed:
        for number, parent in enumerate(area.parents):
            yield from _missing((*location, "parents", number), f"area {parent}", known.get(parent, ()), area)
    parents = {area.code: area.parents for area in register.areas}
    for location, area in placed:
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
            if predecessor not in ids:
                yield Fault((*location, "predecessors", number), f"no agency has id {predecessor}", "correct the id")
        desks = [((*location, "desks", number), desk) for number, desk in enumerate(agency.desks)]
        units = [((*location, "units", number), unit) for number, unit in enumerate(agency.units)]
        yield from _repeated(desks, lambda desk: desk.code, "desk code")
        yield from _repeated(units, lambda unit: unit.code, "unit code")


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
    above: dict[tuple[Tree, date], dict[str, tuple[str, ...]]] = {}
    for index, agency in enumerate(register.agencies):
        for number, relation in enumerate(agency.relations):
            moment = (relation.tree, relation.valid_from)
            if moment not in above:
                above[moment] = _above(register.agencies, *moment)
            if agency.code in _reachable(above[moment], (relation.superior,)):
                location = ("agencies", index, "relations", number)
                problem = f"{agency.code} becomes its own superior in the {relation.tree.value} tree"
                yield Fault(location, problem, "correct one superior of the loop")


def _above(agencies: Iterable[Agency], tree: Tree, day: date) -> dict[str, tuple[str, ...]]:
    """Superiors of every agency in one tree on one day."""
    return {
        agency.code: tuple(r.superior for r in agency.relations if r.tree is tree and r.holds_on(day))
        for agency in agencies
        if agency.holds_on(day)
    }


def _reachable(edges: dict[str, tuple[str, ...]], start: Iterable[str]) -> set[str]:
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
