"""A service as a process: starts without its bus, drains when told to end, refuses a server that is not as agreed."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.runtime import topology
from services.runtime.embedded.nats import NatsServer, start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn
from services.runtime.sealing import VaultKey
from tests.system.conftest import REFERENCE, UNIT_HEADER, ask, put_report
from tests.system.evidence import read_stream
from tests.system.load import Units

BACKLOG = 1500
"""Below what the inbox holds for each unit."""
UNIT = "ubnd-x-phong-dien/van-phong"
EXIT_CANNOT_START = 69


class Server:
    """A server with all streams and consumers of the services, that can be away for a while."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.now: NatsServer | None = None
        self._last: NatsServer | None = None

    @property
    def url(self) -> str:
        """Where it is, was, or will be again."""
        assert self._last is not None
        return self._last.url

    async def start(self) -> None:
        """The same store at the same address."""
        self.now = self._last = await start_nats(self._home, port=self._last.port if self._last else None)

    async def crash(self) -> None:
        """SIGKILL."""
        if self.now is not None:
            server, self.now = self.now, None
            await server.kill()


@pytest.mark.timeout(90)
async def test_a_service_without_its_bus_says_so_and_recovers_by_itself(system_folder: Path) -> None:
    """Broken when a start must be ordered by hand, or when a sender hangs or is told anything but 'later'."""
    async with _prepared(system_folder) as (server, client):
        report = Units(client, random.randrange(2**32)).report()
        await server.crash()
        async with _serving("intake", server, system_folder) as (_, url):
            await _until_status(url, "/livez", 200)
            await _not_now(url, report)
            await server.start()
            await _until_status(url, "/readyz", 200)
            assert (await put_report(url, UNIT, report)).status == 201
            await server.crash()
            await _not_now(url, report)
            await server.start()
            await _until_status(url, "/readyz", 200)
            assert (await put_report(url, UNIT, report)).status == 200


async def _not_now(url: str, report: dict[str, Any]) -> None:
    """Alive, not ready, and every sender is told to come back."""
    assert (await ask(url, "GET", "/livez")).status == 200
    assert (await ask(url, "GET", "/readyz")).status == 503
    refused = await put_report(url, UNIT, report)
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json["problems"][0]["code"] == "bus.unavailable"


@pytest.mark.timeout(90)
async def test_sigterm_finishes_the_work_in_hand_and_nothing_is_done_twice(system_folder: Path) -> None:
    """Broken when a stop cuts a batch between its commit and its acknowledgements, or leaves the process hanging."""
    async with _prepared(system_folder) as (server, client):
        told = list[str]()

        async def hear(message: Msg) -> None:
            told.append(json.loads(message.data)["submission"])

        await client.subscribe("receipt.>", cb=hear)
        await _backlog(client, Units(client, random.randrange(2**32)))
        for _ in range(2):
            await _worked_and_stopped(server, client, system_folder, told)
        async with _serving("intake", server, system_folder):
            await _until(lambda: len(told) >= BACKLOG)
        assert len(set(told)) == len(told) == BACKLOG
        assert len(await read_stream(client, "EVENTS")) == BACKLOG


async def _worked_and_stopped(server: Server, client: Client, folder: Path, told: list[str]) -> None:
    """SIGTERM in the middle of the backlog: a quick, clean end with work left over."""
    async with _serving("intake", server, folder) as (child, _):
        heard = len(told)
        await _until(lambda: len(told) > heard)
        assert await child.stop(seconds=15) in {0, -signal.SIGTERM}, "it had to be killed"
        assert "service_stopped" in child.output()
    info = await client.jetstream().consumer_info("INBOX", "intake")
    left = (info.num_pending or 0) + (info.num_ack_pending or 0)
    assert left == BACKLOG - len(told) > 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("request_subject", "change", "named"),
    [
        ("CONSUMER.DURABLE.CREATE.INBOX.intake", {"ack_wait": 77_000_000_000}, "consumer intake ['ack_wait']"),
        ("STREAM.UPDATE.INBOX", {"max_msgs_per_subject": 5}, "stream INBOX ['max_msgs_per_subject']"),
    ],
)
async def test_a_service_refuses_a_server_that_is_not_as_agreed(
    system_folder: Path, request_subject: str, change: dict[str, int], named: str
) -> None:
    """Broken when a service works on with limits or time-outs nobody chose: what it promises depends on them."""
    async with _prepared(system_folder) as (server, client):
        kind, _, name = request_subject.partition(".")
        found = await _config(client, f"{kind}.INFO.{name.removeprefix('DURABLE.CREATE.').removeprefix('UPDATE.')}")
        assert not any(found[key] == value for key, value in change.items())
        config = found | change
        wanted = {"stream_name": "INBOX", "config": config} if kind == "CONSUMER" else config
        answer = await client.request(f"$JS.API.{request_subject}", json.dumps(wanted).encode())
        assert "error" not in json.loads(answer.data)
        async with _serving("intake", server, system_folder) as (child, _):
            assert await asyncio.wait_for(child.exited(), 30) == EXIT_CANNOT_START
            assert named in child.output()
            assert "phoihop topology apply" in child.output()


async def _config(client: Client, subject: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((await client.request(f"$JS.API.{subject}", b"")).data)["config"]
    return config


@asynccontextmanager
async def _prepared(folder: Path) -> AsyncIterator[tuple[Server, Client]]:
    VaultKey.of(folder / "vault.key", folder / "keys" / "vault.pub")  # the audit's doing, which is not part of this
    server = Server(folder / "nats")
    await server.start()
    client = await nats.connect(server.url, max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=_quiet)
    try:
        await topology.apply(client)
        yield server, client
    finally:
        await client.close()
        await server.crash()


async def _quiet(_error: Exception) -> None:
    """The server is away on purpose."""


async def _backlog(client: Client, units: Units) -> None:
    """More than a service handles before it is told to stop; every hundredth is waited for, so that none is lost."""
    for number in range(1, BACKLOG + 1):
        one, headers = units.fresh(), {"Phoihop-Submission": f"00000000-0000-4000-8000-{number:012d}"}
        send = client.jetstream().publish if number % 100 == 0 else client.publish
        await send(f"inbox.report.{one.agency}.{one.unit}", one.body, headers=headers)
    assert (await client.jetstream().stream_info("INBOX")).state.messages == BACKLOG


@asynccontextmanager
async def _serving(name: str, server: Server, folder: Path) -> AsyncIterator[tuple[Child, str]]:
    port = free_port()
    told = {
        "PHOIHOP_NATS_URL": server.url,
        "PHOIHOP_REFERENCE": str(REFERENCE),
        "PHOIHOP_HOME": str(folder),
        "PHOIHOP_HTTP_PORT": str(port),
        "PHOIHOP_UNIT_HEADER": UNIT_HEADER,
    }
    command = (sys.executable, "-m", "services.cli", "serve", name)
    child = spawn(command, log=folder / f"{name}.log", environment=os.environ | told)
    try:
        yield child, f"http://127.0.0.1:{port}"
    finally:
        await child.kill()


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if done():
                return
            await asyncio.sleep(0.005)


async def _until_status(url: str, path: str, status: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await ask(url, "GET", path)).status == status:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)
