"""Steady load on the whole system for as long as wished: whether memory and open files of every process stay flat."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

from nats.aio.client import Client

from benchmarks import soak_chart
from benchmarks.loading import Field
from benchmarks.measuring import machine
from benchmarks.whole import REFERENCE, Whole, family, whole
from contracts.streams import CONSUMERS
from services.runtime.jetstream import api
from tests.system.load import Sent

SERVICES: Final = ("intake", "routing", "audit", "notary")
SAMPLES: Final = 240
"""About so many, and none sooner than every two seconds."""
LEAST_PAUSE: Final = 2.0
WARM_SHARE: Final = 0.1
"""The first tenth is left out: programs that have just begun still fill what they keep."""
JOINS: Final = 0.95
"""Share of reports about an incident that their unit reported before; the others open one."""
FLAT_SHARE: Final = 0.05
FLAT_MEGABYTES: Final = 8.0
FLAT_FILES: Final = 8.0
REMEMBERED: Final = 1000
CHART: Final = Path(__file__).parent / "soak.png"


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything at one moment."""

    at: float
    """Seconds since the load began."""
    receipts: int
    behind: int
    """Messages that wait for a service."""
    megabytes: Mapping[str, float]
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """How one figure of one process went: medians of the first and of the last fifth."""

    first: float
    last: float
    flat: bool
    per_thousand_reports: float
    """What was added for each thousand reports."""


class Steady(Field):
    """Units of which each goes on about an incident for a while; it forgets what is done with."""

    def __init__(self, client: Client, seed: int) -> None:
        super().__init__(client, seed)
        self.receipts = 0
        self._about: dict[tuple[str, str], dict[str, Any]] = {}

    def fresh(self, **changes: object) -> Sent:
        """One more new report: mostly about what its unit reported before, at the same place."""
        one = super().fresh(**changes)
        who, body = (one.agency, one.unit), json.loads(one.body)
        if who in self._about and self._random.random() < JOINS:
            same = {name: self._about[who][name] for name in ("category", "places")}
            one.body = json.dumps(
                body | same | {"references": [self._about[who]["report"]]}, ensure_ascii=False
            ).encode()
        else:
            self._about[who] = body
        return one

    async def send(self, one: Sent, headers: Mapping[str, str] | None = None) -> Sent:
        """Until its receipt."""
        await super().send(one, headers)
        self.receipts += 1
        return one

    def forget(self) -> None:
        """This process would grow otherwise."""
        self.sent = self.sent[-REMEMBERED:]
        self._open = {submission: kept for submission, kept in self._open.items() if not kept[0].told}


def run(path: Path, _rounds: int, offline: bool, seconds: float = 3600.0, rate: float = 200.0) -> None:  # noqa: FBT001
    """Loads, samples, judges, writes the figures, prints the table and draws the chart beside this file."""
    samples = asyncio.run(_soak(seconds, rate))
    lines = judged(samples)
    written = {
        "machine": machine(),
        "seconds": seconds,
        "rate": rate,
        "receipts": samples[-1].receipts,
        "behind_most": max(one.behind for one in samples),
        "flat": all(line.flat for lines_ in lines.values() for line in lines_.values()),
        "lines": {what: {name: asdict(line) for name, line in of.items()} for what, of in lines.items()},
        "samples": [asdict(one) for one in samples],
    }
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
    print(table(lines))
    if not offline:
        print(soak_chart.draw(path, CHART))


def judged(samples: Sequence[Sample]) -> dict[str, dict[str, Line]]:
    """`megabytes` and `files` of each process, the warming up left out."""
    warm = samples[-1].at * WARM_SHARE
    kept = [one for one in samples if one.at >= warm]
    reports = (kept[-1].receipts - kept[0].receipts) / 1000
    memory = {name: line([one.megabytes[name] for one in kept], reports, FLAT_MEGABYTES) for name in _names(kept)}
    files = {name: line([float(one.files[name]) for one in kept], reports, FLAT_FILES) for name in _names(kept)}
    return {"megabytes": memory, "files": files}


def line(values: Sequence[float], thousands: float, least: float) -> Line:
    """Flat is what grew by no more than a twentieth, or by so little that it says nothing."""
    fifth = max(1, len(values) // 5)
    first, last = median(values[:fifth]), median(values[-fifth:])
    grown = last - first
    per_thousand = grown / (thousands * 0.8) if thousands else 0.0  # between the middles of the two fifths
    return Line(round(first, 1), round(last, 1), grown <= max(least, FLAT_SHARE * first), round(per_thousand, 3))


def table(lines: Mapping[str, Mapping[str, Line]]) -> str:
    """For people."""
    rows = [f"{'process':10} {'what':10} {'first fifth':>12} {'last fifth':>12} {'a thousand reports':>19}"]
    for what, of in lines.items():
        rows += [
            f"{name:10} {what:10} {one.first:12,.1f} {one.last:12,.1f} {one.per_thousand_reports:+19,.3f}"
            f"  {'flat' if one.flat else 'NOT FLAT'}"
            for name, one in of.items()
        ]
    return "\n".join(rows)


async def _soak(seconds: float, rate: float) -> list[Sample]:
    async with whole(SERVICES, REFERENCE) as system:
        units = Steady(system.client, seed=1)
        await units.listen()
        samples: list[Sample] = []
        sampling = asyncio.create_task(_sample(system, units, samples, max(LEAST_PAUSE, seconds / SAMPLES)))
        try:
            await units.send_while(lambda at: at < seconds, rate)
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)
        return samples


async def _sample(system: Whole, units: Steady, samples: list[Sample], pause: float) -> None:
    began = monotonic()
    while True:
        behind = await _behind(system)
        files = {name: sum(map(_open_files, family(pid))) for name, pid in system.processes.items()}
        sample = Sample(round(monotonic() - began, 1), units.receipts, behind, _rounded(system.megabytes()), files)
        samples.append(sample)
        units.forget()
        print(f"{sample.at:7.0f} s  {sample.receipts:9,} receipts  {behind:7,} behind", flush=True)
        await asyncio.sleep(pause)


async def _behind(system: Whole) -> int:
    told: list[dict[str, Any]] = [
        await api(system.client, f"CONSUMER.INFO.{one.stream}.{one.durable}") for one in CONSUMERS
    ]
    return sum(one["num_pending"] for one in told)


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in values.items()}


def _open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except FileNotFoundError:
        return 0


def _names(samples: Sequence[Sample]) -> list[str]:
    """The processes that are in all samples."""
    return [name for name in samples[0].megabytes if all(name in one.megabytes for one in samples)]
