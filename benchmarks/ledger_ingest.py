"""Loads a ledger with the real writer, and times it beside a bare COPY and beside SQLModel, batch after batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.ledger_facts import Facts
from services.audit.copying import COLUMNS
from services.audit.entries import Entry, Received, entry_of, microseconds, moment_of
from services.audit.sequence import Appended
from services.audit.store import Ledger
from services.audit.tables import Entry as Row

BATCH: Final = 500
BATCHES: Final = 20
"""A round gives each side so many batches of the same rows."""
BARE: Final = "bare"
AS_THEY_ARE: Final = "as_they_are"
INDEXED: Final = "indexed"
STORED: Final = "WITH (toast_tuple_target = 8160)"
"""How the ledger's partitions store a body: not compressed up to 8 kB."""
SIDES: Final = (
    "ours",
    "COPY into a bare table",
    "COPY into a bare table that compresses no body either",
    "COPY into the ledger's partitions and indexes",
    "SQLModel add_all",
)


class Loaded(NamedTuple):
    """What a load came to."""

    seconds: float
    peak_bytes: int
    """The largest resident size of the process that wrote, Python and the material included."""


async def make_months(dsn: str) -> None:
    """Partitions for the year of the facts and the month after, as the writer's own call makes them in time."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET phoihop.maintenance = 'benchmark'")
    for month in range(13):
        first = datetime(2026 + month // 12, month % 12 + 1, 1)  # noqa: DTZ001 - a date without a zone is its argument
        await connection.execute("SELECT audit.make_partition($1)", first)
    await connection.close()


def load(dsn: str, rows: int, mix: str) -> Loaded:
    """Write so many facts through the real store, in a process of its own."""
    return asyncio.run(_load(dsn, rows, mix))


async def _load(dsn: str, rows: int, mix: str) -> Loaded:
    ledger, spent, facts = await Ledger.open(dsn), 0.0, Facts(rows, mix)
    for batch in facts.batches(1, rows, BATCH):
        start = perf_counter()
        outcome = await ledger.append(batch, batch[-1].stored_at + timedelta(seconds=1))
        spent += perf_counter() - start
        assert isinstance(outcome, Appended), outcome
        assert outcome.written == len(batch)
    await ledger.close()
    return Loaded(spent, getrusage(RUSAGE_SELF).ru_maxrss * 1024)


async def compare(dsn: str, rows: int, mix: str, rounds: int) -> dict[str, list[float]]:
    """Seconds per round and side; every round gives all sides the same new rows, behind the `rows` there are.

    The ledger's clock stands still within a round: it looks after its partitions once a day, and 10,000 facts are about
    a day of 5,000,000 a year, whatever time the facts of fewer `rows` are apart.
    """
    connection = await asyncpg.connect(dsn)
    await _make_tables(connection)
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://"))
    session = engine.execution_options(schema_translate_map={"audit": INDEXED + "_sqlmodel"})
    ledger, facts = await Ledger.open(dsn), Facts(rows, mix)
    found: dict[str, list[float]] = {side: [] for side in SIDES}
    first, draw = rows + 1, Random(7)  # noqa: S311
    for number in range(rounds + 1):
        batches = list(facts.batches(first, BATCH * BATCHES, BATCH))
        first += BATCH * BATCHES
        recorded_at = batches[-1][-1].stored_at + timedelta(seconds=1)
        ready = [_rows(batch, recorded_at) for batch in batches]
        works: list[Callable[[int], Awaitable[object]]] = [
            lambda at, batches=batches, now=recorded_at: _ours(ledger, batches[at], now),  # type: ignore[misc]
            lambda at, ready=ready: _copy(connection, BARE, ready[at]),  # type: ignore[misc]
            lambda at, ready=ready: _copy(connection, AS_THEY_ARE, ready[at]),  # type: ignore[misc]
            lambda at, ready=ready: _copy(connection, INDEXED, ready[at]),  # type: ignore[misc]
            lambda at, ready=ready: _add_all(AsyncSession(session), ready[at]),  # type: ignore[misc]
        ]
        spent = [0.0] * len(SIDES)
        for at in range(BATCHES):
            # drawn: no side always comes after the one that leaves most behind, in caches and on its way to disk
            for number_of_side in draw.sample(range(len(works)), len(works)):
                start = perf_counter()
                await works[number_of_side](at)
                spent[number_of_side] += perf_counter() - start
        if number:  # the first round warms up
            for side, seconds in zip(SIDES, spent, strict=True):
                found[side].append(seconds)
    await engine.dispose()
    await ledger.close()
    await connection.close()
    return found


async def _make_tables(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Two tables with the same columns and nothing else; and one with the same partitions and indexes, twice."""
    await connection.execute("SET phoihop.maintenance = 'benchmark'")
    for schema, storage in ((BARE, ""), (AS_THEY_ARE, STORED)):
        await connection.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.entry (LIKE audit.entry) {storage}")
    for schema in (INDEXED, INDEXED + "_sqlmodel"):
        await connection.execute(f"""
            CREATE SCHEMA {schema};
            CREATE TABLE {schema}.entry (LIKE audit.entry INCLUDING ALL) PARTITION BY RANGE (occurred_at);
            CREATE TABLE {schema}.entry_next PARTITION OF {schema}.entry DEFAULT {STORED};
        """)


async def _ours(ledger: Ledger, batch: Sequence[Received], recorded_at: datetime) -> None:
    outcome = await ledger.append(batch, recorded_at)
    assert isinstance(outcome, Appended), outcome


async def _copy(
    connection: "asyncpg.Connection[asyncpg.Record]", schema: str, rows: Sequence[Sequence[object]]
) -> None:
    await connection.copy_records_to_table("entry", schema_name=schema, columns=COLUMNS, records=rows)


async def _add_all(session: AsyncSession, rows: Sequence[Sequence[object]]) -> None:
    async with session:
        session.add_all([_model(row) for row in rows])
        await session.commit()


def _model(values: Sequence[object]) -> Row:
    columns: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    return Row(**columns)


def _rows(batch: Sequence[Received], recorded_at: datetime) -> list[tuple[object, ...]]:
    """The finished rows as the driver takes them, so that only ours pays for making them."""
    at = microseconds(recorded_at)
    return [_values(entry_of(message.stream_seq - 1, message, at)) for message in batch]


def _values(entry: Entry) -> tuple[object, ...]:
    times = (moment_of(entry.occurred_at), moment_of(entry.stored_at), moment_of(entry.recorded_at))
    incident_id = UUID(bytes=entry.incident_id) if entry.incident_id else None
    return (*entry[:2], *times, UUID(bytes=entry.event_id), entry.leaf_hash, incident_id, *entry[8:])
