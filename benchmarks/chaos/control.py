"""The negative control: the same load, kills and counting against a careless program, which must be caught."""

import asyncio
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import nats
from nats.aio.client import Client

from benchmarks.chaos.faults import Done, Saboteur
from benchmarks.chaos.plan import LOAD, NATS, POSTGRES, Kind, plan
from benchmarks.whole import own_folder
from services.runtime.embedded.nats import Durability
from services.runtime.embedded.process import Child, spawn
from services.stack.parts import NatsPart, PostgresPart
from services.stack.supervisor import Supervisor
from tests.system.load import Sent, Units

CARELESS: Final = "careless"
_EVERYONE: Final = (CARELESS, NATS, POSTGRES)
TARGETS: Final[dict[Kind, Sequence[str]]] = {
    Kind.KILL: _EVERYONE,
    Kind.TERMINATE: _EVERYONE,
    Kind.FREEZE: _EVERYONE,
    Kind.CUT: (CARELESS, LOAD),
    Kind.IMMEDIATE: (POSTGRES,),
}
STILL_SECONDS: Final = 40.0
"""Longer than the default time (30 s) after which an unacknowledged message is delivered again: late is not lost."""
ANSWER_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Control:
    """What the careless program told its senders, and what it stored."""

    seed: int
    seconds: float
    faults: tuple[Done, ...]
    reports_sent: int
    receipts: int
    entries: int
    lost: int
    """Told as recorded, and not there."""
    duplicated: int
    """There more than once."""
    witness: str

    @property
    def sound(self) -> bool:
        """Whether it got away with it."""
        return not (self.lost or self.duplicated)

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {"control": True, "sound": self.sound} | asdict(self)


@dataclass(slots=True)
class CarelessPart:
    """The careless program under the same supervisor as our services."""

    arguments: tuple[str, ...]
    log: Path
    name: str = CARELESS
    url: None = None

    async def start(self) -> Child:
        """There is no telling when it is ready."""
        return spawn([sys.executable, "-m", "benchmarks.chaos.careless", *self.arguments], log=self.log)

    async def stuck(self, child: Child) -> str:
        """Nobody asks it how it is."""
        await asyncio.Event().wait()
        return f"{child.pid} cannot be asked"

    async def stop(self, child: Child) -> None:
        """SIGTERM."""
        await child.stop()


async def control(seed: int, seconds: float, rate: float) -> Control:
    """Starts a system of its own with the careless program, breaks it for so long, and counts."""
    async with _careless() as (supervisor, nats_url, dsn), _connected(nats_url) as client:
        units = Units(client, seed)
        await units.listen()
        await units.send(units.fresh())  # it has started
        ports = {"nats": urlsplit(nats_url).port or 0, "postgres": urlsplit(dsn).port or 0}
        saboteur = Saboteur(supervisor, client, ports, ())
        breaking = asyncio.create_task(saboteur.carry_out(plan(seed, seconds, TARGETS), seconds))
        with suppress(TimeoutError):  # whom it never answered, it promised nothing
            sending = units.send_while(lambda at: at < seconds or not breaking.done(), rate)
            await asyncio.wait_for(sending, seconds + ANSWER_SECONDS)
        await breaking
        await saboteur.all_back()
        return counted(seed, seconds, saboteur.done, units.sent, await _stored(dsn))


def counted(seed: int, seconds: float, faults: Sequence[Done], sent: Sequence[Sent], stored: Counter[str]) -> Control:
    """Every event that somebody was told of against what is stored, and how often."""
    promised = {told["event"] for one in sent for told in one.told}
    lost = sorted(promised - stored.keys())
    twice = sorted(event for event, times in stored.items() if times > 1)
    return Control(
        seed=seed,
        seconds=seconds,
        faults=tuple(faults),
        reports_sent=len(sent),
        receipts=sum(len(one.told) for one in sent),
        entries=stored.total(),
        lost=len(lost),
        duplicated=len(twice),
        witness=", ".join([*(f"lost {one}" for one in lost[:1]), *(f"twice {one}" for one in twice[:1])]),
    )


async def _stored(dsn: str) -> Counter[str]:
    """What is there once nothing has been added for long enough."""
    connection = await asyncpg.connect(dsn)
    try:
        found, since = -1, monotonic()
        while monotonic() - since < STILL_SECONDS:
            now = await connection.fetchval("SELECT count(*) FROM fact")
            if now != found:
                found, since = now, monotonic()
            await asyncio.sleep(0.5)
        rows = await connection.fetch("SELECT event, count(*) AS times FROM fact GROUP BY event")
        return Counter({row["event"]: row["times"] for row in rows})
    finally:
        await connection.close()


@asynccontextmanager
async def _careless() -> AsyncIterator[tuple[Supervisor, str, str]]:
    folder = own_folder()
    supervisor = Supervisor(lambda: None)
    bus = NatsPart(folder / "nats", folder / "nats.log", Durability.RELAXED)
    database = PostgresPart(folder / "postgres", folder / "postgres.log")
    try:
        await supervisor.start(bus)
        await supervisor.start(database)
        assert bus.url is not None
        assert database.dsn is not None
        await supervisor.start(CarelessPart((bus.url, database.dsn), folder / "careless.log"))
        yield supervisor, bus.url, database.dsn
    finally:
        await supervisor.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Client]:
    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1)
    try:
        yield client
    finally:
        await client.close()
