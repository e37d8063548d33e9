"""A hub for tests: a real nats-server with our streams, and chosen services of ours as processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contracts.streams import CONSUMERS, STREAMS
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer, start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import Stored, read_subject
from services.runtime.sealing import VaultKey
from services.runtime.sending import connection
from services.stack.parts import ServicePart
from services.stack.settings import inherited_environment
from services.stack.stack import PHOIHOP

ROOT: Final = Path(__file__).parents[3]
REFERENCE: Final = ROOT / "deploy" / "reference"


@dataclass(slots=True)
class Hub:
    """What runs, and where."""

    folder: Path
    nats: NatsServer
    children: list[Child] = field(default_factory=list)

    async def serve(self, name: str, *, ready: bool = True, **settings: str) -> str:
        """Starts one more service; returns the URL of its HTTP door. Not `ready`: does not wait for it to be."""
        url = f"http://127.0.0.1:{(port := free_port())}"
        environment = (
            self.environment()
            | {f"PHOIHOP_{key.upper()}": value for key, value in settings.items()}
            | {"PHOIHOP_HTTP_PORT": str(port)}
        )
        log = self.folder / f"{name}-{port}.log"
        command = [*PHOIHOP, "serve", name]
        part = ServicePart(name, command, environment, url, log)
        self.children.append(await part.start() if ready else spawn(command, log=log, environment=environment))
        return url

    def environment(self) -> dict[str, str]:
        """What a process of ours needs to find this hub."""
        kept = {name: value for name, value in inherited_environment().items() if not name.startswith("PHOIHOP_")}
        ours = {"PHOIHOP_NATS_URL": self.nats.url, "PHOIHOP_REFERENCE": str(REFERENCE), "PYTHONPATH": str(ROOT)}
        return kept | ours | {"PHOIHOP_VAULT_PUBLIC": str(self.folder / "vault.pub")}

    async def facts(self, subject_filter: str) -> list[Stored]:
        """What EVENTS holds under a filter."""
        async with connection(self.nats.url) as client:
            return [stored async for stored in read_subject(client, "EVENTS", subject_filter)]

    async def kill_nats(self) -> None:
        """SIGKILL."""
        await self.nats.kill()

    async def revive_nats(self) -> None:
        """The same store and port again."""
        self.nats = await start_nats(self.folder / "nats", port=self.nats.port)


@asynccontextmanager
async def running_hub(folder: Path, services: Sequence[str] = ()) -> AsyncIterator[Hub]:
    """A hub with these services, ready; all of it ends with the block."""
    hub = Hub(folder, await start_nats(folder / "nats"))
    VaultKey.of(folder / "vault.key", folder / "vault.pub")  # the audit's doing, which is not part of this hub
    try:
        await _provision(hub.nats.url)
        await asyncio.gather(*(hub.serve(name) for name in services))
        yield hub
    finally:
        await asyncio.gather(*(child.stop() for child in hub.children))
        await hub.nats.stop()


async def _provision(url: str) -> None:
    """What `phoihop topology apply` does on a new server."""
    async with connection(url) as client:
        await topology.apply(client, STREAMS, CONSUMERS)
