"""Says where a gap lies, in words: which kinds of place, which levels, which days, for which categories."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from contracts.codes import Severity
from contracts.taxonomy import CATEGORIES, Category
from services.routing.regulations.proof.findings import Finding, FindingKind, listed
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.rules.phrases import Sentence, area_words, duration_words, level_words
from services.routing.regulations.rules.when import SCALES, AreaRelation, LevelRange

Span = tuple[str, frozenset[str]]
Shape = frozenset[Span]
Where = frozenset[AreaRelation]
_NOWHERE: Final = Sentence("không rõ địa bàn", "no place known")
_DAY: Final = "day"


def described(gaps: Mapping[Category, list[Trial]], ground: Ground) -> Iterator[Finding]:
    """One finding for all gaps of one shape: categories and places that share it are named together."""
    cells: defaultdict[tuple[Category, Where], list[Trial]] = defaultdict(list)
    for category, trials in gaps.items():
        for trial in trials:
            cells[category, trial.place.relations].append(trial)
    places: defaultdict[tuple[Category, Shape], list[Where]] = defaultdict(list)
    for (category, where), trials in cells.items():
        places[category, _shape(trials)].append(where)
    alike: defaultdict[tuple[frozenset[Where], Shape], list[Category]] = defaultdict(list)
    for (category, shape), wheres in places.items():
        alike[frozenset(wheres), shape].append(category)
    for (somewhere, shape), categories in alike.items():
        shown = [trial for category in categories for where in somewhere for trial in cells[category, where]]
        yield _finding(shown, tuple(categories), (somewhere, shape), ground)


def _shape(trials: list[Trial]) -> Shape:
    """What the trials of one cell state, condition by condition."""
    spans: defaultdict[str, set[str]] = defaultdict(set)
    for trial in trials:
        stated = trial.choice.stated()
        for name in ("severity_at_least", *SCALES):
            spans[name].add(str(stated.get(name, "")))
        spans["present"].add(" + ".join(trial.choice.present))
        spans["lasting"].add(str(int(trial.choice.lasting.total_seconds()) or ""))
        spans["casualties"].add("true" if trial.choice.casualties else "")
        spans[_DAY].add(trial.day.isoformat())
    return frozenset((name, frozenset(values)) for name, values in spans.items())


def _finding(
    trials: list[Trial], categories: tuple[Category, ...], where: tuple[frozenset[Where], Shape], ground: Ground
) -> Finding:
    lightest = min(trials, key=lambda trial: (trial.weight, trial.day))
    names = [CATEGORIES[category] for category in categories]
    somewhere, shape = where
    places = [_place(relations) for relations in sorted(somewhere, key=sorted)]
    spans = [words for span in sorted(shape) if (words := _span(span, ground)) is not None]
    said = Sentence("; ".join(span.vi for span in spans), "; ".join(span.en for span in spans))
    words = Sentence(
        f"{listed(name.vi for name in names)}: không có chủ trì{f' khi {said.vi}' if said.vi else ''}, tại: "
        f"{listed(place.vi for place in places)}",
        f"{listed(name.en for name in names)}: nobody leads{f' with {said.en}' if said.en else ''}, at: "
        f"{listed(place.en for place in places)}",
    )
    return Finding(FindingKind.GAP, words, lightest.facts, (), categories, len(trials))


def _place(relations: Where) -> Sentence:
    words = [area_words((relation,)) for relation in AreaRelation if relation in relations] or [_NOWHERE]
    return Sentence(" + ".join(word.vi for word in words), " + ".join(word.en for word in words))


def _span(span: Span, ground: Ground) -> Sentence | None:
    """One condition of the gap; None where it says nothing."""
    name, values = span
    if name == _DAY:
        days = sorted(values)
        if days[0] == ground.set.valid_from.isoformat():
            return None
        return Sentence(f"từ ngày {days[0]}", f"from {days[0]} on")
    if values == {""}:
        return None
    if name == "casualties":
        return Sentence("có thương vong", "with casualties") if values == {"true"} else None
    if name == "severity_at_least":
        given = ", ".join(sorted(value or Severity.UNKNOWN.value for value in values))
        return Sentence(f"mức độ {given}", f"severity {given}")
    return _FURTHER[name](values) if name in _FURTHER else _levels(name, values)


def _present(values: frozenset[str]) -> Sentence:
    groups = " / ".join(sorted(value or "–" for value in values))
    return Sentence(f"có mặt {groups}", f"on scene {groups}")


def _lasting(values: frozenset[str]) -> Sentence:
    times = [duration_words(timedelta(seconds=int(value or 0))) for value in sorted(values, key=lambda v: int(v or 0))]
    vi, en = " / ".join(time.vi for time in times), " / ".join(time.en for time in times)
    return Sentence(f"đã kéo dài {vi}", f"having lasted {en}")


_FURTHER: Final = {"present": _present, "lasting": _lasting}


def _levels(scale: str, values: frozenset[str]) -> Sentence:
    given = sorted(int(value) for value in values if value)
    ranges = [LevelRange(min=level, max=level) for level in given]
    if "" in values:
        ranges.append(LevelRange(unstated=True))
    words = [level_words(scale, levels) for levels in ranges]
    return Sentence(" / ".join(word.vi for word in words), " / ".join(word.en for word in words))
