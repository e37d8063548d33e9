"""Every way found to change the past of a ledger in Postgres: closed for whom it can be closed, found where it cannot.

The guards prevent accidents. A superuser can switch each of them off, and here does: then verification has to name the
entries. What leaves no trace in the database shows against a checkpoint kept outside it.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.recomputing.verification import verify
from services.audit.sequence import Appended, Rewound
from services.audit.store import Ledger
from tests.ledgers import RECORDED, event_body, message, messages

DECEMBER: Final = "audit.entry_2026_12"
"""Holds the entries 4 to 7 of twelve, which were recorded four at a time."""
OFF: Final = "ALTER TABLE december DISABLE TRIGGER append_only"
NO_GUARD: Final = (
    "CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
)
POSITION_OFF: Final = "ALTER TABLE audit.position DISABLE TRIGGER append_only"
INVENTED: Final = (
    "INSERT INTO december SELECT 12, 13, occurred_at, stored_at, recorded_at, gen_random_uuid(), incident_id, "
    "event_type, agency, subject, leaf_hash, body FROM december WHERE idx = 5"
)
CHANGED: Final = [(Flaw.CONTENT_CHANGED, 5, 5)]
GONE: Final = [(Flaw.ENTRIES_MISSING, 4, 7)]

ATTACKS: Final[dict[str, tuple[tuple[str, ...], list[tuple[Flaw, int, int]]]]] = {
    "trigger disabled, body changed": ((OFF, "UPDATE december SET body = '{}' WHERE idx = 5"), CHANGED),
    "maintenance declared instead of event triggers switched off": (
        (
            "SET event_triggers = on",
            "SET phoihop.maintenance = 'x'",
            OFF,
            "UPDATE december SET body = '' WHERE idx = 5",
        ),
        CHANGED,
    ),
    "trigger no longer ALWAYS, replication role": (
        (
            "ALTER TABLE december ENABLE TRIGGER append_only",
            "SET session_replication_role = replica",
            "UPDATE december SET subject = 'x' WHERE idx = 5",
        ),
        CHANGED,
    ),
    "trigger dropped, row deleted": (
        ("DROP TRIGGER append_only ON december", "DELETE FROM december WHERE idx = 5"),
        [(Flaw.ENTRIES_MISSING, 5, 5)],
    ),
    "guard function replaced, partition truncated": ((NO_GUARD, "TRUNCATE december"), GONE),
    "partition detached": (("ALTER TABLE audit.entry DETACH PARTITION december",), GONE),
    "partition dropped": (("DROP TABLE december",), GONE),
    "partition detached and moved out of the schema": (
        ("ALTER TABLE audit.entry DETACH PARTITION december", "ALTER TABLE december SET SCHEMA public"),
        GONE,
    ),
    "column that is searched by changed": (
        (OFF, "UPDATE december SET agency = 'other' WHERE idx BETWEEN 5 AND 6"),
        [(Flaw.COLUMNS_DISAGREE, 5, 6)],
    ),
    "clock set back": (
        (OFF, "UPDATE december SET recorded_at = recorded_at - interval '1 hour' WHERE idx = 5"),
        CHANGED,
    ),
    "two rows swapped": (
        (
            OFF,
            "UPDATE december SET idx = 100 WHERE idx = 5",
            "UPDATE december SET idx = 5 WHERE idx = 6",
            "UPDATE december SET idx = 6 WHERE idx = 100",
        ),
        [(Flaw.SEQUENCE_BROKEN, 5, 7), (Flaw.ROOT_CHANGED, 4, 7)],
    ),
    "root of a position changed": (
        (POSITION_OFF, "UPDATE audit.position SET root = sha256(root) WHERE size = 8"),
        [(Flaw.POSITION_BROKEN, 4, 7), (Flaw.ROOT_CHANGED, 4, 7)],
    ),
    "position deleted": (
        (POSITION_OFF, "DELETE FROM audit.position WHERE size = 8"),
        [(Flaw.POSITION_BROKEN, 4, 7)],
    ),
    "row invented at the end": (
        (INVENTED,),
        [(Flaw.CONTENT_CHANGED, 12, 12), (Flaw.ENTRIES_UNACCOUNTED, 12, 12)],
    ),
}
"""What is done, in which `december` stands for the partition, and what is found."""


@pytest_asyncio.fixture
async def filled(ledger: Ledger, superuser: Connection) -> Ledger:
    """Twelve entries, the middle four in a month of their own."""
    months = ", ".join(f"audit.make_partition('2026-{month}-01')" for month in (11, 12))
    await superuser.execute(f"SELECT set_config('phoihop.maintenance', 'test', false), {months}")
    await superuser.execute("RESET phoihop.maintenance")
    december = [message(seq, event_body(seq, time="2026-12-05T01:02:03Z")) for seq in range(5, 9)]
    for batch in (messages(1, 4), december, messages(9, 12)):
        assert isinstance(await ledger.append(batch, RECORDED), Appended)
    return ledger


@pytest_asyncio.fixture
async def attacker(superuser: Connection) -> AsyncIterator[Connection]:
    """A superuser who has found the switch that turns event triggers off."""
    await superuser.execute("SET event_triggers = off")
    yield superuser
    await superuser.execute("RESET session_replication_role")


async def typed(dsn: str, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--dsn", dsn, "--json"])


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_a_superuser_does_past_the_guards_is_found_with_its_rows(
    attack: str, attacker: Connection, reader_dsn: str
) -> None:
    """Breaks if one of the ways past the guards left a ledger that verifies, or a finding without the rows."""
    assert (await verify(reader_dsn)).verified
    statements, expected = ATTACKS[attack]
    for sql in statements:
        await attacker.execute(sql.replace("december", DECEMBER))
    found = sorted((each.flaw, each.first, each.last) for each in (await verify(reader_dsn)).findings)
    assert found == sorted(expected)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE audit.entry RENAME TO entries",),
        ("ALTER TABLE audit.entry SET SCHEMA public",),
        ("ALTER SCHEMA audit RENAME TO elsewhere",),
        ("DROP SCHEMA audit CASCADE",),
    ],
)
async def test_a_ledger_that_is_not_there_any_more_is_missed_by_whoever_kept_a_checkpoint(
    statements: tuple[str, ...], attacker: Connection, ledger_database: str
) -> None:
    """Breaks if taking the whole ledger away looked like a database in which none was made yet."""
    assert (await typed(ledger_database, "checkpoint")).exit_code == 0
    for sql in statements:
        await attacker.execute(sql)
    result = await typed(ledger_database, "verify")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, finding["flaw"], finding["first"], finding["last"]) == (1, "tail_missing", 0, 11)


async def test_a_writer_that_was_given_more_rights_still_meets_the_triggers(
    filled: Ledger, attacker: Connection, writer_dsn: str
) -> None:
    """Breaks if one careless GRANT were enough to rewrite the past."""
    assert (await filled.head()).size == 12
    await attacker.execute("GRANT ALL ON ALL TABLES IN SCHEMA audit TO phoihop_audit_writer")
    writer = await asyncpg.connect(writer_dsn)
    for table in ("audit.entry", DECEMBER, "audit.position"):
        for sql in ("UPDATE {} SET stream_seq = 9", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await writer.execute(sql.format(table))
    await writer.close()


@pytest.mark.usefixtures("filled")
async def test_the_writer_can_take_no_partition_away(writer_dsn: str) -> None:
    writer = await asyncpg.connect(writer_dsn)
    for sql in (
        f"ALTER TABLE audit.entry DETACH PARTITION {DECEMBER}",
        f"ALTER TABLE audit.entry DETACH PARTITION {DECEMBER} CONCURRENTLY",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "COPY audit.entry TO PROGRAM 'true'",
    ):
        with pytest.raises(asyncpg.PostgresError, match=r"must be owner|permission denied"):
            await writer.execute(sql)
    await writer.close()


async def test_no_table_relies_on_row_security_which_lets_truncate_pass(superuser: Connection) -> None:
    policies = "SELECT count(*) FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relrowsecurity"
    assert await superuser.fetchval(policies) == 0


async def test_no_time_of_an_entry_has_a_default_that_somebody_could_set_back(superuser: Connection) -> None:
    defaults = "SELECT count(*) FROM pg_attrdef JOIN pg_class ON adrelid = pg_class.oid"
    assert await superuser.fetchval(f"{defaults} WHERE relnamespace = 'audit'::regnamespace") == 0


async def test_entries_that_a_trigger_swallows_while_they_are_recorded_are_found(
    filled: Ledger, attacker: Connection, reader_dsn: str
) -> None:
    """Breaks if a superuser could keep chosen reports out of the record as they come in."""
    await attacker.execute(
        "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN CASE WHEN NEW.stream_seq = 14 THEN NULL ELSE NEW END; END'"
    )
    await attacker.execute(
        "CREATE TRIGGER swallow BEFORE INSERT ON audit.entry FOR EACH ROW EXECUTE FUNCTION public.swallow()"
    )
    assert isinstance(await filled.append(messages(13, 15), RECORDED), Appended)
    assert (await verify(reader_dsn)).findings == (Finding(Flaw.ENTRIES_MISSING, 13, 13),)


async def test_an_entry_that_a_stolen_writer_login_appends_is_met_by_the_stream(
    filled: Ledger, writer_dsn: str, reader_dsn: str
) -> None:
    """Breaks if whoever has the writer's password could invent what the stream never held, unnoticed."""
    thief = await Ledger.open(writer_dsn)
    await thief.append([message(13, event_body(13, data={"note": "invented"}))], RECORDED)
    await thief.close()
    assert (await verify(reader_dsn)).verified, "an addition is no contradiction inside the ledger"
    await filled.head()
    assert await filled.append(messages(13, 14), RECORDED) == Rewound(13)


def entries_of(result: Result) -> Any:
    return json.loads(result.stdout)["entries"]


async def test_reading_as_the_reader_changes_nothing_however_it_is_tried(
    filled: Ledger, reader_dsn: str, ledger_database: str
) -> None:
    reader = await asyncpg.connect(reader_dsn)
    for sql in ("SET ROLE phoihop_audit_writer", "SET session_replication_role = replica", "SET event_triggers = off"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(sql)
    await reader.close()
    assert entries_of(await typed(ledger_database, "verify")) == (await filled.head()).size
