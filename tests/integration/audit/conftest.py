"""A database with a ledger in it, and logins that hold nothing but their role."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.migration import migrate
from services.audit.roles import READER, WRITER
from services.audit.store import Ledger
from tests.ledgers import as_login


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command of a test finds a hub or a home that is not the test's own; what it reads is kept in a journal."""
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHOIHOP_NATS_URL", "nats://127.0.0.1:1")


@pytest_asyncio.fixture
async def ledger_database(postgres_database: str) -> str:
    """The DSN of a superuser on a database with an empty ledger."""
    await migrate(postgres_database)
    return postgres_database


@pytest_asyncio.fixture
async def superuser(ledger_database: str) -> AsyncIterator[Connection]:
    """Someone who may do anything Postgres lets anyone do."""
    connection = await asyncpg.connect(ledger_database)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def writer_dsn(ledger_database: str, superuser: Connection) -> str:
    """A login that is the writer and nothing more."""
    await superuser.execute(f"ALTER ROLE {WRITER} LOGIN")
    return as_login(ledger_database, WRITER)


@pytest_asyncio.fixture
async def reader_dsn(ledger_database: str, superuser: Connection) -> str:
    """A login that is the reader and nothing more."""
    await superuser.execute(f"ALTER ROLE {READER} LOGIN")
    return as_login(ledger_database, READER)


@pytest_asyncio.fixture
async def ledger(writer_dsn: str) -> AsyncIterator[Ledger]:
    """An open ledger, written with the writer's rights only."""
    opened = await Ledger.open(writer_dsn)
    yield opened
    await opened.close()
