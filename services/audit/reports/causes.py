"""Ties each fact of an incident to the one it follows from, and lays the arrows out in lanes. It reads no storage.

An event names its cause. Where that is an event, it is an earlier line. Where it is somebody's act, or the clock, the
first fact of the same cause is, or else the one that brought about the obligation or the dispatch it is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

MOST_LANES: Final = 12
"""Arrows side by side; what would need a further lane has its cause in words only."""


class Tie(StrEnum):
    """How one fact follows from another."""

    CAUSED = "caused"
    SAME_ACT = "same_act"
    RAN_OUT = "ran_out"
    """The time of an obligation that the other one brought about."""
    ANSWERS = "answers"
    """A desk acted on what it was sent; the act itself is the cause."""


class Line(NamedTuple):
    """One fact, in the order of the ledger."""

    idx: int
    event: str
    """Its id."""
    cause: str
    name: str
    data: Mapping[str, Any]


class Cause(NamedTuple):
    """From which earlier entry a fact follows, and how."""

    tie: Tie
    idx: int


class Strand(NamedTuple):
    """What the lanes do beside one line."""

    passing: tuple[int, ...] = ()
    """Lanes that go on past it."""
    begins: int | None = None
    """The lane of what follows from it."""
    arrives: int | None = None
    """The lane of what it follows from."""
    ends: bool = False
    """It is the last that this lane leads to."""


@dataclass(slots=True)
class _Known:
    """Where what may be named as a cause stands."""

    events: dict[str, int] = field(default_factory=dict)
    """Events."""
    obligations: dict[str | None, int] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)
    dispatches: dict[str | None, int] = field(default_factory=dict)


def causes(lines: Sequence[Line]) -> dict[int, Cause]:
    """What each fact follows from, by `idx`; nothing for what follows from nothing shown here."""
    known, found = _Known(), {}
    for line in lines:
        if (cause := _cause(line, known)) is not None:
            found[line.idx] = cause
        known.events.setdefault(line.event, line.idx)
        for obligation in _obligations(line.data):
            known.obligations.setdefault(obligation, line.idx)
        known.acts.setdefault(line.cause, line.idx)
        if line.name == "DispatchIssued" and (dispatch := _named(line, "dispatch")) is not None:
            known.dispatches.setdefault(dispatch, line.idx)
    return found


def strands(order: Sequence[int], tied: Mapping[int, Cause]) -> list[Strand]:
    """The lanes beside each line; answers to a dispatch are told in words, for they would be as many as desks."""
    spans = _spans(order, tied)
    lanes = _lanes(spans)
    shown = []
    for row, idx in enumerate(order):
        cause = tied.get(idx)
        drawn = cause is not None and cause.tie is not Tie.ANSWERS
        arrives = lanes.get(cause.idx) if cause is not None and drawn else None
        passing = tuple(
            lane for origin, lane in sorted(lanes.items(), key=_lane) if spans[origin][0] < row < spans[origin][1]
        )
        ends = cause is not None and arrives is not None and spans[cause.idx][1] == row
        shown.append(Strand(passing, lanes.get(idx), arrives, ends))
    return shown


def _cause(line: Line, known: _Known) -> Cause | None:
    if (idx := known.events.get(line.cause)) is not None:
        return Cause(Tie.CAUSED, idx)
    if (idx := known.acts.get(line.cause)) is not None:
        return Cause(Tie.SAME_ACT, idx)
    if (idx := known.obligations.get(_named(line, "obligation"))) is not None:
        return Cause(Tie.RAN_OUT if line.name in _SILENCES else Tie.ANSWERS, idx)
    idx = known.dispatches.get(_named(line, "dispatch"))
    return None if idx is None else Cause(Tie.ANSWERS, idx)


def _named(line: Line, what: str) -> str | None:
    """The id a fact gives of something; None where it gives none."""
    named = line.data.get(what)
    return named if isinstance(named, str) else None


def _obligations(data: Mapping[str, Any]) -> Iterator[str]:
    listed = data.get("obligations")
    for owed in (*(listed if isinstance(listed, list) else ()), data.get("next"), data.get("repeat")):
        if isinstance(owed, Mapping) and isinstance(named := owed.get("obligation"), str):
            yield named


def _spans(order: Sequence[int], tied: Mapping[int, Cause]) -> dict[int, tuple[int, int]]:
    """For each cause its own row and that of the last fact that follows from it."""
    row_of = {idx: row for row, idx in enumerate(order)}
    spans: dict[int, tuple[int, int]] = {}
    for idx, cause in tied.items():
        if cause.tie is not Tie.ANSWERS and idx in row_of and cause.idx in row_of:
            begin = row_of[cause.idx]
            spans[cause.idx] = begin, max(row_of[idx], spans.get(cause.idx, (begin, begin))[1])
    return spans


def _lanes(spans: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """A lane for each cause such that no two share one beside the same line."""
    free_from = [0] * MOST_LANES  # the first row at which each may be used
    lanes = {}
    for origin, (begin, end) in sorted(spans.items(), key=lambda span: span[1]):
        lane = next((number for number, row in enumerate(free_from) if row <= begin), None)
        if lane is not None:
            lanes[origin], free_from[lane] = lane, end + 1
    return lanes


def _lane(item: tuple[int, int]) -> int:
    return item[1]


_SILENCES: Final = frozenset({"DispatchRepeated", "DispatchEscalated", "ObligationBreached"})
