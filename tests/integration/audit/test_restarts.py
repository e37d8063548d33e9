"""Postgres is killed and restarted in the middle of the work; every message is in the ledger once afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from secrets import token_hex

import asyncpg
import pytest

from services.audit.failures import LedgerUnavailableError
from services.audit.migration import migrate
from services.audit.recomputing.verification import verify
from services.audit.sequence import Appended
from services.audit.store import Ledger
from tests.embedded_servers import StartPostgres
from tests.ledgers import RECORDED, event_body, message, messages

BATCH = 20


async def record(ledger: Ledger, enough: asyncio.Event) -> tuple[int, int]:
    """What the service does: the same batch again until it is in. How many messages, and how often it was away."""
    away, last = 0, 0
    while not enough.is_set():
        try:
            assert isinstance(await ledger.append(messages(last + 1, last + BATCH), RECORDED), Appended)
            last += BATCH
        except LedgerUnavailableError:
            away += 1
            await asyncio.sleep(0.02)
    return last, away


async def test_nothing_is_lost_or_doubled_when_postgres_is_killed_mid_way(
    start_postgres_server: StartPostgres, server_folder: Path
) -> None:
    """SIGKILL of the postmaster and an immediate stop, under load. A commit that was cut off may or may not have
    happened: believing either without looking would lose a batch or write it twice.
    """
    server = await start_postgres_server(server_folder / "postgres")
    await migrate(server.dsn)
    ledger = await Ledger.open(server.dsn)
    enough = asyncio.Event()
    recording = asyncio.create_task(record(ledger, enough))
    for immediate in (False, True):
        await asyncio.sleep(0.3)
        await (server.stop(immediate=True) if immediate else server.kill())
        server = await start_postgres_server(server_folder / "postgres", port=server.port)
    await asyncio.sleep(0.3)
    enough.set()
    last, away = await recording
    assert away > 0
    await ledger.close()
    found = await verify(server.dsn)
    assert (found.verified, found.entries, found.repeated) == (True, last, 0)


async def test_a_database_that_only_reads_is_no_ledger_to_write_to(
    writer_dsn: str, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Readiness asks for the end of the ledger: a server that became a standby, or was set to read only, must turn it
    red before the first fact comes.
    """
    database = await superuser.fetchval("SELECT quote_ident(current_database())")
    await superuser.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")

    with pytest.raises(LedgerUnavailableError, match="takes no writes"):
        await Ledger.open(writer_dsn)


async def test_a_connection_cut_by_an_administrator_is_made_again(
    ledger: Ledger, ledger_database: str, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await ledger.append(messages(1, 3), RECORDED)
    await superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with suppress(LedgerUnavailableError):  # or the driver has noticed already, and this call connects again
        await ledger.append(messages(4, 6), RECORDED)
    assert isinstance(await ledger.append(messages(4, 6), RECORDED), Appended)
    assert (await verify(ledger_database)).entries == 6


async def test_a_full_disk_stops_the_record_and_loses_nothing(
    start_postgres_server: StartPostgres, server_folder: Path
) -> None:
    """No file of the server may grow beyond a limit, which fails a write in its middle as a full disk does: what is
    then half written must be nowhere, and go in whole once there is room. A limit, because mounting a small disk takes
    rights that a test need not have.
    """
    home = server_folder / "postgres"
    with files_of_at_most(17_000_000):  # more than a segment of the server's log
        server = await start_postgres_server(home)
    await migrate(server.dsn)
    ledger = await Ledger.open(server.dsn)
    await ledger.append(messages(1, BATCH), RECORDED)
    large = [message(seq, event_body(seq, data=token_hex(500_000))) for seq in range(BATCH + 1, 2 * BATCH + 1)]
    for _ in range(2):
        with pytest.raises(LedgerUnavailableError, match="could not extend file"):
            await ledger.append(large, RECORDED)
    assert (await verify(server.dsn)).entries == BATCH
    await server.stop()
    server = await start_postgres_server(home, port=server.port)
    assert isinstance(await ledger.append(large, RECORDED), Appended)
    await ledger.close()
    found = await verify(server.dsn)
    assert (found.verified, found.entries, found.repeated) == (True, 2 * BATCH, 0)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What is started inside keeps the limit."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, before[1]))
    yield
    setrlimit(RLIMIT_FSIZE, before)
