"""Compiles the conditions of rules: each holds every answer it can give. It finds no rules."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from contracts.codes import Severity
from contracts.decisions import ConditionTruth
from services.routing.regulations.model import AreaRelation, LevelRange, When
from services.routing.regulations.sentences import area_words, level_words
from services.routing.regulations.situation import Outlook, line

_DEGREE: Final = {
    Severity.UNKNOWN: 0,
    Severity.MINOR: 1,
    Severity.MODERATE: 2,
    Severity.SEVERE: 3,
    Severity.EXTREME: 4,
}
SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")
_LEVELS: Final = (None, 1, 2, 3, 4, 5)
_NOWHERE: Final = "no place the register knows"

StatedT = TypeVar("StatedT")


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One condition, shared by all rules that state it."""

    kind: int
    """The place in an outlook of the value it is held against."""
    truths: Mapping[object, ConditionTruth]
    """Value -> whether it holds, in words."""


class Conditions:
    """The conditions of one set; what several rules state is compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, object], Condition] = {}

    def of(self, when: When) -> Iterator[Condition]:
        """The conditions beside the category, in the order they are written and shown."""
        if when.severity_at_least is not None:
            yield self._one("severity", when.severity_at_least, _severity)
        for scale in SCALES:
            if (levels := getattr(when, scale)) is not None:
                yield self._one(scale, levels, partial(_level, scale))
        if when.area:
            yield self._one("area", when.area, _Area)
        if when.casualties is not None:
            yield self._one("casualties", when.casualties, _casualties)

    def _one(
        self, kind: str, stated: StatedT, compiled: Callable[[StatedT], Mapping[object, ConditionTruth]]
    ) -> Condition:
        if (known := self._known.get((kind, stated))) is None:
            known = self._known[kind, stated] = Condition(Outlook._fields.index(kind), compiled(stated))
        return known


class _Area(dict[object, ConditionTruth]):
    """One of several relations to the areas concerned, answered when a relation is first met."""

    def __init__(self, wanted: tuple[AreaRelation, ...]) -> None:
        self._wanted = frozenset(wanted)
        self._words = line(area_words(wanted).en)

    def __missing__(self, given: frozenset[AreaRelation]) -> ConditionTruth:
        found = " and ".join(area_words([relation]).en for relation in AreaRelation if relation in given)
        holds = not self._wanted.isdisjoint(given)
        truth = ConditionTruth(condition=self._words, holds=holds, fact=line(found or _NOWHERE))
        self[given] = truth
        return truth


def _severity(least: Severity) -> Mapping[object, ConditionTruth]:
    """At least this severe; an unknown severity is below every degree."""
    words = f"severity at least {least.value}"
    return {
        given: ConditionTruth(condition=words, holds=degree >= _DEGREE[least], fact=given.value)
        for given, degree in _DEGREE.items()
    }


def _level(scale: str, levels: LevelRange) -> Mapping[object, ConditionTruth]:
    """A range on one scale."""
    words = line(level_words(scale, levels).en)
    return {
        given: ConditionTruth(condition=words, holds=levels.holds(given), fact=str(given or "not stated"))
        for given in _LEVELS
    }


def _casualties(wanted: bool) -> Mapping[object, ConditionTruth]:  # noqa: FBT001 - the value of the condition
    """With or without casualties."""
    words = "casualties" if wanted else "no casualties"
    return {
        given: ConditionTruth(condition=words, holds=given is wanted, fact="reported" if given else "none reported")
        for given in (True, False)
    }
