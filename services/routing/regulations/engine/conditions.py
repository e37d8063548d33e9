"""Compiles the conditions of rules: each holds every answer it can give. It finds no rules."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from contracts.codes import Severity
from contracts.decisions import ConditionTruth
from services.routing.regulations.engine.discern import least_of, stretch
from services.routing.regulations.engine.situation import Outlook, line
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.hazards import Raised
from services.routing.regulations.rules.phrases import (
    area_words,
    calendar_words,
    found_words,
    lasting_words,
    level_words,
    moment_words,
    presence_words,
    raised_words,
)
from services.routing.regulations.rules.when import SCALES, AreaRelation, CalendarCondition, Lasting, LevelRange, When

_DEGREE: Final = {
    Severity.UNKNOWN: 0,
    Severity.MINOR: 1,
    Severity.MODERATE: 2,
    Severity.SEVERE: 3,
    Severity.EXTREME: 4,
}
_LEVELS: Final = (None, 1, 2, 3, 4, 5)
_NOWHERE: Final = "no place the register knows"

Compiler = Callable[[Any], Mapping[object, ConditionTruth]]
_HELD_AGAINST: Final = {
    "severity_at_least": "severity",
    **{scale: scale for scale in SCALES},
    "area": "area",
    "casualties": "casualties",
    "present": "present",
    "absent": "present",
    "calendar": "calendar",
    "lasting": "lasting",
}
"""Condition -> the field of an outlook it is held against."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One condition, shared by all rules that state it."""

    kind: int
    """The place in an outlook of the value it is held against."""
    truths: Mapping[object, ConditionTruth]
    """Value -> whether it holds, in words."""


class Conditions:
    """The conditions of one set; what several rules state is compiled once."""

    def __init__(self, bounds: tuple[timedelta, ...]) -> None:
        self._compilers: Mapping[str, Compiler] = {
            "severity_at_least": _severity,
            **{scale: partial(_level, scale) for scale in SCALES},
            "area": _Area,
            "casualties": _casualties,
            "present": partial(_Present, present=True),
            "absent": partial(_Present, present=False),
            "calendar": _Calendar,
            "lasting": partial(_lasting, bounds),
        }
        self._known: dict[tuple[str, object], Condition] = {}

    def of(self, when: When) -> Iterator[Condition]:
        """The conditions beside the category, in the order they are written and shown."""
        for name, compiled in self._compilers.items():
            stated = getattr(when, name)
            if stated is not None and stated != ():
                yield self._one(name, stated, compiled)

    def _one(self, name: str, stated: object, compiled: Compiler) -> Condition:
        if (known := self._known.get((name, stated))) is None:
            known = self._known[name, stated] = Condition(Outlook._fields.index(_HELD_AGAINST[name]), compiled(stated))
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
    stated: dict[object, ConditionTruth] = {
        given: ConditionTruth(condition=words, holds=levels.holds(given), fact=str(given or "not stated"))
        for given in _LEVELS
    }
    return _Raised(words, levels, stated) if scale == "disaster_risk" else stated


class _Raised(dict[object, ConditionTruth]):
    """Stated levels, and those that several hazards together raised, answered when one is first met."""

    def __init__(self, words: str, levels: LevelRange, stated: Mapping[object, ConditionTruth]) -> None:
        super().__init__(stated)
        self._words = words
        self._levels = levels

    def __missing__(self, given: Raised) -> ConditionTruth:
        holds = self._levels.holds(given.level)
        truth = self[given] = ConditionTruth(condition=self._words, holds=holds, fact=raised_words(given).en)
        return truth


class _Present(dict[object, ConditionTruth]):
    """One of several types of agency on scene, or none of them."""

    def __init__(self, types: tuple[AgencyType, ...], *, present: bool) -> None:
        self._types, self._present = types, present
        self._words = line(presence_words(types, present=present).en)

    def __missing__(self, given: frozenset[str]) -> ConditionTruth:
        found = [kind for kind in dict.fromkeys(self._types) if kind.value in given]
        holds = bool(found) is self._present
        truth = self[given] = ConditionTruth(condition=self._words, holds=holds, fact=line(found_words(found).en))
        return truth


class _Calendar(dict[object, ConditionTruth]):
    """A season, or working time, or both."""

    def __init__(self, wanted: CalendarCondition) -> None:
        self._wanted = wanted
        self._words = line(calendar_words(wanted).en)

    def __missing__(self, given: tuple[int, bool]) -> ConditionTruth:
        holds, fact = self._wanted.holds(*given), moment_words(self._wanted, *given).en
        truth = self[given] = ConditionTruth(condition=self._words, holds=holds, fact=fact)
        return truth


def _lasting(bounds: tuple[timedelta, ...], wanted: Lasting) -> Mapping[object, ConditionTruth]:
    """A time it has lasted for; the least of each stretch answers for all of it."""
    words = line(lasting_words(wanted).en)
    return {
        number: ConditionTruth(
            condition=words,
            holds=wanted.holds(least_of(bounds, number)),
            fact=lasting_words(stretch(bounds, number)).en,
        )
        for number in range(len(bounds) + 1)
    }


def _casualties(wanted: bool) -> Mapping[object, ConditionTruth]:  # noqa: FBT001 - the value of the condition
    """With or without casualties."""
    words = "casualties" if wanted else "no casualties"
    return {
        given: ConditionTruth(condition=words, holds=given is wanted, fact="reported" if given else "none reported")
        for given in (True, False)
    }
