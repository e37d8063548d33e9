"""How far one unit that sends as fast as it can delays another unit: from publishing to the receipt, on real servers.

Quiet and flooded windows alternate in one run, so that a slow minute of the machine hits both.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from services.runtime.embedded.nats import start_nats
from services.runtime.embedded.postgres import free_port
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import api
from services.runtime.sealing import VaultKey
from services.runtime.sending import Effort, connection, report_sender
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.enrolment import hub as hub_identities
from services.stack.identity.keeping import ACCOUNTS, Keeping
from services.stack.parts import is_ready

HOSTILE: Final = Origin("kl-h-yen-the", "tram-xuan-luong")
VICTIM: Final = Origin("ubnd-x-thuan-an", "van-phong")
WINDOW_SECONDS: Final = 8.0
EVERY: Final = 0.05
"""Seconds between two reports of the victim."""
WARM_SECONDS: Final = 1.0
"""At the start of a window, not measured: the flood fills the sender's bound."""
PATIENT: Final = Effort(attempts=1, seconds=60.0)
GIVE_UP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """What runs."""

    url: str
    home: Path
    flood: asyncio.subprocess.Process

    async def told(self, word: str) -> str:
        """Tells the hostile unit; what it says when it stops."""
        assert self.flood.stdin is not None
        assert self.flood.stdout is not None
        self.flood.stdin.write(f"{word}\n".encode())
        await self.flood.stdin.drain()
        return (await self.flood.stdout.readline()).decode().strip() if word == "stop" else ""


def run(json: Path, rounds: int, _offline: bool, niceness: int = 0) -> None:  # noqa: FBT001
    """A server, an intake and both units, then window after window."""
    asyncio.run(_run(json, rounds, niceness))


async def _run(json: Path, rounds: int, niceness: int) -> None:
    quiet: list[list[float]] = []
    flooded: list[list[float]] = []
    sent: list[float] = []
    async with _place(niceness) as at:
        await _window(at)
        for _ in range(rounds):
            quiet.append(await _window(at))
            await at.told("go")
            before, started = int(sent[-1]) if sent else 0, perf_counter()
            flooded.append(await _window(at))
            total = int(await at.told("stop"))
            sent.append(total)
            print(f"the hostile unit sent {(total - before) / (perf_counter() - started):,.0f}/s")
            await _drained(at)
    _tell(json, quiet, flooded)


def _tell(json: Path, quiet: list[list[float]], flooded: list[list[float]]) -> None:
    sides = {"quiet": quiet, "flooded": flooded}
    each = {name: {"p50": figure(_of(windows, 50)), "p99": figure(_of(windows, 99))} for name, windows in sides.items()}
    ratio = ratios(_of(flooded, 99), _of(quiet, 99))
    rows = [(name, said["p50"].text(), said["p99"].text()) for name, said in each.items()]
    table("from publishing to the receipt, ms; median [least..most] of the windows", ("", "p50", "p99"), rows)
    print(f"\np99 flooded / quiet, window by window: {ratio.text(2)}")
    told = {"unit": "milliseconds of wall clock from publishing to the receipt; median, least, most of the windows"}
    samples = sum(map(len, quiet)) + sum(map(len, flooded))
    write(json, {"machine": machine(("nats-py",)) | told, "samples": samples, "sides": each, "p99_ratio": ratio})


def _of(windows: list[list[float]], percent: int) -> list[float]:
    return [median(one) if percent == 50 else quantiles(one, n=100)[percent - 1] for one in windows]  # noqa: PLR2004


async def _window(at: Place) -> list[float]:
    """Milliseconds until each receipt, sent one after the other at a steady pace, whatever the ones before take."""
    found: list[float] = []
    reports = Reports()
    async with connection(at.url, key_file(at.home, unit(*VICTIM))) as client, asyncio.TaskGroup() as group:
        sender = report_sender(client)
        await sender.listen(VICTIM)
        started = perf_counter()

        async def one(*, counted: bool) -> None:
            began = perf_counter()
            await sender.send(VICTIM, reports.fresh(), media_type="application/json", effort=PATIENT)
            if counted:
                found.append((perf_counter() - began) * 1e3)

        for number in range(int((WARM_SECONDS + WINDOW_SECONDS) / EVERY)):
            await asyncio.sleep(max(0.0, started + number * EVERY - perf_counter()))
            group.create_task(one(counted=number * EVERY >= WARM_SECONDS))
    return found


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
    flood = await _flood(server.url, home, niceness)
    try:
        yield Place(server.url, home, flood)
    finally:
        flood.kill()
        await flood.wait()
        await intake.stop()
        await server.stop()
        shutil.rmtree(home)


async def _flood(url: str, home: Path, niceness: int) -> asyncio.subprocess.Process:
    command = ("nice", "-n", str(niceness), sys.executable, "-m", "benchmarks.flooding_unit")
    return await asyncio.create_subprocess_exec(
        *command,
        url,
        str(key_file(home, unit(*HOSTILE))),
        "/".join(HOSTILE),
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
