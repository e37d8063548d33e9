"""The whole system as real processes, fsync before every answer, in a folder of its own; and what each spends."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import asyncpg
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic_core import from_json

from benchmarks.unhurried import unhurried
from contracts.identity import role
from services.runtime.credentials import credentials, key_file
from services.runtime.embedded.local_stack import StackState
from services.runtime.sealing import VaultKey
from services.stack.identity.grants import HUB_GRANTS, Grant
from services.stack.settings import StackSettings
from services.stack.stack import LocalStack
from tests.system.evidence import settled
from tests.system.load import Sent, Units

REFERENCE: Final = Path(__file__).parents[1] / "deploy" / "reference"
SERVICES: Final = ("intake", "routing", "audit")
ISSUED: Final = "phoihop.DispatchIssued."
_WATCHER: Final = role("watcher")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Whole:
    """One running system, one connection that sends for all units, and one that sees every dispatch as desks would."""

    stack: LocalStack
    client: Client
    watcher: Client
    shown: dict[str, list[float]] = field(default_factory=dict)
    """The accepted report -> when its dispatches came out of the stream."""

    @property
    def state(self) -> StackState:
        """Every part as it is now."""
        return self.stack.state()

    @property
    def processes(self) -> dict[str, int]:
        """Name and process id of every part."""
        return {process.name: process.pid for process in self.state.processes if process.pid is not None}

    def cpu_seconds(self) -> dict[str, float]:
        """What each part has spent so far, its child processes included."""
        return {name: spent_seconds(pid) for name, pid in self.processes.items()}

    def megabytes(self) -> dict[str, float]:
        """What each part holds in memory now, its child processes included; shared pages count in each."""
        return {name: sum(_resident(one) for one in family(pid)) for name, pid in self.processes.items()}

    async def watch(self) -> None:
        """Writes down from now on when each dispatch can be seen: stored, and delivered by the server."""
        await self.watcher.jetstream().subscribe(
            "*.incident.*.dispatch.>",
            stream="EVENTS",
            cb=self._on_dispatch,
            ordered_consumer=True,
            pending_msgs_limit=0,
            pending_bytes_limit=0,
        )

    async def all_done(self) -> None:
        """Every service has done its work, and the ledger holds the last fact."""
        await settled(self.client)
        last = (await self.client.jetstream().stream_info("EVENTS")).state.last_seq
        connection = await asyncpg.connect(self.state.postgres_dsn)
        try:
            async with asyncio.timeout(120):
                while await connection.fetchval("SELECT max(stream_seq) FROM audit.entry") != last:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        finally:
            await connection.close()

    async def _on_dispatch(self, message: Msg) -> None:
        at = monotonic()
        if (message.headers or {}).get("Phoihop-Type", "").startswith(ISSUED):
            self.shown.setdefault(from_json(message.data)["causationid"], []).append(at)


@asynccontextmanager
async def whole(services: Sequence[str] = SERVICES, reference: Path | None = None, **told: str) -> AsyncIterator[Whole]:
    """Starts it, and ends it with the block; without a `reference` nothing falls due meanwhile (`unhurried`).

    `told` are further settings, without their prefix.
    """
    folder = own_folder()
    reference = reference or unhurried(REFERENCE, folder / "reference")
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        del os.environ[name]
    os.environ |= {f"PHOIHOP_{name}": value for name, value in {"LOG_LEVEL": "warning", **told}.items()}
    HUB_GRANTS[_WATCHER.name] = Grant(publish=(">",), subscribe=(">",))
    settings = StackSettings(home=folder / "home", reference=reference)
    up, stop = asyncio.Event(), asyncio.Event()
    if "audit" not in services:  # which would make it
        keys = settings.home / "keys"
        VaultKey.of(keys / "vault.key", keys / "vault.pub")
    stack = LocalStack(settings, observe=lambda _: None, ready=lambda _: up.set(), services=tuple(services))
    running = asyncio.create_task(stack.run(stop))
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if up.is_set():
            async with _connected(stack) as client, _connected(stack) as watcher:
                yield Whole(stack, client, watcher)
    finally:
        waiting.cancel()
        stop.set()
        await running
        shutil.rmtree(folder)


async def in_flight(units: Units, bodies: Sequence[Sent], most: int) -> None:
    """Sends all of them, at most so many without a receipt at a time: as fast as the system takes them."""
    waiting = iter(bodies)

    async def one_after_the_other() -> None:
        for one in waiting:
            await units.send(one)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(most):
            tasks.create_task(one_after_the_other())


def reports(units: Units, count: int) -> list[Sent]:
    """So many new reports of different units, ready to be sent."""
    return [units.fresh() for _ in range(count)]


def accepted(one: Sent) -> str:
    """The id of the event that accepted it."""
    told: dict[str, Any] = one.told[0]
    assert told["outcome"] == "accepted", told
    return str(told["event"])


def own_folder() -> Path:
    """Postgres started by root runs as an account that must be able to pass through."""
    folder = Path(tempfile.mkdtemp(prefix="phoihop-benchmark-"))
    folder.chmod(0o711)
    return folder


@asynccontextmanager
async def _connected(stack: LocalStack) -> AsyncIterator[Client]:
    proof = credentials(key_file(stack.home, _WATCHER)).options
    patiently: dict[str, Any] = {"max_reconnect_attempts": -1, "reconnect_time_wait": 0.1, "error_cb": _not_told}
    client = await nats.connect(stack.state().nats_url, **patiently, **proof)
    try:
        yield client
    finally:
        await client.close()


async def _not_told(_error: Exception) -> None:
    """A server that is ended on purpose is no news; whatever goes wrong shows where it matters."""


def family(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def spent_seconds(pid: int) -> float:
    """Processor time of a process and of all below it so far."""
    return sum(_spent(one) for one in family(pid))


def _spent(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except FileNotFoundError:
        return 0.0
