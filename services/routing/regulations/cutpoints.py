"""Which values of each condition are worth trying: one from every stretch in which no rule changes its answer.

A rule tells two reports apart by its closed conditions only, so these values stand for all others. It decides nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, TypeVar

from contracts.codes import Severity
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.regulations.model import LevelRange, Rule

CONDITIONS: Final = frozenset(
    {
        "category",
        "severity_at_least",
        "disaster_risk",
        "civil_defence",
        "forest_fire_danger",
        "river_alert",
        "area",
        "casualties",
    }
)
"""The conditions this module knows how to cut; a test fails when the rule model gains another."""
_SEVERITIES: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_UNSTATED: Final = Scales()
_TOP: Final = {"disaster_risk": 5, "civil_defence": 3, "forest_fire_danger": 5, "river_alert": 3}

Test = Callable[[Any], bool]
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Choice:
    """One combination of the stated facts that do not depend on the place."""

    severity: Severity = Severity.UNKNOWN
    scales: Scales = _UNSTATED
    casualties: bool = False

    def stated(self) -> dict[str, object]:
        """What differs from a report that states nothing, by the name of the condition."""
        levels = {name: level for name in _TOP if (level := getattr(self.scales, name)) is not None}
        severity = {} if self.severity is Severity.UNKNOWN else {"severity_at_least": self.severity.value}
        return {**severity, **levels, **({"casualties": True} if self.casualties else {})}


def concerns(rule: Rule, category: Category) -> bool:
    """Whether the rule's category condition holds."""
    wanted = rule.when.category
    return not wanted or category in wanted or category.family in wanted


def choices(rules: Iterable[Rule]) -> tuple[Choice, ...]:
    """Every combination of values that some of these rules tell apart, the plainest first."""
    used = tuple(rules)
    severities = _apart(_SEVERITIES, [_severe(r) for r in used if r.when.severity_at_least is not None])
    casualties = _apart((False, True), [_hurt(r) for r in used if r.when.casualties is not None])
    levels = {scale: _apart((None, *range(1, top + 1)), _ranges(used, scale)) for scale, top in _TOP.items()}
    return tuple(_combined(severities, levels, casualties))


def choices_satisfying(rule: Rule) -> Iterator[Choice]:
    """Combinations that meet every condition of the rule beside category and place; nothing is stated needlessly."""
    severities = [s for s in _SEVERITIES if rule.when.severity_at_least is None or _severe(rule)(s)]
    casualties = [c for c in (False, True) if rule.when.casualties is None or c is rule.when.casualties]
    levels: dict[str, tuple[int | None, ...]] = {}
    for scale, top in _TOP.items():
        holds = _ranges((rule,), scale)
        every = (None, *range(1, top + 1))
        levels[scale] = tuple(v for v in every if all(test(v) for test in holds)) if holds else (None,)
    yield from _combined(tuple(severities[:1]), levels, tuple(casualties[:1]))


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
