"""Reads the whole ledger in one snapshot, as a reader that may change nothing, and lets `checking` judge it.

Checkpoints that were kept elsewhere are held against the same snapshot by `anchors`, over all leaves and no stored
tile. Entries come by binary COPY: the server sends ahead while the rows before are hashed.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

from services.audit.anchors import NOTHING_KEPT, Anchor, Compared, Trust, compare, spans_of
from services.audit.checking import MOST_FINDINGS, Checker, Finding, Flaw, StoredPosition
from services.audit.checkpointing import snapshot
from services.audit.connecting import Connection
from services.audit.copying import SELECTED, Decoder
from services.audit.entries import Entry
from services.audit.nodes import recompute_nodes
from services.audit.tiles import HEIGHT

CHUNK: Final = 1000
"""Positions between two looks at the stored tiles."""
PIECE: Final = 1000
"""Entries of one batch that are checked at once: memory stays flat whatever a position claims to cover."""
_POSITIONS: Final = f"SELECT {', '.join(StoredPosition._fields)} FROM audit.position ORDER BY size"  # noqa: S608
_ENTRIES: Final = f"SELECT {SELECTED} FROM audit.entry WHERE {{}} ORDER BY idx"  # noqa: S608 - our own columns
_IN_ORDER: Final = "SET LOCAL enable_sort = off"
"""By index: sorting a ledger would fill the server's disk."""
_TILES: Final = "SELECT level, index, root FROM audit.tile WHERE level = $1 AND index >= $2 AND index < $3"
_LEVELS: Final = range(7)
_EXTRA: Final = """
    SELECT level, index FROM audit.tile
    WHERE level NOT BETWEEN 0 AND 6 OR index < 0 OR index >= $1::bigint >> least(8 * (level + 1), 63)
    ORDER BY level, index LIMIT $2
"""
_TWICE: Final = """
    SELECT min(idx), max(idx) FROM audit.entry GROUP BY event_id HAVING count(*) > 1 ORDER BY min(idx) LIMIT $1
"""

Progress = Callable[[int, int], None]
"""Called with the entries checked so far and the entries there are."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a full recomputation found; `verified` means it found nothing."""

    entries: int
    root: str
    """The root over all of them, hexadecimal: the one value to compare with a copy kept elsewhere."""
    findings: tuple[Finding, ...]
    unreadable: int
    """Recorded messages that were no events."""
    repeated: int
    """Recorded messages that carried an event id a second time."""
    kept: tuple[Compared, ...] = ()
    """Every checkpoint that was kept elsewhere, held against these entries."""

    @property
    def verified(self) -> bool:
        """Every leaf, root, sequence and column is what the stored bytes give, and every kept checkpoint is in it."""
        return not self.findings and not any(each.flaw for each in self.kept)


async def verify(
    dsn: str, progress: Progress | None = None, anchors: Sequence[Anchor] = NOTHING_KEPT, trust: Trust | None = None
) -> Verification:
    """Recompute everything, and hold kept checkpoints against it if it is said whose log they are to be of.

    Memory stays flat; a writer may go on meanwhile, the snapshot does not see it. Raises `LedgerUnavailableError`.
    """
    async with snapshot(dsn) as connection:
        found = await _verify(connection, progress)
        if trust is None or not anchors:
            return found
        return replace(found, kept=await _kept(connection, anchors, trust))


async def _verify(connection: Connection, progress: Progress | None) -> Verification:
    await connection.execute(_IN_ORDER)
    checker = Checker()
    total = await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position") if progress else 0
    before = 0
    async for positions in _positions(connection):
        feed = _Feed(checker, positions, progress, total)
        after = max(positions[-1].size, before)
        where = f"idx < {after}" + (f" AND idx >= {before}" if before else "")
        await _copy(connection, where, feed)
        feed.finish()
        checker.compare_tiles(await _tiles(connection, before, after))
        before = after
    await _copy(connection, f"idx >= {before}", _Feed(checker, ()))
    checker.finish()
    checker.extra_tiles([tuple(row) for row in await connection.fetch(_EXTRA, before, MOST_FINDINGS)])
    twice = await connection.fetch(_TWICE, MOST_FINDINGS)
    findings = (*checker.findings, *(Finding(Flaw.EVENT_TWICE, row[0], row[1]) for row in twice))
    return Verification(checker.entries, checker.tree.root().hex(), findings, checker.unreadable, checker.repeated)


class _Feed:
    """Hands the checker what the server sends, cut where a position ends."""

    def __init__(
        self, checker: Checker, positions: Sequence[StoredPosition], progress: Progress | None = None, total: int = 0
    ) -> None:
        self._checker = checker
        self._positions = positions
        self._closed = 0
        self._progress = progress
        self._total = total
        self._waiting: list[Entry] = []

    def take(self, rows: Sequence[Entry]) -> None:
        """These entries, and every position that lies before the last of them."""
        self._waiting.extend(rows)
        while self._waiting and self._closed < len(self._positions):
            if self._positions[self._closed].size > self._waiting[-1].idx:
                break
            self._close()
        if len(self._waiting) >= PIECE or self._closed == len(self._positions):
            self._hand_over(len(self._waiting))

    def finish(self) -> None:
        """All positions that are left."""
        while self._closed < len(self._positions):
            self._close()

    def _close(self) -> None:
        position = self._positions[self._closed]
        end = bisect_left(self._waiting, position.size, key=itemgetter(0))
        self._hand_over(end)
        self._checker.close_batch(position)
        self._closed += 1
        if self._progress:
            self._progress(self._checker.entries, self._total)

    def _hand_over(self, end: int) -> None:
        self._checker.take(self._waiting[:end])
        del self._waiting[:end]


async def _copy(connection: Connection, where: str, feed: _Feed) -> None:
    decoder = Decoder()

    async def take(data: bytes) -> None:
        feed.take(decoder.feed(data))

    await connection.copy_from_query(_ENTRIES.format(where), output=take, format="binary")
    decoder.finish()


async def _positions(connection: Connection) -> AsyncIterator[Sequence[StoredPosition]]:
    cursor = await connection.cursor(_POSITIONS)
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


async def _kept(connection: Connection, anchors: Sequence[Anchor], trust: Trust) -> tuple[Compared, ...]:
    """Kept checkpoints against the entries in this snapshot, up to the first that is missing."""
    size = await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position")
    nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    if nodes.size < size:  # other ranges make up the shorter tree
        size = nodes.size
        nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    return compare(anchors, size, nodes, trust).compared
