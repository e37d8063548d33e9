"""Reads one stretch of the ledger as a reader that may change nothing, and lets `checking` judge it.

Entries come by binary COPY: the server sends ahead while the rows before are hashed. What `usual` proves in bulk is
taken as it is, everything else row by row.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from services.audit.connecting import Connection
from services.audit.copying import SELECTED
from services.audit.entries import Entry
from services.audit.recomputing.checking import MOST_FINDINGS, Checker, StoredPosition
from services.audit.recomputing.parts import Part
from services.audit.recomputing.usual import Run, Sieve
from services.audit.tlog.tiles import HEIGHT

CHUNK: Final = 1000
"""Positions between two looks at the stored tiles."""
PIECE: Final = 1000
"""Entries of one batch that are checked at once: memory stays flat whatever a position claims to cover."""
_COLUMNS: Final = ", ".join(StoredPosition._fields)
_POSITIONS: Final = f"SELECT {_COLUMNS} FROM audit.position {{}} ORDER BY size"  # noqa: S608 - our own columns
_AT: Final = f"SELECT {_COLUMNS} FROM audit.position WHERE size = $1"  # noqa: S608
_ENTRIES: Final = f"SELECT {SELECTED} FROM audit.entry WHERE {{}} ORDER BY idx"  # noqa: S608
_IN_ORDER: Final = "SET LOCAL enable_sort = off"
"""By index: sorting a ledger would fill the server's disk."""
_TILES: Final = "SELECT level, index, root FROM audit.tile WHERE level = $1 AND index >= $2 AND index < $3"
_LEVELS: Final = range(7)
_EXTRA: Final = """
    SELECT level, index FROM audit.tile
    WHERE level NOT BETWEEN 0 AND 6 OR index < 0 OR index >= $1::bigint >> least(8 * (level + 1), 63)
    ORDER BY level, index LIMIT $2
"""


class Stretch(NamedTuple):
    """The entries from the position of size `begin` (None: from the first) to that of size `end` (None: all)."""

    begin: int | None = None
    end: int | None = None


async def check(connection: Connection, stretch: Stretch, seen: Callable[[int], None] | None = None) -> Part:
    """Recompute this stretch, in the transaction of the caller; `seen` is told how many entries that were so far.

    Raises `LookupError` where there is no position to begin after.
    """
    await connection.execute(_IN_ORDER)
    checker = await _checker(connection, stretch)
    before = stretch.begin or 0
    async for positions in _positions(connection, stretch):
        feed = _Feed(checker, positions, seen)
        after = max(positions[-1].size, before)
        await _copy(connection, f"idx < {after}" + (f" AND idx >= {before}" if before else ""), feed)
        feed.finish()
        checker.compare_tiles(await _tiles(connection, before, after))
        before = after
    if stretch.end is None:
        await _copy(connection, f"idx >= {before}", _Feed(checker, ()))
        checker.finish()
        checker.extra_tiles([tuple(row) for row in await connection.fetch(_EXTRA, before, MOST_FINDINGS)])
    return Part.of(checker)


async def _checker(connection: Connection, stretch: Stretch) -> Checker:
    if stretch.begin is None:
        return Checker()
    if (row := await connection.fetchrow(_AT, stretch.begin)) is None:
        raise LookupError(stretch.begin)
    return Checker.after(StoredPosition(*row))


class _Feed:
    """Hands the checker what the server sends, cut where a position ends."""

    def __init__(
        self, checker: Checker, positions: Sequence[StoredPosition], seen: Callable[[int], None] | None = None
    ) -> None:
        self._checker = checker
        self._positions = positions
        self._closed = 0
        self._seen = seen
        self._waiting: list[Entry] = []

    def take_all(self, found: Iterable[Run | Sequence[Entry]]) -> None:
        """What the sieve lets through."""
        for each in found:
            if isinstance(each, Run):
                self.take_run(each)
            else:
                self.take(each)

    def take(self, rows: Sequence[Entry]) -> None:
        """These entries, and every position that lies before the last of them."""
        self._waiting.extend(rows)
        if self._waiting:
            self._close_until(self._waiting[-1].idx)
        if len(self._waiting) >= PIECE or self._closed == len(self._positions):
            self._hand_over(len(self._waiting))

    def take_run(self, run: Run) -> None:
        """These entries, as far as they go on where the ones before end; from there on one by one."""
        self._close_until(run.first)
        self._hand_over(len(self._waiting))
        done, count = 0, len(run.leaves)
        while done < count:
            self._close_until(run.first + done)
            if not self._checker.goes_on_at(run.first + done, run.stream_seq + done):
                return self.take(run.entries()[done:])
            upcoming = self._positions[self._closed].size - run.first if self._closed < len(self._positions) else count
            self._checker.take_leaves(run.leaves[done : min(upcoming, count)])
            done = min(upcoming, count)
        return None

    def finish(self) -> None:
        """All positions that are left."""
        while self._closed < len(self._positions):
            self._close()

    def _close_until(self, idx: int) -> None:
        """Every position that lies before this entry."""
        while self._closed < len(self._positions) and self._positions[self._closed].size <= idx:
            self._close()

    def _close(self) -> None:
        position = self._positions[self._closed]
        end = bisect_left(self._waiting, position.size, key=itemgetter(0))
        self._hand_over(end)
        self._checker.close_batch(position)
        self._closed += 1
        if self._seen:
            self._seen(self._checker.entries)

    def _hand_over(self, end: int) -> None:
        self._checker.take(self._waiting[:end])
        del self._waiting[:end]


async def _copy(connection: Connection, where: str, feed: _Feed) -> None:
    sieve = Sieve()

    async def take(data: bytes) -> None:
        feed.take_all(sieve.feed(data))

    await connection.copy_from_query(_ENTRIES.format(where), output=take, format="binary")
    feed.take_all(sieve.finish())


async def _positions(connection: Connection, stretch: Stretch) -> AsyncIterator[Sequence[StoredPosition]]:
    bounds = [f"size > {stretch.begin}"] if stretch.begin is not None else []
    bounds += [f"size <= {stretch.end}"] if stretch.end is not None else []
    cursor = await connection.cursor(_POSITIONS.format(f"WHERE {' AND '.join(bounds)}" if bounds else ""))
    while rows := await cursor.fetch(CHUNK):
        yield [StoredPosition(*row) for row in rows]


async def _tiles(connection: Connection, before: int, after: int) -> dict[tuple[int, int], bytes]:
    """The stored tiles that become full between these sizes."""
    found = {}
    for level in _LEVELS:
        first, end = before >> HEIGHT * (level + 1), after >> HEIGHT * (level + 1)
        if first < end:
            for row in await connection.fetch(_TILES, level, first, end):
                found[row["level"], row["index"]] = row["root"]
    return found
