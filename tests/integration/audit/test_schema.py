"""The migration: what it makes, that it fits the tables of the code, and that it can be run again and beside others."""

from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.ext.asyncio import create_async_engine

from services.audit.connecting import Connection
from services.audit.migration import migrate
from services.audit.personal.values import PersonalValue
from services.audit.roles import SCHEMA
from services.audit.store import Ledger
from services.audit.tables import LedgerTable
from services.runtime.embedded.postgres import PostgresServer
from tests.ledgers import RECORDED, event_body, message

TABLES = {"entry", "position", "tile", PersonalValue.__tablename__}


def differences(connection: SyncConnection) -> list[Any]:
    def ours(name: str | None, kind: str, _: Any) -> bool:
        return name == SCHEMA if kind == "schema" else kind != "table" or name in TABLES

    options = {"include_schemas": True, "include_name": ours, "compare_type": True, "version_table_schema": SCHEMA}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), LedgerTable.metadata))


async def test_the_migration_makes_exactly_the_tables_of_the_code(ledger_database: str) -> None:
    """`alembic check`: a column changed in one place only would break writer or verifier in production."""
    engine = create_async_engine(ledger_database.replace("postgresql", "postgresql+asyncpg"))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_column_order_is_that_of_the_entries(superuser: Connection) -> None:
    """Entries are inserted by position in one place; a swapped pair of columns of one type would go unnoticed."""
    rows = await superuser.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit.entry'::regclass AND attnum > 0 ORDER BY attnum"
    )
    assert [row["attname"] for row in rows] == list(LedgerTable.metadata.tables["audit.entry"].columns.keys())


async def test_migrating_again_changes_nothing_and_keeps_the_entries(
    ledger_database: str, ledger: Ledger, superuser: Connection
) -> None:
    await ledger.append([message(1)], RECORDED)
    await migrate(ledger_database)
    assert await superuser.fetchval("SELECT count(*) FROM audit.entry") == 1
    assert await superuser.fetchval("SELECT version_num FROM audit.alembic_version") == "0003"


async def test_many_databases_of_one_server_share_the_roles(
    ledger_database: str, superuser: Connection, postgres_server: PostgresServer
) -> None:
    await superuser.execute("CREATE DATABASE another_ledger")
    other = postgres_server.dsn_of("another_ledger")
    await migrate(other)
    await migrate(ledger_database)
    connection = await asyncpg.connect(other)
    assert await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'phoihop_audit_%'") == 3
    await connection.close()
    await superuser.execute("DROP DATABASE another_ledger")


async def test_partitions_are_made_three_months_ahead_and_guarded(superuser: Connection, writer_dsn: str) -> None:
    """The writer may have them made; a partition without its own guard could be truncated by its owner."""
    writer = await asyncpg.connect(writer_dsn)
    assert await writer.fetchval("SELECT audit.make_partitions()") == 0, "the migration has made them"
    await writer.close()
    ahead = await superuser.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '3 months', 'YYYY_MM')")
    tables = {
        row["name"]: row["guards"]
        for row in await superuser.fetch("""
            SELECT c.relname AS name, count(t.oid) FILTER (WHERE t.tgenabled = 'A' AND NOT t.tgisinternal) AS guards
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
            WHERE i.inhparent = 'audit.entry'::regclass GROUP BY c.relname
        """)
    }
    assert f"entry_{ahead}" in tables
    assert len(tables) == 6
    assert set(tables.values()) == {1}


async def test_an_entry_of_any_time_finds_a_place(ledger: Ledger, superuser: Connection) -> None:
    """A wrong clock in one event must not stop the record of all others."""
    times = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1995-06-01T00:00:00Z"]
    batch = [message(seq, event_body(seq, time=time)) for seq, time in enumerate(times, 1)]
    assert (await ledger.append(batch, RECORDED)).written == 3  # type: ignore[union-attr]
    places = await superuser.fetch("SELECT DISTINCT tableoid::regclass::text AS place FROM audit.entry")
    assert [row["place"] for row in places] == ["audit.entry_other"]


async def test_a_month_that_already_lies_in_the_default_partition_stays_there(superuser: Connection) -> None:
    await superuser.execute("SET phoihop.maintenance = 'test'")
    assert await superuser.fetchval("SELECT audit.make_partition('1999-01-01')") is True
    await superuser.execute("""
        INSERT INTO audit.entry VALUES (0, 1, '1998-05-05', now(), now(), uuidv7(), NULL, 'x', NULL, 's',
                                        sha256(''), '')
    """)
    assert await superuser.fetchval("SELECT audit.make_partition('1998-05-01')") is False
