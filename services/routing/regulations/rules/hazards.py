"""The arithmetic of hazards that strike together (Decision 18/2021/QĐ-TTg art. 4(4)); it reads no report."""

from collections.abc import Collection
from typing import Final, NamedTuple

from contracts.codes import Severity
from contracts.decisions import CombinedLevel, Facts
from contracts.taxonomy import Category

_TOP: Final = 5
_TOGETHER: Final = 2
_GRAVE: Final = frozenset({Severity.SEVERE, Severity.EXTREME})


class Raised(NamedTuple):
    """A disaster-risk level above the stated one."""

    level: int
    stated: int
    hazards: int
    """How many strike together."""


def combined(stated: int, hazards: Collection[Category], severity: Severity) -> CombinedLevel | None:
    """The level of several hazards together: one above the stated one, two where grave harm is likely, at most 5.

    None where a single hazard is stated, or the level is at the top already. `stated` is the highest of the hazards'
    own levels. That a stated severity of Severe or Extreme means likely grave harm is our reading, not the text's.
    """
    if len(hazards) < _TOGETHER or stated >= _TOP:
        return None
    added = min(2 if severity in _GRAVE else 1, _TOP - stated)
    return CombinedLevel(stated=stated, added=added, level=stated + added, hazards=tuple(sorted(hazards)))


def combined_in(facts: Facts) -> CombinedLevel | None:
    """The raised level of these facts, or None where the stated one counts."""
    stated = facts.scales.disaster_risk
    return None if stated is None else combined(stated, facts.hazards, facts.severity)


def effective_risk(facts: Facts) -> int | Raised | None:
    """The disaster-risk level that rules are held against."""
    if len(facts.hazards) < _TOGETHER or (raised := combined_in(facts)) is None:
        return facts.scales.disaster_risk
    return Raised(raised.level, raised.stated, len(raised.hazards))
