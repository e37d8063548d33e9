"""A superuser who switches every guard off and really edits rows is found, with the rows named; so are gaps."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.drill.demonstration import detects_tampering
from services.audit.failures import LedgerNotReadyError
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.recomputing.stretches import CHUNK
from services.audit.recomputing.verification import verify
from services.audit.store import Ledger
from tests.ledgers import RECORDED, message, messages

LAST = 60
BATCH = 20


@pytest_asyncio.fixture
async def unguarded(ledger: Ledger, superuser: Connection) -> AsyncIterator[Connection]:
    """Sixty entries in three batches, in the partition of their month; a superuser has switched the guards off."""
    await superuser.execute("SET phoihop.maintenance = 'test'; SELECT audit.make_partition('2026-11-01')")
    for first in range(1, LAST, BATCH):
        await ledger.append(messages(first, first + BATCH - 1), RECORDED)
    await superuser.execute("RESET phoihop.maintenance; SET event_triggers = off")
    for table in ("audit.entry", "audit.entry_2026_11", "audit.position"):
        await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield superuser


async def after(superuser: Connection, dsn: str, *attack: str) -> Sequence[Finding]:
    for sql in attack:
        assert await superuser.execute(sql) not in {"UPDATE 0", "DELETE 0"}, f"nothing was attacked: {sql}"
    found = await verify(dsn)
    assert found.verified is not bool(found.findings)
    return found.findings


@pytest.mark.usefixtures("unguarded")
async def test_the_honest_ledger_verifies_under_the_readers_own_login(reader_dsn: str) -> None:
    found = await verify(reader_dsn)
    assert (found.verified, found.entries, found.findings) == (True, LAST, ())


async def test_an_empty_ledger_verifies(ledger_database: str) -> None:
    found = await verify(ledger_database)
    assert (found.verified, found.entries) == (True, 0)


async def test_one_changed_bit_of_one_body_is_found_in_its_row(unguarded: Connection, ledger_database: str) -> None:
    """Without this a superuser could rewrite what a desk was told."""
    attack = "UPDATE audit.entry SET body = set_byte(body, 5, get_byte(body, 5) # 1) WHERE idx = 33"
    assert await after(unguarded, ledger_database, attack) == (Finding(Flaw.CONTENT_CHANGED, 33, 33),)


@pytest.mark.parametrize("change", ["subject = subject || 'x'", "recorded_at = now()", "stored_at = now()"])
async def test_a_changed_header_is_found_in_its_row(unguarded: Connection, ledger_database: str, change: str) -> None:
    attack = f"UPDATE audit.entry SET {change} WHERE idx = 33"  # noqa: S608
    assert await after(unguarded, ledger_database, attack) == (Finding(Flaw.CONTENT_CHANGED, 33, 33),)


@pytest.mark.parametrize(
    "change", ["incident_id = uuidv7()", "incident_id = NULL", "agency = 'other'", "event_type = 'repeated'"]
)
async def test_a_column_that_hides_an_entry_from_a_search_is_found(
    unguarded: Connection, ledger_database: str, change: str
) -> None:
    """The body is intact but the entry would be missing from the trail of its incident."""
    attack = f"UPDATE audit.entry SET {change} WHERE idx = 33"  # noqa: S608
    assert await after(unguarded, ledger_database, attack) == (Finding(Flaw.COLUMNS_DISAGREE, 33, 33),)


async def test_a_body_changed_together_with_its_leaf_is_found_in_its_batch(
    unguarded: Connection, ledger_database: str
) -> None:
    attack = """
        UPDATE audit.entry SET body = forged.body, leaf_hash = sha256('\\x00'::bytea || convert_to(
            format('{"recorded_at":%s,"stored_at":%s,"stream_seq":%s,"subject":"%s","v":1}',
                (extract(epoch FROM recorded_at) * 1000000)::bigint, (extract(epoch FROM stored_at) * 1000000)::bigint,
                stream_seq, subject) || chr(10), 'UTF8') || forged.body)
        FROM (SELECT convert_to(replace(convert_from(body, 'UTF8'), 'Lũ', 'Lụt'), 'UTF8') AS body
              FROM audit.entry WHERE idx = 33) AS forged
        WHERE idx = 33
    """
    assert await after(unguarded, ledger_database, attack) == (Finding(Flaw.ROOT_CHANGED, 20, 39),)


async def test_deleted_rows_are_named(unguarded: Connection, ledger_database: str) -> None:
    attack = "DELETE FROM audit.entry WHERE idx BETWEEN 18 AND 22"
    assert await after(unguarded, ledger_database, attack) == (Finding(Flaw.ENTRIES_MISSING, 18, 22),)


async def test_rows_cut_off_at_the_end_are_named(unguarded: Connection, ledger_database: str) -> None:
    assert await after(unguarded, ledger_database, "DELETE FROM audit.entry WHERE idx >= 55") == (
        Finding(Flaw.ENTRIES_MISSING, 55, 59),
    )


async def test_a_row_deleted_and_the_rest_renumbered_is_found(unguarded: Connection, ledger_database: str) -> None:
    findings = await after(
        unguarded,
        ledger_database,
        "DELETE FROM audit.entry WHERE idx = 30",
        "UPDATE audit.entry SET idx = idx - 1, stream_seq = stream_seq - 1 WHERE idx > 30",
    )
    assert Finding(Flaw.CONTENT_CHANGED, 30, 58) in findings
    assert Finding(Flaw.ENTRIES_MISSING, 59, 59) in findings


async def test_a_dropped_partition_is_found(unguarded: Connection, ledger_database: str) -> None:
    assert await after(unguarded, ledger_database, "DROP TABLE audit.entry_2026_11") == (
        Finding(Flaw.ENTRIES_MISSING, 0, LAST - 1),
    )


async def test_a_changed_or_deleted_position_is_found(unguarded: Connection, ledger_database: str) -> None:
    changed = await after(unguarded, ledger_database, "UPDATE audit.position SET root = sha256('') WHERE size = 40")
    assert Finding(Flaw.POSITION_BROKEN, 20, 39) in changed
    deleted = await after(unguarded, ledger_database, "DELETE FROM audit.position WHERE size = 40")
    assert deleted == (Finding(Flaw.POSITION_BROKEN, 20, 39),)


async def test_an_entry_copied_to_the_end_is_found(unguarded: Connection, ledger_database: str) -> None:
    attack = """
        INSERT INTO audit.entry
        SELECT 60, 61, occurred_at + interval '1 s', stored_at, recorded_at, event_id, incident_id, event_type, agency,
               subject, leaf_hash, body FROM audit.entry WHERE idx = 3
    """
    findings = await after(unguarded, ledger_database, attack)
    assert Finding(Flaw.ENTRIES_UNACCOUNTED, 60, 60) in findings
    assert Finding(Flaw.EVENT_TWICE, 3, 60) in findings


async def test_a_ledger_longer_than_one_read_verifies(ledger: Ledger, ledger_database: str) -> None:
    last = 2 * CHUNK + 7
    for first, end in ((1, 10), (11, CHUNK), (CHUNK + 1, last)):
        await ledger.append(messages(first, end), datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=first))
    seen: list[tuple[int, int]] = []
    found = await verify(ledger_database, lambda done, total: seen.append((done, total)))
    assert (found.verified, found.entries) == (True, last)
    assert seen[-1] == (last, last)


async def test_the_drill_changes_a_real_bit_of_a_copy_and_finds_it(
    ledger: Ledger, ledger_database: str, superuser: Connection
) -> None:
    """The ledger itself is untouched and nothing of the copy is left; the writer may stay connected."""
    await ledger.append([*messages(1, 30), message(31, b"")], RECORDED)
    before = await superuser.fetch("SELECT * FROM audit.entry ORDER BY idx")
    drill = await detects_tampering(ledger_database)
    assert (drill.detected, drill.entries, drill.changed) == (True, 31, 15)
    assert drill.finding == Finding(Flaw.CONTENT_CHANGED, 15, 15)
    assert await superuser.fetch("SELECT * FROM audit.entry ORDER BY idx") == before
    assert await superuser.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'phoihop_drill_%'") == 0


async def test_a_drill_on_a_ledger_that_was_tampered_with_does_not_claim_success(
    unguarded: Connection, ledger_database: str
) -> None:
    await unguarded.execute("UPDATE audit.entry SET agency = 'other' WHERE idx = 1")
    drill = await detects_tampering(ledger_database)
    assert (drill.copy_was_sound, drill.detected) == (False, False)


async def test_a_drill_needs_something_to_change(ledger_database: str) -> None:
    with pytest.raises(LedgerNotReadyError, match="empty"):
        await detects_tampering(ledger_database)
