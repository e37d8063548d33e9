"""A regulation set ready to decide by, with what it remembers of cases met before. It makes no decision.

All memories are bounded, and none can change an answer: each is of a pure function by all it was given.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from contracts.codes import UrgencyMark
from contracts.decisions import Addressee, Assignment, RuleTrace
from contracts.taxonomy import Category
from services.routing.regulations.engine.clauses import Clause, last_line
from services.routing.regulations.engine.compiled import CompiledRule, compile_rule
from services.routing.regulations.engine.conditions import Conditions
from services.routing.regulations.engine.discern import Discernment
from services.routing.regulations.engine.periods import Timeline
from services.routing.regulations.engine.posts import Post
from services.routing.regulations.engine.reckoning import Reckoning
from services.routing.regulations.engine.remember import Memo, changed
from services.routing.regulations.engine.shelf import Law, Looked, Shelf
from services.routing.regulations.engine.situation import Case, Outlook, Situation
from services.routing.regulations.rules.model import RegulationSet

_KEPT_ANSWERS: Final = 2048
_KEPT_RULINGS: Final = 2048
_KEPT_ASSIGNED: Final = 16384
_KEPT_MATCHES: Final = 1024
_KEPT_DAYS: Final = 1024
"""At most some 30 MB each, were every one of them different."""
_ANY: Final = ""


class Matched(NamedTuple):
    """Rules that hold, most special first, and everything that was looked at."""

    rules: tuple[CompiledRule, ...]
    looked: Looked
    by_reporter: bool
    """Whether it depends on the first reporter whom one of these rules, or the fallback, addresses."""
    trace: tuple[RuleTrace, ...]
    """Everything that was looked at, where every rule that holds names only who exists."""

    def trace_with(self, unresolved: Mapping[str, tuple[str, ...]]) -> tuple[RuleTrace, ...]:
        """The same with whom each rule that holds names in vain."""
        if not unresolved:
            return self.trace
        held = [changed(t, unresolved=missing) if (missing := unresolved.get(t.rule)) else t for t in self.looked.held]
        return (*held, *self.looked.failed)


class Ruling(NamedTuple):
    """What rules that hold together make of one place: all of an answer but the trace."""

    assignments: tuple[Assignment, ...]
    fallback: bool
    lead_reason: str
    unresolved: Mapping[str, tuple[str, ...]]
    """Rule -> the reasons why recipients it names do not exist; only rules that name some."""
    rivals: frozenset[str]
    """The agencies put forward as lead, if several: had one of them reported first, it might lead."""
    reckoning: Reckoning | None
    """The time limits that run in working time, so that their ends depend on the moment of the decision."""


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
        self.last_line = last_line(regulation_set.fallback)
        self._timeline = Timeline((regulation_set, *regulation_set.rules))
        self._periods: Memo[int, int] = Memo(_KEPT_DAYS)
        self._named: defaultdict[str, list[CompiledRule]] = defaultdict(list)
        self.discernment = Discernment((rule.when for rule in regulation_set.rules), regulation_set.work_calendar)
        conditions = Conditions(self.discernment.bounds)
        for order, rule in enumerate(regulation_set.rules):
            one = compile_rule(rule, order, conditions)
            for name in rule.when.category or (_ANY,):
                self._named[name].append(one)
        self._shelves: dict[Category, Shelf] = {}
        self.matched: Memo[Outlook, Matched] = Memo(_KEPT_MATCHES)
        """Which rules held in outlooks met before."""
        self.rulings: Memo[tuple[tuple[CompiledRule, ...], Situation], Ruling] = Memo(_KEPT_RULINGS)
        """What rules that held together made of places met before."""
        self.assigned: Memo[tuple[Post, Clause, UrgencyMark], Assignment] = Memo(_KEPT_ASSIGNED)
        """What desks met before got by single clauses."""
        self.answers: Memo[Case, Answer] = Memo(_KEPT_ANSWERS)
        """What was decided about cases met before."""

    def period(self, day: int) -> int:
        """Which stretch of unchanged law the day with this number lies in."""
        if (known := self._periods.get(day)) is None:
            known = self._periods[day] = self._timeline.period(day)
        return known

    def concerning(self, category: Category) -> tuple[CompiledRule, ...]:
        """Every rule whose category condition holds for this category, most special first."""
        return self._shelf(category).rules

    def match(self, outlook: Outlook) -> Matched:
        """The rules in force when it happened that hold, and the trace of those and of the others."""
        if (known := self.matched.get(outlook)) is None:
            looked = self._shelf(outlook.category).match(outlook)
            by_reporter = self.last_line.by_reporter or any(rule.clauses.by_reporter for rule in looked.rules)
            known = Matched(looked.rules, looked, by_reporter, looked.held + looked.failed)
            self.matched[outlook] = known
        return known

    def find(self, outlook: Outlook) -> list[CompiledRule]:
        """The rules that hold, most special first, without a trace."""
        shelf = self._shelves.get(outlook.category) or self._shelf(outlook.category)
        bits, rules, found = shelf.holding(outlook), shelf.rules, []
        while bits:
            lowest = bits & -bits
            found.append(rules[lowest.bit_length() - 1])
            bits ^= lowest
        return found

    def _shelf(self, category: Category) -> Shelf:
        if (known := self._shelves.get(category)) is None:
            known = self._shelves[category] = self._compiled_shelf(category)
        return known

    def _compiled_shelf(self, category: Category) -> Shelf:
        concerning = dict.fromkeys(r for name in (category, category.family, _ANY) for r in self._named.get(name, ()))
        siblings = {r for c in Category if c.family == category.family for r in self._named.get(c, ())}
        elsewhere = sorted(siblings.difference(concerning), key=lambda compiled: compiled.order)
        return Shelf(category, concerning, elsewhere, Law(self.regulation_set, self._timeline))
