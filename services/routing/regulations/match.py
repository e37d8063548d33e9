"""Finds the rules whose conditions all hold, by whole conditions and never rule by rule, and shows the truth of each.

Each rule about a category is one bit. A condition, held against a value, is the number of all rules it lets through,
so that finding the rules takes one AND per kind of condition, however many rules there are.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from contracts.decisions import Addressee, Assignment, ConditionTruth, RuleTrace
from contracts.taxonomy import Category
from services.routing.regulations.compiled import CompiledRule, compile_rule
from services.routing.regulations.conditions import Condition, Conditions
from services.routing.regulations.discern import Discernment
from services.routing.regulations.handing import Handed
from services.routing.regulations.model import RegulationSet, Rule
from services.routing.regulations.remember import Memo, trusted
from services.routing.regulations.resolve import RegisterDay, Timeline
from services.routing.regulations.sentences import fallback_sentence
from services.routing.regulations.situation import Case, Outlook, Site, Situation, line
from services.routing.regulations.targets import asks_who_reported

TRACED: Final = 32
"""How many rules that failed a trace shows: those that came nearest to holding. The others are counted."""
_KEPT_ANSWERS: Final = 2048
_KEPT_RULINGS: Final = 2048
_KEPT_HANDED: Final = 8192
_KEPT_MATCHES: Final = 1024
"""At most some 30 MB each, were every one of them different."""
_ANY: Final = ""


class Matched(NamedTuple):
    """Rules that hold, most special first, and everything that was looked at."""

    rules: tuple[CompiledRule, ...]
    held: tuple[RuleTrace, ...]
    """The trace of each of these rules, with all its conditions."""
    failed: tuple[RuleTrace, ...]
    """Of rules about the category those that failed, then rules about others of the family."""
    left_out: int
    """Further rules that failed and that the trace does not show."""
    by_reporter: bool
    """Whether it depends on the first reporter whom one of these rules, or the fallback, addresses."""

    def trace(self, unresolved: Mapping[str, tuple[str, ...]]) -> tuple[RuleTrace, ...]:
        """The trace of everything that was looked at, with whom each rule that holds names in vain."""
        return tuple([_without(trace, unresolved) for trace in self.held] if unresolved else self.held) + self.failed


class Ruling(NamedTuple):
    """What rules that hold together make of one place: all of an answer but the trace."""

    assignments: tuple[Assignment, ...]
    fallback: bool
    lead_reason: str
    unresolved: Mapping[str, tuple[str, ...]]
    """Rule -> the reasons why recipients it names do not exist; only rules that name some."""
    rivals: frozenset[str]
    """The agencies put forward as lead, if several: had one of them reported first, it might lead."""
    working: bool
    """Whether some time limit runs in working time, so that its end depends on the moment of the decision."""


class Answer(NamedTuple):
    """What is decided about a case: the decision but for the facts and versions it repeats."""

    ruling: Ruling
    trace: tuple[RuleTrace, ...]
    trace_left_out: int


class RuleIndex:
    """A regulation set compiled by category and condition: deciding costs nothing for rules about other things."""

    def __init__(self, regulation_set: RegulationSet) -> None:
        self.regulation_set = regulation_set
        last = regulation_set.fallback.last_resort
        self.last_resort = Addressee(agency=last.agency, desk=last.desk or "")
        self.fallback_sentence = fallback_sentence(regulation_set.fallback)
        self._timeline = Timeline((regulation_set, *regulation_set.rules))
        self._named: defaultdict[str, list[CompiledRule]] = defaultdict(list)
        self.discernment = Discernment((rule.when for rule in regulation_set.rules), regulation_set.work_calendar)
        conditions = Conditions(self.discernment.bounds)
        for order, rule in enumerate(regulation_set.rules):
            one = compile_rule(rule, order, conditions)
            for name in rule.when.category or (_ANY,):
                self._named[name].append(one)
        self._shelves: dict[Category, _Shelf] = {}
        self.matched: Memo[Outlook, Matched] = Memo(_KEPT_MATCHES)
        """Which rules held in outlooks met before."""
        self.handed: Memo[tuple[CompiledRule, Site, RegisterDay, str], Handed] = Memo(_KEPT_HANDED)
        """What single rules handed out at places met before."""
        self.rulings: Memo[tuple[tuple[CompiledRule, ...], Situation], Ruling] = Memo(_KEPT_RULINGS)
        """What rules that held together made of places met before."""
        self.answers: Memo[Case, Answer] = Memo(_KEPT_ANSWERS)
        """What was decided about cases met before."""

    def period(self, day: int) -> int:
        """Which stretch of unchanged law the day with this number lies in."""
        return self._timeline.period(day)

    def concerning(self, category: Category) -> tuple[CompiledRule, ...]:
        """Every rule whose category condition holds for this category, most special first."""
        return self._shelf(category).rules

    def match(self, outlook: Outlook) -> Matched:
        """The rules in force when it happened that hold, and the trace of those and of the others."""
        if (known := self.matched.get(outlook)) is None:
            known = self.matched[outlook] = self._shelf(outlook.category).match(outlook)
        return known

    def find(self, outlook: Outlook) -> list[CompiledRule]:
        """The rules that hold, most special first, without a trace."""
        shelf = self._shelf(outlook.category)
        return [shelf.rules[place] for place in _places(shelf.holding(outlook))]

    def _shelf(self, category: Category) -> "_Shelf":
        if (known := self._shelves.get(category)) is None:
            known = self._shelves[category] = self._compiled_shelf(category)
        return known

    def _compiled_shelf(self, category: Category) -> "_Shelf":
        concerning = dict.fromkeys(r for name in (category, category.family, _ANY) for r in self._named.get(name, ()))
        siblings = {r for c in Category if c.family == category.family for r in self._named.get(c, ())}
        elsewhere = sorted(siblings.difference(concerning), key=lambda compiled: compiled.order)
        fallback = self.regulation_set.fallback
        by_reporter = any(asks_who_reported(target) for target in (*fallback.levels, *fallback.inform))
        return _Shelf(category, concerning, elsewhere, _Law(self.regulation_set, self._timeline, by_reporter))


class _Law(NamedTuple):
    """The set and the periods in which nothing of it begins or ends."""

    regulation_set: RegulationSet
    timeline: Timeline
    fallback_by_reporter: bool


class _Passing(dict[object, int]):
    """Value -> the rules that one kind of condition lets through with it, put together when a value is first met."""

    def __init__(self, every: int, stated: list[tuple[Condition, int]]) -> None:
        self._every = every
        self._stated = stated

    def __missing__(self, value: object) -> int:
        passing = self._every
        for condition, rules in self._stated:
            if not condition.truths[value].holds:
                passing &= ~rules
        self[value] = passing
        return passing


class _InForce(dict[object, int]):
    """Period -> the rules in force in it."""

    def __init__(self, rules: tuple[CompiledRule, ...], law: _Law) -> None:
        self._rules = rules
        self._law = law

    def __missing__(self, period: int) -> int:
        day = self._law.timeline.day_in(period)
        places = [place for place, compiled in enumerate(self._rules) if compiled.rule.holds_on(day)]
        self[period] = _bits(places) if self._law.regulation_set.holds_on(day) else 0
        return self[period]


class _Shelf:
    """The rules about one category, most special first; the place of a rule is its bit."""

    def __init__(
        self, category: Category, rules: Iterable[CompiledRule], elsewhere: list[CompiledRule], law: _Law
    ) -> None:
        self.rules = tuple(sorted(rules, key=lambda c: (c.specialty, -c.order), reverse=True))
        self._category = category
        self._law = law
        self._every = (1 << len(self.rules)) - 1
        self._in_force = _InForce(self.rules, law)
        self._passing = ((Outlook._fields.index("in_force"), self._in_force), *self._conditions())
        """Place of a value in an outlook -> what it lets through; only what some rule asks for."""
        self._elsewhere = tuple(_trace(r, (_category_truth(r.rule, category),)) for r in elsewhere[:TRACED])
        self._others = len(elsewhere)

    def _conditions(self) -> Iterator[tuple[int, _Passing]]:
        places: defaultdict[Condition, list[int]] = defaultdict(list)
        for place, compiled in enumerate(self.rules):
            for condition in compiled.conditions:
                places[condition].append(place)
        for kind in sorted({condition.kind for condition in places}):
            stated = [(condition, _bits(at)) for condition, at in places.items() if condition.kind == kind]
            yield kind, _Passing(self._every, stated)

    def holding(self, outlook: Outlook) -> int:
        """The rules that hold, as bits: those that every value lets through."""
        bits = self._every
        for kind, passing in self._passing:
            bits &= passing[outlook[kind]]
        return bits

    def match(self, outlook: Outlook) -> Matched:
        """The rules that hold, and the trace."""
        holding = self.holding(outlook)
        rules = tuple([self.rules[place] for place in _places(holding)])
        held = tuple([self._held(rule, outlook) for rule in rules])
        nearest = self._nearest(self._every ^ holding, outlook)
        failed = (*(self._failed(place, outlook) for place in nearest), *self._elsewhere[: TRACED - len(nearest)])
        left_out = len(self.rules) + self._others - len(rules) - len(failed)
        by_reporter = self._law.fallback_by_reporter or any(rule.by_reporter for rule in rules)
        return Matched(rules, held, failed, left_out, by_reporter)

    def _nearest(self, failing: int, outlook: Outlook) -> list[int]:
        """Of the rules that failed as many as a trace shows, those with the fewest failed conditions."""
        failed = [failing]
        if failing.bit_count() > TRACED:
            for kind, passing in self._passing:
                # After each condition failed[n] are the rules that have failed n conditions so far.
                holds = passing[outlook[kind]]
                failed = [(a & holds) | (b & ~holds) for a, b in zip([*failed, 0], [0, *failed], strict=True)]
        nearest: list[int] = []
        for rules in failed:
            nearest += _places(rules, TRACED - len(nearest))
        return sorted(nearest)

    def _held(self, compiled: CompiledRule, outlook: Outlook) -> RuleTrace:
        truths = (condition.truths[outlook[condition.kind]] for condition in compiled.conditions)
        return _trace(compiled, (_category_truth(compiled.rule, self._category), *truths), matched=True)

    def _failed(self, place: int, outlook: Outlook) -> RuleTrace:
        """Why a rule does not hold: it or the whole set was not in force, or else the conditions that failed."""
        compiled = self.rules[place]
        if not self._in_force[outlook.in_force] >> place & 1:
            day = self._law.timeline.day_in(outlook.in_force)
            regulation_set = self._law.regulation_set
            return _trace(
                compiled, (_out_of_force(compiled.rule if regulation_set.holds_on(day) else regulation_set, day),)
            )
        truths = [condition.truths[outlook[condition.kind]] for condition in compiled.conditions]
        return _trace(compiled, tuple([truth for truth in truths if not truth.holds]))


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


def _trace(compiled: CompiledRule, conditions: tuple[ConditionTruth, ...], *, matched: bool = False) -> RuleTrace:
    return trusted(RuleTrace, rule=compiled.rule.code, matched=matched, conditions=conditions, unresolved=())


def _without(trace: RuleTrace, unresolved: Mapping[str, tuple[str, ...]]) -> RuleTrace:
    """The trace of a rule that holds, with whom it names in vain."""
    if (missing := unresolved.get(trace.rule)) is None:
        return trace
    return trusted(RuleTrace, rule=trace.rule, matched=True, conditions=trace.conditions, unresolved=missing)


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
