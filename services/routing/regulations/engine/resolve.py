"""Answers what the register holds on a given day: areas and what surrounds them, who covers them, who is above whom.

Built once per register version. Coverage and superiors are only ever read from the register, never guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from contracts.decisions import Addressee
from contracts.register import Agency, Area, AreaKind, Register, Tree
from services.routing.regulations.engine.periods import Dated, Timeline, date_of
from services.routing.regulations.engine.posts import Nobody, Post, Posts, Recipients
from services.routing.regulations.engine.remember import Memo
from services.routing.regulations.rules.when import NAMED_KINDS, AreaRelation

_RANK: Final = {AreaKind.NATION: 4, AreaKind.OPEN_SEA: 4, AreaKind.PROVINCE: 3, AreaKind.DISTRICT: 2}
_NOTHING: Final[frozenset[str]] = frozenset()
_NO_TREES: Final[dict[Tree, tuple[str, ...]]] = {}
_VIETNAM_1970: Final = datetime(1969, 12, 31, 17, tzinfo=UTC)
"""When 1970-01-01 began in Vietnam (UTC+7, no daylight saving)."""
_DAY_1970: Final = date(1970, 1, 1).toordinal()
Named = tuple[tuple[str, ...], tuple[str, ...], bool]
"""Areas, the communes among them, and whether nobody knows the position."""
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
    return date_of(day_number(moment))


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


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """What the named areas were on the day it happened; a day has one of each, so it is compared by identity."""

    then: "RegisterDay"
    """What lies where."""
    areas: tuple[str, ...]
    """Areas named in the facts that the register knew on that day."""
    communes: tuple[str, ...]
    provinces: tuple[str, ...]
    relations: frozenset[AreaRelation]


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
        self.sites: Memo[Named, Site] = Memo(_KEPT_SITES)
        """What named areas are, as far as asked before."""
        self._covers = {code: frozenset(agency.covers) for code, agency in self.agencies.items()}
        self._heads: dict[str, frozenset[str]] = {}
        self._ranks: dict[str, int] = {}
        self.posts = Posts(self.agencies, day, self.superiors, self.line_of_command)
        covering: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for agency in self.agencies.values():
            for area in agency.covers:
                covering[agency.type, area].append(agency.code)
        self._covering = {key: tuple(codes) for key, codes in covering.items()}
        self.holders = dict(self._holders())
        """Type, area and desk -> that desk of the agencies of the type that answer for exactly this area; None: the
        first desk. Left out where one of them has no such desk."""

    def site(self, areas: tuple[str, ...], communes: tuple[str, ...], position_unknown: bool) -> Site:  # noqa: FBT001 - a fact
        """What these areas are, of which some are communes."""
        named = areas, communes, position_unknown
        if (known := self.sites.get(named)) is None:
            known = self.sites[named] = self._site(*named)
        return known

    def _site(self, named: tuple[str, ...], among: tuple[str, ...], position_unknown: bool) -> Site:  # noqa: FBT001
        communes = tuple(dict.fromkeys([code for code in among if code in self.communes]))
        areas = tuple(dict.fromkeys([code for code in named if code in self.areas])) or communes
        provinces = self.of_kind((*areas, *communes), AreaKind.PROVINCE)
        kinds = [kind for code in areas if (kind := NAMED_KINDS.get(self.areas[code].kind)) is not None]
        unknown = [AreaRelation.POSITION_UNKNOWN] if position_unknown else []
        return Site(self, areas, communes, provinces, frozenset(_extent(communes, provinces) + unknown + kinds))

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
        if (known := self._ranks.get(agency)) is None:
            kinds = (self.areas[code].kind for code in self.agencies[agency].covers if code in self.areas)
            known = self._ranks[agency] = max((_RANK.get(kind, 1) for kind in kinds), default=1)
        return known

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


def _extent(communes: tuple[str, ...], provinces: tuple[str, ...]) -> list[AreaRelation]:
    """At most one of the four extents."""
    if len(provinces) > 1:
        return [AreaRelation.SEVERAL_PROVINCES]
    if communes:
        return [AreaRelation.SEVERAL_COMMUNES if len(communes) > 1 else AreaRelation.ONE_COMMUNE]
    return [AreaRelation.ONE_PROVINCE] if provinces else []


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
