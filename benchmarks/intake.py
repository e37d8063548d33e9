"""Receipts a second of the real intake, every fact on disk before its receipt, beside publishing without any intake.

Closed loop, so many in flight. Beside it, in every round: the client library's `publish_async` to a server that does
not sync, and publishing that is synced message by message at intake's own setting. How many syncs a batch takes is
counted by strace under the same load, where it is installed.
"""

import asyncio
import dataclasses
import re
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Final
from uuid import uuid4

import httpx
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic_core import from_json

from benchmarks.limits import alone
from benchmarks.loading import Field
from benchmarks.measuring import figure, machine, ratios, table, write
from benchmarks.whole import Whole, whole
from contracts.streams import INTAKE
from services.runtime.embedded.process import spawn
from services.runtime.publishing import SUBMISSION_HEADER

Message = tuple[str, bytes, dict[str, str]]
GIVE_UP_SECONDS: Final = 30.0
HERE: Final = "units (this benchmark)"
OURS: Final = "intake"
ASYNC: Final = "publish_async, no sync"
ASYNC_SYNCED: Final = "publish_async"
SINGLY: Final = "one message a sync"
COUNTED: Final = "fsync,fdatasync"
_SYNC: Final = re.compile(r"\b(?:fsync|fdatasync)\(")
_BATCHES: Final = re.compile(rf'^phoihop_batch_size_count{{consumer="{INTAKE.durable}"}} ([\d.e+]+)$', re.MULTILINE)


@dataclass(slots=True)
class Syncs:
    """Of the server, under intake's load."""

    batches: int = 0
    syncs: int = 0
    reports: int = 0
    unknown: str = ""
    """Why they could not be counted."""

    def written(self) -> dict[str, Any]:
        """As JSON."""
        if self.unknown or not self.batches:
            return {"not_counted": self.unknown or "no batch"}
        found = {"batches": self.batches, "syncs": self.syncs, "reports": self.reports}
        return found | {
            "per_batch": round(self.syncs / self.batches, 2),
            "per_report": round(self.syncs / self.reports, 3),
        }


@dataclass(slots=True)
class Found:
    """A second of each side, and what a receipt costs each process, round by round."""

    cpu: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    sides: dict[str, list[float]] = dataclasses.field(default_factory=dict)

    def add(self, side: str, per_second: float) -> None:
        """One more round."""
        self.sides.setdefault(side, []).append(per_second)

    async def watched(self, system: Whole, load: Awaitable[float], count: int) -> float:
        """The load's answer; what it cost is noted."""
        before = {**system.cpu_seconds(), HERE: process_time()}
        answer = await load
        for name, now in {**system.cpu_seconds(), HERE: process_time()}.items():
            self.cpu.setdefault(name, []).append((now - before[name]) / count * 1e6)
        return answer


@dataclass(slots=True)
class Lean:
    """All units as one sender that costs as little as it can: it shares the processors with what is measured."""

    client: Client
    field: Field
    _open: int = 0
    _room: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Hears every receipt from now on."""
        await self.client.subscribe("receipt.>", cb=self._on_receipt)
        await self.client.flush()

    def message(self) -> Message:
        """A report that nobody sent before, ready to be published."""
        one = self.field.fresh()
        return f"inbox.report.{one.agency}.{one.unit}", one.body, {SUBMISSION_HEADER: str(uuid4())}

    async def hand_in(self, messages: Iterable[Message], flight: int) -> None:
        """Returns when each has its receipt; fails where one is not accepted, or none comes."""
        for subject, body, headers in messages:
            while self._open >= flight:
                await self._changed()
            self._open += 1
            await self.client.publish(subject, body, headers=headers)
        while self._open:
            await self._changed()

    async def _changed(self) -> None:
        self._room.clear()
        await asyncio.wait_for(self._room.wait(), GIVE_UP_SECONDS)

    async def _on_receipt(self, message: Msg) -> None:
        [report] = from_json(message.data)["reports"]
        assert report["outcome"] == "accepted", report
        self._open -= 1
        self._room.set()


def run(json: Path, rounds: int, _offline: bool, *, count: int = 6000, flight: int = 500) -> None:  # noqa: FBT001
    """An intake of its own with its server, and bare servers beside it."""
    asyncio.run(_run(json, rounds, count, flight))


async def _run(json: Path, rounds: int, count: int, flight: int) -> None:
    found = Found()
    async with whole(("intake",)) as system, alone() as at:
        units = Lean(system.client, Field(system.client, seed=4))
        await units.listen()
        await _receipts(units, count // 4, flight)
        for _ in range(rounds):
            found.add(OURS, await found.watched(system, _receipts(units, count, flight), count))
            await at.relaxed.prepare()
            found.add(ASYNC, (await at.relaxed.publish_async(2 * count, flight)).per_second)
            await at.synced.prepare()
            found.add(ASYNC_SYNCED, (await at.synced.publish_async(count // 4, flight)).per_second)
            found.add(SINGLY, (await at.synced.pipelined(count // 4, flight)).per_second)
        syncs = await _syncs(system, units, count // 4, flight)
    _tell(json, found, syncs, flight)


async def _receipts(units: Lean, count: int, flight: int) -> float:
    messages = [units.message() for _ in range(count)]
    began = perf_counter()
    await units.hand_in(messages, flight)
    return count / (perf_counter() - began)


async def _syncs(system: Whole, units: Lean, count: int, flight: int) -> Syncs:
    """One more load with strace on the server; its speed counts nowhere."""
    if not (strace := shutil.which("strace")):
        return Syncs(unknown="strace is not installed")
    syncs, before = Syncs(reports=count), await _batches(system)
    with TemporaryDirectory(prefix="phoihop-strace-") as folder:
        async with _traced(strace, system.processes["nats"], Path(folder) / "calls") as calls:
            await _receipts(units, count, flight)
        syncs.syncs = sum(bool(_SYNC.search(line)) for line in calls.read_text().splitlines())
    syncs.batches = await _batches(system) - before
    return syncs


@asynccontextmanager
async def _traced(strace: str, pid: int, output: Path) -> AsyncIterator[Path]:
    command = [strace, "-f", "-qq", "-e", f"trace={COUNTED}", "-p", str(pid), "-o", str(output)]
    child = spawn(command, log=output.with_suffix(".log"))
    await asyncio.sleep(1.0)  # until it is attached to every thread
    assert child.exit_code() is None, child.tail()
    try:
        yield output
    finally:
        await child.stop(signal.SIGINT)


async def _batches(system: Whole) -> int:
    """How many batches intake has handled."""
    url = next(one.url for one in system.state.processes if one.name == "intake")
    async with httpx.AsyncClient() as client:
        found = _BATCHES.search((await client.get(f"{url}/metrics", follow_redirects=True)).text)
    return int(float(found[1])) if found else 0


def _tell(json: Path, found: Found, syncs: Syncs, flight: int) -> None:
    ours = found.sides[OURS]
    speed = {name: figure(each) for name, each in found.sides.items()}
    times = {name: ratios(ours, each) for name, each in found.sides.items() if name != OURS}
    rows = [(name, speed[name].text(0), times[name].text(2) if name in times else "") for name in speed]
    table(f"{flight} in flight", ("", "a second", "ours ÷ it"), rows)
    spent = {name: figure(each) for name, each in found.cpu.items()}
    table("What a receipt costs", ("process", "CPU µs"), [(name, each.text(0)) for name, each in spent.items()])
    told = syncs.written()
    print(
        "\n"
        + ", ".join(
            f"{name} {value:,.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in told.items()
        )
    )
    write(
        json,
        {
            "machine": machine(("faststream", "nats-py")) | {"unit": "a second of wall clock"},
            "in_flight": flight,
            "per_second": {name: one._asdict() for name, one in speed.items()},
            "ours_times": {name: one._asdict() for name, one in times.items()},
            "cpu_microseconds_per_report": {name: each._asdict() for name, each in spent.items()},
            "syncs": told,
        },
    )
