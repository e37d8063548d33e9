"""Makes a ledger to be attacked: a throw-away Postgres, entries of several months, checkpoints outside, a witness.

The entries are generated, or those of a ledger that is only read. They are appended by the real writer, batch by batch
as they were, so the copy has the very tree of its original.
"""

import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg

from contracts import subjects
from contracts.codes import Space
from contracts.identifiers import derived_id
from services.audit.connecting import Connection, connect
from services.audit.entries import Received
from services.audit.failures import LedgerNotReadyError, unavailable
from services.audit.migration import migrate
from services.audit.notary.anchor_folder import kept
from services.audit.notary.checkpointing import NotSigned, prove_consistency, sign, snapshot
from services.audit.notary.key_files import LogKeys
from services.audit.store import Ledger
from services.audit.tlog.anchors import Anchor, Trust
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import WitnessSigner
from services.audit.tlog.witnessing import AddCheckpoint
from services.audit.witness.answering import Witness
from services.audit.witness.states import States
from services.runtime.embedded.postgres import Authentication, PostgresServer, start_postgres

ORIGIN: Final = "drill.phoihop.example/hub"
BATCH: Final = 500
FEWEST: Final = 20
"""Fewer entries leave no room for ten attacks that differ."""
BACKUP: Final = "drill_backup"
WHOLE: Final = "drill_whole"
MONTHS: Final = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (8, 9, 10, 11))
_CHECKPOINTS: Final = 10
_BACKUP_AT: Final = 8
_ROWS: Final = """
    SELECT stream_seq, subject, body, stored_at, recorded_at FROM audit.entry WHERE idx >= $1 AND idx < $2 ORDER BY idx
"""
_SIZES: Final = "SELECT size FROM audit.position ORDER BY size"


class Batch(NamedTuple):
    """What the writer appended at once."""

    messages: list[Received]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """The honest ledger, and what is kept of it elsewhere."""

    server: PostgresServer
    folder: Path
    entries: int
    keys: LogKeys
    anchors: tuple[Anchor, ...]
    """The log's own checkpoints, signed by its key alone."""
    cosigned: tuple[Anchor, ...]
    """The same with the cosignature of a witness, as an auditor holds them."""
    trust: Trust

    @property
    def dsn(self) -> str:
        """The honest ledger. Nobody may be connected while a case is copied from it."""
        return self.server.dsn_of(WHOLE)


@asynccontextmanager
async def throw_away_server() -> AsyncIterator[tuple[PostgresServer, Path]]:
    """A Postgres and a folder that are gone afterwards."""
    folder = _open_folder()
    try:
        settings = ("fsync=off", "full_page_writes=off", "max_wal_size=2GB")
        server = await start_postgres(folder / "postgres", authentication=Authentication.TRUST, settings=settings)
        try:
            yield server, folder
        finally:
            await server.stop(immediate=True)
    finally:
        shutil.rmtree(folder)


async def prepare(server: PostgresServer, folder: Path, batches: AsyncIterator[Batch], entries: int) -> Prepared:
    """Append everything, signing on the way, and let a witness cosign the end. Raises `LedgerUnavailableError`."""
    dsn = server.dsn_of(WHOLE)
    await make_database(server, WHOLE)
    await migrate(dsn)
    await _make_months(dsn)
    keys = LogKeys(ORIGIN, folder / "log.key", folder / "log.vkey", folder / "checkpoints")
    ledger, written, done, cosigned = await Ledger.open(dsn), 0, 0, []
    witness = _witness(keys, folder)
    async for messages, recorded_at in _pieces(batches, max(1, min(BATCH, entries // FEWEST))):
        await ledger.append(messages, recorded_at)
        written += len(messages)
        if written * _CHECKPOINTS >= entries * (done + 1):
            cosigned.append(await _cosigned(dsn, keys, witness))
            done += 1
            if done == _BACKUP_AT:
                await ledger.close()
                await make_database(server, BACKUP, WHOLE)
    await ledger.close()
    _, trust = keys.current()
    trust = replace(trust, witnesses=tuple(signer.verifier for signer in witness.signers))
    return Prepared(server, folder, written, keys, kept(keys.folder), tuple(cosigned), trust)


async def make_database(server: PostgresServer, name: str, template: str = "template0") -> None:
    """A new database, a copy of the template file by file."""
    with unavailable():
        connection = await connect(server.dsn, None)
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        finally:
            await connection.close()


async def drop_database(server: PostgresServer, name: str) -> None:
    """Gone, whoever is connected."""
    with unavailable():
        connection = await connect(server.dsn, None)
        try:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await connection.close()


async def generated(entries: int) -> AsyncGenerator[Batch, None]:
    """Events of four months, batch after batch."""
    for first in range(1, entries + 1, BATCH):
        last = min(entries, first + BATCH - 1)
        yield Batch(list(_messages(first, last, entries)), MONTHS[-1] + timedelta(days=20, seconds=last))


async def batches_of(dsn: str) -> AsyncGenerator[Batch, None]:
    """The batches of a ledger, which is only read. Raises `LedgerUnavailableError`."""
    async with snapshot(dsn) as connection:
        before = 0
        for row in await connection.fetch(_SIZES):
            rows = await connection.fetch(_ROWS, before, row["size"])
            if not rows:
                raise LedgerNotReadyError(f"Entries {before}–{row['size'] - 1} are missing: phoihop ledger verify")
            yield Batch([_received(one) for one in rows], rows[0]["recorded_at"])
            before = row["size"]


async def size_of(dsn: str) -> int:
    """How many entries a ledger has. Raises `LedgerUnavailableError`, `LedgerNotReadyError` where there are too few."""
    async with snapshot(dsn) as connection:
        size = int(await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position"))
    if size < FEWEST:
        raise LedgerNotReadyError(f"A drill needs {FEWEST} entries, and there are {size}. Next: phoihop ledger drill")
    return size


def changed(batches: Iterable[Batch], victim: int, body: bytes) -> Iterator[Batch]:
    """The same batches with another body at one place."""
    before = 0
    for messages, recorded_at in batches:
        if before <= victim < before + len(messages):
            at = victim - before
            messages[at] = messages[at]._replace(body=body)
        yield Batch(messages, recorded_at)
        before += len(messages)


def without(batches: Iterable[Batch], victim: int) -> Iterator[Batch]:
    """The same batches without one message, those behind it renumbered so that no gap is left."""
    before = 0
    for messages, recorded_at in batches:
        left = [message for idx, message in enumerate(messages, before) if idx != victim]
        moved = (m._replace(stream_seq=m.stream_seq - (m.stream_seq > victim)) for m in left)
        before += len(messages)
        if left:
            yield Batch(list(moved), recorded_at)


async def _pieces(batches: AsyncIterator[Batch], largest: int) -> AsyncIterator[Batch]:
    """Smaller batches of the same entries: the tree does not depend on how they came."""
    async for messages, recorded_at in batches:
        for at in range(0, len(messages), largest):
            yield Batch(messages[at : at + largest], recorded_at)


def _open_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="phoihop-drill-"))
    folder.chmod(0o711)  # Postgres started by root runs as an account that must reach its own folder below
    return folder


def _messages(first: int, last: int, entries: int) -> Iterator[Received]:
    span = (MONTHS[-1] + timedelta(days=20)) - MONTHS[0]
    for number in range(first, last + 1):
        incident = derived_id("drill-incident", str(number // 12))
        moment = MONTHS[0] + span * number / entries
        body = (
            f'{{"specversion":"1.0","id":"{derived_id("drill", str(number))}","source":"/phoihop/drill",'
            f'"type":"phoihop.DispatchDelivered.v1","time":"{moment.isoformat()}","incidentid":"{incident}",'
            f'"data":{{"note":"Lũ quét {number}"}}}}'
        )
        yield Received(
            number, subjects.dispatch(Space.TEST, incident, f"agency-{number % 20}", "truc"), body.encode(), moment
        )


def _received(row: asyncpg.Record) -> Received:
    return Received(row["stream_seq"], row["subject"], row["body"], row["stored_at"])


async def _make_months(dsn: str) -> None:
    connection: Connection = await connect(dsn, None)
    try:
        await connection.execute("SET phoihop.maintenance = 'drill'")
        for month in MONTHS:
            await connection.execute("SELECT audit.make_partition($1)", month.replace(tzinfo=None))
    finally:
        await connection.close()


def _witness(keys: LogKeys, folder: Path) -> Witness:
    signer, _ = keys.current()
    witness = Witness(
        (WitnessSigner("witness.drill.phoihop.example", bytes(range(32))),),
        {ORIGIN: (signer.verifier,)},
        States(folder / "witness.db"),
        folder / "alarms",
        lambda: 1,
    )
    witness.states.prepare()
    return witness


async def _cosigned(dsn: str, keys: LogKeys, witness: Witness) -> Anchor:
    """The present head, signed, kept in the folder of the log, and with the witness's cosignature for the auditor."""
    signed = await sign(dsn, keys)
    if isinstance(signed, NotSigned):
        raise LedgerNotReadyError(f"The ledger to copy is not sound: {signed}. Next: phoihop ledger verify")
    before = witness.newest(ORIGIN)
    old = Checkpoint.of(before).size if before else 0
    proof = await prove_consistency(dsn, old, signed.checkpoint.size)
    witness.add(AddCheckpoint(old, proof, signed.note).to_bytes())
    return Anchor(f"witness {signed.checkpoint.size}", witness.newest(ORIGIN))
