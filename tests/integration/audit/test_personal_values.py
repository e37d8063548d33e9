"""Personal values in a real Postgres: who may do what with them, once is once, and erased stays erased."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from contracts.personal import Opening, Openings, PersonalKind
from services.audit.connecting import Connection
from services.audit.personal.keys import KeyRing, unlock
from services.audit.personal.values import KEEPER, PersonalValues, locked_values
from services.audit.roles import READER
from services.runtime.embedded.postgres_files import find_postgres_binaries
from tests.ledgers import RECORDED, as_login

EVENT, OTHER = UUID(int=1), UUID(int=2)
OPENING = Opening(kind=PersonalKind.CASUALTY, salt="11" * 32, value="Nguyễn Văn A")
KEEPER_LOGIN = Path(__file__).parents[3] / "deploy" / "postgres" / "keeper-login.sql"


def holds(folder: Path, key: bytes) -> bool:
    """Whether any key file still has these bytes."""
    return any(key in file.read_bytes() for file in folder.rglob("*.key"))


@pytest_asyncio.fixture
async def keeper_dsn(ledger_database: str, superuser: Connection) -> AsyncIterator[str]:
    """A login that is the keeper and nothing more; roles belong to the server, which other tests share."""
    await superuser.execute(f"ALTER ROLE {KEEPER} LOGIN")
    yield as_login(ledger_database, KEEPER)
    await superuser.execute(f"ALTER ROLE {KEEPER} NOLOGIN CONNECTION LIMIT -1; ALTER ROLE {KEEPER} RESET ALL")


@pytest_asyncio.fixture
async def values(writer_dsn: str, tmp_path: Path) -> AsyncIterator[PersonalValues]:
    """A store with the writer's rights only."""
    opened = PersonalValues(writer_dsn, KeyRing(tmp_path))
    yield opened
    await opened.close()


async def test_a_value_is_kept_once_and_opened_by_its_reports_key_alone(
    values: PersonalValues, keeper_dsn: str, tmp_path: Path
) -> None:
    for _ in range(2):
        await values.keep([Openings(event=EVENT, openings=(OPENING,))], RECORDED)
    await values.keep([Openings(event=OTHER, openings=(OPENING.model_copy(update={"salt": "22" * 32}),))], RECORDED)
    found = await locked_values(keeper_dsn, [EVENT])
    commitment, ring = OPENING.sealed.commitment, KeyRing(tmp_path)
    key, other = ring.to_unlock(EVENT), ring.to_unlock(OTHER)

    assert list(found) == [commitment]
    assert key is not None
    assert other is not None
    assert unlock(key, found[commitment], bytes.fromhex(commitment), EVENT) == OPENING.to_bytes()
    assert unlock(other, found[commitment], bytes.fromhex(commitment), EVENT) is None
    assert unlock(key, found[commitment], bytes.fromhex(commitment), OTHER) is None


async def test_a_destroyed_key_never_comes_back_not_even_for_values_still_on_their_way(
    values: PersonalValues, superuser: Connection, tmp_path: Path
) -> None:
    """Breaks if a redelivery after the erasure made a new key and kept the value under it."""
    ring = KeyRing(tmp_path)
    await values.keep([Openings(event=EVENT, openings=(OPENING,))], RECORDED)
    key = ring.to_unlock(EVENT)
    assert key is not None
    assert [ring.destroy(EVENT), ring.destroy(EVENT), ring.destroy(OTHER)] == [True, False, False]
    for event in (EVENT, OTHER):
        await values.keep([Openings(event=event, openings=(OPENING,))], RECORDED)

    assert [ring.to_lock(EVENT), ring.to_unlock(EVENT), ring.to_lock(OTHER)] == [None, None, None]
    assert await superuser.fetchval("SELECT count(*) FROM audit.personal_value") == 1
    assert not holds(tmp_path, key)


@pytest.mark.parametrize(
    "command",
    [
        "SELECT * FROM audit.personal_value",
        "UPDATE audit.personal_value SET locked = ''",
        "DELETE FROM audit.personal_value",
        "TRUNCATE audit.personal_value",
    ],
)
async def test_writer_and_reader_can_neither_see_nor_change_values(
    writer_dsn: str, reader_dsn: str, command: str
) -> None:
    for dsn in (writer_dsn, reader_dsn):
        connection = await asyncpg.connect(dsn)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(command)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"SET ROLE {KEEPER}")
        await connection.close()


async def test_the_keeper_reads_and_does_nothing_else(keeper_dsn: str) -> None:
    connection = await asyncpg.connect(keeper_dsn)
    assert await connection.fetch("SELECT * FROM audit.personal_value") == []
    for command in (
        "INSERT INTO audit.personal_value VALUES ('', gen_random_uuid(), now(), '')",
        "UPDATE audit.personal_value SET locked = ''",
        "DELETE FROM audit.personal_value",
        "SELECT * FROM audit.entry",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(command)
    await connection.execute(f"SET ROLE {READER}")
    assert await connection.fetch("SELECT * FROM audit.entry") == []
    await connection.close()


async def test_not_even_a_superuser_changes_a_value_by_accident(values: PersonalValues, superuser: Connection) -> None:
    await values.keep([Openings(event=EVENT, openings=(OPENING,))], RECORDED)
    for command in (
        "UPDATE audit.personal_value SET locked = ''",
        "DELETE FROM audit.personal_value",
        "TRUNCATE audit.personal_value",
        "DROP TABLE audit.personal_value",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(command)


async def test_the_keepers_login_is_made_by_the_file_that_is_deployed(ledger_database: str, keeper_dsn: str) -> None:
    command = [str(find_postgres_binaries() / "psql"), ledger_database, "--quiet", "--file", str(KEEPER_LOGIN)]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | {"KEEPER_PASSWORD": "it's k"})
    assert await process.wait() == 0
    connection = await asyncpg.connect(keeper_dsn)
    assert await connection.fetchval("SHOW default_transaction_read_only") == "on"
    await connection.close()
