"""One run against a hub on three hosts: load and live desks while the plan is carried out; evidence and verdict."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any, Final

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks.chaos.settling import answered, looked_at, quiet
from benchmarks.chaos.verdict import Verdict, judge
from benchmarks.cluster.complaints import told_apart
from benchmarks.cluster.faults import Done, Saboteur
from benchmarks.cluster.gaps import longest
from benchmarks.cluster.hub import WATCHER, Hub, running
from benchmarks.cluster.network import network
from benchmarks.cluster.plan import HOSTS, plan
from benchmarks.whole import own_folder
from services.runtime.credentials import credentials, key_file
from tests.system.desks import Desk
from tests.system.load import Units

LIVE_DESKS: Final = (("ubnd-x-phong-dien", "truc-ban"), ("ca-t-hue", "114"), ("ubnd-x-xuan-luong", "truc-ban"))
TIME_SCALE: Final = "0.02"
"""Deadlines of minutes come within seconds."""
MOST_FAULTS: Final = 100
QUIET_SECONDS: Final = 6.0
"""Before the first fault: the gaps that there are anyway."""


class TimedUnits(Units):
    """Units that write down when each receipt came."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.heard: list[float] = []

    async def _on_receipt(self, message: Msg) -> None:
        self.heard.append(monotonic())
        await super()._on_receipt(message)


class TimedDesk(Desk):
    """A desk that writes down when dispatches were delivered to it, in a list that desks share."""

    delivered: list[float]

    async def take(self, wait: float, batch: int = 200) -> list[dict[str, Any]]:
        """As any desk."""
        events = await super().take(wait, batch)
        if events:
            self.delivered.append(monotonic())
        return events


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time without a receipt, and without a delivered dispatch, from one fault to the next."""

    fault: str
    lasted: float
    well_after: float
    """Seconds from its end until every server was up to date and every service ready."""
    no_receipt: float
    no_dispatch: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written and judged."""

    verdict: Verdict
    gaps: tuple[Gap, ...]
    took_over: int
    """How often an instance that stood by went on with the work."""
    superseded: int
    """How often one that another had followed noticed it and ended."""
    complaints: int
    """Submissions that were handled, and of which the server says that they are gone (`complaints`)."""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        others = {"took_over": self.took_over, "superseded": self.superseded, "complaints": self.complaints}
        return self.verdict.as_json() | others | {"faults": [asdict(gap) for gap in self.gaps]}


async def cluster(seed: int, seconds: float, rate: float) -> Outcome:
    """Makes hosts and a hub of its own, breaks it for so long, and says what came of it."""
    folder = own_folder()
    try:
        with network(HOSTS) as hosts:
            async with running(hosts, folder, TIME_SCALE) as hub, _connected(hub) as client:
                print("up", flush=True)
                return await _judged(hub, client, (seed, seconds, rate))
    finally:
        shutil.rmtree(folder)


async def _judged(hub: Hub, client: Client, run: tuple[int, float, float]) -> Outcome:
    seed, seconds, _ = run
    units, saboteur = TimedUnits(client, seed), Saboteur(hub, client)
    desks = [TimedDesk(client, *who) for who in LIVE_DESKS]
    for desk in desks:
        desk.delivered = desks[0].delivered if desk is not desks[0] else []
    await units.listen()
    began, ended = await _broken(saboteur, units, desks, run)
    evidence = await looked_at(client, hub.postgres.dsn or "", desks, saboteur.flaws)
    complaints = 0
    if evidence is not None:
        evidence.parked, complaints = told_apart(evidence.parked)
    acted = [act for desk in desks for act in desk.acted]
    verdict = judge(seed, seconds, (), units.sent, (evidence, acted, saboteur.flaws))
    return Outcome(
        verdict,
        tuple(_gaps(saboteur.done, (began, ended), units.heard, desks[0].delivered)),
        _said(hub, "took_over"),
        _said(hub, "superseded"),
        complaints,
    )


async def _broken(
    saboteur: Saboteur, units: Units, desks: Sequence[Desk], run: tuple[int, float, float]
) -> tuple[float, float]:
    """Until the plan is done, all is well, every sender answered and no work left; between when load was steady."""
    seed, seconds, rate = run
    stop = asyncio.Event()
    working = [asyncio.create_task(desk.work(stop, every=4)) for desk in desks]
    breaking = asyncio.create_task(_after_quiet(saboteur, seed, seconds))
    sending = asyncio.create_task(units.send_while(lambda _at: not breaking.done(), rate))
    began = monotonic()
    try:
        await breaking
        ended = monotonic()
        await answered(sending, saboteur.flaws)
        await quiet(saboteur.client, saboteur.flaws)
        stop.set()
        await answered(asyncio.gather(*working), saboteur.flaws)
    finally:
        for task in (breaking, sending, *working):
            task.cancel()
        await asyncio.gather(breaking, sending, *working, return_exceptions=True)
    return began, ended


async def _after_quiet(saboteur: Saboteur, seed: int, seconds: float) -> None:
    await asyncio.sleep(QUIET_SECONDS)
    await saboteur.carry_out(plan(seed, MOST_FAULTS), seconds)
    await asyncio.sleep(1)


def _gaps(
    done: Sequence[Done], load: tuple[float, float], heard: Sequence[float], delivered: Sequence[float]
) -> list[Gap]:
    """One for the quiet before, and one for each fault until the next begins."""
    began, ended = load
    starts = [one.began for one in done]
    quiet = Gap("none", 0.0, 0.0, *_between(began + 1, (starts or [ended])[0], heard, delivered))
    found = [quiet]
    for one, until in zip(done, [*starts[1:], ended], strict=True):
        what = f"{one.kind} {one.target}" + (f": {one.note}" if one.note else "")
        lasted, well = round(one.ended - one.began, 1), round(one.well - one.ended, 1)
        found.append(Gap(what, lasted, well, *_between(one.began, until, heard, delivered)))
    return found


def _between(since: float, until: float, *moments: Sequence[float]) -> tuple[float, float]:
    receipts, dispatches = (round(longest(sorted(one), since, until), 1) for one in moments)
    return receipts, dispatches


def _said(hub: Hub, word: str) -> int:
    logs = [hub.log(part.name).read_text() for part in hub.supervisor.processes() if part.url]
    return sum(text.count(f'"{word}"') for text in logs)


@asynccontextmanager
async def _connected(hub: Hub) -> AsyncIterator[Client]:
    """A client from elsewhere, which notices within two seconds that a server is gone."""
    proof = credentials(key_file(hub.home, WATCHER)).options
    client = await nats.connect(
        hub.urls,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        connect_timeout=2,
        ping_interval=1,
        max_outstanding_pings=1,
        **proof,
    )
    try:
        yield client
    finally:
        await client.close()
