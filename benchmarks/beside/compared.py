"""Sets the rounds of peers beside our own rounds of the same minutes: medians, spreads, ratios pair by pair."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from benchmarks.measuring import figure, ratios

HEAD: Final = ("doing the same job", "reports/s", "ours is faster, times", "CPU ms a report")


class Round(NamedTuple):
    """One load of one side, from the first report sent to the last desk told and the last row committed."""

    reports_per_second: float
    cpu_milliseconds: Mapping[str, float]
    """For one report, by process; the sender is not in it."""


class Compared(NamedTuple):
    """A table and what is written as JSON."""

    rows: list[tuple[str, ...]]
    json: dict[str, dict[str, object]]


def told(ours: Sequence[float], found: Mapping[str, Sequence[Round]], missing: Mapping[str, str]) -> Compared:
    """Every peer beside our reports a second; the n-th round of each is a pair. What was not run has no figure."""
    rows: list[tuple[str, ...]] = []
    json: dict[str, dict[str, object]] = {}
    for name, rounds in found.items():
        rates = [one.reports_per_second for one in rounds]
        rate, times = figure(rates), ratios(ours, rates)
        cost = figure([sum(one.cpu_milliseconds.values()) for one in rounds])
        rows.append((name, rate.text(0), times.text(1), cost.text(1)))
        json[name] = {
            "reports_per_second": rate._asdict(),
            "ours_times": times._asdict(),
            "cpu_milliseconds_per_report": cost._asdict(),
            "cpu_by_process": _by_process(rounds),
        }
    rows += [(name, text, "", "") for name, text in missing.items()]
    return Compared(rows, json | {name: {"not_run": text} for name, text in missing.items()})


def _by_process(rounds: Sequence[Round]) -> dict[str, float]:
    return {name: figure([one.cpu_milliseconds[name] for one in rounds]).median for name in rounds[0].cpu_milliseconds}
