"""The ten goals as data: what each asks, in which figures the answer stands, and whether it is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from benchmarks.measuring import Figure

Figures = Mapping[str, Mapping[str, Any]]
"""Benchmark -> what it wrote."""
FIVE_MILLION: Final = 5_000_000


class Reached(StrEnum):
    """What became of one measure."""

    YES = "yes"
    NO = "no"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure and its bound."""

    text: str
    benchmark: str
    path: tuple[str, ...]
    """Keys down to the figure in what the benchmark wrote."""
    at_least: float | None = None
    at_most: float | None = None
    digits: int = 2
    rows: int | None = None
    """The figure counts only where the benchmark had so many rows."""

    @property
    def bound(self) -> str:
        """As people write it."""
        sign, value = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        return f"{sign} {value:g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal; reached when all its measures are."""

    number: int
    text: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One measure as it came out."""

    reached: Reached
    figure: Figure | None = None
    note: str = ""
    """Why it does not count, or only under a condition."""


def answer(measure: Measure, figures: Figures) -> Answer:
    """What the newest figures say of one measure."""
    written = figures.get(measure.benchmark, {})
    found = figure_at(written, measure.path)
    if found is None:
        return Answer(Reached.NOT_MEASURED)
    if measure.rows is not None and written.get("rows", 0) < measure.rows:
        return Answer(Reached.NOT_MEASURED, found, f"at {written.get('rows', 0):,} rows only")
    return Answer(_judged(measure, found.median), found)


def figure_at(written: Mapping[str, Any], path: Sequence[str]) -> Figure | None:
    """The figure under these keys, however it was written; None where it is not there."""
    value: Any = written
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    match value:
        case {"median": median, "least": least, "most": most}:
            return Figure(median, least, most)
        case [median, least, most]:
            return Figure(median, least, most)
        case int() | float():
            return Figure(value, value, value)
        case _:
            return None


def together(answers: Sequence[Answer]) -> Reached:
    """Of a goal: yes only when every measure of it is, no when one is missed."""
    found = {one.reached for one in answers}
    if Reached.NO in found:
        return Reached.NO
    return Reached.NOT_MEASURED if Reached.NOT_MEASURED in found else Reached.YES


def _judged(measure: Measure, value: float) -> Reached:
    too_little = measure.at_least is not None and value < measure.at_least
    too_much = measure.at_most is not None and value > measure.at_most
    return Reached.NO if too_little or too_much else Reached.YES


_JOURNEY: Final = "reports a second end to end, fsync before every answer, ledger included"
GOALS: Final = (
    Goal(
        1,
        _JOURNEY,
        (
            Measure(
                "× Celery + Redis, tuned",
                "journey",
                ("peers", "celery-redis tuned", "ours_times"),
                at_least=20,
                digits=1,
            ),
            Measure(
                "× idiomatic FastStream",
                "journey",
                ("peers", "faststream idiomatic", "ours_times"),
                at_least=6,
                digits=1,
            ),
        ),
    ),
    Goal(
        2,
        "end to end beside the speed of light of the same run (publish, deliver, COPY, validate)",
        (Measure("share", "journey", ("light", "share"), at_least=0.6),),
    ),
    Goal(
        3,
        "intake, fsync before every receipt, beside publishing message by message at the same setting",
        (
            Measure("× per-message publishing", "intake", ("ours_times", "one message a sync"), at_least=3),
            Measure("fsyncs a batch", "intake", ("syncs", "per_batch"), at_most=5, digits=1),
        ),
    ),
    Goal(
        4,
        "intake's receipts a second, fsync included, beside bare `publish_async` without it",
        (Measure("× `publish_async`", "intake", ("ours_times", "publish_async, no sync"), at_least=0.5),),
    ),
    Goal(
        5,
        "from a report to its first dispatch, milliseconds",
        (
            Measure("p99 at 100/s", "rates", ("figures", "100", "desk p99"), at_most=10, digits=1),
            Measure("p99 at 1,000/s", "rates", ("figures", "1000", "desk p99"), at_most=25, digits=1),
            Measure("p99 at 1,000/s ÷ 100/s", "rates", ("ratios", "1000 / 100"), at_most=5, digits=1),
            Measure("p99 at 100/s ÷ Alertmanager's webhook", "rates", ("ratios", "100 / Alertmanager"), at_most=1.5),
        ),
    ),
    Goal(
        6,
        "a decision as rules grow, and beside other rule engines",
        (
            Measure("100,000 ÷ 100 rules, nothing remembered", "decide", ("growth", "growth", "cold"), at_most=3),
            Measure("100,000 ÷ 100 rules, finding alone", "decide", ("growth", "growth", "find"), at_most=3),
            Measure(
                "× the best linear engine, 1,000 rules",
                "decide",
                ("peers", "zen-engine", "times_slower_than", "find"),
                at_least=500,
                digits=0,
            ),
            Measure(
                "× Rego indexed by hand, 1,000 rules",
                "decide",
                ("peers", "regorus, indexed in Rego", "times_slower_than", "find"),
                at_least=40,
                digits=0,
            ),
        ),
    ),
    Goal(
        7,
        "recording in the ledger: hash, tree and position in one transaction",
        (
            Measure("× bare COPY of 500", "ledger", ("ingest_ratio", "COPY into a bare table"), at_least=0.65),
            Measure("× SQLModel `add_all`", "ledger", ("ingest_ratio", "SQLModel add_all"), at_least=4),
        ),
    ),
    Goal(
        8,
        "asking a ledger of 5 million entries",
        (
            Measure(
                "timeline of an incident, p99 ms",
                "ledger",
                ("asked_milliseconds", "timeline of one incident", "p99"),
                at_most=2,
                rows=FIVE_MILLION,
            ),
            Measure(
                "an agency's month, p99 ms",
                "ledger",
                ("asked_milliseconds", "newest 100 of one agency in one month", "p99"),
                at_most=2,
                rows=FIVE_MILLION,
            ),
            Measure("indexes, share of stored bytes", "ledger", ("index_share",), at_most=0.10, rows=FIVE_MILLION),
        ),
    ),
    Goal(
        9,
        "no delivery stands still over 20 restarts of server and services",
        (Measure("longest wait once all is ready again, seconds", "restarts", ("longest_seconds",), at_most=1),),
    ),
    Goal(
        10,
        "CPU time of the services with logs and measures; traces, of which there are none, are not judged",
        (Measure("× without logs and measures", "observability", ("ratio",), at_most=1.3),),
    ),
)
