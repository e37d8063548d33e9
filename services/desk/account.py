"""What was reported, part by part, in the words of one language, as an officer reads it before anything else. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from contracts.code_words import COUNTS, SCALES, SCENE, UNITS, Words
from contracts.events import DispatchIssued
from contracts.places import Point
from contracts.reports import Count, Scales
from contracts.scenes import Scene

TEXT: Final[Words] = ("Nội dung", "What happened")
FIGURES: Final[Words] = ("Số liệu", "Figures")
POSITION: Final[Words] = ("Toạ độ (WGS 84)", "Position (WGS 84)")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was reported."""

    name: str
    lines: tuple[str, ...]


def account(told: DispatchIssued, language: int) -> tuple[Part, ...]:
    """Words, figures, scene, position; only what was reported, and only what this desk is told."""
    parts = [
        Part(TEXT[language], (told.text,) if told.text else ()),
        Part(FIGURES[language], tuple(figures(told.counts or (), language))),
        *scene(told.scene, language),
    ]
    return tuple(part for part in parts if part.lines)


def levels(scales: Scales, language: int) -> str:
    """The levels that were set, each on its own scale: none is computed from another."""
    found = ((SCALES[name][language], level) for name, level in scales if level is not None)
    return "; ".join(f"{named} {level}" for named, level in found)


def figures(counts: Iterable[Count], language: int) -> Iterator[str]:
    """As their senders gave them; figures of different senders are never added up."""
    for count in counts:
        value = f"{count.value:.10g}".replace(".", ",."[language])
        yield f"{COUNTS[count.of][language]}: {value} {UNITS[count.unit][language]} ({count.source})"


def scene(seen: Scene | None, language: int) -> Iterator[Part]:
    """What is said of the scene."""
    for name, words in SCENE.items():
        if said := getattr(seen, name, None):
            yield Part(words[language], (said,) if isinstance(said, str) else said)
    if seen and seen.position:
        yield Part(POSITION[language], (_position(seen.position),))


def _position(at: Point) -> str:
    reach = f" ± {at.accuracy_m:,.0f} m".replace(",", "\u202f") if at.accuracy_m else ""
    return f"{at.lat:.5f}, {at.lon:.5f}{reach}"
