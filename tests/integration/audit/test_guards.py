"""Who may do what to the ledger on a real Postgres: every attempt here must fail, and for the reason given."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.roles import OWNER
from services.audit.store import Ledger
from tests.ledgers import RECORDED, messages

TABLES = ("audit.entry", "audit.entry_other", "audit.entry_2026_11", "audit.position", "audit.tile")
COLUMN = dict.fromkeys(TABLES, "stream_seq = 9") | {"audit.tile": "index = 9"}
CHANGES = tuple(
    sql.format(table, COLUMN[table])
    for table in TABLES
    for sql in ("UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE")
)
STRUCTURE = (
    "ALTER TABLE audit.entry DISABLE TRIGGER append_only",
    "ALTER TABLE audit.entry_2026_11 DISABLE TRIGGER ALL",
    "ALTER TABLE audit.entry DETACH PARTITION audit.entry_2026_11",
    "ALTER TABLE audit.entry ADD COLUMN note text",
    "ALTER TABLE audit.position RENAME TO elsewhere",
    "ALTER TABLE audit.tile RENAME TO elsewhere",
    "ALTER TABLE audit.tile SET SCHEMA public",
    "ALTER TABLE audit.entry SET SCHEMA public",
    "ALTER TABLE audit.entry_2026_11 SET SCHEMA public",
    "ALTER TABLE audit.entry OWNER TO CURRENT_USER",
    "ALTER TABLE audit.entry_other ENABLE ROW LEVEL SECURITY",
    "ALTER SCHEMA audit RENAME TO elsewhere",
    "DROP TABLE audit.entry_2026_11",
    "DROP TABLE audit.position",
    "DROP TABLE audit.tile",
    "ALTER TABLE audit.tile DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON audit.entry",
    "DROP FUNCTION audit.refuse_change() CASCADE",
    "DROP FUNCTION audit.refuse_ddl() CASCADE",
    "DROP SCHEMA audit CASCADE",
    "DROP INDEX audit.entry_incident_id_idx",
    "CREATE RULE quiet AS ON INSERT TO audit.entry DO INSTEAD NOTHING",
    "CREATE TRIGGER quiet BEFORE INSERT ON audit.entry_2026_11 FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()",
    "CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TABLE audit.more (a int)",
    "GRANT UPDATE ON audit.entry TO phoihop_audit_writer",
    "REVOKE INSERT ON audit.entry FROM phoihop_audit_writer",
)


@pytest_asyncio.fixture
async def writer(writer_dsn: str, ledger: Ledger, superuser: Connection) -> AsyncIterator[Connection]:
    """The writer's own login, on a ledger that has entries; the month the entries fall in has a partition."""
    await superuser.execute(
        "SELECT set_config('phoihop.maintenance', 'test', false), audit.make_partition('2026-11-01')"
    )
    await superuser.execute("RESET phoihop.maintenance")
    await ledger.append(messages(1, 3), RECORDED)
    connection = await asyncpg.connect(writer_dsn)
    yield connection
    await connection.close()


async def refused(connection: Connection, sql: str, *reasons: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
        await connection.execute(sql)
    assert any(reason in str(caught.value) for reason in reasons), f"{sql}: {caught.value}"


@pytest.mark.parametrize("table", TABLES)
async def test_the_writer_cannot_change_or_remove_anything(writer: Connection, table: str) -> None:
    """A stolen writer login must not be able to rewrite the past: one grant too many would."""
    for sql in ("UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}", "DO 'BEGIN LOCK {}; END'"):
        await refused(writer, sql.format(table, COLUMN[table]), "permission denied")
    for sql in ("ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {}"):
        await refused(writer, sql.format(table), "must be owner")


@pytest.mark.parametrize(
    "column", ["body", "subject", "event_id", "incident_id", "agency", "occurred_at", "stream_seq"]
)
async def test_the_writer_cannot_read_what_it_wrote(writer: Connection, column: str) -> None:
    """The writer sees hashes and positions only: its login is no way to read reports."""
    for sql in (
        "SELECT {} FROM audit.entry",
        "SELECT 1 FROM audit.entry WHERE {} IS NULL",
        "COPY audit.entry ({}) TO STDOUT",
    ):
        await refused(writer, sql.format(column), "permission denied")


async def test_the_writer_sees_exactly_what_continuing_needs(writer: Connection) -> None:
    assert len(await writer.fetch("SELECT idx, recorded_at, leaf_hash FROM audit.entry")) == 3
    assert len(await writer.fetch("SELECT size, stream_seq, nodes FROM audit.position")) == 1
    for sql in ("SELECT root FROM audit.position", "SELECT level FROM audit.tile"):
        await refused(writer, sql, "permission denied")


async def test_the_writer_cannot_become_more_than_it_is(writer: Connection) -> None:
    await refused(writer, f"SET ROLE {OWNER}", "permission denied")
    await refused(writer, "CREATE TABLE audit.mine (a int)", "permission denied")
    await refused(
        writer, "CREATE TRIGGER t BEFORE INSERT ON audit.entry EXECUTE FUNCTION audit.x()", "permission denied"
    )
    await refused(writer, "SELECT audit.make_partition('2030-01-01')", "permission denied")
    await refused(writer, "SELECT audit.protect('audit.entry')", "permission denied")
    await refused(writer, "SET session_replication_role = replica", "permission denied")
    await writer.execute("SET phoihop.maintenance = 'mine'")  # declaring maintenance gives nobody a right
    await refused(writer, "ALTER TABLE audit.entry DISABLE TRIGGER ALL", "must be owner")


async def test_the_reader_can_read_and_nothing_else(writer: Connection, reader_dsn: str) -> None:
    assert await writer.fetchval("SELECT count(idx) FROM audit.entry") == 3
    reader = await asyncpg.connect(reader_dsn)
    assert await reader.fetchval("SELECT count(*) FROM (SELECT * FROM audit.entry)") == 3
    assert await reader.fetchval("SELECT count(*) FROM (SELECT * FROM audit.position)") == 1
    for sql in (*CHANGES, "INSERT INTO audit.entry SELECT * FROM audit.entry", "SELECT audit.make_partitions()"):
        await refused(reader, sql, "permission denied")
    await refused(reader, "DROP TABLE audit.entry", "must be owner")
    await reader.close()


@pytest.mark.usefixtures("writer")
async def test_nobody_can_log_in_as_the_owner(superuser: Connection) -> None:
    assert await superuser.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", OWNER) is False


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("role", [OWNER, "postgres"])
async def test_the_guards_stop_even_the_owner_and_a_careless_superuser(superuser: Connection, role: str) -> None:
    """What prevents accidents. Without ENABLE ALWAYS, `replica` would pass; without event triggers, DISABLE would."""
    for mode in ("origin", "replica"):
        await superuser.execute(f"RESET ROLE; SET session_replication_role = {mode}; SET ROLE {role}")
        for sql in CHANGES:
            await refused(superuser, sql, "append-only")
        for sql in STRUCTURE:
            await refused(superuser, sql, "append-only", *(("permission denied",) if role == OWNER else ()))
    await superuser.execute("RESET ROLE")
    assert await superuser.fetchval("SELECT count(*) FROM audit.entry") == 3
    disabled = "SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled <> 'A'"
    assert await superuser.fetchval(disabled) == 0


async def test_detaching_a_partition_concurrently_is_refused(superuser: Connection) -> None:
    """It would commit before an event trigger could object; Postgres refuses it while a default partition exists."""
    sql = "ALTER TABLE audit.entry DETACH PARTITION audit.entry_other CONCURRENTLY"
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="cannot detach partitions concurrently"):
        await superuser.execute(sql)


async def test_the_guards_leave_other_tables_and_upkeep_alone(superuser: Connection) -> None:
    await superuser.execute("CREATE TABLE public.notes (a int)")
    await superuser.execute("ALTER TABLE public.notes ADD COLUMN b int")
    await superuser.execute("DROP TABLE public.notes")
    await superuser.execute("CREATE TEMPORARY TABLE scratch (a int)")
    await superuser.execute("REINDEX TABLE audit.position")
    await superuser.execute("VACUUM ANALYZE audit.entry")
