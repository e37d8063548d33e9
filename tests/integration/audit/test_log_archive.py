"""The runbook's way to lose nothing: the server's log elsewhere, its disk gone, restored to the last commit."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from services.audit.commands.ledger_cli import commands
from services.audit.migration import migrate
from services.audit.store import Ledger
from services.runtime.embedded.postgres import Authentication, PostgresServer, start_postgres
from services.runtime.embedded.postgres_files import find_postgres_binaries
from services.runtime.embedded.privileges import hand_over, unprivileged_account
from tests.integration.audit.test_restoring import commands_of
from tests.ledgers import RECORDED, messages

pytestmark = pytest.mark.timeout(300)  # a server of its own, copied and started again


class Site:
    """A server with a ledger, the folders of the runbook, and an operator with a shell."""

    def __init__(self, folder: Path, server: PostgresServer) -> None:
        self.folder, self.server = folder, server
        self.restored = folder / "restored"
        self.environment = {
            "PATH": os.pathsep.join([str(find_postgres_binaries()), os.environ["PATH"]]),
            "LANG": "C.UTF-8",
            "SERVER": server.dsn,
            "DATA": str(self.restored / "data"),
            **{name.upper(): str(folder / name) for name in ("safe", "wal", "archive")},
        }

    async def types(self, script: str) -> None:
        process = await self.begins(script)
        output = (await process.communicate())[0].decode()
        assert process.returncode == 0, output

    async def begins(self, script: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *("bash", "-c", f"set -eu\n{script}"), env=self.environment, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def append(self, first: int, last: int) -> None:
        ledger = await Ledger.open(self.server.dsn)
        await ledger.append(messages(first, last), RECORDED)
        await ledger.close()

    async def says(self, dsn: str, *words: str, expect: int) -> Any:
        result = await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--dsn", dsn, "--json"])
        assert result.exit_code == expect, result.output
        return json.loads(result.stdout)

    async def verdict_of_the_restored(self, *, expect: int) -> Any:
        await asyncio.to_thread(give_to_the_server, self.folder)
        server = await start_postgres(self.restored, authentication=Authentication.TRUST)
        try:
            return await self.says(server.dsn, "verify", expect=expect)
        finally:
            await server.stop()


def give_to_the_server(folder: Path) -> None:
    """As root the server runs under another account than the operator."""
    for name in ("restored", "wal", "archive"):
        for path in (folder / name, *(folder / name).rglob("*")):
            hand_over(unprivileged_account(), path)


@pytest.fixture
def folder(server_folder: Path) -> Path:
    """The machines of this story: the other one, and the archive the server itself writes to."""
    for name in ("safe", "wal", "archive", "restored"):
        (server_folder / name).mkdir()
        (server_folder / name).chmod(0o755)
    give_to_the_server(server_folder)
    return server_folder


@asynccontextmanager
async def running(folder: Path, *settings: str) -> AsyncIterator[Site]:
    server = await start_postgres(folder / "postgres", authentication=Authentication.TRUST, settings=settings)
    try:
        await migrate(server.dsn)
        yield Site(folder, server)
    finally:
        await server.stop()


async def synchronous(server: PostgresServer) -> None:
    """Until the receiver of the log is the standby that commits wait for."""
    connection = await asyncpg.connect(server.dsn)
    while await connection.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":  # noqa: ASYNC110 - the server's
        await asyncio.sleep(0.05)
    await connection.close()


async def test_a_server_whose_disk_is_gone_is_restored_to_the_last_commit(folder: Path) -> None:
    """Breaks if an entry that was acknowledged could be lost with the machine it was written on."""
    async with running(folder) as site:
        *before, receiving = commands_of("Keep the log on another machine").splitlines()[:4]
        await site.types("\n".join(before))
        receiver = await site.begins(f"exec {receiving}")
        await synchronous(site.server)
        await site.append(1, 300)
        await site.types(commands_of("Every week: a base backup"))
        await site.append(301, 700)
        signed = await site.says(site.server.dsn, "checkpoint", expect=0)
        await site.append(701, 720)
        await site.server.kill()
        receiver.send_signal(signal.SIGKILL)
        await receiver.wait()
        await asyncio.to_thread(shutil.rmtree, site.server.data_dir)
        await site.types(commands_of("Restore to the last commit"))
        found = await site.verdict_of_the_restored(expect=0)
        assert (signed["size"], found["entries"], found["findings"]) == (700, 720, [])


async def test_an_archive_that_lacks_the_last_segment_is_found_and_completed_from_what_the_server_left(
    folder: Path,
) -> None:
    """Breaks if a restore that lost its tail, as every archive of full segments does, passed for the whole ledger."""
    async with running(folder, "archive_mode=on") as site:
        *_, archiving = commands_of("Keep the log on another machine").splitlines()
        await site.types(f'{archiving}\npsql "$SERVER" -qtc "SELECT pg_reload_conf()"')
        await site.append(1, 300)
        await site.types(commands_of("Every week: a base backup"))
        await site.append(301, 400)
        await site.types('psql "$SERVER" -qtc "SELECT pg_switch_wal()"')
        await archived(folder / "archive")
        await site.append(401, 700)
        await site.says(site.server.dsn, "checkpoint", expect=0)
        await site.server.kill()
    site.environment["WAL"] = str(folder / "archive")
    await site.types(commands_of("Restore to the last commit"))
    found = await site.verdict_of_the_restored(expect=1)
    assert [(each["flaw"], each["first"], each["last"]) for each in found["findings"]] == [("tail_missing", 400, 699)]
    await asyncio.to_thread(shutil.rmtree, site.restored / "data")
    await site.types('cp "$OLD"/pg_wal/0* "$ARCHIVE"/'.replace("$OLD", str(site.server.data_dir)))
    await site.types(commands_of("Restore to the last commit"))
    found = await site.verdict_of_the_restored(expect=0)
    assert (found["entries"], found["findings"]) == (700, [])


async def archived(archive: Path) -> None:
    """Until the server has handed over the segment that holds the base backup's end and what follows it."""
    while await asyncio.to_thread(segments, archive) < 2:  # noqa: ASYNC110 - the server's
        await asyncio.sleep(0.1)


def segments(archive: Path) -> int:
    return len([one for one in archive.iterdir() if "." not in one.name])
