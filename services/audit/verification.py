"""Reads the whole ledger in one snapshot, as a reader that may change nothing, and lets `checking` judge it.

Checkpoints that were kept elsewhere are held against the same snapshot by `anchors`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.audit.anchors import NOTHING_KEPT, Anchor, Compared, Trust
from services.audit.checking import MOST_FINDINGS, Checker, Finding, Flaw, StoredEntry, StoredPosition
from services.audit.checkpointing import compared, snapshot
from services.audit.connecting import Connection

if TYPE_CHECKING:
    import asyncpg

CHUNK: Final = 1000
_ENTRIES: Final = f"SELECT {', '.join(StoredEntry._fields)} FROM audit.entry ORDER BY idx"  # noqa: S608
_POSITIONS: Final = f"SELECT {', '.join(StoredPosition._fields)} FROM audit.position ORDER BY size"  # noqa: S608
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
        return replace(found, kept=(await compared(connection, anchors, trust)).compared)


async def _verify(connection: Connection, progress: Progress | None) -> Verification:
    checker = Checker()
    total = await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position") if progress else 0
    entries = _Entries(await connection.cursor(_ENTRIES))
    async for position in _positions(connection):
        async for rows in entries.until(position.size):
            checker.take(rows)
        checker.close_batch(position)
        if progress:
            progress(checker.entries, total)
    async for rows in entries.until(None):
        checker.take(rows)
    checker.finish()
    twice = await connection.fetch(_TWICE, MOST_FINDINGS)
    findings = (*checker.findings, *(Finding(Flaw.EVENT_TWICE, row[0], row[1]) for row in twice))
    return Verification(checker.entries, checker.tree.root().hex(), findings, checker.unreadable, checker.repeated)


async def _positions(connection: Connection) -> AsyncIterator[StoredPosition]:
    cursor = await connection.cursor(_POSITIONS)
    while rows := await cursor.fetch(CHUNK):
        for row in rows:
            yield StoredPosition(*row)


class _Entries:
    """The entries in order, in pieces that end where a position does."""

    def __init__(self, cursor: "asyncpg.cursor.Cursor[asyncpg.Record]") -> None:
        self._cursor = cursor
        self._waiting: Sequence[StoredEntry] = ()

    async def until(self, size: int | None) -> AsyncIterator[Sequence[StoredEntry]]:
        """The entries whose `idx` is below `size`; all that are left when there is none."""
        while True:
            if not self._waiting:
                self._waiting = [StoredEntry._make(row) for row in await self._cursor.fetch(CHUNK)]
            if not self._waiting:
                return
            if size is None or self._waiting[-1].idx < size:
                piece, self._waiting = self._waiting, ()
            else:
                end = next(at for at, row in enumerate(self._waiting) if row.idx >= size)
                piece, self._waiting = self._waiting[:end], self._waiting[end:]
            if piece:
                yield piece
            if self._waiting:
                return
