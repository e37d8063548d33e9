"""Fixtures with a real nats-server and Postgres on loopback; a missing server binary fails the test, never skips it.

Folders are made beside pytest's own, because Postgres started by root runs as an account that may not enter those.
"""

import itertools
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest
import pytest_asyncio

from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.embedded.postgres import Authentication, PostgresServer, start_postgres

_database_numbers = itertools.count(1)


class StartNats(Protocol):
    """Start a nats-server that is stopped with the test; the same home and port again restart it."""

    async def __call__(self, home: Path, *, port: int | None = None) -> NatsServer: ...


class StartPostgres(Protocol):
    """Start a Postgres that is stopped with the test; the same home and port again restart it."""

    async def __call__(self, home: Path, *, port: int | None = None) -> PostgresServer: ...


def _open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="phoihop-test-"))
    folder.chmod(0o711)
    yield folder
    for _ in range(20):  # a server that was just killed may still be writing what its kernel had in hand
        with suppress(OSError):
            shutil.rmtree(folder)
            return
        time.sleep(0.1)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A folder for the servers of the whole run."""
    yield from _open_folder()


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    """A folder for the servers of one module; another one if a worker comes back to it after it was elsewhere."""
    yield from _open_folder()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for the servers of one test."""
    yield from _open_folder()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def nats_server(session_folder: Path) -> AsyncIterator[NatsServer]:
    """One nats-server for the whole run: tests sharing it use streams and subjects of their own."""
    server = await start_nats(session_folder / "nats", durability=Durability.ALWAYS)
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server(session_folder: Path) -> AsyncIterator[PostgresServer]:
    """One Postgres for the whole run; take `postgres_database` for a database of your own."""
    server = await start_postgres(session_folder / "postgres", authentication=Authentication.TRUST)
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def postgres_database(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The DSN of an empty database. Roles belong to the server and outlive it."""
    name = f"test_{next(_database_numbers)}"
    connection = await asyncpg.connect(postgres_server.dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield postgres_server.dsn_of(name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def start_nats_server() -> AsyncIterator[StartNats]:
    """For tests that kill and restart a nats-server."""
    started: list[NatsServer] = []

    async def start(home: Path, *, port: int | None = None) -> NatsServer:
        started.append(await start_nats(home, port=port))
        return started[-1]

    yield start
    for server in started:
        await server.stop()


@pytest_asyncio.fixture
async def start_postgres_server() -> AsyncIterator[StartPostgres]:
    """For tests that kill and restart a Postgres."""
    started: list[PostgresServer] = []

    async def start(home: Path, *, port: int | None = None) -> PostgresServer:
        started.append(await start_postgres(home, port=port, authentication=Authentication.TRUST))
        return started[-1]

    yield start
    for server in started:
        await server.stop()


@pytest_asyncio.fixture
async def fresh_nats(start_nats_server: StartNats, server_folder: Path) -> NatsServer:
    """A nats-server with an empty store for one test."""
    return await start_nats_server(server_folder / "nats")
