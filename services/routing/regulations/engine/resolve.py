"""Answers what the register holds on a given day: areas and what surrounds them, who covers them, who is above whom.

Built once per register version. Coverage and superiors are only ever read from the register, never guessed.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from contracts.decisions import Addressee
from contracts.register import Agency, Area, AreaKind, Register, Tree
from services.routing.regulations.engine.posts import Nobody, Post, Posts, Recipients
from services.routing.regulations.engine.remember import Memo

if TYPE_CHECKING:
    from services.routing.regulations.engine.situation import Site

_RANK: Final = {AreaKind.NATION: 4, AreaKind.OPEN_SEA: 4, AreaKind.PROVINCE: 3, AreaKind.DISTRICT: 2}
_NOTHING: Final[frozenset[str]] = frozenset()
_NO_TREES: Final[dict[Tree, tuple[str, ...]]] = {}
_VIETNAM_1970: Final = datetime(1969, 12, 31, 17, tzinfo=UTC)
"""When 1970-01-01 began in Vietnam (UTC+7, no daylight saving)."""
_DAY_1970: Final = date(1970, 1, 1).toordinal()
_KEPT_DAYS: Final = 1024
_KEPT_SITES: Final = 8192
"""More than there are communes; at most some 10 MB."""


def day_number(moment: datetime) -> int:
    """The ordinal of the calendar day in Vietnam: the day by which law and register are dated.

    At the very ends of the calendar it may lie one outside of what a date can hold.
    """
    return (moment - _VIETNAM_1970).days + _DAY_1970


def day_of(moment: datetime) -> date:
    """The same as a date; a clock at the very first or last day of the calendar must not stop a report."""
    return _date(day_number(moment))


@lru_cache(maxsize=1024)
def month_of(day: int) -> int:
    """The month of the day with this number."""
    return _date(day).month


def _date(number: int) -> date:
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))


class Dated(Protocol):
    """A record with a period of validity, both ends included."""

    @property
    def valid_from(self) -> date: ...  # noqa: D102 - the class docstring says it

    @property
    def valid_to(self) -> date | None: ...  # noqa: D102


class Timeline:
    """The days from which dated records say something else than the day before; between two of them lies a period."""

    def __init__(self, records: Iterable[Dated]) -> None:
        starts: set[int] = set()
        for record in records:
            starts.add(record.valid_from.toordinal())
            if record.valid_to is not None and record.valid_to < date.max:
                starts.add(record.valid_to.toordinal() + 1)
        self._starts = sorted(starts)

    def period(self, day: int) -> int:
        """Which period the day with this number lies in."""
        return bisect_right(self._starts, day)

    def day_in(self, period: int) -> date:
        """A day that stands for the whole period."""
        if not self._starts:
            return date.min
        return _date(self._starts[period - 1] if period else self._starts[0] - 1)


class RegisterIndex:
    """One register version, ready to be asked about any day."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.version = register.version
        self._timeline = Timeline(_records(register))
        self._days: dict[int, RegisterDay] = {}
        self._by_number: Memo[int, RegisterDay] = Memo(_KEPT_DAYS)

    def on(self, day: date) -> "RegisterDay":
        """The register as it was or will be on that day; days between two changes share one answer."""
        return self.on_number(day.toordinal())

    def on_number(self, day: int) -> "RegisterDay":
        """The same, for the number of a day."""
        if (known := self._by_number.get(day)) is None:
            known = self._by_number[day] = self._in_period_of(day)
        return known

    def _in_period_of(self, day: int) -> "RegisterDay":
        period = self._timeline.period(day)
        if (known := self._days.get(period)) is None:
            known = self._days[period] = RegisterDay(self.register, self._timeline.day_in(period))
        return known


def _records(register: Register) -> Iterator[Dated]:
    """Every record and relation that begins or ends."""
    yield from register.areas
    for agency in register.agencies:
        yield agency
        yield from agency.relations
        yield from agency.desks


class RegisterDay:
    """The register on one day, as plain look-ups."""

    def __init__(self, register: Register, day: date) -> None:
        self.areas: dict[str, Area] = {area.code: area for area in register.areas if area.holds_on(day)}
        self.agencies: dict[str, Agency] = {a.code: a for a in register.agencies if a.holds_on(day)}
        self.communes = frozenset(code for code, area in self.areas.items() if area.kind is AreaKind.COMMUNE)
        self._around = {code: tuple(self._surroundings(code)) for code in self.areas}
        self._kinds = _by_kind(self._around, self.areas)
        self._above = {
            code: {tree: tuple(c for c in above if c in self.agencies) for tree, above in _superiors(one, day).items()}
            for code, one in self.agencies.items()
        }
        self.sites: Memo[tuple[tuple[str, ...], tuple[str, ...], bool], Site] = Memo(_KEPT_SITES)
        """What named areas are, as far as asked before."""
        self._covers = {code: frozenset(agency.covers) for code, agency in self.agencies.items()}
        self._heads: dict[str, frozenset[str]] = {}
        self.posts = Posts(self.agencies, day, self.superiors, self.line_of_command)
        covering: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for agency in self.agencies.values():
            for area in agency.covers:
                covering[agency.type, area].append(agency.code)
        self._covering = {key: tuple(codes) for key, codes in covering.items()}
        self.holders = dict(self._holders())
        """Type, area and desk -> that desk of the agencies of the type that answer for exactly this area; None: the
        first desk. Left out where one of them has no such desk."""

    def _surroundings(self, code: str) -> Iterator[str]:
        """The area itself, then what contains it, nearest first."""
        seen, layer = {code}, [code]
        while layer:
            yield from layer
            parents = (parent for inner in layer for parent in self.areas[inner].parents)
            layer = [p for p in dict.fromkeys(parents) if p in self.areas and p not in seen]
            seen.update(layer)

    def surroundings(self, code: str) -> tuple[str, ...]:
        """The area and every area that contains it, nearest first; empty for an unknown code."""
        return self._around.get(code, ())

    def of_kind(self, codes: Iterable[str], kind: AreaKind) -> tuple[str, ...]:
        """The distinct areas of a kind that are or contain one of these."""
        return tuple(dict.fromkeys([outer for code in codes for outer in self._kinds.get((code, kind), ())]))

    def covering(self, agency_type: str, area: str) -> tuple[str, ...]:
        """Agencies of a type that answer for exactly this area."""
        return self._covering.get((agency_type, area), ())

    def covers_all(self, agency: str, areas: Iterable[str]) -> bool:
        """Whether the agency answers for every one of these areas, itself or by an area around it."""
        covers = self._covers.get(agency, _NOTHING)
        return all(not covers.isdisjoint(self._around.get(area, ())) for area in areas)

    def rank(self, agency: str) -> int:
        """Level of an agency by the largest area it covers: 4 nation, 3 province, 2 district, 1 below."""
        known = (self.areas[code].kind for code in self.agencies[agency].covers if code in self.areas)
        return max((_RANK.get(kind, 1) for kind in known), default=1)

    def superiors(self, agency: str, tree: Tree) -> tuple[str, ...]:
        """Direct superiors in one tree, in the register's order."""
        return self._above.get(agency, _NO_TREES).get(tree, ())

    def everyone_above(self, agency: str) -> frozenset[str]:
        """All superiors in whichever trees, and theirs."""
        if (known := self._heads.get(agency)) is None:
            found: set[str] = set()
            left = [agency]
            while left:
                trees = self._above.get(left.pop(), _NO_TREES).values()
                above = {code for codes in trees for code in codes} - found
                found |= above
                left.extend(above)
            known = self._heads[agency] = frozenset(found)
        return known

    def line_of_command(self, agency: str, tree: Tree) -> tuple[str, ...]:
        """All superiors in one tree, nearest first."""
        found: dict[str, None] = {}
        layer = self.superiors(agency, tree)
        while layer:
            found.update(dict.fromkeys(layer))
            above = (upper for code in layer for upper in self.superiors(code, tree))
            layer = tuple(code for code in dict.fromkeys(above) if code not in found and code != agency)
        return tuple(found)

    def desk(self, agency: str, desk: str | None) -> Addressee | Nobody:
        """The named desk of an agency, or its first one."""
        post = self.posts.post(agency, desk)
        return post.addressee if isinstance(post, Post) else post

    def _holders(self) -> Iterator[tuple[tuple[str, str, str | None], Recipients]]:
        for (agency_type, area), agencies in self._covering.items():
            each = [self.posts.of(agency) for agency in agencies]
            first = [next(iter(posts.values())) for posts in each if posts]
            if len(first) == len(each):
                yield (agency_type, area, None), _all_of(first)
            for desk in each[0]:
                if all(desk in posts for posts in each):
                    yield (agency_type, area, desk), _all_of([posts[desk] for posts in each])


def _all_of(posts: list[Post]) -> Recipients:
    return Recipients(tuple(dict.fromkeys(posts)), ())


def _by_kind(around: dict[str, tuple[str, ...]], areas: dict[str, Area]) -> dict[tuple[str, AreaKind], tuple[str, ...]]:
    """The areas of a kind that are or contain an area."""
    found: defaultdict[tuple[str, AreaKind], list[str]] = defaultdict(list)
    for code, outward in around.items():
        for outer in outward:
            found[code, areas[outer].kind].append(outer)
    return {key: tuple(codes) for key, codes in found.items()}


def _superiors(agency: Agency, day: date) -> dict[Tree, tuple[str, ...]]:
    above: defaultdict[Tree, list[str]] = defaultdict(list)
    for relation in agency.relations:
        if relation.holds_on(day):
            above[relation.tree].append(relation.superior)
    return {tree: tuple(codes) for tree, codes in above.items()}
