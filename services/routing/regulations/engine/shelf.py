"""The rules about one category: finds those that hold by whole conditions, never rule by rule, and shows why.

Each rule is one bit. A condition, held against a value, is the number of all rules it lets through, so that finding
the rules takes one AND per kind of condition, however many rules there are.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from contracts.decisions import ConditionTruth, RuleTrace
from contracts.taxonomy import Category
from services.routing.regulations.engine.compiled import CompiledRule
from services.routing.regulations.engine.conditions import Condition
from services.routing.regulations.engine.periods import Timeline
from services.routing.regulations.engine.remember import Memo, trusted
from services.routing.regulations.engine.situation import Outlook, line
from services.routing.regulations.rules.model import RegulationSet, Rule

TRACED: Final = 32
"""How many rules that failed a trace shows: those that came nearest to holding. The others are counted."""
_PIECE_BITS: Final = 60
_PIECE: Final = (1 << _PIECE_BITS) - 1
_KEPT_ROWS: Final = 1024
"""Of one category; at most some 20 MB of all."""


class Law(NamedTuple):
    """A set and the periods in which nothing of it begins or ends."""

    regulation_set: RegulationSet
    timeline: Timeline


class Looked(NamedTuple):
    """Everything that was looked at."""

    rules: tuple[CompiledRule, ...]
    """The rules that hold, most special first."""
    held: tuple[RuleTrace, ...]
    """The trace of each of these rules, with all its conditions."""
    failed: tuple[RuleTrace, ...]
    """Of rules about the category those that failed, then rules about others of the family."""
    left_out: int
    """Further rules that failed and that the trace does not show."""


class Shelf:
    """The rules about one category, most special first; the place of a rule is its bit."""

    def __init__(
        self, category: Category, rules: Iterable[CompiledRule], elsewhere: list[CompiledRule], law: Law
    ) -> None:
        self.rules = tuple(sorted(rules, key=lambda c: (c.specialty, -c.order), reverse=True))
        self._category = category
        self._law = law
        self._every = (1 << len(self.rules)) - 1
        self._in_force: dict[int, int] = {}
        """Period -> the rules in force in it."""
        self._stated = dict(self._conditions())
        self._passing = tuple((kind, dict[object, int]()) for kind in self._stated)
        """Place of a value in an outlook -> value -> the rules it lets through; only what some rule asks for."""
        self._out_of_force: dict[tuple[int, int], RuleTrace] = {}
        """Place of a rule that is not in force, and the period -> its row in a trace."""
        self._rows: Memo[tuple[int, object], RuleTrace] = Memo(_KEPT_ROWS)
        """Place of a rule that is in force, and the values its conditions are held against -> its row."""
        self._elsewhere = tuple(_row(r, (_category_truth(r.rule, category),)) for r in elsewhere[:TRACED])
        self._others = len(elsewhere)

    def _conditions(self) -> Iterator[tuple[int, list[tuple[Condition, int]]]]:
        """Of each kind the conditions that some rule states, with the rules that do."""
        places: defaultdict[Condition, list[int]] = defaultdict(list)
        for place, compiled in enumerate(self.rules):
            for condition in compiled.conditions:
                places[condition].append(place)
        for kind in sorted({condition.kind for condition in places}):
            yield kind, [(condition, _bits(at)) for condition, at in places.items() if condition.kind == kind]

    def holding(self, outlook: Outlook) -> int:
        """The rules that hold, as bits: those in force that every value lets through."""
        try:
            bits = self._in_force[outlook.in_force]
            for kind, passing in self._passing:
                bits &= passing[outlook[kind]]
        except KeyError:
            self._meet(outlook)
            return self.holding(outlook)
        return bits

    def _meet(self, outlook: Outlook) -> None:
        """Puts together what each value lets through that was not met before."""
        self._in_force.setdefault(outlook.in_force, self._valid(outlook.in_force))
        for kind, passing in self._passing:
            passing.setdefault(outlook[kind], self._let_through(kind, outlook[kind]))

    def _valid(self, period: int) -> int:
        day = self._law.timeline.day_in(period)
        places = [place for place, compiled in enumerate(self.rules) if compiled.rule.holds_on(day)]
        return _bits(places) if self._law.regulation_set.holds_on(day) else 0

    def _let_through(self, kind: int, value: object) -> int:
        passing = self._every
        for condition, rules in self._stated[kind]:
            if not condition.truths[value].holds:
                passing &= ~rules
        return passing

    def match(self, outlook: Outlook) -> Looked:
        """The rules that hold, and the trace."""
        holding = self.holding(outlook)
        places = _places(holding)
        held = tuple([self._row(place, outlook) for place in places])
        nearest = self._nearest(self._every ^ holding, outlook)
        in_force = self._in_force[outlook.in_force]
        failed = [
            self._row(place, outlook) if in_force >> place & 1 else self._invalid(place, outlook.in_force)
            for place in nearest
        ]
        failed += self._elsewhere[: TRACED - len(nearest)]
        left_out = len(self.rules) + self._others - len(places) - len(failed)
        return Looked(tuple([self.rules[place] for place in places]), held, tuple(failed), left_out)

    def _nearest(self, failing: int, outlook: Outlook) -> list[int]:
        """Of the rules that failed as many as a trace shows, those with the fewest failed conditions."""
        if failing.bit_count() <= TRACED:
            return _places(failing)
        passing = (self._in_force[outlook.in_force], *[passing[outlook[kind]] for kind, passing in self._passing])
        once = twice = 0
        for holds in passing:
            fails = failing & ~holds
            twice |= once & fails
            once |= fails
        nearest = _first_places(once ^ twice)
        # In a large set more rules fail in one condition alone than are shown: the others are seldom told apart.
        for rules in _by_failures(twice, passing) if len(nearest) < TRACED else ():
            nearest += _places(rules, TRACED - len(nearest))
        return sorted(nearest)

    def _row(self, place: int, outlook: Outlook) -> RuleTrace:
        """What a rule in force says to these values: all conditions of one that holds, of another those that fail."""
        compiled = self.rules[place]
        key = place, compiled.asked(outlook)
        if (known := self._rows.get(key)) is None:
            truths = tuple([condition.truths[outlook[condition.kind]] for condition in compiled.conditions])
            failed = tuple([truth for truth in truths if not truth.holds])
            shown = failed or (_category_truth(compiled.rule, self._category), *truths)
            known = self._rows[key] = _row(compiled, shown, matched=not failed)
        return known

    def _invalid(self, place: int, period: int) -> RuleTrace:
        """A rule that was not in force, or whose whole set was not."""
        if (known := self._out_of_force.get((place, period))) is None:
            compiled, law = self.rules[place], self._law.regulation_set
            day = self._law.timeline.day_in(period)
            truth = _out_of_force(compiled.rule if law.holds_on(day) else law, day)
            known = self._out_of_force[place, period] = _row(compiled, (truth,))
        return known


def _bits(places: Iterable[int]) -> int:
    """The number with these bits set."""
    found = list(places)
    octets = bytearray((max(found, default=0) >> 3) + 1)
    for place in found:
        octets[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(octets, "little")


def _places(bits: int, most: int = sys.maxsize) -> list[int]:
    """The bits that are set, lowest first, at most so many of them."""
    places: list[int] = []
    while bits and len(places) < most:
        lowest = bits & -bits
        places.append(lowest.bit_length() - 1)
        bits ^= lowest
    return places


def _first_places(bits: int) -> list[int]:
    """The lowest bits that are set, as many as a trace shows; piece by piece, as there are many to choose from."""
    places: list[int] = []
    begins = 0
    while bits and len(places) < TRACED:
        piece = bits & _PIECE
        while piece:
            lowest = piece & -piece
            places.append(begins + lowest.bit_length() - 1)
            piece ^= lowest
        bits >>= _PIECE_BITS
        begins += _PIECE_BITS
    return places[:TRACED]


def _by_failures(failing: int, passing: Iterable[int]) -> list[int]:
    """The same rules by how many conditions they failed: the n-th number are those that failed n."""
    failed = [failing]
    for holds in passing:
        failed = [(a & holds) | (b & ~holds) for a, b in zip([*failed, 0], [0, *failed], strict=True)]
    return failed


def _row(compiled: CompiledRule, conditions: tuple[ConditionTruth, ...], *, matched: bool = False) -> RuleTrace:
    return trusted(RuleTrace, rule=compiled.rule.code, matched=matched, conditions=conditions, unresolved=())


def _category_truth(rule: Rule, category: Category) -> ConditionTruth:
    wanted = rule.when.category
    holds = not wanted or category in wanted or category.family in wanted
    words = line(f"category: {', '.join(wanted) or 'any'}")
    return trusted(ConditionTruth, condition=words, holds=holds, fact=category.value)


def _out_of_force(dated: Rule | RegulationSet, day: date) -> ConditionTruth:
    """Law not yet or no longer in force; the exact day is that of the facts."""
    what = "set in force" if isinstance(dated, RegulationSet) else "in force"
    period = f"{what} {dated.valid_from} to {dated.valid_to or 'further notice'}"
    fact = "happened before" if day < dated.valid_from else "happened after"
    return trusted(ConditionTruth, condition=period, holds=False, fact=fact)
