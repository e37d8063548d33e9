"""Finds the rules whose conditions all hold, by category and never by reading all, and shows the truth of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.codes import Severity
from contracts.decisions import ConditionTruth, RuleTrace
from contracts.taxonomy import Category
from services.routing.regulations.model import (
    EXTENTS,
    AreaRelation,
    Law,
    LevelRange,
    RegulationSet,
    Rule,
    When,
)
from services.routing.regulations.resolve import day_of
from services.routing.regulations.sentences import Sentence, area_words, level_words, sentence
from services.routing.regulations.situation import Situation, line

_DEGREE: Final = {
    Severity.UNKNOWN: 0,
    Severity.MINOR: 1,
    Severity.MODERATE: 2,
    Severity.SEVERE: 3,
    Severity.EXTREME: 4,
}
SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")
_ANYWHERE: Final = frozenset(AreaRelation) - EXTENTS


@dataclass(frozen=True, slots=True)
class SeverityTest:
    """At least this severe; an unknown severity is below every degree."""

    truths: dict[Severity, ConditionTruth]

    def truth(self, situation: Situation) -> ConditionTruth:
        """Looked up: every possible answer was made when the set was loaded."""
        return self.truths[situation.facts.severity]


@dataclass(frozen=True, slots=True)
class LevelTest:
    """A range on one scale."""

    scale: str
    truths: dict[int | None, ConditionTruth]

    def truth(self, situation: Situation) -> ConditionTruth:
        """Looked up by the stated level."""
        return self.truths[getattr(situation.facts.scales, self.scale)]


@dataclass(frozen=True, slots=True)
class CasualtyTest:
    """With or without casualties."""

    truths: dict[bool, ConditionTruth]

    def truth(self, situation: Situation) -> ConditionTruth:
        """Looked up."""
        return self.truths[situation.facts.casualties]


@dataclass(frozen=True, slots=True)
class AreaTest:
    """One of several relations to the areas concerned."""

    words: str
    relations: frozenset[AreaRelation]

    def truth(self, situation: Situation) -> ConditionTruth:
        """Whether one of them holds, with the place it was held against."""
        holds = not self.relations.isdisjoint(situation.relations)
        return ConditionTruth.model_construct(condition=self.words, holds=holds, fact=situation.place)


Test = SeverityTest | LevelTest | CasualtyTest | AreaTest


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its tests, its sentence and its rank among rules."""

    rule: Rule
    order: int
    """Position in the set."""
    specialty: tuple[int, int, int]
    """Special law first, then a rule that names the very kind of place, then the number of conditions."""
    sentence: Sentence
    categories: dict[Category, ConditionTruth]
    """The category condition, for every category it holds for."""
    tests: tuple[Test, ...]


class Matched(NamedTuple):
    """Rules that hold, most special first, and everything that was looked at."""

    rules: tuple[CompiledRule, ...]
    conditions: dict[str, tuple[ConditionTruth, ...]]
    """Rule code -> its conditions, for the rules that hold."""
    failed: tuple[RuleTrace, ...]


class RuleIndex:
    """A regulation set compiled by category: deciding costs nothing for rules about other things."""

    def __init__(self, regulation_set: RegulationSet) -> None:
        self.regulation_set = regulation_set
        compiled = [_compiled(rule, order) for order, rule in enumerate(regulation_set.rules)]
        self._concerning = {c: tuple(r for r in compiled if _concerns(r.rule, c)) for c in Category}
        self._elsewhere = {c: tuple(_other_category(r, c) for r in compiled if _related(r.rule, c)) for c in Category}

    def concerning(self, category: Category) -> tuple[CompiledRule, ...]:
        """Every rule whose category condition holds for this category."""
        return self._concerning[category]

    def match(self, situation: Situation) -> Matched:
        """The rules in force when it happened that hold in this situation."""
        day = day_of(situation.facts.occurred_at)
        set_in_force = self.regulation_set.holds_on(day)
        category = situation.facts.category
        holding: list[CompiledRule] = []
        conditions: dict[str, tuple[ConditionTruth, ...]] = {}
        failed: list[RuleTrace] = []
        for compiled in self._concerning[category]:
            if not (set_in_force and compiled.rule.holds_on(day)):
                failed.append(_out_of_force(compiled.rule, str(day)))
                continue
            truths = tuple(test.truth(situation) for test in compiled.tests)
            if all(truth.holds for truth in truths):
                holding.append(compiled)
                conditions[compiled.rule.code] = (compiled.categories[category], *truths)
            else:
                failing = tuple(truth for truth in truths if not truth.holds)
                failed.append(_unmatched(compiled.rule, failing))
        holding.sort(key=lambda c: (c.specialty, -c.order), reverse=True)
        return Matched(tuple(holding), conditions, (*failed, *self._elsewhere[category]))


def _concerns(rule: Rule, category: Category) -> bool:
    wanted = rule.when.category
    return not wanted or category in wanted or category.family in wanted


def _related(rule: Rule, category: Category) -> bool:
    """Whether the rule is about the same family but not about this category."""
    return not _concerns(rule, category) and any(named[:3] == category.family for named in rule.when.category)


def _category_truth(rule: Rule, category: Category) -> ConditionTruth:
    wanted = ", ".join(rule.when.category) or "any"
    return ConditionTruth(condition=line(f"category: {wanted}"), holds=_concerns(rule, category), fact=category.value)


def _other_category(compiled: CompiledRule, category: Category) -> RuleTrace:
    truth = _category_truth(compiled.rule, category)
    return RuleTrace(rule=compiled.rule.code, matched=False, conditions=(truth,))


def _unmatched(rule: Rule, failed: tuple[ConditionTruth, ...]) -> RuleTrace:
    return RuleTrace.model_construct(rule=rule.code, matched=False, conditions=failed, unresolved=())


def _out_of_force(rule: Rule, day: str) -> RuleTrace:
    period = f"in force {rule.valid_from} to {rule.valid_to or 'further notice'}"
    truth = ConditionTruth(condition=period, holds=False, fact=day)
    return RuleTrace(rule=rule.code, matched=False, conditions=(truth,))


def _compiled(rule: Rule, order: int) -> CompiledRule:
    tests = tuple(_tests(rule.when))
    named = not _ANYWHERE.isdisjoint(rule.when.area)
    specialty = (int(rule.law is Law.SPECIAL), int(named), len(tests))
    categories = {c: _category_truth(rule, c) for c in Category if _concerns(rule, c)}
    return CompiledRule(rule, order, specialty, sentence(rule), categories, tests)


def _tests(when: When) -> Iterator[Test]:
    """The conditions beside the category, in the order they are written and shown."""
    if when.severity_at_least is not None:
        yield _severity_test(when.severity_at_least)
    for scale in SCALES:
        if (levels := getattr(when, scale)) is not None:
            yield _level_test(scale, levels)
    if when.area:
        yield AreaTest(line(area_words(when.area).en), frozenset(when.area))
    if when.casualties is not None:
        yield _casualty_test(wanted=when.casualties)


def _severity_test(least: Severity) -> SeverityTest:
    words = f"severity at least {least.value}"
    return SeverityTest(
        {
            given: ConditionTruth(condition=words, holds=degree >= _DEGREE[least], fact=given.value)
            for given, degree in _DEGREE.items()
        }
    )


def _level_test(scale: str, levels: LevelRange) -> LevelTest:
    words = line(level_words(scale, levels).en)
    return LevelTest(
        scale,
        {
            given: ConditionTruth(condition=words, holds=levels.holds(given), fact=str(given or "not stated"))
            for given in (None, 1, 2, 3, 4, 5)
        },
    )


def _casualty_test(*, wanted: bool) -> CasualtyTest:
    words = "casualties" if wanted else "no casualties"
    return CasualtyTest(
        {
            given: ConditionTruth(condition=words, holds=given is wanted, fact="reported" if given else "none reported")
            for given in (True, False)
        }
    )
