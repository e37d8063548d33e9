"""Tables of RESULTS.md about what held while things were broken or went on for long: chaos, the cluster, the soak."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from benchmarks.goals import Figures
from benchmarks.results_tables import lines

CHAOS: Final = "chaos"
CLUSTER: Final = "cluster"
CONTROL: Final = "the negative control"
"""What a careless program comes to, which must be caught."""
_SEEN: Final = ("reports_sent", "receipts", "facts", "entries")
_WRONG: Final = ("lost", "duplicated", "out_of_order", "deadlines_unheard", "parked", "other")


def _verdicts(figures: Figures) -> Iterator[str]:
    found = {name: written for name, written in figures.items() if name.partition("-")[0] in (CHAOS, CLUSTER)}
    rows = [
        (
            _name(name, of),
            f"{len(of.get('faults', ()))}",
            *(_count(of, key) for key in _SEEN),
            *(_count(of, key) for key in _WRONG),
            _said(of),
        )
        for name, of in found.items()
    ]
    head = ("run", "faults", *_SEEN, *_WRONG, "verdict")
    yield from lines([one.replace("_", " ") for one in head], rows)


def _name(name: str, written: Mapping[str, Any]) -> str:
    kind = f"{CONTROL} ({name})" if written.get("control") else name
    return f"{kind}: seed {written.get('seed')}, {written.get('seconds', 0):g} s"


def _count(written: Mapping[str, Any], key: str) -> str:
    """A flipped bit has what was there before it instead."""
    value = written.get(key, written.get(f"{key}_before"))
    return "–" if value is None else f"{value:,}"


def _said(written: Mapping[str, Any]) -> str:
    if written.get("control"):
        return "not caught" if written["sound"] else "caught, as it must be"
    flaws: Sequence[Mapping[str, Any]] = written.get("flaws", ())
    if flaws:
        return "; ".join(_cell(f"{one['kind']} × {one['count']}, such as {one['witness']}") for one in flaws)
    noticed = f"; noticed: {_cell(written['noticed'])}" if written.get("noticed") else ""
    return f"every promise held{noticed}" if written.get("sound") else "not sound"


def _cell(text: str) -> str:
    """As one cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _gaps(figures: Figures) -> Iterator[str]:
    written = figures.get(CLUSTER, {})
    columns = ("lasted", "well_after", "no_receipt", "no_dispatch")
    faults: Sequence[Mapping[str, Any]] = written.get("faults", ())
    rows = [(_cell(gap["fault"]), *(f"{gap[column]:.1f}" for column in columns)) for gap in faults]
    yield from lines(
        ("fault, seconds", "lasted", "all well after", "longest without a receipt", "without a dispatch"), rows
    )
    if rows:
        told = ("took_over", "superseded", "complaints")
        yield ""
        yield from lines(
            ("an instance took over", "noticed it had been followed", "complaints of the server"),
            [tuple(_count(written, key) for key in told)],
        )


def _soak(figures: Figures) -> Iterator[str]:
    written = figures.get("soak", {})
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = written.get("lines", {})
    rows = [
        (
            name,
            what,
            *(f"{line[key]:,.1f}" for key in ("first", "last")),
            f"{line['per_thousand_reports']:+,.3f}",
            "yes" if line["flat"] else "**no**",
        )
        for what, of in found.items()
        for name, line in of.items()
    ]
    yield from lines(("process", "what", "first fifth", "last fifth", "a thousand reports", "flat"), rows)
    if rows:
        yield ""
        yield from lines(
            ("seconds", "reports a second", "receipts", "most behind"),
            [
                (
                    f"{written['seconds']:g}",
                    f"{written['rate']:g}",
                    _count(written, "receipts"),
                    _count(written, "behind_most"),
                )
            ],
        )


VERDICTS: Final[dict[str, Callable[[Figures], Iterator[str]]]] = {
    "While everything is broken": _verdicts,
    "On three hosts": _gaps,
    "A steady load for long": _soak,
}
