"""How fast silence is answered: thousands of obligations due at one instant, and a few at rest, on a real server.

A real nats-server (fsync before every answer) and a real routing process; times are the server's own time stamps.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from benchmarks.deadlines_facts import Silence, record
from benchmarks.measuring import machine, table, write
from contracts import subjects
from contracts.envelope import read
from contracts.events import DispatchEscalated
from contracts.lifecycle import DispatchRepeated
from contracts.streams import ROUTING_DUE, ROUTING_SCHEDULES, Consumer
from services.routing.incident.recording import IncidentEvent
from services.routing.store import Incidents
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import api, read_subject
from services.runtime.settings import RuntimeSettings
from services.stack.parts import is_ready

REFERENCE: Final = Path(__file__).parents[1] / "deploy" / "reference"
AT_REST: Final = 200
APART: Final = timedelta(milliseconds=50)
REST_LEAD: Final = timedelta(seconds=35)
"""Until routing is ready and everything is scheduled, on a busy machine."""
QUIET_SECONDS: Final = 3.0
"""So long nothing may be recorded any more before it counts as the end."""
GIVE_UP_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What was found in the stream about obligations that fell due."""

    obligations: int
    missing: int
    twice: int
    early: int
    repeated: int
    escalated: int
    last_seconds: float
    """From the time the last one was due to the stored time of the last fact."""
    late_milliseconds: Mapping[str, float]
    """Stored time of the fact less the due time."""


@dataclass(frozen=True, slots=True)
class Run:
    """One start of routing over one filled stream."""

    facts: int
    filled_seconds: float
    ready_seconds: float
    scheduled_seconds: float
    """From the start of the process until every obligation has its scheduled message on disk."""
    scheduled_in_time: bool
    """Whether that was before anything fell due; otherwise this shows a start in the middle of a burst."""
    cpu_seconds: float
    """Of the routing process from the last due time until it was done, schedules of what follows included."""
    answered: Answered
    ready_again_seconds: float
    """After SIGKILL at the end: from the start of the process until it is ready, all facts loaded again."""
    recorded_again: int
    """Facts that came after that start; there is nothing left to record."""


class Hub:
    """A nats-server of its own with the streams of the contracts, and a routing process that can be killed."""

    def __init__(self, bus: Bus, url: str, folder: Path) -> None:
        self.bus = bus
        self.url = url
        self.folder = folder
        self._routing: Child | None = None

    async def start_routing(self) -> float:
        """Starts it; the seconds until it is ready."""
        started, port = perf_counter(), free_port()
        told = {"PHOIHOP_NATS_URL": self.url, "PHOIHOP_REFERENCE": str(REFERENCE)}
        told |= {"PHOIHOP_HTTP_PORT": str(port), "PHOIHOP_LOG_LEVEL": "warning"}
        command = (sys.executable, "-m", "services.cli", "serve", "routing")
        self._routing = spawn(command, log=self.folder / "routing.log", environment=os.environ | told)
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while not await is_ready(f"http://127.0.0.1:{port}"):
                assert self._routing.exit_code() is None, self._routing.tail()
                await asyncio.sleep(0.1)
        return perf_counter() - started

    async def kill_routing(self) -> None:
        """SIGKILL."""
        if self._routing is not None:
            await self._routing.kill()
            self._routing = None

    def cpu_seconds(self) -> float:
        """What the routing process has spent so far."""
        assert self._routing is not None
        user, system = Path(f"/proc/{self._routing.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    async def last_sequence(self) -> int:
        """Of the newest fact about a dispatch: at its first start routing records the reference texts as well."""
        newest = await api(self.bus.client, "STREAM.MSG.GET.EVENTS", {"last_by_subj": subjects.ALL_DISPATCHES})
        sequence: int = newest["message"]["seq"]
        return sequence

    async def done_with(self, consumer: Consumer) -> bool:
        """Whether everything was handed out and acknowledged."""
        info = await api(self.bus.client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
        return not info["num_pending"] and not info["num_ack_pending"]

    async def settle(self) -> None:
        """Until routing has nothing more to record."""
        last, since = await self.last_sequence(), perf_counter()
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while perf_counter() - since < QUIET_SECONDS or not await self.done_with(ROUTING_DUE):
                await asyncio.sleep(0.25)
                if (now := await self.last_sequence()) != last:
                    last, since = now, perf_counter()


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """One for a measurement, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="phoihop-deadlines-"))
    server = await start_nats(folder / "nats")
    bus = Bus(RuntimeSettings(nats_url=server.url))
    await bus.connect()
    started = Hub(bus, server.url, folder)
    try:
        await topology.apply(bus.client)
        yield started
    finally:
        await started.kill_routing()
        bus.stopping = True
        await bus.broker.stop()
        await server.stop()
        shutil.rmtree(folder)


def run(json: Path, _rounds: int, _offline: bool, count: int = 20_000, lead: float = 240) -> None:  # noqa: FBT001
    """Both measurements, one after the other."""
    asyncio.run(_run(json, count, lead))


async def _run(json: Path, count: int, lead: float) -> None:
    silence = Silence(REFERENCE)
    due = _now() + timedelta(seconds=lead)
    burst = await _measured(silence.burst(count, due))
    first = _now() + REST_LEAD
    rest = await _measured(silence.spread(first + n * APART for n in range(AT_REST)))
    runs = {f"{count:,} due at one instant": burst, f"{AT_REST} at rest, one every 50 ms": rest}
    _print(runs)
    write(
        json,
        {
            "machine": machine(("nats-py", "faststream")) | {"unit": "seconds of wall clock unless said"},
            "runs": {name: asdict(each) for name, each in runs.items()},
        },
    )


async def _measured(made: Iterable[tuple[IncidentEvent, ...]]) -> Run:
    async with hub() as at:
        started = perf_counter()
        owed = await record(Incidents(at.bus), made)
        filled, facts = perf_counter() - started, await at.last_sequence()
        ready, scheduled = await _scheduled(at)
        in_time = _now() < min(owed.values())
        if not in_time:
            print("not all were scheduled when they fell due: this shows a start in a burst; --lead gives more time")
        await asyncio.sleep(max(0.0, (max(owed.values()) - _now()).total_seconds() - 0.1))
        spent = at.cpu_seconds()
        await at.settle()
        spent = at.cpu_seconds() - spent
        answered = await find_answers(at.bus, owed)
        before = await at.last_sequence()
        await at.kill_routing()
        again = await at.start_routing()
        await at.settle()
        after = await at.last_sequence() - before
        return Run(facts, filled, ready, scheduled, in_time, spent, answered, again, after)


async def _scheduled(at: Hub) -> tuple[float, float]:
    started = perf_counter()
    ready = await at.start_routing()
    while not await at.done_with(ROUTING_SCHEDULES):  # noqa: ASYNC110  # the server's state: no asyncio.Event
        await asyncio.sleep(0.1)
    return ready, perf_counter() - started


async def find_answers(bus: Bus, owed: Mapping[UUID, datetime]) -> Answered:
    """Every fact of the stream that answers silence, beside what was owed."""
    kinds: Counter[str] = Counter()
    answers: dict[UUID, list[float]] = {obligation: [] for obligation in owed}
    last = datetime.min.replace(tzinfo=UTC)
    async for stored in read_subject(bus.client, "EVENTS", subjects.ALL_DISPATCHES):
        data = read(stored.body).data
        if isinstance(data, DispatchRepeated | DispatchEscalated) and data.obligation in answers:
            kinds[type(data).__name__] += 1
            late = stored.stored_at - owed[data.obligation]
            answers[data.obligation].append(late.total_seconds() * 1000)
            last = max(last, stored.stored_at)
    late_by = sorted(late for each in answers.values() for late in each)
    return Answered(
        obligations=len(owed),
        missing=sum(not each for each in answers.values()),
        twice=sum(len(each) > 1 for each in answers.values()),
        early=sum(late < 0 for late in late_by),
        repeated=kinds["DispatchRepeated"],
        escalated=kinds["DispatchEscalated"],
        last_seconds=(last - max(owed.values())).total_seconds(),
        late_milliseconds=_distribution(late_by),
    )


def _distribution(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    ninety_nine = values[min(len(values) - 1, len(values) * 99 // 100)]
    return {"least": values[0], "median": median(values), "p99": ninety_nine, "most": values[-1]}


def _now() -> datetime:
    return datetime.now(UTC)


def _print(runs: Mapping[str, Run]) -> None:
    table("Deadlines", ("", *runs), [[name, *cells] for name, cells in _rows(runs.values())])


def _rows(runs: Iterable[Run]) -> list[tuple[str, list[str]]]:
    shown: dict[str, Any] = {
        "facts in the stream before": lambda r: f"{r.facts:,}",
        "until ready, all facts loaded": lambda r: f"{r.ready_seconds:.1f} s",
        "until all are scheduled": lambda r: f"{r.scheduled_seconds:.1f} s",
        "scheduled in time": lambda r: "yes" if r.scheduled_in_time else "no",
        "missing, twice, early": lambda r: f"{r.answered.missing}, {r.answered.twice}, {r.answered.early}",
        "repeated, escalated": lambda r: f"{r.answered.repeated:,}, {r.answered.escalated:,}",
        "last fact after the due time": lambda r: f"{r.answered.last_seconds:.2f} s",
        **{
            f"fact after due time, {name}": lambda r, name=name: f"{r.answered.late_milliseconds[name]:,.0f} ms"
            for name in ("least", "median", "p99", "most")
        },
        "CPU time of routing from then on": lambda r: f"{r.cpu_seconds:.1f} s",
        "until ready after SIGKILL": lambda r: f"{r.ready_again_seconds:.1f} s",
        "facts recorded after that": lambda r: f"{r.recorded_again}",
    }
    every = tuple(runs)
    return [(name, [cell(each) for each in every]) for name, cell in shown.items()]
