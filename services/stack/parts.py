"""The processes of the local stack: how each is started, when it is ready, how it is asked to end."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.embedded.postgres import PostgresServer, start_postgres
from services.runtime.embedded.process import Child, ServerUnavailableError, ended_unless_ready, spawn
from services.stack.room import until_it_should_write
from services.stack.watching import status, until_stuck

READY_SECONDS = 180.0
"""A loaded machine may need long for the imports of every service at once."""
READY_POLL_SECONDS = 0.05
STEP_SECONDS = 120.0
ANSWER_SECONDS = 2.0
DATABASE = "phoihop"


@dataclass(slots=True)
class NatsPart:
    """The embedded nats-server; a restart keeps its port and its store."""

    home: Path
    log: Path
    durability: Durability
    further: Sequence[str] = ()
    """Files in `home` that say who may connect, and with which certificates."""
    server: NatsServer | None = None
    name: str = field(default="nats", init=False)

    @property
    def url(self) -> str | None:
        """Where clients connect, once started."""
        return self.server.url if self.server else None

    async def start(self) -> Child:
        """Ready when JetStream answers."""
        port = self.server.port if self.server else None
        self.server = await start_nats(
            self.home, port=port, durability=self.durability, log=self.log, further=self.further
        )
        return self.server.child

    async def stuck(self, child: Child) -> str:
        """When it does not see that its disk has room again. One that hangs on its disk would hang again."""
        return await until_it_should_write(child.log, self.home)

    async def stop(self, child: Child) -> None:
        """The stores are closed first."""
        if self.server is not None and self.server.child is child:
            await self.server.stop()


@dataclass(slots=True)
class PostgresPart:
    """The embedded Postgres; a restart keeps its port and recovers its data."""

    home: Path
    log: Path
    server: PostgresServer | None = None
    name: str = field(default="postgres", init=False)

    @property
    def url(self) -> None:
        """Its address holds a password and is not shown."""
        return

    @property
    def dsn(self) -> str | None:
        """The stack's own database, once started."""
        return self.server.dsn_of(DATABASE) if self.server else None

    async def start(self) -> Child:
        """Ready when the stack's database can be connected to."""
        port = self.server.port if self.server else None
        self.server = await start_postgres(self.home, port=port, log=self.log)
        with ended_unless_ready(self.server.child):
            await _ensure_database(self.server)
        return self.server.child

    async def stuck(self, child: Child) -> str:
        """Never: it ends by itself where it cannot go on, and hangs on its disk no less after a restart."""
        return await _never(child)

    async def stop(self, child: Child) -> None:
        """Clients are cut and a checkpoint is written."""
        if self.server is not None and self.server.child is child:
            await self.server.stop()


@dataclass(frozen=True, slots=True)
class ServicePart:
    """One service of ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    url: str
    log: Path

    async def start(self) -> Child:
        """Ready when its `/readyz` says so.

        Raises:
            ServerUnavailableError: it ended, or was not ready in time; its log is quoted.
        """
        child = spawn(self.command, log=self.log, environment=self.environment)
        with ended_unless_ready(child), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                while child.exit_code() is None:
                    if await is_ready(self.url):
                        return child
                    await asyncio.sleep(READY_POLL_SECONDS)
        await child.kill()
        raise ServerUnavailableError(f"{self.name} did not become ready. Its log {self.log} ends with:\n{child.tail()}")

    async def stuck(self, child: Child) -> str:
        """By its `/livez`, which its own loop answers."""
        return await until_stuck(self.url, child.pid)

    async def stop(self, child: Child) -> None:
        """SIGTERM: work in hand is finished first."""
        await child.stop()


async def run_step(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Run a command that prepares something and ends.

    Raises:
        ServerUnavailableError: it failed or did not end in time; its log is quoted.
    """
    child = spawn(command, log=log, environment=environment)
    code: int | None = None
    with ended_unless_ready(child), contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STEP_SECONDS):
            code = await child.exited()
    if code != 0:
        await child.kill()
        raise ServerUnavailableError(f"{name} failed (exit code {code}). Its log {log} ends with:\n{child.tail()}")


async def is_ready(url: str) -> bool:
    """Whether `/readyz` below the URL answers with a 2xx status now."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await status(url, "/readyz") // 100 == 2  # noqa: PLR2004  # 2xx
    except (OSError, TimeoutError):
        return False


async def _never(_child: Child) -> str:
    await asyncio.Event().wait()
    return ""


async def _ensure_database(server: PostgresServer) -> None:
    import asyncpg  # noqa: PLC0415 - only a stack with its own Postgres needs it

    connection = await asyncpg.connect(server.dsn)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
