"""Processes that share the verification of one state find what one process finds; one that fails costs only time."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.failures import LedgerUnavailableError
from services.audit.notary.checkpointing import snapshot
from services.audit.recomputing import sharing, verification
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.recomputing.stretches import Stretch
from services.audit.recomputing.verification import verify
from services.audit.store import Ledger
from tests.ledgers import RECORDED, messages

BATCH = 10
SIZE = 300


@pytest_asyncio.fixture
async def stored(ledger: Ledger, superuser: Connection) -> AsyncIterator[Connection]:
    """Entries in thirty batches; a superuser has switched the guards off."""
    for first in range(1, SIZE, BATCH):
        await ledger.append(messages(first, first + BATCH - 1), RECORDED)
    await superuser.execute("SET event_triggers = off")
    tables = await superuser.fetch("SELECT tableoid::regclass::text AS name FROM audit.entry GROUP BY 1")
    for table in ("audit.entry", "audit.position", "audit.tile", *(row["name"] for row in tables)):
        await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield superuser


@pytest.mark.usefixtures("stored")
async def test_an_honest_ledger_gives_the_same_root_and_the_bar_reaches_its_end(reader_dsn: str) -> None:
    seen: list[tuple[int, int]] = []
    shared = await verify(reader_dsn, lambda done, total: seen.append((done, total)), processes=2)
    assert shared == await verify(reader_dsn, processes=1)
    assert (shared.verified, shared.entries) == (True, SIZE)
    assert max(seen) <= (SIZE, SIZE)


async def test_what_was_changed_is_found_the_same_in_every_stretch(stored: Connection, reader_dsn: str) -> None:
    """Breaks if a change near the place where the work is divided could be missed, or named by other rows."""
    for attack in (
        "UPDATE audit.entry SET body = set_byte(body, 5, get_byte(body, 5) # 1) WHERE idx IN (0, 99, 149, 150, 299)",
        "DELETE FROM audit.entry WHERE idx BETWEEN 95 AND 103 OR idx = 200",
        "UPDATE audit.position SET root = sha256('') WHERE size IN (100, 210)",
        "DELETE FROM audit.position WHERE size = 150",
        "UPDATE audit.tile SET root = sha256('')",
    ):
        await stored.execute(attack)
    shared = await verify(reader_dsn, processes=3)
    assert shared == await verify(reader_dsn, processes=1)
    assert len(shared.findings) > 5


async def test_work_is_never_divided_at_a_position_that_contradicts_itself(stored: Connection) -> None:
    assert await sharing.stretches(stored, SIZE, 3) == [Stretch(None, 100), Stretch(100, 200), Stretch(200, None)]
    await stored.execute("UPDATE audit.position SET nodes = root WHERE size = 100")
    assert await sharing.stretches(stored, SIZE, 3) == [Stretch(None, 200), Stretch(200, None)]


@pytest.mark.parametrize("program", ["import sys; sys.exit(3)", "print('5'); print('no number')", None])
@pytest.mark.usefixtures("stored")
async def test_a_process_that_fails_or_cannot_start_loses_nothing(
    reader_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str | None
) -> None:
    """Breaks if the stretch of a process that died were taken for verified."""
    executable = tmp_path / "python"
    if program is not None:
        executable.write_text(f"#!{sys.executable}\n{program}\n")
        executable.chmod(0o755)
    monkeypatch.setattr(sharing.sys, "executable", str(executable))  # type: ignore[attr-defined]
    assert await verify(reader_dsn, processes=2) == await verify(reader_dsn, processes=1)


async def test_event_ids_that_nobody_could_search_beside_the_check_are_searched_after_it(
    stored: Connection, reader_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks if a refused second connection, say where all are taken, were taken for nothing found."""
    await stored.execute("""
        INSERT INTO audit.entry
        SELECT 300, 301, occurred_at + interval '1 s', stored_at, recorded_at, event_id, incident_id, event_type,
               agency, subject, leaf_hash, body FROM audit.entry WHERE idx = 3
    """)
    opened: list[str] = []

    def first_only(dsn: str) -> AbstractAsyncContextManager[Connection]:
        opened.append(dsn)
        if len(opened) > 1:
            raise LedgerUnavailableError("all taken")
        return snapshot(dsn)

    monkeypatch.setattr(verification, "snapshot", first_only)
    found = await verify(reader_dsn, processes=1)
    assert len(opened) == 2
    assert Finding(Flaw.EVENT_TWICE, 3, 300) in found.findings


def test_a_process_that_helps_starts_with_little() -> None:
    """Breaks if checking imports what it does not need: every verification would pay for it once per processor."""
    listed = "import sys, services.audit.recomputing.helping; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", listed], capture_output=True, check=True).stdout.split()
    assert b"asyncpg" in modules
    assert not {b"sqlalchemy", b"contracts.events", b"cryptography", b"structlog"}.intersection(modules)
