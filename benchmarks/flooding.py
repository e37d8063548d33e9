"""How far one unit that floods delays another unit: from publishing to the receipt, on real servers.

Three windows alternate, so that a slow minute of the machine hits all: quiet; the hostile unit sends as fast as it can,
is left out for that, and goes on trying to get in; the hostile unit stays at nine tenths of what it is left out for.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from benchmarks.deadlines import REFERENCE
from benchmarks.flooding_reports import Reports
from benchmarks.measuring import figure, machine, ratios, table, write
from contracts.identity import PROVISION, service, unit
from contracts.streams import CONSUMERS, INTAKE, STREAMS
from contracts.subjects import Origin
from services.runtime import topology
from services.runtime.credentials import key_file
from services.runtime.embedded.nats import NatsServer, start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import api
from services.runtime.sealing import VaultKey
from services.runtime.sending import Effort, connection, report_sender
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.enrolment import hub as hub_identities
from services.stack.identity.keeping import ACCOUNTS, Keeping
from services.stack.identity.pace import UNITS, WITHIN
from services.stack.identity.telling import reload_process
from services.stack.parts import is_ready

HOSTILE: Final = Origin("kl-h-yen-the", "tram-xuan-luong")
VICTIM: Final = Origin("ubnd-x-thuan-an", "van-phong")
WINDOW_SECONDS: Final = 8.0
EVERY: Final = 0.05
"""Seconds between two reports of the victim."""
WARM_SECONDS: Final = 2.5
"""At the start of a window, told apart: until the hostile unit has filled its bound, or was left out."""
STEADY: Final = int(0.9 * UNITS.messages / WITHIN)
"""Messages a second of a hostile unit that knows the bounds."""
PACES: Final = {"quiet": None, "as fast as it can": 0, f"{STEADY}/s": STEADY}
"""Side -> what the hostile unit is told: nothing, no pace, or a pace."""
PATIENT: Final = Effort(attempts=1, seconds=60.0)
GIVE_UP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """What runs."""

    url: str
    home: Path
    server: NatsServer
    niceness: int


@dataclass(slots=True)
class Side:
    """What was measured, window by window, in milliseconds."""

    measured: list[list[float]] = field(default_factory=list)
    beginning: list[float] = field(default_factory=list)
    """Of all windows, before the measured part."""
    sent: int = 0
    """By the hostile unit, as far as the server took it off its hands."""


def run(json: Path, rounds: int, _offline: bool, niceness: int = 19) -> None:  # noqa: FBT001
    """A server, an intake, a moderator and both units, then window after window.

    A real hostile unit has a machine of its own: niceness 19 takes away what this one costs the machine it shares.
    """
    asyncio.run(_run(json, rounds, niceness))


async def _run(json: Path, rounds: int, niceness: int) -> None:
    sides = {name: Side() for name in PACES}
    async with _place(niceness) as at:
        await _window(at, Side())
        for _ in range(rounds):
            for name, pace in PACES.items():
                async with _flooded(at, sides[name], pace):
                    await _window(at, sides[name])
                await _drained(at)
    _tell(json, sides)


@asynccontextmanager
async def _flooded(at: Place, side: Side, pace: int | None) -> AsyncIterator[None]:
    """A hostile unit that nobody knows yet: its key is a new one."""
    if pace is None:
        yield
        return
    await asyncio.to_thread(Keeping(at.home).rotate, unit(*HOSTILE))
    await reload_process(at.server.pid, at.home / "nats")
    flood = await _flood(at, pace)
    assert flood.stdin is not None
    assert flood.stdout is not None
    try:
        await flood.stdout.readline()  # it has started
        flood.stdin.write(b"go\n")
        yield
        flood.stdin.write(b"stop\n")
        side.sent += int(await flood.stdout.readline())
    finally:
        flood.kill()
        await flood.wait()


def _tell(json: Path, sides: Mapping[str, Side]) -> None:
    rows, told = [], {}
    quiet = sides["quiet"]
    for name, side in sides.items():
        p50, p99 = figure(_of(side.measured, 50)), figure(_of(side.measured, 99))
        pooled, ratio = _pooled(side), _pooled(side) / _pooled(quiet)
        pairs = ratios(_of(side.measured, 99), _of(quiet.measured, 99))
        early = quantiles(side.beginning, n=100)[98]
        rows.append((name, p50.text(), p99.text(), f"{pooled:.1f}", f"{ratio:.2f}", pairs.text(2), f"{early:.1f}"))
        told[name] = {"p50": p50, "p99": p99, "p99_of_all": pooled, "p99_ratio_of_all": ratio, "p99_ratio": pairs}
        told[name] |= {"samples": sum(map(len, side.measured)), "p99_of_the_beginnings": early, "sent": side.sent}
    title = "another unit's time from publishing to the receipt, ms; median [least..most] of the windows"
    head = ("hostile unit", "p50", "p99", "p99 of all", "/ quiet", "/ quiet by window", f"p99 first {WARM_SECONDS} s")
    table(title, head, rows)
    unit_of = {"unit": "milliseconds of wall clock from publishing to the receipt; median, least, most of the windows"}
    write(json, {"machine": machine(("nats-py",)) | unit_of, "sides": told})


def _pooled(side: Side) -> float:
    return quantiles([one for window in side.measured for one in window], n=100)[98]


def _of(windows: list[list[float]], percent: int) -> list[float]:
    return [median(one) if percent == 50 else quantiles(one, n=100)[percent - 1] for one in windows]  # noqa: PLR2004


async def _window(at: Place, side: Side) -> None:
    """Milliseconds until each receipt, sent one after the other at a steady pace, whatever the ones before take."""
    measured: list[float] = []
    reports = Reports()
    async with connection(at.url, key_file(at.home, unit(*VICTIM))) as client, asyncio.TaskGroup() as group:
        sender = report_sender(client)
        await sender.listen(VICTIM)
        started = perf_counter()

        async def one(into: list[float]) -> None:
            began = perf_counter()
            await sender.send(VICTIM, reports.fresh(), media_type="application/json", effort=PATIENT)
            into.append((perf_counter() - began) * 1e3)

        for number in range(int((WARM_SECONDS + WINDOW_SECONDS) / EVERY)):
            await asyncio.sleep(max(0.0, started + number * EVERY - perf_counter()))
            group.create_task(one(measured if number * EVERY >= WARM_SECONDS else side.beginning))
    side.measured.append(measured)


async def _drained(at: Place) -> None:
    async with connection(at.url, key_file(at.home, service("intake"))) as client, asyncio.timeout(GIVE_UP_SECONDS):
        while True:
            info = await api(client, f"CONSUMER.INFO.{INTAKE.stream}.{INTAKE.durable}")
            if not info["num_pending"] and not info["num_ack_pending"]:
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _place(niceness: int) -> AsyncIterator[Place]:
    """Accounts, certificates and an intake as `phoihop up` makes them; removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="phoihop-flooding-"))
    Keeping(home).complete((*hub_identities(), unit(*HOSTILE), unit(*VICTIM)))
    server = await start_nats(home / "nats", further=(ENCRYPTION, ACCOUNTS))
    VaultKey.of(home / "vault.key", home / "vault.pub")
    async with connection(server.url, key_file(home, PROVISION)) as client:
        await topology.apply(client, STREAMS, CONSUMERS)
    intake = await _intake(server.url, home)
    moderator = spawn(
        (sys.executable, "-m", "benchmarks.flooding_watch", str(home), str(server.pid)), log=home / "moderator.log"
    )
    try:
        yield Place(server.url, home, server, niceness)
    finally:
        await moderator.kill()
        await intake.stop()
        await server.stop()
        shutil.rmtree(home)


async def _flood(at: Place, pace: int) -> asyncio.subprocess.Process:
    key, name = key_file(at.home, unit(*HOSTILE)), "/".join(HOSTILE)
    return await asyncio.create_subprocess_exec(
        *("nice", "-n", str(at.niceness), sys.executable, "-m", "benchmarks.flooding_unit"),
        *(at.url, str(key), name, str(pace)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _intake(url: str, home: Path) -> Child:
    port = free_port()
    told = {
        "PHOIHOP_NATS_URL": url,
        "PHOIHOP_NATS_CREDS": str(key_file(home, service("intake"))),
        "PHOIHOP_HOME": str(home),
        "PHOIHOP_REFERENCE": str(REFERENCE),
        "PHOIHOP_VAULT_PUBLIC": str(home / "vault.pub"),
        "PHOIHOP_HTTP_PORT": str(port),
    }
    command = (sys.executable, "-m", "services.cli", "serve", "intake")
    child = spawn(command, log=home / "intake.log", environment=os.environ | told)
    async with asyncio.timeout(GIVE_UP_SECONDS):
        while not await is_ready(f"http://127.0.0.1:{port}"):
            assert child.exit_code() is None, child.tail()
            await asyncio.sleep(0.1)
    return child
