"""The runbook for backup and restore, run as it is written: its very commands, on real servers, on a lost database."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import asyncpg
import pytest
import pytest_asyncio
from nats.aio.client import Client
from typer.testing import CliRunner

from contracts.identifiers import new_id
from contracts.streams import AUDIT, EVENTS
from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.entries import Received
from services.audit.handlers import Audit
from services.audit.migration import migrate
from services.audit.roles import READER, WRITER
from services.audit.store import Ledger
from services.runtime import clock, topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import NatsServer
from services.runtime.embedded.postgres import PostgresServer
from services.runtime.embedded.postgres_files import find_postgres_binaries
from services.runtime.messages import sequence, stored_at
from services.runtime.publishing import Fact, Publisher
from services.runtime.sending import connection
from tests.ledgers import event_body, message

RUNBOOK: Final = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "back-up-and-restore-the-ledger.md"


pytestmark = pytest.mark.timeout(300)  # each command of the runbook is a process of its own, as for the operator


def commands_of(heading: str) -> str:
    """The shell commands under a heading of the runbook."""
    section = RUNBOOK.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^    (.*)$", section, re.MULTILINE)
    assert found, f"the runbook has no commands under {heading!r}"
    return "\n".join(found)


class Site:
    """A hub whose ledger lies in one database, and an operator with a shell."""

    def __init__(self, postgres: PostgresServer, nats: NatsServer, folder: Path) -> None:
        self.name = f"restoring_{new_id().hex}"
        self.dsn = postgres.dsn_of(self.name)
        self.nats, self.folder = nats, folder
        programs = (Path(sys.executable).parent, find_postgres_binaries())
        self.environment = {
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
            "SERVER": postgres.dsn_of("postgres"),
            "LEDGER": self.dsn,
            "DATABASE": self.name,
            "SAFE": str(folder / "safe"),
            "PHOIHOP_POSTGRES_DSN": self.dsn,
            "PHOIHOP_NATS_URL": nats.url,
            "PHOIHOP_HOME": str(folder / "home"),
        }

    async def types(self, script: str, *, expect: int = 0) -> str:
        """What the operator sees."""
        shell = 'set -eu\nphoihop() { python -m services.cli "$@"; }\n' + script
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", shell, env=self.environment, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output = (await process.communicate())[0].decode()
        assert process.returncode == expect, output
        return output

    async def publish(self, client: Client, first: int, last: int) -> None:
        """Facts reach the stream."""
        for seq in range(first, last + 1):
            received = message(seq, event_body(seq))
            await Publisher(client).record([Fact(received.subject, received.body, "phoihop.DispatchDelivered.v1")])

    async def ingest(self, client: Client, first: int, last: int) -> None:
        """What the audit service does with them."""
        ledger = await Ledger.open(self.dsn)
        subscription = await client.jetstream().pull_subscribe_bind(AUDIT.durable, AUDIT.stream)
        batch = await subscription.fetch(last - first + 1, timeout=30)
        received = [Received(sequence(m), m.subject, m.data, stored_at(m)) for m in batch]
        await ledger.append(received, clock.now())
        await batch[-1].ack()
        await ledger.close()
        assert [each.stream_seq for each in received] == list(range(first, last + 1))

    async def verdict(self, *, expect: int) -> Any:
        """What verification says."""
        words = ["verify", "--dsn", self.dsn, "--json"]
        result = await asyncio.to_thread(CliRunner().invoke, commands, words)
        assert result.exit_code == expect, result.output
        return json.loads(result.stdout)


@pytest_asyncio.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    async with connection(fresh_nats.url) as connected:
        await topology.apply(connected, (EVENTS,), (AUDIT,))
        yield connected


@pytest_asyncio.fixture
async def site(postgres_server: PostgresServer, fresh_nats: NatsServer, tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(postgres_server, fresh_nats, tmp_path)
    (tmp_path / "safe").mkdir()
    server = await asyncpg.connect(postgres_server.dsn)
    await server.execute(f"CREATE DATABASE {made.name}")
    await migrate(made.dsn)
    yield made
    await server.execute(f"DROP DATABASE IF EXISTS {made.name} WITH (FORCE)")
    await server.close()


async def back_up_and_lose(site: Site, client: Client) -> None:
    """A backup after six entries; nine more, a checkpoint and a copy of the positions; then the database is gone."""
    await site.publish(client, 1, 6)
    await site.ingest(client, 1, 6)
    await site.types(commands_of("Every night: a dump"))
    await site.publish(client, 7, 15)
    await site.ingest(client, 7, 10)
    await site.ingest(client, 11, 15)
    await site.types(commands_of("Every few minutes: what the dump lacks"))
    await site.types('psql "$SERVER" -qc "DROP DATABASE $DATABASE WITH (FORCE)"')


async def test_a_restore_that_lost_the_tail_is_found_and_refilled_from_the_stream_as_it_was(
    site: Site, client: Client
) -> None:
    """Breaks if a restored ledger could pass for the one that was lost, or the lost entries came back as other ones."""
    await back_up_and_lose(site, client)
    await site.types(commands_of("Restore the dump"))
    found = await site.verdict(expect=1)
    assert [(each["flaw"], each["first"], each["last"]) for each in found["findings"]] == [("tail_missing", 6, 14)]
    await site.types(commands_of("Give it its tail back"))
    assert (await site.verdict(expect=0))["entries"] == 15
    await site.publish(client, 16, 18)
    await topology.rewind(client, AUDIT, 16)
    await site.ingest(client, 16, 18)
    assert (await site.verdict(expect=0))["entries"] == 18


async def test_the_restored_ledger_has_its_guards_and_its_roles(site: Site, client: Client) -> None:
    """Breaks if a restored ledger could be changed where the lost one could not."""
    await back_up_and_lose(site, client)
    await site.types(commands_of("Restore the dump"))
    restored: Connection = await asyncpg.connect(site.dsn)
    for sql in ("DELETE FROM audit.entry", "TRUNCATE audit.position", "ALTER TABLE audit.entry DISABLE TRIGGER ALL"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await restored.execute(sql)
    rights = "SELECT has_table_privilege($1, 'audit.entry', $2)"
    for role, right, held in ((WRITER, "INSERT", True), (READER, "SELECT", True), (WRITER, "DELETE", False)):
        assert await restored.fetchval(rights, role, right) is held
    await restored.close()
    await migrate(site.dsn)


async def test_without_the_copy_of_the_positions_ingestion_goes_on_and_the_difference_stays_named(
    site: Site, client: Client
) -> None:
    """Breaks if entries recorded anew, at another time, passed for those that a checkpoint was signed over."""
    await back_up_and_lose(site, client)
    await site.types(commands_of("Restore the dump"))
    ledger = await Ledger.open(site.dsn)
    audit = Audit(cast("Bus", SimpleNamespace(client=client)), ledger)
    await audit.start()
    await ledger.close()
    subscription = await client.jetstream().pull_subscribe_bind(AUDIT.durable, AUDIT.stream)
    (first, *_) = await subscription.fetch(10, timeout=30)
    assert sequence(first) == 6, "the last entry is asked for once more, and then what follows it"
    await topology.rewind(client, AUDIT, 7)
    await site.ingest(client, 7, 15)
    found = await site.verdict(expect=1)
    assert found["entries"] == 15
    assert [(each["flaw"], each["last"]) for each in found["findings"]] == [("history_rewritten", 14)]


@pytest.mark.long
async def test_a_copy_that_does_not_fit_or_a_stream_that_changed_writes_nothing(site: Site, client: Client) -> None:
    """Breaks if a forged copy of the positions could put other entries into a restored ledger."""
    await back_up_and_lose(site, client)
    await site.types(commands_of("Restore the dump"))
    copy = site.folder / "safe" / "positions.jsonl"
    lines = copy.read_text(encoding="utf-8").splitlines()
    for forged in (
        [lines[0], re.sub(r'"root": "....', '"root": "0000', lines[1]), lines[2]],
        [lines[0], re.sub(r"T\d\d:", "T00:", lines[1]), lines[2]],
        [lines[0], lines[2]],
        ["{}"],
    ):
        copy.write_text("\n".join(forged) + "\n", encoding="utf-8")
        process = await site.types("phoihop ledger refill --positions $SAFE/positions.jsonl || echo refused")
        assert "refused" in process
        assert (await site.verdict(expect=1))["entries"] == 6
