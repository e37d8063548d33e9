"""Measures CPU time in interleaved rounds and says on which machine.

CPU time, because neighbours spoil the wall clock; each round measures every side, so that a slow minute hits all.
"""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Final, NamedTuple

LEAST_SECONDS: Final = 0.03
"""CPU time that one measurement lasts at least."""


@dataclass(frozen=True, slots=True)
class Side:
    """What is timed: calls by their number, all made equally often."""

    call: Callable[[int], object]
    count: int
    """How many different calls there are."""
    before: Callable[[], None] | None = None
    """What is done before each pass over all of them, and is not timed."""


class Figure(NamedTuple):
    """The median of all rounds with its spread."""

    median: float
    least: float
    most: float

    def text(self, digits: int = 1) -> str:
        """As a table shows it."""
        return f"{self.median:,.{digits}f} [{self.least:,.{digits}f}..{self.most:,.{digits}f}]"


def figure(values: Sequence[float]) -> Figure:
    """The figure of these measurements."""
    return Figure(median(values), min(values), max(values))


def interleaved(sides: Mapping[str, Side], rounds: int) -> dict[str, list[float]]:
    """CPU microseconds per call, one value per round; every round measures all sides one after the other."""
    for side in sides.values():
        _passed(side)
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            found[name].append(_microseconds(side))
    return found


def ratios(slow: Sequence[float], fast: Sequence[float]) -> Figure:
    """How many times slower, pair by pair of the same round."""
    return figure([a / b for a, b in zip(slow, fast, strict=True)])


def _microseconds(side: Side) -> float:
    done, spent = 0, 0.0
    while spent < LEAST_SECONDS:
        spent += _passed(side)
        done += side.count
    return spent / done * 1e6


def _passed(side: Side) -> float:
    if side.before is not None:
        side.before()
    start = process_time()
    for number in range(side.count):
        side.call(number)
    return process_time() - start


def machine(packages: Sequence[str] = ()) -> dict[str, object]:
    """What a figure depends on beside the code."""
    models = [r.partition(":")[2].strip() for r in _cpuinfo() if r.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("pydantic", *packages)},
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "unit": "CPU microseconds of this process per call; median, least and most of the rounds",
    }


@dataclass(frozen=True, slots=True)
class Start:
    """When a run began, and how busy the machine was before it."""

    at: datetime
    load: tuple[float, float, float]
    clock: float
    ticks: "Ticks | None"

    @classmethod
    def now(cls) -> "Start":
        """Before anything is started."""
        return cls(datetime.now(UTC), os.getloadavg(), perf_counter(), Ticks.now())

    def told(self, command: str) -> dict[str, object]:
        """At its end, with what to type for the same again."""
        ended = Ticks.now()
        return {
            "command": command,
            "began_at": self.at.isoformat(timespec="seconds"),
            "took_seconds": round(perf_counter() - self.clock),
            "load_average_before": [round(one, 2) for one in self.load],
            "stolen": self.ticks.stolen(ended) if self.ticks and ended else None,
        }


@dataclass(frozen=True, slots=True)
class Ticks:
    """Processor time of this machine since it was started, as `/proc/stat` counts it."""

    wanted: int
    """Somebody here worked, or would have."""
    withheld: int
    """Of that, while the host had other machines work in our place."""

    @classmethod
    def now(cls) -> "Ticks | None":
        """None where the system does not tell."""
        path = Path("/proc/stat")
        if not path.exists():
            return None
        user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, path.read_text().split()[1:9])
        return cls(user + nice + system + irq + softirq + steal, steal)

    def stolen(self, later: "Ticks") -> float:
        """The share withheld between then and `later`."""
        return round((later.withheld - self.withheld) / max(1, later.wanted - self.wanted), 2)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def write(path: Path, figures: Mapping[str, object]) -> None:
    """The figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, ensure_ascii=False, indent=2, default=str)
    path.write_text(f"{text}\n", encoding="utf-8")
    print(f"\nwritten to {path}")


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; the first column is left-aligned."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    print(f"\n{title}\n")
    for row in (head, ["-" * width for width in widths], *rows):
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *rest)))
