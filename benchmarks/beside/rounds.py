"""One round of one peer: its processes started, some reports to warm up, then the counted ones until all is done.

A round counts only when every desk has every message and every fact is in the table, exactly as with ours.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Final

import asyncpg

from benchmarks.beside import equal
from benchmarks.beside.compared import Round
from benchmarks.beside.job import TABLE, Report, environment
from benchmarks.beside.servers import bus
from benchmarks.beside.sides import Side
from benchmarks.whole import spent_seconds
from services.runtime.embedded.postgres import PostgresServer
from services.runtime.embedded.process import Child, spawn

ROOT: Final = Path(__file__).parents[2]
WARM: Final = 20
"""So many reports go first, so that every process has started and connected."""
GIVE_UP_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Ground:
    """What all rounds share."""

    folder: Path
    python: Path
    redis: Path | None
    postgres: PostgresServer
    job: Sequence[Report]


@dataclass(slots=True)
class _Running:
    """A peer that was started."""

    side: Side
    python: Path
    told: dict[str, str]
    notes: Path
    database: asyncpg.Connection
    pids: dict[str, int]
    workers: list[Child] = field(default_factory=list)

    def start(self, *arguments: str) -> Child:
        """A process of this peer, in its own environment."""
        name = arguments[0] if not arguments[0].startswith("-") else arguments[1]
        log = self.notes.with_name(f"{name}-{len(self.workers)}.log")
        return spawn((str(self.python), *arguments), log=log, environment=self.told)

    async def run(self, *arguments: str) -> None:
        """One that ends by itself."""
        child = self.start(*arguments)
        assert await child.exited() == 0, child.tail(30)

    async def rows(self) -> int:
        """How many facts are in its table."""
        return int(await self.database.fetchval("SELECT count(*) FROM entry"))

    def check(self, sender: Child) -> None:
        """Raises when a worker has ended, or the sender for a reason of its own."""
        assert not sender.exit_code(), sender.tail(30)
        assert all(worker.exit_code() is None for worker in self.workers), self.tails()

    def tails(self) -> str:
        """What its processes wrote last."""
        return "\n".join(f"{worker.log.name}: {worker.tail()}" for worker in self.workers)

    def cpu_seconds(self) -> dict[str, float]:
        """What each process has spent so far, with all below it."""
        return {name: spent_seconds(pid) for name, pid in self.pids.items()}


async def run_round(ground: Ground, side: Side, count: int) -> Round:
    """Starts the peer, gives it so many reports, checks what came of them, and ends it."""
    count = min(count, len(ground.job) - WARM)
    async with _started(ground, side) as running:
        await _load(running, 0, WARM, ground.job)
        seconds, spent = await _load(running, WARM, WARM + count, ground.job)
        rows = await running.database.fetch("SELECT event_id::text, octet_length(body) FROM entry")
        lines = running.notes.read_text().splitlines()
        equal.check(ground.job[: WARM + count], equal.noted(lines), Counter((str(a), int(b)) for a, b in rows))
    return Round(count / seconds, {name: each / count * 1000 for name, each in spent.items()})


@asynccontextmanager
async def _started(ground: Ground, side: Side) -> AsyncIterator[_Running]:
    folder = Path(mkdtemp(dir=ground.folder, prefix=side.module))
    (notes := folder / "notes").touch()
    name = folder.name.lower()
    async with AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(bus(side.bus, folder, ground.redis))
        dsn, database = await stack.enter_async_context(_database(ground.postgres, name))
        told = os.environ | environment(ground.folder / "job.json", notes, carrier.url, dsn) | {"PYTHONPATH": str(ROOT)}
        pids = {"postgres": ground.postgres.pid} | ({} if carrier.pid is None else {side.bus.server: carrier.pid})
        running = _Running(side, ground.python, told, notes, database, pids)
        if side.prepare:
            await running.run(*side.prepare)
        for worker, arguments in side.workers.items():
            child = running.start(*arguments)
            stack.push_async_callback(_end, child)
            running.workers.append(child)
            running.pids[worker] = child.pid
        yield running


@asynccontextmanager
async def _database(postgres: PostgresServer, name: str) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    administrator = await asyncpg.connect(postgres.dsn)
    await administrator.execute(f'CREATE DATABASE "{name}"')
    connection = await asyncpg.connect(dsn := postgres.dsn_of(name))
    try:
        await connection.execute(TABLE)
        yield dsn, connection
    finally:
        await connection.close()
        await administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await administrator.close()


async def _load(running: _Running, first: int, last: int, job: Sequence[Report]) -> tuple[float, dict[str, float]]:
    """Seconds from the first of these sent until all so far are done, and what each process spent in them."""
    messages, rows = equal.handed(job[:last]).total(), sum(len(one.facts) for one in job[:last])
    before = len(_begun(running.notes))
    sender = running.start("-m", f"benchmarks.beside.{running.side.module}", str(first), str(last))
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while len(begun := _begun(running.notes)) == before:
                running.check(sender)
                await asyncio.sleep(_LOOK_SECONDS)
            spent = running.cpu_seconds()
            while _lines(running.notes) < len(begun) + messages or await running.rows() < rows:
                running.check(sender)
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        done = f"{_lines(running.notes)} of {messages} messages, {await running.rows()} of {rows} rows"
        raise equal.UnequalError(f"{running.side.module} did not finish: {done}\n{running.tails()}") from None
    finally:
        await _end(sender)
    took = monotonic() - begun[-1]
    return took, {name: now - spent[name] for name, now in running.cpu_seconds().items()}


def _begun(notes: Path) -> list[float]:
    return [float(line.partition(" ")[2]) for line in notes.read_text().splitlines() if line.startswith("begun ")]


def _lines(notes: Path) -> int:
    return notes.read_bytes().count(b"\n")


async def _end(child: Child) -> None:
    await child.stop(signal.SIGTERM, 10.0)
    with suppress(ProcessLookupError):  # what it started is in its group
        os.killpg(child.pid, signal.SIGKILL)
