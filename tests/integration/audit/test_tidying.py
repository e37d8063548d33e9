"""The indexes of closed months are rebuilt once, by the owner, under the guards; the ledger stays what it was."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest
from typer.testing import CliRunner

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.failures import LedgerNotReadyError, LedgerUnavailableError
from services.audit.recomputing.verification import verify
from services.audit.roles import OWNER
from services.audit.store import Ledger
from services.audit.tidying import tidy
from tests.ledgers import RECORDED, STORED, messages

CLOSED = "2026_01"


async def rows(ledger: Ledger, superuser: Connection) -> None:
    """Entries of a month that ended long ago, and of the present one."""
    await superuser.execute(f"SET ROLE {OWNER}; SET phoihop.maintenance = 'test'")
    await superuser.execute("SELECT audit.make_partition('2026-01-01')")
    await superuser.execute("RESET ROLE; RESET phoihop.maintenance")
    old = [
        each._replace(body=each.body.replace(STORED.strftime("%Y-%m").encode(), b"2026-01")) for each in messages(1, 40)
    ]
    await ledger.append(old, RECORDED)
    await ledger.append(messages(41, 60), RECORDED + timedelta(seconds=1))
    assert await superuser.fetchval(f"SELECT count(*) FROM audit.entry_{CLOSED}") == 40  # noqa: S608


async def test_a_closed_month_is_rebuilt_once_and_the_ledger_verifies(
    ledger: Ledger, superuser: Connection, ledger_database: str, reader_dsn: str
) -> None:
    await rows(ledger, superuser)
    before = await verify(reader_dsn)
    command = CliRunner().invoke
    first = await asyncio.to_thread(command, commands, ["tidy", "--dsn", ledger_database, "--json"])
    assert [each["month"] for each in json.loads(first.stdout)["tidied"]] == ["2026-01"]
    assert await tidy(ledger_database) == (), "the month that is written to is left alone"
    assert await verify(reader_dsn) == before
    again = await asyncio.to_thread(command, commands, ["tidy", "--dsn", ledger_database, "--lang", "en"])
    assert "No month needs tidying" in again.stdout


async def test_neither_the_writer_nor_a_reader_may_tidy(writer_dsn: str, reader_dsn: str) -> None:
    for dsn in (writer_dsn, reader_dsn):
        with pytest.raises(LedgerNotReadyError):
            await tidy(dsn)


async def test_a_month_that_somebody_holds_is_left_for_later(
    ledger: Ledger, superuser: Connection, ledger_database: str
) -> None:
    """Breaks if tidying could make everybody who reads the month wait behind it."""
    await rows(ledger, superuser)
    holder = await asyncpg.connect(ledger_database)
    async with holder.transaction():
        await holder.execute(f"LOCK TABLE audit.entry_{CLOSED} IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(LedgerUnavailableError):
            await tidy(ledger_database)
    await holder.close()
    assert len(await tidy(ledger_database)) == 1
