"""Tables of RESULTS.md about parts that are measured by themselves; left out where their benchmark did not run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from benchmarks.goals import Figures
from benchmarks.measuring import figure
from benchmarks.results_tables import lines, text_at

_ASKED: Final = ("again", "new facts", "new place", "cold", "find", "match")


def _decide(figures: Figures) -> Iterator[str]:
    written = figures.get("decide", {})
    sets = {f"{int(size):,} rules": of for size, of in written.get("growth", {}).items() if size != "growth"}
    if "reference" in written:
        sets = {f"the reference set, {written['reference'].get('rules')} rules": written["reference"]} | sets
    rows = [
        (name, *(text_at(of, asked) for asked in _ASKED), text_at(of, "index_megabytes")) for name, of in sets.items()
    ]
    if "growth" in written:
        grown = written["growth"].get("growth", {})
        rows.append(("largest ÷ smallest", *(text_at(grown, asked, digits=2) for asked in _ASKED), ""))
    yield from lines(("CPU µs a decision", *_ASKED, "MB"), rows)


def _engines(figures: Figures) -> Iterator[str]:
    peers: Mapping[str, Any] = figures.get("decide", {}).get("peers", {})
    rows = [(name, text_at(of, "microseconds"), text_at(of, "times_slower_than", "find")) for name, of in peers.items()]
    yield from lines(("1,000 rules", "CPU µs a call", "it ÷ our `find`"), rows)


def _ledger(figures: Figures) -> Iterator[str]:
    written = figures.get("ledger", {})
    rows = [
        (
            name,
            text_at(written, "ingest_rows_per_second", name, digits=0),
            text_at(written, "ingest_ratio", name, digits=2),
        )
        for name in written.get("ingest_rows_per_second", {})
    ]
    if verified := written.get("verification"):
        rate = figure([one["rows_per_second"] for one in verified])
        rows.append(("verified, each entry read again", rate.text(0), ""))
    yield from lines((f"{written.get('rows', 0):,} entries before", "entries a second", "ours ÷ it"), rows)


def _questions(figures: Figures) -> Iterator[str]:
    asked: Mapping[str, Mapping[str, float]] = figures.get("ledger", {}).get("asked_milliseconds", {})
    rows = [(name, f"{one['median']:.2f}", f"{one['p99']:.2f}") for name, one in asked.items()]
    yield from lines(("asked of the ledger, ms", "median", "p99"), rows)


def _deadlines(figures: Figures) -> Iterator[str]:
    runs: Mapping[str, Mapping[str, Any]] = figures.get("deadlines", {}).get("runs", {})
    counts, waits = ("missing", "twice", "early"), ("median", "p99", "most")
    rows = [
        (
            name,
            *(f"{run['answered'][count]}" for count in counts),
            *(f"{run['answered']['late_milliseconds'][wait]:,.0f}" for wait in waits),
            f"{run['cpu_seconds']:.1f}",
        )
        for name, run in runs.items()
    ]
    yield from lines(("obligations", *counts, *(f"{wait} late, ms" for wait in waits), "CPU s of routing"), rows)


def _restart(figures: Figures) -> Iterator[str]:
    written = figures.get("restart", {})
    rows = [
        (name, text_at(of, "cpu", digits=0), text_at(of, "wall", digits=0))
        for name, of in written.get("sides", {}).items()
    ]
    yield from lines((f"{written.get('facts', 0):,} facts", "a second of CPU", "a second"), rows)


def _flooding(figures: Figures) -> Iterator[str]:
    sides: Mapping[str, Any] = figures.get("flooding", {}).get("sides", {})
    rows = [
        (
            name,
            *(text_at(of, share) for share in ("p50", "p99", "p99_of_all")),
            text_at(of, "p99_ratio_of_all", digits=2),
            f"{of['sent']:,}",
        )
        for name, of in sides.items()
    ]
    head = ("the other unit", "p50, ms", "p99, ms", "p99 of all windows, ms", "÷ quiet", "it sent")
    yield from lines(head, rows)


def _desk(figures: Figures) -> Iterator[str]:
    written = figures.get("desk", {})
    rounds: Sequence[Mapping[str, float]] = written.get("rounds", ())
    if rounds:
        shares = ("p50", "p99", "most")
        row = [figure([one[share] for one in rounds]).text(0) for share in shares]
        shown = f"{median([one['count'] for one in rounds]):,.0f}"
        yield from lines(
            (f"{written['rate']} dispatches a second", *(f"{s}, ms" for s in shares), "rows a round"),
            [("until its row is in the browser", *row, shown)],
        )


PARTS: Final[dict[str, Callable[[Figures], Iterator[str]]]] = {
    "Deciding": _decide,
    "Beside other rule engines": _engines,
    "The ledger": _ledger,
    "Asking the ledger": _questions,
    "Deadlines": _deadlines,
    "Reading everything again": _restart,
    "Beside a hostile unit": _flooding,
    "At a desk": _desk,
}
