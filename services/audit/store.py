"""Appends to the ledger in Postgres: entries, tiles and position of a batch in one transaction, or nothing of it.

A batch that `append` has returned `Appended` for is on disk (synchronous commit). A crash before that loses nothing:
the stream delivers the batch again, and what is in the ledger already is compared and skipped.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Final, Self
from uuid import UUID

import asyncpg
import structlog

from services.audit.batches import made
from services.audit.connecting import CONNECT_SECONDS, Connection, connect
from services.audit.copying import COLUMNS, END, START
from services.audit.entries import (
    Entry,
    Head,
    Received,
    as_repeated,
    entry_of,
    leaf_input,
    microseconds,
    moment_of,
)
from services.audit.failures import LedgerUnavailableError, unavailable
from services.audit.roles import SCHEMA, WRITER
from services.audit.sequence import Appended, Gap, InOrder, Rewound, arrange
from services.audit.tables import Entry as Row
from services.audit.tables import Position
from services.audit.tlog.merkle import CompactRange, Completed, leaf_hash
from services.audit.tlog.tiles import full_tiles

_COMMAND_SECONDS: Final = 30.0
_TRIES: Final = 3

_HEAD: Final = "SELECT size, stream_seq, nodes FROM audit.position ORDER BY size DESC LIMIT 1"
_LEAVES: Final = "SELECT idx, recorded_at, leaf_hash FROM audit.entry WHERE idx BETWEEN $1 AND $2"
_POSITION: Final = """
    WITH tiles AS (INSERT INTO audit.tile SELECT * FROM unnest($7::smallint[], $8::bigint[], $9::bytea[]))
    INSERT INTO audit.position VALUES ($1, $2, $3, $4, $5, $6)
"""
_FIRST: Final = 130
"""Rows of the first COPY of a batch. The server stores them only when the COPY ends; the next are made meanwhile."""
_MOST: Final = 1000
_ENTRY: Final = f"""
    INSERT INTO audit.entry ({", ".join(COLUMNS)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""  # noqa: S608 - our own columns
_WRITTEN: Final = "INSERT 0 1"


class Ledger:
    """The one writer's view of the ledger. It connects again by itself after any failure."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection | None = None
        self._head: Head | None = None
        self._day: date | None = None
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def open(cls, dsn: str) -> Self:
        """Connect as the writer and find the end of the ledger. Raises `LedgerUnavailableError`."""
        ledger = cls(dsn)
        await ledger.head()
        return ledger

    async def head(self) -> Head:
        """Where the ledger ends now, read from Postgres. Raises `LedgerUnavailableError`, also where it only reads."""
        async with self._one_at_a_time:
            self._head = None
            with unavailable():
                try:
                    connection = await self._connected()
                    await _takes_writes(connection)
                    return await self._end(connection)
                except BaseException:
                    self._forget()
                    raise

    async def append(self, batch: Iterable[Received], recorded_at: datetime) -> Appended | Gap | Rewound:
        """Record what is new in the batch; `recorded_at` is the ledger's clock.

        Raises `LedgerUnavailableError`; whether a commit that failed half-way happened is found out by the next call.
        """
        messages = tuple(batch)
        async with self._one_at_a_time:
            with unavailable():
                try:
                    return await self._append(await self._connected(), messages, recorded_at)
                except BaseException:  # also a cancelled call: what the server did with it is unknown
                    self._forget()
                    raise

    async def close(self) -> None:
        """Let the connection go; a closed ledger opens again at the next call."""
        async with self._one_at_a_time:
            if self._connection is not None:
                with unavailable():
                    await self._connection.close(timeout=CONNECT_SECONDS)
            self._forget()

    async def _append(
        self, connection: Connection, batch: Sequence[Received], recorded_at: datetime
    ) -> Appended | Gap | Rewound:
        await self._make_partitions(connection, recorded_at)
        for _ in range(_TRIES):
            head = await self._end(connection)
            arranged = arrange(batch, head.stream_seq)
            if not isinstance(arranged, InOrder):
                return arranged
            if (rewound := await _rewound(connection, head, arranged.known)) is not None:
                return rewound
            if not arranged.new:
                return Appended(head, 0, len(arranged.known))
            try:
                self._head, repeated = await _record(connection, head, arranged.new, recorded_at)
            except asyncpg.UniqueViolationError as conflict:
                if conflict.table_name != Position.__tablename__:
                    raise
                self._head = None  # another writer was first: what it wrote is known now, and will be compared
            else:
                return Appended(self._head, len(arranged.new), len(arranged.known), repeated)
        raise asyncpg.SerializationError("another writer keeps moving the end of the ledger")

    async def _make_partitions(self, connection: Connection, now: datetime) -> None:
        """Once per connection and day. Without partitions the default one takes the entries: late, never lost."""
        if self._day != now.date():
            try:
                await connection.execute("SELECT audit.make_partitions()")
            except asyncpg.LockNotAvailableError:
                structlog.get_logger().warning("partitions_not_made", reason="the table is locked by a reader")
            self._day = now.date()

    async def _end(self, connection: Connection) -> Head:
        if self._head is None:
            row = await connection.fetchrow(_HEAD)
            self._head = Head(row["stream_seq"], CompactRange.from_bytes(row["size"], row["nodes"])) if row else Head()
        return self._head

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._forget()
            self._connection = await connect(self._dsn, WRITER, command_seconds=_COMMAND_SECONDS)
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._head = self._day = None


async def _rewound(connection: Connection, head: Head, known: Sequence[Received]) -> Rewound | None:
    """Whether a known sequence now carries another content: each must give the leaf that was recorded for it."""
    if not known:
        return None
    before = head.stream_seq - head.size + 1  # one entry per sequence and no gap: sequence and idx differ by this
    rows = await connection.fetch(_LEAVES, known[0].stream_seq - before, known[-1].stream_seq - before)
    recorded = {row["idx"]: (row["recorded_at"], row["leaf_hash"]) for row in rows}
    for message in known:
        recorded_at, leaf = recorded.get(message.stream_seq - before, (message.stored_at, None))
        if leaf_hash(leaf_input(message, recorded_at)) != leaf:
            return Rewound(message.stream_seq)
    return None


async def _takes_writes(connection: Connection) -> None:
    """Raises `LedgerUnavailableError` where it does not, as a standby, or one that was set to read only."""
    if await connection.fetchval("SHOW transaction_read_only") == "on":
        raise LedgerUnavailableError("the database takes no writes now")


async def _record(
    connection: Connection, head: Head, new: Sequence[Received], recorded_at: datetime
) -> tuple[Head, tuple[int, ...]]:
    """Write a batch in one transaction; the new head, and the sequences that repeat an event id."""
    batch = _Batch(head, new, recorded_at)
    try:
        async with connection.transaction():
            await _copy(connection, batch)
            await connection.execute(_POSITION, *batch.position)
    except asyncpg.UniqueViolationError:
        # an event id is repeated, or another writer was first: the position, written first, tells which
        async with connection.transaction():
            await connection.execute(_POSITION, *batch.position)
            return batch.end, await _insert_one_by_one(connection, batch.entries())
    return batch.end, ()


async def _copy(connection: Connection, batch: "_Batch") -> None:
    """Every entry, piece by piece: while the server stores one, the next is made, and at the end the position."""
    piece = batch.next()
    while piece:
        copying = asyncio.create_task(
            connection.copy_to_table(
                Row.__tablename__, schema_name=SCHEMA, columns=COLUMNS, source=_once(piece), format="binary"
            )
        )
        try:
            await asyncio.sleep(0)  # it is sent
            piece = batch.next()
        finally:
            await copying


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


class _Batch:
    """The rows of one batch, made while the ones before are stored."""

    def __init__(self, head: Head, new: Sequence[Received], recorded_at: datetime) -> None:
        self._head = head
        self._new = new
        self._recorded_at = recorded_at
        self._leaves: list[bytes] = []
        self._size = _FIRST

    def next(self) -> bytes:
        """The next piece as COPY wants it; nothing when all are made, and then the position is made too.

        Each is a quarter larger than the one before, for making rows takes less than storing them. What would be
        left for a short one at the end goes along: another COPY is dearer than a longer one.
        """
        done = len(self._leaves)
        left = len(self._new) - done
        if not left:
            self.position  # noqa: B018 - made while the server stores the last entries
            return b""
        size = left if left < self._size * 3 // 2 else self._size
        rows = made(self._head.size + done, self._new[done : done + size], microseconds(self._recorded_at))
        self._leaves += rows.leaves
        self._size = min(self._size * 5 // 4, _MOST)
        return b"%b%b%b" % (START, rows.data, END)

    @cached_property
    def _grown(self) -> tuple[CompactRange, tuple[Completed, ...]]:
        while len(self._leaves) < len(self._new):  # a COPY that failed early has not made them all
            self.next()
        return self._head.range.grow(self._leaves)

    @property
    def end(self) -> Head:
        """Where the ledger ends after this batch."""
        return Head(self._new[-1].stream_seq, self._grown[0])

    @cached_property
    def position(self) -> tuple[object, ...]:
        """The arguments of `_POSITION`: the position and the tiles that became full."""
        tiles = [*full_tiles(self._grown[1])]
        end = self.end
        return (
            *(self._head.size, end.size, end.stream_seq, self._recorded_at, end.root, end.range.to_bytes()),
            *([tile.level for tile in tiles], [tile.index for tile in tiles], [tile.root for tile in tiles]),
        )

    def entries(self) -> Iterator[Entry]:
        """The rows one by one."""
        recorded_at = microseconds(self._recorded_at)
        return (entry_of(idx, message, recorded_at) for idx, message in enumerate(self._new, self._head.size))


async def _insert_one_by_one(connection: Connection, entries: Iterable[Entry]) -> tuple[int, ...]:
    """The slow way for a batch that repeats an event id. The writer may not look ids up, so the insert itself tells."""
    repeated = []
    for entry in entries:
        if await connection.execute(f"{_ENTRY} ON CONFLICT DO NOTHING", *_arguments(entry)) != _WRITTEN:
            await connection.execute(_ENTRY, *_arguments(as_repeated(entry)))
            repeated.append(entry.stream_seq)
    return tuple(repeated)


def _arguments(entry: Entry) -> tuple[object, ...]:
    """A row as the driver takes it."""
    times = (moment_of(entry.occurred_at), moment_of(entry.stored_at), moment_of(entry.recorded_at))
    incident_id = UUID(bytes=entry.incident_id) if entry.incident_id else None
    return (*entry[:2], *times, UUID(bytes=entry.event_id), entry.leaf_hash, incident_id, *entry[8:])
