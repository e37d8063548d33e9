"""Says what of a place and of words a desk is shown where a rule of the regulation keeps the exact position from it."""

import re
from typing import Final
from unicodedata import normalize

from contracts.codes import Role
from contracts.decisions import Discretion

WITHHELD: Final = "Vị trí không nêu / Position withheld"
_LINE: Final = 200
_BETWEEN: Final = " · "
_TAKEN_OUT: Final = "[…]"
_PAIR: Final = re.compile(r"(-?\d{1,2}\.\d{3,}), (-?\d{1,3}\.\d{3,})")
"""As `places.place_line` writes a position."""
_FIGURES: Final = re.compile(
    r"""-?\d{1,3}[.,]\d{3,}\s*°?\s*[NSEWĐBT]?\b      # decimal degrees
    |\d{1,3}\s*[°º][\d\s.,'\u2032\u2019"\u2033\u201d]*[NSEWĐBT]? # degrees, minutes, seconds
    |(?<![\d.,])\d{2,3}[A-Z]\s?[A-Z]{2}\s?[\d\s]{4,} # military grid
    |\b\d{6,8}(?:[.,]\d+)?\b                         # metres of a map's grid
    """,
    re.VERBOSE,
)


def hidden_from(role: Role, rule: Discretion | None) -> Discretion | None:
    """The rule that keeps the position from a desk in this role; None where nothing does."""
    return None if rule is None or role in rule.exact_for else rule


def whole(named: str | None, said: str) -> str:
    """Where it is for whoever may know: the area in the register's words, then what the report says itself."""
    line = said if named is None or named == said else f"{named}{_BETWEEN}{said}"
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"


def place_for_others(place: str, rule: Discretion) -> str:
    """The same place for whoever may not: only the area, or with it a position to a tenth of a degree."""
    rounded = _PAIR.search(place) if rule.others_see == "rounded" else None
    about = f"≈ {float(rounded[1]):.1f}, {float(rounded[2]):.1f}" if rounded else None
    return _BETWEEN.join(one for one in (rule.place, about) if one)[:_LINE] or WITHHELD


def words_for_others(line: str, rule: Discretion) -> str:
    """A line without the names that the rule lists and the figures that may be a position.

    A name is found in any letters and spacing, not where it is shortened, misspelt or described.
    """
    line = normalize("NFC", line)
    for name in sorted(rule.names, key=len, reverse=True):
        words = r"\s+".join(map(re.escape, normalize("NFC", name).split()))
        line = re.sub(rf"(?<!\w){words}(?!\w)", _TAKEN_OUT, line, flags=re.IGNORECASE)
    return _FIGURES.sub(_TAKEN_OUT, line)[:_LINE]


def rule_for_others(rule: Discretion) -> Discretion:
    """The rule as its dispatch cites it: the list of names would tell what it keeps back."""
    return rule.model_copy(update={"names": ()})
