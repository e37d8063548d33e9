"""The migration: what it makes, that it fits the tables of the code, and that it can be run again and beside others."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.ext.asyncio import create_async_engine

from services.audit.connecting import Connection
from services.audit.migration import migrate
from services.audit.personal.values import PersonalValue
from services.audit.recomputing.verification import verify
from services.audit.roles import SCHEMA
from services.audit.sequence import Appended
from services.audit.store import Ledger
from services.audit.tables import LedgerTable
from services.runtime.embedded.postgres import PostgresServer
from services.runtime.terminal import VIETNAM
from tests.ledgers import RECORDED, event_body, message, messages

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
    assert await superuser.fetchval("SELECT version_num FROM audit.alembic_version") == "0005"


async def test_a_ledger_of_the_revision_before_is_indexed_anew_and_stays_what_it_was(postgres_database: str) -> None:
    """Breaks if the new indexes missed old entries, or an event that is on record could be recorded a second time."""
    await migrate(postgres_database, "0003")
    ledger = await Ledger.open(postgres_database)
    old = message(1, event_body(1, time="1999-12-31T00:00:00Z"))
    await ledger.append([old, *messages(2, 300)], RECORDED)
    await ledger.close()
    superuser = await asyncpg.connect(postgres_database)
    before = await superuser.fetch("SELECT * FROM audit.entry ORDER BY idx")
    await migrate(postgres_database)
    assert await superuser.fetch("SELECT * FROM audit.entry ORDER BY idx") == before
    await superuser.execute("SET enable_seqscan = off")
    agency = "SELECT idx FROM audit.entry WHERE agency = 'ca-hue' AND idx >> 11 = 0"
    assert len(await superuser.fetch(agency)) == 300
    assert any("entry_other_expr_agency_idx" in row[0] for row in await superuser.fetch(f"EXPLAIN {agency}"))
    outcome = await ledger.append([message(301, old.body), message(302)], RECORDED)
    assert isinstance(outcome, Appended)
    assert outcome.repeated == (301,)
    found = await verify(postgres_database)
    assert (found.verified, found.entries, found.repeated) == (True, 302, 1)
    await ledger.close()
    await superuser.close()


async def _bounds(superuser: Connection) -> list[tuple[datetime, datetime]]:
    rows = await superuser.fetch("""
        SELECT (regexp_matches(pg_get_expr(c.relpartbound, c.oid), '\\(''(.*)''\\) TO \\(''(.*)''\\)'))::timestamptz[]
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'audit.entry'::regclass AND c.relname <> 'entry_other' ORDER BY 1
    """)
    return [(row[0][0], row[0][1]) for row in rows]


async def test_a_month_is_one_of_viet_nam(superuser: Connection) -> None:
    """An agency's month would lie in two partitions otherwise, and finding it would take twice as long."""
    for begins, ends in await _bounds(superuser):
        first, last = begins.astimezone(VIETNAM), ends.astimezone(VIETNAM)
        assert (first.day, first.hour, last.day, last.hour) == (1, 0, 1, 0)
        assert timedelta(days=28) <= last - first <= timedelta(days=31)


async def test_a_month_with_entries_stays_as_it_was_made_and_the_next_begins_where_it_ends(
    postgres_database: str,
) -> None:
    """Breaks if a month of universal time were dropped with what it holds, or hours between two months had no place."""
    await migrate(postgres_database, "0004")
    superuser = await asyncpg.connect(postgres_database)
    before = await _bounds(superuser)
    await superuser.execute("""
        INSERT INTO audit.entry VALUES (0, 1, now(), now(), now(), uuidv7(), NULL, 'x', NULL, 's', sha256(''), '')
    """)
    await migrate(postgres_database)
    after = await _bounds(superuser)
    assert after[:2] == before[:2], "last month and this one"
    assert [each[1] for each in after[:-1]] == [each[0] for each in after[1:]]
    assert [each[1].astimezone(VIETNAM).hour for each in after] == [7, 7, *(0 for _ in after[2:])]
    assert len(after) >= len(before)
    assert await superuser.fetchval("SELECT count(*) FROM audit.entry") == 1
    await superuser.close()


async def test_no_index_of_an_entry_is_without_a_question_that_needs_it(superuser: Connection) -> None:
    """Half of what recording costs the server is indexes: one more is to be somebody's decision, not an accident."""
    names = await superuser.fetch(
        "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'audit.entry'::regclass"
    )
    assert {row["name"].removeprefix("audit.") for row in names} == {
        "entry_pkey",  # the tree in its order
        "entry_occurred_at_event_id_key",  # an event once; what happened when
        "entry_incident_id_idx",  # the timeline of an incident
        "entry_span_agency_idx",  # the history of an agency
    }


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
    ahead = await superuser.fetchval(
        "SELECT to_char(now() AT TIME ZONE interval '7 hours' + interval '3 months', 'YYYY_MM')"
    )
    tables = {
        row["name"]: row["guards"]
        for row in await superuser.fetch("""
            SELECT c.relname AS name, count(t.oid) FILTER (WHERE t.tgenabled = 'A' AND NOT t.tgisinternal) AS guards
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
            WHERE i.inhparent = 'audit.entry'::regclass GROUP BY c.relname
        """)
    }
    plain = "SELECT count(*) FROM pg_class WHERE relname LIKE 'entry_%' AND 'toast_tuple_target=8160' = ANY(reloptions)"
    assert await superuser.fetchval(plain) == len(tables), "compressing bodies would take most of the server's time"
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
