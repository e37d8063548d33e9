"""Reads the tree out of Postgres, has kept checkpoints held against it, and signs the next. It makes no key.

It signs what it can itself derive from what it signed before: the leaves that came since, folded onto the last tree.
The database is asked for leaves, never for a root to put a name to.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.audit.connecting import Connection, connect
from services.audit.evidence.nodes import read_nodes, recompute_nodes
from services.audit.failures import LedgerNotReadyError, unavailable
from services.audit.notary.anchor_folder import keep, kept_so_far
from services.audit.notary.key_files import LogKeys
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.roles import READER
from services.audit.tlog.anchors import NOTHING_KEPT, Anchor, AnchorFlaw, Compared, Comparison, Trust, compare, spans_of
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import CompactRange
from services.audit.tlog.notes import Note
from services.audit.tlog.proofs import consistency_proof, consistency_spans

CHUNK: Final = 5000
_HEAD: Final = "SELECT size, root FROM audit.position ORDER BY size DESC LIMIT 1"
_AT: Final = "SELECT size, nodes FROM audit.position WHERE size = $1"
_SINCE: Final = "SELECT idx, leaf_hash FROM audit.entry WHERE idx >= $1 AND idx < $2 ORDER BY idx"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint over everything that was in the ledger, and where it is kept."""

    checkpoint: Checkpoint
    note: Note
    path: Path


@dataclass(frozen=True, slots=True)
class NotSigned:
    """The ledger contradicts itself or what was kept: nothing was signed, for a signature would cover it up."""

    size: int
    findings: tuple[Finding, ...]
    contradictions: tuple[Compared, ...]


async def sign(dsn: str, keys: LogKeys, elsewhere: Sequence[Anchor] = NOTHING_KEPT) -> Signed | NotSigned:
    """Sign the present head and keep it in the folder, unless the ledger does not contain all that is kept.

    That the leaf hashes are those of the stored bytes is what `verification` finds out. Hold the folder's lock. Raises
    `LedgerUnavailableError`, `LedgerNotReadyError` for an empty ledger, `UnusableFileError`.
    """
    signer, trust = keys.current()
    earlier = (*kept_so_far(keys.folder), *elsewhere)
    async with snapshot(dsn) as connection:
        head = await connection.fetchrow(_HEAD)
        comparison = await compared(connection, earlier, trust)
    size, root = (head["size"], head["root"]) if head else (0, b"")
    findings = _findings(size, root, comparison)
    if findings or comparison.contradictions:
        return NotSigned(size, findings, comparison.contradictions)
    if not size:
        raise LedgerNotReadyError("The ledger is empty: there is nothing to sign. Next: phoihop demo")
    checkpoint = Checkpoint(signer.name, size, root)
    path, note = keep(keys.folder, Note(checkpoint.text).signed(signer.sign(checkpoint.text)))
    return Signed(checkpoint, note, path)


async def advance(dsn: str, keys: LogKeys, last: Checkpoint) -> Signed | NotSigned | None:
    """Sign the present head if the leaves since the last checkpoint lead from its tree to it; None where none came.

    The work is that of the new leaves, however large the ledger. Hold the folder's lock. Raises as `sign` does.
    """
    async with snapshot(dsn) as connection:
        head = await connection.fetchrow(_HEAD)
        size, root = (head["size"], head["root"]) if head else (0, b"")
        if size < last.size:
            return NotSigned(size, (), (_gone(last, size),))
        if (tree := await _tree_at(connection, last)) is None:
            return NotSigned(size, (Finding(Flaw.POSITION_BROKEN, max(0, last.size - 1), max(0, last.size - 1)),), ())
        if size == last.size:
            return None
        tree = await _folded(connection, tree, size)
    if tree.size < size:
        return NotSigned(size, (Finding(Flaw.ENTRIES_MISSING, tree.size, tree.size),), ())
    if tree.root() != root:
        return NotSigned(size, (Finding(Flaw.ROOT_CHANGED, last.size, size - 1),), ())
    signer, _ = keys.current()
    checkpoint = Checkpoint(signer.name, size, root)
    path, note = keep(keys.folder, Note(checkpoint.text).signed(signer.sign(checkpoint.text)))
    return Signed(checkpoint, note, path)


async def prove_consistency(dsn: str, old: int, new: int) -> tuple[bytes, ...]:
    """PROOF(old, D[new]) for a witness; nothing leads from 0. Raises `LedgerUnavailableError`."""
    if old == 0:
        return ()
    spans = consistency_spans(old, new)
    async with snapshot(dsn) as connection:
        nodes = await read_nodes(connection, new, spans)
    if nodes.size < new:
        raise LedgerNotReadyError(f"Entry {nodes.size} is missing. Next: phoihop ledger verify")
    return consistency_proof(old, new, nodes)


async def compared(connection: Connection, anchors: Sequence[Anchor], trust: Trust) -> Comparison:
    """Kept checkpoints against the entries in this snapshot, up to the first that is missing."""
    size = await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position")
    nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    if nodes.size < size:  # other ranges make up the shorter tree
        size = nodes.size
        nodes = await recompute_nodes(connection, size, spans_of(anchors, size))
    return compare(anchors, size, nodes, trust)


@asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Connection]:
    """A reader's connection that sees one state of the ledger. Raises `LedgerUnavailableError`."""
    with unavailable():
        connection = await connect(dsn, READER)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            connection.terminate()


def _findings(size: int, root: bytes, comparison: Comparison) -> tuple[Finding, ...]:
    if comparison.size < size:
        return (Finding(Flaw.ENTRIES_MISSING, comparison.size, size - 1),)
    if size and comparison.root != root:
        return (Finding(Flaw.ROOT_CHANGED, 0, size - 1),)
    return ()


def _gone(last: Checkpoint, size: int) -> Compared:
    return Compared(str(last.size), last.size, last.root, AnchorFlaw.TAIL_MISSING, (size, last.size - 1))


async def _tree_at(connection: Connection, last: Checkpoint) -> CompactRange | None:
    """The tree the last checkpoint was signed over; the database keeps its nodes, the signed root proves them."""
    row = await connection.fetchrow(_AT, last.size)
    try:
        tree = CompactRange.from_bytes(row["size"], row["nodes"]) if row else None
    except ValueError:
        return None
    return tree if tree and tree.root() == last.root else None


async def _folded(connection: Connection, tree: CompactRange, size: int) -> CompactRange:
    """The tree with the leaves up to `size`, or up to the first that is missing."""
    cursor = await connection.cursor(_SINCE, tree.size, size)
    while rows := await cursor.fetch(CHUNK):
        leaves = [row["leaf_hash"] for at, row in enumerate(rows, tree.size) if row["idx"] == at]
        tree = tree.extend(leaves)
        if len(leaves) < len(rows):
            break
    return tree
