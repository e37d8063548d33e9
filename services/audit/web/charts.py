"""Lays out the chart of the times to acknowledge: a bar for each agency on a logarithmic axis. It draws nothing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import log
from typing import Final, NamedTuple

from services.audit.reports.exercises import Line, Rung

MOST_BARS: Final = 40
WIDTH: Final = 560
"""Of the part with the bars, in user units."""
ROW: Final = 26
_FROM: Final = 1.0
_LEAST_TO: Final = 600.0
_TICKS: Final = (1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)


class Bar(NamedTuple):
    """One agency: from nothing to its worst time, with a mark at its median."""

    agency: str
    top: int
    median: timedelta | None
    worst: timedelta | None
    median_at: float
    worst_at: float
    climbed: int
    missing: int
    """Dispatches that should have been acknowledged and were not."""


class Tick(NamedTuple):
    """One time on the axis."""

    at: float
    length: timedelta


class Chart(NamedTuple):
    """Everything the template draws."""

    bars: Sequence[Bar]
    all: Sequence[Bar]
    """Every agency, for the table; the chart shows the first of them."""
    ticks: Sequence[Tick]
    height: int
    left_out: int
    """Agencies beyond the most that a chart shows; the table has them all."""


def times_to_acknowledge(lines: Iterable[Line]) -> Chart:
    """The slowest agencies first; those that acknowledged nothing at all before every other."""
    asked = [line for line in lines if line.incident is None and _climbed(line)]
    asked.sort(key=lambda line: (-_slowness(line), line.agency))
    end = max(_LEAST_TO, *map(_worst, asked)) if asked else _LEAST_TO
    bars = tuple(_bar(line, row, end) for row, line in enumerate(asked))
    ticks = tuple(Tick(_at(seconds, end), timedelta(seconds=seconds)) for seconds in _TICKS if seconds <= end)
    shown = bars[:MOST_BARS]
    return Chart(shown, bars, ticks, ROW * len(shown), len(bars) - len(shown))


def _climbed(line: Line) -> bool:
    times = line.times[Rung.ACKNOWLEDGED]
    return bool(times.climbed or times.missing)


def _slowness(line: Line) -> float:
    median = line.times[Rung.ACKNOWLEDGED].median
    return float("inf") if median is None else median.total_seconds()


def _worst(line: Line) -> float:
    worst = line.times[Rung.ACKNOWLEDGED].worst
    return worst.total_seconds() if worst else 0.0


def _bar(line: Line, row: int, end: float) -> Bar:
    times = line.times[Rung.ACKNOWLEDGED]
    median_at = _at(times.median.total_seconds(), end) if times.median else 0.0
    worst_at = _at(_worst(line), end)
    return Bar(line.agency, ROW * row, times.median, times.worst, median_at, worst_at, times.climbed, times.missing)


def _at(seconds: float, end: float) -> float:
    """Where a time stands on the axis, which begins at one second."""
    return round(WIDTH * log(max(seconds, _FROM) / _FROM) / log(end / _FROM), 1)
