"""The doctor asks a real Postgres what the ledger's roles may do, and finds each right too many."""

import asyncpg
import pytest

from services.audit.migration import migrate
from services.stack.strictness.ledger_rights import rights_beyond, too_many_rights


async def test_there_is_nothing_to_say_where_there_is_no_ledger(postgres_database: str) -> None:
    assert await too_many_rights(postgres_database) is None


async def test_the_roles_that_the_migrations_make_may_do_nothing_beyond_their_work(postgres_database: str) -> None:
    await migrate(postgres_database)

    assert await too_many_rights(postgres_database) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("GRANT UPDATE ON audit.entry TO phoihop_audit_writer", "phoihop_audit_writer may UPDATE: entry"),
        ("GRANT UPDATE (body) ON audit.entry TO phoihop_audit_writer", "phoihop_audit_writer may UPDATE: entry"),
        ("GRANT DELETE ON audit.position TO phoihop_audit_writer", "phoihop_audit_writer may DELETE: position"),
        ("GRANT SELECT ON audit.entry TO phoihop_audit_writer", "phoihop_audit_writer may SELECT: entry"),
        ("GRANT INSERT ON audit.tile TO phoihop_audit_reader", "phoihop_audit_reader may INSERT: tile"),
        ("GRANT TRUNCATE ON audit.entry TO phoihop_audit_reader", "phoihop_audit_reader may TRUNCATE: entry"),
        ("GRANT CREATE ON SCHEMA audit TO phoihop_audit_writer", "phoihop_audit_writer may CREATE"),
        ("GRANT USAGE ON SCHEMA audit TO PUBLIC", "PUBLIC may use the schema audit"),
        ("GRANT phoihop_audit_owner TO phoihop_audit_reader",
         "phoihop_audit_reader is a member of phoihop_audit_owner"),
        ("ALTER ROLE phoihop_audit_owner LOGIN", "phoihop_audit_owner may log in"),
        ("ALTER ROLE phoihop_audit_reader CREATEROLE", "phoihop_audit_reader is CREATEROLE"),
        ("ALTER ROLE phoihop_audit_writer SUPERUSER", "phoihop_audit_writer is SUPERUSER"),
    ],
)  # fmt: skip
async def test_a_right_too_many_is_found(postgres_database: str, command: str, said: str) -> None:
    """Breaks if a right that somebody gave in passing could stay unseen."""
    await migrate(postgres_database)
    connection = await asyncpg.connect(postgres_database)
    try:
        change = connection.transaction()
        await change.start()  # roles belong to the server, which others use: nothing of this is kept
        await connection.execute("SET LOCAL phoihop.maintenance = 'test'")
        await connection.execute(command)
        found = await rights_beyond(connection)
        await change.rollback()
    finally:
        await connection.close()

    assert said in [breach.where for breach in found or ()]
