"""Has the whole ledger recomputed in one state of it, as a reader that may change nothing.

How a stretch of it is read and judged, `stretches` says; a large ledger is divided among processes by `sharing`.
Checkpoints that were kept elsewhere are held against the same state by `anchors`, over all leaves and no stored tile.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from services.audit.connecting import Connection
from services.audit.evidence.nodes import recompute_nodes
from services.audit.failures import LedgerUnavailableError
from services.audit.notary.checkpointing import snapshot
from services.audit.recomputing.checking import MOST_FINDINGS, Finding, Flaw
from services.audit.recomputing.parts import joined
from services.audit.recomputing.sharing import EXPORT, divided
from services.audit.tlog.anchors import NOTHING_KEPT, Anchor, Compared, Trust, compare, spans_of

_SIZE: Final = "SELECT coalesce(max(size), 0) FROM audit.position"
_TWICE: Final = """
    WITH twice AS MATERIALIZED (SELECT event_id FROM audit.entry GROUP BY event_id HAVING count(*) > 1)
    SELECT min(idx), max(idx) FROM audit.entry WHERE event_id IN (SELECT event_id FROM twice)
    GROUP BY event_id ORDER BY min(idx) LIMIT $1
"""
"""The ids alone are in an index: to read them there takes a fifth of what reading all entries once more takes."""


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
    dsn: str,
    progress: Progress | None = None,
    anchors: Sequence[Anchor] = NOTHING_KEPT,
    trust: Trust | None = None,
    *,
    processes: int | None = None,
) -> Verification:
    """Recompute everything, and hold kept checkpoints against it if it is said whose log they are to be of.

    Memory stays flat; a writer may go on meanwhile, the snapshot does not see it. A large ledger is divided among as
    many `processes` as there are processors, unless a number is given. Raises `LedgerUnavailableError`.
    """
    async with snapshot(dsn) as connection:
        size = await connection.fetchval(_SIZE)
        seen = (lambda entries: progress(entries, size)) if progress else None
        twice = asyncio.create_task(_elsewhere(dsn, await connection.fetchval(EXPORT)))
        try:
            found = joined(await divided(dsn, connection, size, seen, processes))
            repeated = await twice
        finally:
            twice.cancel()
            await asyncio.gather(twice, return_exceptions=True)
        findings = (*found.findings, *(await _twice(connection) if repeated is None else repeated))
        kept = await _kept(connection, size, anchors, trust) if trust is not None and anchors else ()
    return Verification(found.entries, found.root, findings, found.unreadable, found.repeated, kept)


async def _elsewhere(dsn: str, shared: str) -> Sequence[Finding] | None:
    """What `_twice` finds in the same state of the ledger, while its entries are checked; None if it could not say."""
    try:
        async with snapshot(dsn) as connection:
            await connection.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")  # no parameter may stand here
            return await _twice(connection)
    except LedgerUnavailableError as error:
        structlog.get_logger().warning("verified_without_help", reason=str(error))
        return None


async def _twice(connection: Connection) -> Sequence[Finding]:
    """Event ids that are there twice."""
    return [Finding(Flaw.EVENT_TWICE, *row) for row in await connection.fetch(_TWICE, MOST_FINDINGS)]


async def _kept(connection: Connection, size: int, anchors: Sequence[Anchor], trust: Trust) -> tuple[Compared, ...]:
    """Kept checkpoints against the entries in this snapshot, up to the first that is missing."""
    nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    if nodes.size < size:  # other ranges make up the shorter tree
        size = nodes.size
        nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    return compare(anchors, size, nodes, trust).compared
