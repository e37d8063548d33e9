"""Looks at a running stack from outside: what runs, how far consumers lag, what is parked, how full the disk is."""

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import nats
from nats.aio.client import Client

from contracts.identity import OPERATOR
from contracts.streams import CONSUMERS, PARKED
from services.runtime.addresses import bus_creds
from services.runtime.credentials import credentials
from services.runtime.embedded.local_stack import Phase, ProcessState, StackState, running_stack
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError, api
from services.runtime.secret_files import UnusableSecretError
from services.stack.parts import is_ready
from services.stack.refusals import refused
from services.stack.settings import StackSettings

ANSWER_SECONDS = 3.0
SERVERS = frozenset({"nats", "postgres"})
EXTERNAL = "external"
_NO_ANSWER = (BusUnavailableError, JetStreamRefusedError, UnusableSecretError)


class NothingRunsError(Exception):
    """No local stack runs and no external server is named. Next: `phoihop up`."""


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """One server as it answers now; the address never shows a password."""

    ok: bool
    address: str
    embedded: bool
    version: str | None = None
    problem: str | None = None
    pid: int | None = None
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """One service of the local stack."""

    name: str
    ready: bool
    phase: Phase
    pid: int | None
    restarts: int
    url: str | None
    stuck: int = 0
    """How many of the restarts because it ran but no longer answered."""


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """One stream: how much it holds and how much it may hold."""

    name: str
    messages: int
    bytes: int
    max_bytes: int
    first_sequence: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of the stack's home."""

    free_bytes: int
    total_bytes: int
    free_percent: int


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `phoihop status` shows."""

    durability: str
    nats: ServerHealth
    postgres: ServerHealth
    disk: Disk
    services: tuple[ServiceHealth, ...] = ()
    streams: tuple[StreamHealth, ...] = ()
    lag: dict[str, int] = field(default_factory=dict)
    """Durable of a service -> messages it has not finished."""
    parked: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """What the bus refused, by kind, as the newest part of its log tells."""
    time_scale: float = 1.0
    """What every acknowledgement time is multiplied by; 1 outside demonstrations."""

    @property
    def reachable(self) -> bool:
        """Both servers answer."""
        return self.nats.ok and self.postgres.ok

    @property
    def healthy(self) -> bool:
        """Both servers answer and every service is ready."""
        return self.reachable and all(service.ready for service in self.services)

    def document(self) -> dict[str, Any]:
        """The `--json` form."""
        return asdict(self)


async def inspect(settings: StackSettings) -> Status:
    """Ask everything that is there, side by side.

    Raises:
        NothingRunsError: there is nothing to ask.
    """
    state = running_stack(settings.home)
    nats_url = state.nats_url if state else settings.external_nats_url
    dsn = state.postgres_dsn if state else settings.postgres_dsn
    if nats_url is None and dsn is None:
        raise NothingRunsError(f"No local stack runs in {settings.home.absolute()}. Next: phoihop up")
    (bus, streams, lag), database, services = await asyncio.gather(
        _bus(nats_url or "", _process(state, "nats"), bus_creds(settings, OPERATOR)),
        _database(dsn or "", _process(state, "postgres")),
        asyncio.gather(*(_service(one) for one in (state.processes if state else ()) if one.name not in SERVERS)),
    )
    return Status(
        durability=state.durability if state else EXTERNAL,
        nats=bus,
        postgres=database,
        disk=_disk(settings.home),
        services=tuple(services),
        streams=streams,
        lag=lag,
        parked=next((stream.messages for stream in streams if stream.name == PARKED.name), 0),
        refused=await asyncio.to_thread(refused, settings.bus_log),
        time_scale=state.time_scale if state else 1.0,
    )


async def _bus(
    url: str, process: ProcessState | None, key: Path | None
) -> tuple[ServerHealth, tuple[StreamHealth, ...], dict[str, int]]:
    about: dict[str, Any] = {"address": _address(url), **_process_facts(process)}
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            proof = credentials(key).options if key else {}
            client = await nats.connect(url, allow_reconnect=False, error_cb=_quiet, **proof)
            try:
                streams = await _streams(client)
                lag = await _lag(client, {stream.name for stream in streams})
                version = client.connected_server_version
            finally:
                await client.close()
    except (OSError, TimeoutError, nats.errors.Error, *_NO_ANSWER) as error:
        return ServerHealth(ok=False, problem=str(error) or type(error).__name__, **about), (), {}
    return ServerHealth(ok=True, version=f"{version.major}.{version.minor}.{version.patch}", **about), streams, lag


async def _streams(client: Client) -> tuple[StreamHealth, ...]:
    answer = await api(client, "STREAM.LIST", {})
    return tuple(
        StreamHealth(
            name=stream["config"]["name"],
            messages=stream["state"]["messages"],
            bytes=stream["state"]["bytes"],
            max_bytes=stream["config"]["max_bytes"],
            first_sequence=stream["state"]["first_seq"],
            last_sequence=stream["state"]["last_seq"],
        )
        for stream in sorted(answer["streams"] or (), key=lambda one: str(one["config"]["name"]))
    )


async def _lag(client: Client, present: Iterable[str]) -> dict[str, int]:
    lag = {}
    for consumer in CONSUMERS:
        if consumer.stream in present:
            info = await api(client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
            lag[consumer.durable] = info["num_pending"] + info["num_ack_pending"]
    return lag


async def _database(dsn: str, process: ProcessState | None) -> ServerHealth:
    about: dict[str, Any] = {"address": _address(dsn), **_process_facts(process)}
    try:
        connection = await asyncpg.connect(dsn, timeout=ANSWER_SECONDS)
        try:
            version = await connection.fetchval("SHOW server_version", timeout=ANSWER_SECONDS)
        finally:
            await connection.close(timeout=ANSWER_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return ServerHealth(ok=False, problem=str(error) or type(error).__name__, **about)
    return ServerHealth(ok=True, version=version, **about)


async def _service(process: ProcessState) -> ServiceHealth:
    return ServiceHealth(
        name=process.name,
        ready=process.url is not None and await is_ready(process.url),
        phase=process.phase,
        pid=process.pid,
        restarts=process.restarts,
        url=process.url,
        stuck=process.stuck,
    )


def _process(state: StackState | None, name: str) -> ProcessState | None:
    return state.process(name) if state else None


def _process_facts(process: ProcessState | None) -> dict[str, Any]:
    if process is None:
        return {"embedded": False}
    return {"embedded": True, "pid": process.pid, "restarts": process.restarts}


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if url else ""


def _disk(home: Path) -> Disk:
    existing = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    usage = shutil.disk_usage(existing)
    return Disk(free_bytes=usage.free, total_bytes=usage.total, free_percent=100 * usage.free // usage.total)


async def _quiet(_error: Exception) -> None:
    """The client library prints connection errors by itself; here they are part of the answer."""
