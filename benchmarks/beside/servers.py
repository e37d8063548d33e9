"""Starts what a peer talks through: a Redis or a nats-server of its own on a random port, gone with the block."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.beside.environment import libraries
from benchmarks.beside.sides import Bus
from services.runtime.embedded.nats import start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import spawn

_START_SECONDS: Final = 20.0


class Started(NamedTuple):
    """Where it is, and its process; a peer that needs none beside its database has neither."""

    url: str
    pid: int | None


@asynccontextmanager
async def bus(kind: Bus, folder: Path, redis: Path | None) -> AsyncIterator[Started]:
    """What this kind of peer needs, empty at the start."""
    match kind:
        case Bus.REDIS_EVERY_SECOND | Bus.REDIS_ALWAYS:
            assert redis is not None
            async with _redis(redis, folder, kind.value) as started:
                yield started
        case Bus.NATS:
            server = await start_nats(folder / "nats")
            try:
                yield Started(server.url, server.pid)
            finally:
                await server.stop()
        case Bus.POSTGRES:
            yield Started("", None)


@asynccontextmanager
async def _redis(program: Path, folder: Path, fsync: str) -> AsyncIterator[Started]:
    port = free_port()
    places = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder))
    durable = ("--appendonly", "yes", "--appendfsync", fsync, "--save", "")
    child = spawn([str(program), *places, *durable], log=folder / "redis.log", environment=libraries(program))
    try:
        async with asyncio.timeout(_START_SECONDS):
            while "Ready to accept connections" not in child.output():
                assert child.exit_code() is None, child.tail()
                await asyncio.sleep(0.02)
        yield Started(f"redis://127.0.0.1:{port}/0", child.pid)
    finally:
        await child.stop()
