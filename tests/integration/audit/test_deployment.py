"""The samples of deploy/postgres on a real server: they are accepted, and the logins can do their work and no more."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.recomputing.verification import verify
from services.audit.roles import OWNER, READER, WRITER
from services.audit.store import Ledger
from services.runtime.embedded.postgres import start_postgres
from services.runtime.embedded.postgres_files import find_postgres_binaries
from tests.ledgers import RECORDED, as_login, messages

SAMPLES = Path(__file__).resolve().parents[3] / "deploy" / "postgres"


@pytest_asyncio.fixture(autouse=True)
async def roles_as_before(superuser: Connection) -> AsyncIterator[None]:
    """Roles belong to the server, which other tests share."""
    yield
    for role in (WRITER, READER):
        await superuser.execute(f"ALTER ROLE {role} NOLOGIN CONNECTION LIMIT -1; ALTER ROLE {role} RESET ALL")


async def run_logins(dsn: str, passwords: dict[str, str]) -> int:
    """`psql` as the head of the file says; its exit code."""
    command = [str(find_postgres_binaries() / "psql"), dsn, "--quiet", "--file", str(SAMPLES / "logins.sql")]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | passwords)
    return await process.wait()


async def test_the_logins_can_do_their_work_and_no_more(ledger_database: str, superuser: Connection) -> None:
    for _ in range(2):  # running it again changes passwords and nothing else
        assert await run_logins(ledger_database, {"WRITER_PASSWORD": "it's w", "READER_PASSWORD": "r"}) == 0
    writer, reader = as_login(ledger_database, WRITER), as_login(ledger_database, READER)
    ledger = await Ledger.open(writer)
    await ledger.append(messages(1, 2), RECORDED)
    await ledger.close()
    assert (await verify(reader)).verified
    rights = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
    assert await superuser.fetchval(rights) is False
    with pytest.raises(asyncpg.PostgresError, match="not permitted to log in"):
        await asyncpg.connect(as_login(ledger_database, OWNER))


async def test_what_the_readers_login_asks_for_is_logged_and_it_cannot_stop_that(ledger_database: str) -> None:
    """Breaks if somebody could take the auditors' login to psql and leave no trace at all."""
    assert await run_logins(ledger_database, {"WRITER_PASSWORD": "w", "READER_PASSWORD": "r"}) == 0
    reader = await asyncpg.connect(as_login(ledger_database, READER))
    assert await reader.fetchval("SHOW log_statement") == "all"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("SET log_statement = 'none'")
    await reader.close()


async def test_without_passwords_no_login_is_made(ledger_database: str) -> None:
    assert await run_logins(ledger_database, {}) != 0


async def test_every_setting_of_the_sample_exists_on_this_server(superuser: Connection) -> None:
    lines = [line for line in (SAMPLES / "postgresql.conf").read_text().splitlines() if line and line[0] != "#"]
    wanted = dict(line.replace("'", "").split(" = ") for line in lines)
    known = {row["name"] for row in await superuser.fetch("SELECT name FROM pg_settings")}
    assert {name.lower() for name in wanted} <= {name.lower() for name in known}
    for name in set(wanted) - {"ssl", "wal_level"}:  # the first needs a certificate, both a restart
        await superuser.execute(f"ALTER SYSTEM SET {name} = '{wanted[name]}'")
        await superuser.execute(f"ALTER SYSTEM RESET {name}")


async def test_the_access_rules_of_the_sample_can_be_read_by_the_server(server_folder: Path) -> None:
    rules = server_folder / "pg_hba.conf"
    rules.write_text("host all postgres 127.0.0.1/32 trust\n" + (SAMPLES / "pg_hba.conf").read_text())
    rules.chmod(0o644)
    server = await start_postgres(server_folder / "postgres", settings=[f"hba_file={rules}"])
    connection = await asyncpg.connect(server.dsn)
    errors = {row["error"] for row in await connection.fetch("SELECT error FROM pg_hba_file_rules")}
    await connection.close()
    await server.stop()
    # this server has no TLS, so it says of every hostssl line that it matches nobody
    assert {error for error in errors if error and "hostssl record cannot match" not in error} == set()
