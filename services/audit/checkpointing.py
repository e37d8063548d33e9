"""Reads the tree out of Postgres, has kept checkpoints held against it, and signs the next. It makes no key."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.audit.anchor_folder import keep, kept_so_far
from services.audit.anchors import Anchor, Compared, Comparison, Trust, compare, spans_of
from services.audit.checking import Finding, Flaw
from services.audit.checkpoints import Checkpoint
from services.audit.connecting import Connection, connect
from services.audit.failures import LedgerNotReadyError, unavailable
from services.audit.nodes import read_nodes
from services.audit.notes import LogSigner, Note
from services.audit.tables import READER

_HEAD: Final = "SELECT size, root FROM audit.position ORDER BY size DESC LIMIT 1"


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


async def sign(dsn: str, signer: LogSigner, folder: Path, trust: Trust) -> Signed | NotSigned:
    """Sign the present head and keep it in the folder, unless the ledger does not contain what is kept there.

    That the leaf hashes are those of the stored bytes is what `verification` finds out. Raises
    `LedgerUnavailableError`, `LedgerNotReadyError` for an empty ledger, `UnusableFileError`.
    """
    earlier = kept_so_far(folder)
    async with snapshot(dsn) as connection:
        head = await connection.fetchrow(_HEAD)
        comparison = await compared(connection, earlier, trust)
    size, root = (head["size"], head["root"]) if head else (0, b"")
    findings: tuple[Finding, ...] = ()
    if comparison.size < size:
        findings = (Finding(Flaw.ENTRIES_MISSING, comparison.size, size - 1),)
    elif size and comparison.root != root:
        findings = (Finding(Flaw.ROOT_CHANGED, 0, size - 1),)
    if findings or comparison.contradictions:
        return NotSigned(size, findings, comparison.contradictions)
    if not size:
        raise LedgerNotReadyError("The ledger is empty: there is nothing to sign. Next: phoihop demo")
    checkpoint = Checkpoint(signer.name, size, root)
    path, note = keep(folder, Note(checkpoint.text).signed(signer.sign(checkpoint.text)))
    return Signed(checkpoint, note, path)


async def compared(connection: Connection, anchors: Sequence[Anchor], trust: Trust) -> Comparison:
    """Kept checkpoints against the entries in this snapshot, up to the first that is missing."""
    size = await connection.fetchval("SELECT coalesce(max(size), 0) FROM audit.position")
    nodes = await read_nodes(connection, size, spans_of(anchors, size))
    if nodes.size < size:  # other ranges make up the shorter tree
        size = nodes.size
        nodes = await read_nodes(connection, size, spans_of(anchors, size))
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
