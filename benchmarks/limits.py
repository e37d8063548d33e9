"""What each part does alone on this machine: publish, deliver, COPY, validate; from it follows the speed of light.

Two nats-servers, one that syncs before every answer and one as it comes, and a third that encrypts; a Postgres. All
sides are measured in every round, one after the other, with nothing else running.
"""

import asyncio
import json as json_text
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from uuid import uuid4

import asyncpg
import nats

from benchmarks.flooding_reports import Reports
from benchmarks.light import Limits
from benchmarks.limits_bus import BODY, Bare, Spent, measured
from benchmarks.measuring import figure, machine, table, write
from contracts.identity import PROVISION
from contracts.reports import IncidentReport
from services.runtime.credentials import key_file
from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.embedded.postgres import Authentication, start_postgres
from services.runtime.encryption import encryption
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.keeping import Keeping

ROWS: Final = 500
COLUMNS: Final = ("seq", "event", "incident", "type", "agency", "area", "occurred_at", "stored_at", "leaf", "body")
BARE_TABLE: Final = """CREATE TABLE limits (seq bigint, event uuid, incident uuid, type text, agency text,
area text, occurred_at timestamptz, stored_at timestamptz, leaf bytea, body bytea)"""
RECORDED: Final = "atomic batches of 100, fsync"
PUBLISHED: Final = "pipelined, no fsync"
DELIVERED: Final = "one standing pull, each acknowledged"
COPIED: Final = "COPY of 500 rows, bare table"
VALIDATED: Final = "a report read and validated"


@dataclass(frozen=True, slots=True)
class Alone:
    """Servers with nothing to do but what is measured."""

    synced: Bare
    relaxed: Bare
    encrypted: Bare
    postgres: "asyncpg.Connection[Any]"
    postgres_pid: int

    async def needed(self) -> dict[str, Spent]:
        """One round of what the speed of light is made of."""
        for one in (self.synced, self.relaxed):
            await one.prepare()
        return {
            PUBLISHED: await self.relaxed.pipelined(15_000),
            DELIVERED: await self.relaxed.pull(15_000),
            RECORDED: await self.synced.atomic(10_000, 100),
            COPIED: await self.copied(40),
            VALIDATED: validated(5_000),
        }

    async def further(self) -> dict[str, Spent]:
        """One round of the ways beside them."""
        await self.encrypted.prepare()
        return {
            "one at a time, fsync": await self.synced.one_by_one(500),
            "publish_async with Msg-Id, window 1024, fsync": await self.synced.publish_async(1_500),
            "pipelined, fsync": await self.synced.pipelined(3_000),
            "atomic batches of 1000, fsync": await self.synced.atomic(20_000, 1_000),
            "one at a time, no fsync": await self.relaxed.one_by_one(1_500),
            "publish_async with Msg-Id, window 1024, no fsync": await self.relaxed.publish_async(15_000),
            "fetch of 500, each acknowledged": await self.relaxed.fetch(10_000),
            "pipelined over TLS, no fsync": await self.encrypted.pipelined(15_000),
            "one standing pull over TLS": await self.encrypted.pull(15_000),
        }

    async def copied(self, batches: int) -> Spent:
        """Finished rows, a batch a transaction."""
        at = datetime.now(UTC)
        rest = ("DispatchIssued", "ubnd-x", "19819", at, at, bytes(32), BODY)
        rows = [(number, uuid4(), uuid4(), *rest) for number in range(ROWS)]

        async def work() -> None:
            for _ in range(batches):
                await self.postgres.copy_records_to_table("limits", records=rows, columns=COLUMNS)

        await self.postgres.execute("TRUNCATE limits")
        return await measured(work, batches * ROWS, self.postgres_pid)


def validated(count: int) -> Spent:
    """Different reports, each read from its bytes as the model."""
    reports = Reports()
    raw = [json_text.loads(reports.fresh()) for _ in range(count)]
    place = {"kind": "area", "code": "19819", "valid_on": "2026-11-22"}
    bodies = [json_text.dumps(one | {"places": [place]}).encode() for one in raw]
    cpu, began = process_time(), perf_counter()
    for body in bodies:
        IncidentReport.model_validate_json(body)
    spent, took = process_time() - cpu, perf_counter() - began
    return Spent(count / took, spent / count * 1e6, 0.0)


def limits_of(found: Mapping[str, Spent]) -> Limits:
    """What the speed of light is reckoned from, of one round."""
    return Limits(
        publish=found[PUBLISHED].together,
        record=found[RECORDED].together,
        deliver=found[DELIVERED].together,
        copy=found[COPIED].together,
        validate=found[VALIDATED].together,
    )


@asynccontextmanager
async def alone() -> AsyncIterator[Alone]:
    """All servers, ended and removed with the block."""
    folder = await asyncio.to_thread(_folder)
    async with AsyncExitStack() as ended:
        ended.callback(shutil.rmtree, folder)
        Keeping(folder / "encrypted-home").complete((PROVISION,))
        synced = await _bare(ended, await start_nats(folder / "synced"))
        relaxed = await _bare(ended, await start_nats(folder / "relaxed", durability=Durability.RELAXED))
        context = encryption(key_file(folder / "encrypted-home", PROVISION))
        nats_home = folder / "encrypted-home" / "nats"
        server = await start_nats(nats_home, durability=Durability.RELAXED, further=(ENCRYPTION,))
        encrypted = await _bare(ended, server, context)
        postgres = await start_postgres(folder / "postgres", authentication=Authentication.PASSWORD)
        ended.push_async_callback(postgres.stop)
        connection = await asyncpg.connect(postgres.dsn)
        ended.push_async_callback(connection.close)
        await connection.execute(BARE_TABLE)
        yield Alone(synced, relaxed, encrypted, connection, postgres.pid)


async def _bare(ended: AsyncExitStack, server: NatsServer, context: ssl.SSLContext | None = None) -> Bare:
    ended.push_async_callback(server.stop)
    safely: dict[str, Any] = {"tls": context, "tls_handshake_first": True} if context else {}
    client = await nats.connect(server.url, pending_size=64 * 2**20, **safely)
    ended.push_async_callback(client.close)
    return Bare(client, server.pid)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="phoihop-benchmark-"))
    folder.chmod(0o711)  # started by root, Postgres runs as an account that must pass through
    return folder


def run(json: Path, rounds: int, _offline: bool) -> None:  # noqa: FBT001
    """All sides in every round."""
    asyncio.run(_run(json, rounds))


async def _run(json: Path, rounds: int) -> None:
    async with alone() as at:
        await at.needed()
        found = [await at.needed() | await at.further() for _ in range(rounds)]
    sides = {name: [one[name] for one in found] for name in found[0]}
    shown = {name: _figures(each) for name, each in sides.items()}
    digits = {"per_second": 0, "client": 1, "server": 1}
    rows = [(name, *(one[key].text(each) for key, each in digits.items())) for name, one in shown.items()]
    table("One alone, a kilobyte each", ("", "a second", "client CPU µs", "server CPU µs"), rows)
    limits = [limits_of(one) for one in found]
    told = {"unit": "a second of wall clock; CPU microseconds of one; median, least and most of the rounds"}
    write(
        json,
        {
            "machine": machine(("nats-py", "asyncpg")) | told | {"cores": os.cpu_count()},
            "sides": {name: {key: one._asdict() for key, one in each.items()} for name, each in shown.items()},
            "limits": {name: figure([asdict(one)[name] for one in limits])._asdict() for name in asdict(limits[0])},
        },
    )


def _figures(each: list[Spent]) -> dict[str, Any]:
    return {name: figure([getattr(one, name) for one in each]) for name in Spent._fields}
