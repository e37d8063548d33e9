"""Which values of each condition are worth trying: one from every stretch in which no rule changes its answer.

A rule tells two reports apart by its closed conditions only, so these values stand for all others. It decides nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any, Final, TypeVar

from contracts.codes import Severity
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.rules.when import SCALES, LevelRange

CONDITIONS: Final = frozenset(
    {
        "category",
        "severity_at_least",
        *SCALES,
        "area",
        "casualties",
        "present",
        "absent",
        "calendar",
        "lasting",
    }
)
"""The conditions that are cut, place and calendar on the ground; a test fails when a rule gains another."""
_SEVERITIES: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_UNSTATED: Final = Scales()

Test = Callable[[Any], bool]
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Choice:
    """One combination of the stated facts that do not depend on the place."""

    severity: Severity = Severity.UNKNOWN
    scales: Scales = _UNSTATED
    casualties: bool = False
    present: tuple[str, ...] = ()
    lasting: timedelta = timedelta()

    def stated(self) -> dict[str, object]:
        """What differs from a report that states nothing, by the name of the condition."""
        levels = {name: level for name in SCALES if (level := getattr(self.scales, name)) is not None}
        severity = {} if self.severity is Severity.UNKNOWN else {"severity_at_least": self.severity.value}
        further = {"casualties": self.casualties, "present": self.present, "lasting": self.lasting}
        return {**severity, **levels, **{name: value for name, value in further.items() if value}}


def concerns(rule: Rule, category: Category) -> bool:
    """Whether the rule's category condition holds."""
    wanted = rule.when.category
    return not wanted or category in wanted or category.family in wanted


def choices(rules: Iterable[Rule]) -> tuple[Choice, ...]:
    """Every combination of values that some of these rules tell apart, the plainest first."""
    used = tuple(rules)
    severities = _apart(_SEVERITIES, [_severe(r) for r in used if r.when.severity_at_least is not None])
    casualties = _apart((False, True), [_hurt(r) for r in used if r.when.casualties is not None])
    levels = {scale: _apart((None, *range(1, top + 1)), _ranges(used, scale)) for scale, top in SCALES.items()}
    stated = _combined(severities, levels, casualties)
    further = tuple(product(_presences(used), _durations(used)))
    return tuple(replace(choice, present=there, lasting=time) for choice in stated for there, time in further)


def choices_satisfying(rule: Rule) -> Iterator[Choice]:
    """Combinations that meet every condition of the rule beside category and place; nothing is stated needlessly."""
    severities = [s for s in _SEVERITIES if rule.when.severity_at_least is None or _severe(rule)(s)]
    casualties = [c for c in (False, True) if rule.when.casualties is None or c is rule.when.casualties]
    levels: dict[str, tuple[int | None, ...]] = {}
    for scale, top in SCALES.items():
        holds = _ranges((rule,), scale)
        every = (None, *range(1, top + 1))
        levels[scale] = tuple(v for v in every if all(test(v) for test in holds)) if holds else (None,)
    there = next((types for types in _presences((rule,)) if _there(rule)(types)), None)
    if there is None:
        return
    time = rule.when.lasting and rule.when.lasting.at_least
    for choice in _combined(tuple(severities[:1]), levels, tuple(casualties[:1])):
        yield replace(choice, present=there, lasting=time or timedelta())


def _presences(rules: Iterable[Rule]) -> tuple[tuple[str, ...], ...]:
    """Groups of agency types on scene, one for every way in which the rules answer; fewer on scene come first."""
    asking = [rule for rule in rules if rule.when.present or rule.when.absent]
    types = sorted({kind.value for rule in asking for kind in (*rule.when.present, *rule.when.absent)})
    tests = [_there(rule) for rule in asking]
    found: tuple[tuple[str, ...], ...] = ((),)
    for kind in types:
        found = _apart(sorted((*found, *((*there, kind) for there in found)), key=len), tests)
    return found


def _there(rule: Rule) -> Test:
    """Whether what the rule says of who is on scene holds."""
    present, absent = ({kind.value for kind in kinds} for kinds in (rule.when.present, rule.when.absent))
    return lambda types: (not present or not present.isdisjoint(types)) and absent.isdisjoint(types)


def _durations(rules: Iterable[Rule]) -> tuple[timedelta, ...]:
    """The shortest time of every stretch in which no rule changes its answer."""
    asked = [rule.when.lasting for rule in rules if rule.when.lasting is not None]
    bounds = {bound for lasting in asked for bound in (lasting.at_least, lasting.less_than) if bound is not None}
    return _apart((timedelta(), *sorted(bounds)), [lasting.holds for lasting in asked])


def _combined(
    severities: tuple[Severity, ...], levels: dict[str, tuple[int | None, ...]], casualties: tuple[bool, ...]
) -> Iterator[Choice]:
    for severity, hurt, given in product(severities, casualties, product(*levels.values())):
        yield Choice(severity, Scales(**dict(zip(levels, given, strict=True))), hurt)


def _apart(values: Iterable[ValueT], tests: list[Test]) -> tuple[ValueT, ...]:
    """The first value of each group that all tests answer alike."""
    groups: dict[tuple[bool, ...], ValueT] = {}
    for value in values:
        groups.setdefault(tuple(test(value) for test in tests), value)
    return tuple(groups.values())


def _ranges(rules: Iterable[Rule], scale: str) -> list[Test]:
    given: list[LevelRange | None] = [getattr(rule.when, scale) for rule in rules]
    return [levels.holds for levels in given if levels is not None]


def _severe(rule: Rule) -> Test:
    least = _SEVERITIES.index(rule.when.severity_at_least or Severity.UNKNOWN)
    return lambda severity: _SEVERITIES.index(severity) >= least


def _hurt(rule: Rule) -> Test:
    return lambda casualties: casualties is rule.when.casualties
