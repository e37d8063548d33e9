"""One hub on three hosts: servers, topology on three of them, two instances of each service, under one supervisor."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from benchmarks.cluster.network import Network, environment
from benchmarks.cluster.plan import HOSTS, INSTANCES, SERVICES
from contracts.identity import PROVISION, Identity, role, service
from contracts.streams import STREAMS
from services.runtime.clock import now
from services.runtime.credentials import key_file
from services.runtime.embedded.nats import find_nats_server, published_ports
from services.runtime.embedded.postgres import start_postgres
from services.runtime.embedded.process import POLL_SECONDS, Child, ServerUnavailableError, spawn
from services.stack.identity.clustering import CLUSTER, Node, lay_out
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.enrolment import hub as hub_identities
from services.stack.identity.grants import HUB_GRANTS, Grant
from services.stack.identity.keeping import ACCOUNTS, Keeping
from services.stack.parts import PostgresPart, ServicePart, run_step
from services.stack.stack import PHOIHOP
from services.stack.supervisor import Supervisor

REFERENCE: Final = Path(__file__).parents[2] / "deploy" / "reference"
WATCHER: Final = role("watcher")
"""Sends for all units, acts for the desks and looks at everything; in no other system is it let in."""
CLIENTS, MONITOR, DOOR = 4222, 8222, 8461
START_SECONDS: Final = 30.0
FORMED_TRIES: Final = 30


@dataclass(slots=True)
class NatsOnHost:
    """One nats-server of the cluster. It starts when `allowed`."""

    network: Network
    host: str
    folder: Path
    log: Path
    allowed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """What its server is called, and what the supervisor calls it."""
        return self.host

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"tls://{self.network.address(self.host)}:{CLIENTS}"

    async def start(self) -> Child:
        """Ready when it listens; its streams may have to catch up yet."""
        await self.allowed.wait()
        ports = self.folder / "ports"
        ports.mkdir(exist_ok=True)
        for stale in ports.glob("*.ports"):
            stale.unlink()
        config = self.folder / "nats.conf"
        config.write_text(_configuration(self.network.address(self.host), self.folder))
        child = spawn(self.network.inside(self.host, [str(find_nats_server()), "-c", str(config)]), log=self.log)
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while child.exit_code() is None:
                    if published_ports(child.pid, ports) is not None:
                        return child
                    await asyncio.sleep(POLL_SECONDS)
        await child.kill()
        raise ServerUnavailableError(f"{self.host} did not start:\n{child.tail()}")

    async def stuck(self, child: Child) -> str:
        """Never said: what became of it is measured from outside."""
        return await _never(child)

    async def stop(self, child: Child) -> None:
        """The stores are closed first."""
        await child.stop()

    async def well(self) -> bool:
        """Whether it says that all it keeps is up to date."""
        address = f"http://{self.network.address(self.host)}:{MONITOR}/healthz"

        def ask() -> bool:
            with suppress(OSError), urlopen(address, timeout=1) as answer:  # our own
                return bool(json.load(answer)["status"] == "ok")
            return False

        return await asyncio.to_thread(ask)


class ServiceOnHost(ServicePart):
    """One instance. Its host's own service manager would look after it; from here it cannot always be reached."""

    async def stuck(self, child: Child) -> str:
        """Never said: a host that is cut off is no reason to end what runs there."""
        return await _never(child)


@dataclass(slots=True)
class PostgresBySocket(PostgresPart):
    """The database, which every host reaches by its socket: it is not what is tried here."""

    async def start(self) -> Child:
        """As elsewhere, first with the stack's own database, then by the socket too."""
        if self.server is None:
            child = await PostgresPart.start(self)
            await PostgresPart.stop(self, child)
        port = self.server.port if self.server else None
        settings = (f"unix_socket_directories={self.home}",)
        self.server = await start_postgres(self.home, port=port, log=self.log, settings=settings)
        return self.server.child

    @property
    def everywhere(self) -> str:
        """The address that holds on every host."""
        parts = urlsplit(self.dsn or "")
        login = parts.netloc.rpartition("@")[0]
        return f"postgresql://{login}@{parts.path}?host={quote(str(self.home), safe='')}&port={parts.port}"


@dataclass(slots=True)
class Hub:
    """It runs."""

    network: Network
    home: Path
    supervisor: Supervisor
    servers: tuple[NatsOnHost, ...]
    postgres: PostgresBySocket

    @property
    def urls(self) -> list[str]:
        """Every server of the bus."""
        return [server.url for server in self.servers]

    def log(self, name: str) -> Path:
        """What a part wrote."""
        return self.home / "logs" / f"{name}.log"

    async def well(self) -> bool:
        """Whether every server is up to date."""
        return all(await asyncio.gather(*(server.well() for server in self.servers)))


@asynccontextmanager
async def running(network: Network, folder: Path, time_scale: str) -> AsyncIterator[Hub]:
    """Started, formed and served; ended with the block."""
    HUB_GRANTS[WATCHER.name] = Grant(publish=(">",), subscribe=(">",))
    home = folder / "home"
    home.mkdir()
    supervisor = Supervisor(lambda: None)
    hub = Hub(network, home, supervisor, _servers(network, folder, home), _database(folder, home))
    try:
        for server in hub.servers:
            server.allowed.set()
        await asyncio.gather(*(supervisor.start(server) for server in hub.servers), supervisor.start(hub.postgres))
        await _prepared(hub)
        for instance, host in zip(INSTANCES, HOSTS, strict=False):
            parts = [_service(hub, name, instance, host, time_scale) for name in SERVICES]
            await asyncio.gather(*(supervisor.start(part) for part in parts))
        yield hub
    finally:
        for server in hub.servers:
            server.allowed.set()
        await supervisor.stop()


def _servers(network: Network, folder: Path, home: Path) -> tuple[NatsOnHost, ...]:
    keeping = Keeping(home)
    keeping.complete(hub_identities() | {WATCHER})
    nodes = [Node(host, listen=network.address(host), also=(network.address(host),)) for host in HOSTS]
    folders = lay_out(keeping.encryption, nodes, folder, None, now())
    for one in folders:
        (one / ACCOUNTS).write_bytes(keeping.accounts.read_bytes())
    logs = home / "logs"
    return tuple(NatsOnHost(network, host, one, logs / f"{host}.log") for host, one in zip(HOSTS, folders, strict=True))


def _database(folder: Path, home: Path) -> PostgresBySocket:
    return PostgresBySocket(folder / "pg", home / "logs" / "postgres.log")


async def _prepared(hub: Hub) -> None:
    """Streams on three servers, as soon as these have found each other, and the ledger's tables."""
    told = environment(_told(hub, PROVISION) | {"POSTGRES_DSN": hub.postgres.dsn or ""})
    for left in reversed(range(FORMED_TRIES)):
        try:
            await run_step("topology apply", [*PHOIHOP, "topology", "apply"], told, hub.log("topology"))
            break
        except ServerUnavailableError:
            if not left:
                raise
    await run_step("ledger migrate", [*PHOIHOP, "ledger", "migrate"], told, hub.log("migrate"))


def _told(hub: Hub, who: Identity) -> dict[str, str]:
    return {
        "NATS_URL": ",".join(hub.urls),
        "NATS_CREDS": str(key_file(hub.home, who)),
        "REPLICAS": str(len(hub.servers)),
        "HOME": str(hub.home),
        "REFERENCE": str(REFERENCE),
        "LOG_LEVEL": "info",
    }


def _service(hub: Hub, name: str, instance: str, host: str, time_scale: str) -> ServiceOnHost:
    address, port = hub.network.address(host), DOOR + SERVICES.index(name)
    own = {
        "INSTANCE": instance,
        "POSTGRES_DSN": hub.postgres.everywhere,
        "HTTP_HOST": address,
        "HTTP_PORT": str(port),
        "TIME_SCALE": time_scale,
    }
    return ServiceOnHost(
        name=f"{name}-{instance}",
        command=hub.network.inside(host, [*PHOIHOP, "serve", name]),
        environment=environment(_told(hub, service(name)) | own),
        url=f"http://{address}:{port}",
        log=hub.log(f"{name}-{instance}"),
    )


async def _never(child: Child) -> str:
    await asyncio.Event().wait()
    return f"{child.pid}"


def _configuration(address: str, folder: Path) -> str:
    files = "".join(f"include {json.dumps(name)}\n" for name in (ENCRYPTION, CLUSTER, ACCOUNTS))
    room = 2 * sum(stream.max_bytes for stream in STREAMS)
    return f"""\
listen: "{address}:{CLIENTS}"
http: "{address}:{MONITOR}"
ports_file_dir: {json.dumps(str(folder / "ports"))}
max_payload: 256KB
ping_interval: "10s"
ping_max: 2
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
jetstream {{
  store_dir: {json.dumps(str(folder / "store"))}
  max_file: {room}
  sync_interval: always
}}
{files}"""
