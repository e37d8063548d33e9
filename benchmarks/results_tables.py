"""Tables of RESULTS.md about the whole system, each from one benchmark, left out where it did not run."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from benchmarks.goals import Figures, figure_at

Rows = Iterable[Sequence[str]]


def lines(head: Sequence[str], rows: Rows) -> Iterator[str]:
    """A table of Markdown; nothing where there are no rows."""
    made = [" | ".join(row) for row in rows]
    if made:
        yield f"| {' | '.join(head)} |"
        yield "|".join(["", *("---" for _ in head), ""])
        yield from (f"| {row} |" for row in made)


def text_at(written: Mapping[str, Any], *path: str, digits: int = 1) -> str:
    """The figure under these keys, as tables show it."""
    found = figure_at(written, path)
    if found is None:
        return "–"
    return f"{found.median:,.{digits}f}" if found.least == found.most else found.text(digits)


def _journey(figures: Figures) -> Iterator[str]:
    if not (written := figures.get("journey")):
        return
    rows = [
        ("receipts a second", text_at(written, "receipts_per_second", digits=0)),
        ("reports a second, all of it in the ledger", text_at(written, "reports_per_second", digits=0)),
        ("facts a report", text_at(written, "facts_per_report", digits=2)),
        ("speed of light, reports a second", text_at(written, "light", "reports_per_second", digits=0)),
        ("share of it reached", text_at(written, "light", "share", digits=2)),
        ("share of the processor time that the limits need", text_at(written, "light", "share_of_cpu", digits=2)),
    ]
    rows += [
        (
            f"{name}; ours ÷ it",
            f"{text_at(peer, 'reports_per_second')}; {text_at(peer, 'ours_times')}",
        )
        for name, peer in written.get("peers", {}).items()
    ]
    yield from lines(("the journey of a report", "median [least..most]"), rows)


def _costs(figures: Figures) -> Iterator[str]:
    written = figures.get("journey", {})
    spent: Mapping[str, Any] = written.get("cpu_microseconds_per_report", {})
    held: Mapping[str, float] = written.get("megabytes", {})
    rows = [(name, text_at(spent, name, digits=0), f"{held[name]:,.0f}" if name in held else "") for name in spent]
    yield from lines(("process", "CPU µs a report", "MB at the end"), rows)


def _light(figures: Figures) -> Iterator[str]:
    parts: Mapping[str, Any] = figures.get("journey", {}).get("light", {}).get("parts", {})
    yield from lines(
        ("of the speed of light", "CPU µs a report"), [(name, text_at(parts, name, digits=0)) for name in parts]
    )


def _profile(figures: Figures) -> Iterator[str]:
    found: Mapping[str, Mapping[str, float]] = figures.get("journey", {}).get("profile", {})
    rows = [
        (process, "; ".join(f"{where} {100 * share:.0f} %" for where, share in shares.items()))
        for process, shares in found.items()
    ]
    yield from lines(("process", "share of its processor time, by where the code is"), rows)


def _limits(figures: Figures) -> Iterator[str]:
    sides: Mapping[str, Any] = figures.get("limits", {}).get("sides", {})
    rows = [
        (name, *(text_at(side, key, digits=d) for key, d in (("per_second", 0), ("client", 1), ("server", 1))))
        for name, side in sides.items()
    ]
    yield from lines(("one at a time, nothing else running", "a second", "client CPU µs", "server CPU µs"), rows)


def _intake(figures: Figures) -> Iterator[str]:
    written = figures.get("intake", {})
    rows = [
        (name, text_at(written, "per_second", name, digits=0), text_at(written, "ours_times", name, digits=2))
        for name in written.get("per_second", {})
    ]
    yield from lines(("500 in flight", "a second", "ours ÷ it"), rows)


def _rates(figures: Figures) -> Iterator[str]:
    found: Mapping[str, Mapping[str, Any]] = figures.get("rates", {}).get("figures", {})
    columns = [f"{to} {share}" for to in ("receipt", "desk") for share in ("p50", "p99", "p99.9")]
    rows = [
        (rate, text_at(each, "reached", digits=0), *(text_at(each, column) for column in columns))
        for rate, each in found.items()
    ]
    if beside := figures.get("rates", {}).get("alertmanager"):
        waits = (text_at(beside, share) for share in ("p50", "p99", "p99.9"))
        rows.append(("100, Alertmanager's webhook", *([""] * 4), *waits))
    yield from lines(("reports a second", "reached", *(f"{column}, ms" for column in columns)), rows)


def _scale(figures: Figures) -> Iterator[str]:
    written = figures.get("scale", {})
    found: Mapping[str, Mapping[str, Any]] = written.get("grown", {})
    for what, sizes in found.items():
        processes = list(next(iter(sizes.values()))["cpu_microseconds"])
        rows = [
            (
                size,
                *(text_at(one, "cpu_microseconds", name, digits=0) for name in processes),
                " · ".join(f"{name} {held:,.0f}" for name, held in one["megabytes"].items()),
            )
            for size, one in sizes.items()
        ]
        times = text_at(written, "largest_to_smallest", what, digits=2)
        rows.append(("largest ÷ smallest", *([""] * (len(processes) - 1)), times, ""))
        yield from lines((what, *(f"{name} µs" for name in processes), "MB"), rows)
        yield ""


def _restarts(figures: Figures) -> Iterator[str]:
    written = figures.get("restarts", {})
    steps: Mapping[str, Mapping[str, float]] = written.get("late_seconds", {})
    rows = [(name, *(f"{wait:.3f}" for wait in waits.values())) for name, waits in steps.items()]
    if away := written.get("outage_seconds"):
        rows.append(("until all was ready again", f"{away['median']:.1f}", "", f"{away['most']:.1f}"))
    yield from lines((f"seconds, {written.get('restarts')} restarts", "median", "p99", "longest"), rows)


def _loops(figures: Figures) -> Iterator[str]:
    yield from _pair(figures.get("loops", {}))


def _observability(figures: Figures) -> Iterator[str]:
    yield from _pair(figures.get("observability", {}))
    heard: Mapping[str, Mapping[str, Any]] = figures.get("observability", {}).get("heard", {})
    rows = [
        (name, *(f"{of[name]['log_records']:,}; {'yes' if of[name]['counted'] else 'no'}" for of in heard.values()))
        for name in next(iter(heard.values()), {})
    ]
    if rows:
        yield ""
    told = f"of {figures.get('observability', {}).get('reports', 0):,} reports: log records; anything counted"
    yield from lines((told, *heard), rows)


def _pair(written: Mapping[str, Any]) -> Iterator[str]:
    """Of two systems that were loaded in turn."""
    shares: Mapping[str, Any] = written.get("cpu_share", {})
    spent: Mapping[str, Any] = written.get("cpu_microseconds_per_report", {})
    rows = [
        (name, *(text_at(side, name, digits=0) for side in spent.values()), text_at(shares, name, digits=2))
        for name in shares
    ]
    if "reports_per_second_times" in written:
        rows.append(("reports a second", *([""] * len(spent)), text_at(written, "reports_per_second_times", digits=2)))
    yield from lines(("CPU µs a report", *spent, "the second ÷ the first"), rows)


SYSTEM: Final[dict[str, Callable[[Figures], Iterator[str]]]] = {
    "The journey": _journey,
    "What a report costs each process": _costs,
    "What the speed of light is made of": _light,
    "Where the time goes": _profile,
    "Limits": _limits,
    "Intake": _intake,
    "Waiting at a steady rate": _rates,
    "As things grow": _scale,
    "After restarts": _restarts,
    "On uvloop": _loops,
    "What logs and measures cost": _observability,
}
