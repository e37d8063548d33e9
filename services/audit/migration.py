"""Brings a database to the newest ledger schema in one transaction; it needs a superuser, the services do not."""

from functools import partial
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.roles import SCHEMA

SCRIPTS: Final = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME: Final = 0x70686F69  # "phoi"


async def migrate(dsn: str, revision: str = "head") -> None:
    """Make or upgrade the ledger, to the newest revision; running it again changes nothing. All of it happens or none.

    The DSN must be a superuser's: only they may create event triggers. Processes wait for one another; within one
    process call it once at a time, for Alembic keeps its context in a global. Raises `LedgerUnavailableError`.
    """
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(connect, dsn, None), poolclass=NullPool)
    try:
        with unavailable():
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
                await connection.execute(text("SET LOCAL phoihop.maintenance = 'migration'"))
                await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    command.upgrade(config, revision)
