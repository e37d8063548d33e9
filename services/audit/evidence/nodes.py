"""Finds the nodes that proofs need, in the stored tiles or out of all leaf hashes. What they prove is decided
elsewhere.

Tiles answer at any size in the time of a few index scans. `recompute_nodes` trusts none of them: it streams all leaf
hashes in order and keeps only the nodes asked for and one compact range, so that memory is flat.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.audit.connecting import Connection
from services.audit.evidence.tile_reading import TileMissingError, tile_contents
from services.audit.tlog.proofs import Node, Span, needed
from services.audit.tlog.tiles import MalformedTileError, TileNodes, tiles_for

CHUNK: Final = 5000
_LEAVES: Final = "SELECT idx, leaf_hash FROM audit.entry WHERE idx < $1 ORDER BY idx"


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes that were asked for: a `NodeLookup`. Another one raises `KeyError`."""

    size: int
    """How many leaves were read from 0 on without a hole; a lookup beyond them finds nothing."""
    found: dict[Node, bytes]

    def __call__(self, node: Node) -> bytes:
        """The hash of a node."""
        return self.found[node]


@dataclass(slots=True)
class Folding:
    """Takes leaves in order and keeps the wanted nodes they complete."""

    wanted: frozenset[Node]
    size: int = 0
    found: dict[Node, bytes] = field(default_factory=dict)
    _places: frozenset[tuple[int, int]] = field(init=False)
    _left: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = frozenset((node.level, node.index) for node in self.wanted)

    def take(self, rows: Iterable[tuple[int, bytes]]) -> bool:
        """Fold these `(idx, leaf hash)`; False where a leaf is missing, after which nothing more can be folded.

        A second row at the same place is passed over; verification names it.
        """
        for idx, leaf in rows:
            if idx > self.size:
                return False
            if idx == self.size:
                self._fold(leaf)
        return True

    def _fold(self, leaf: bytes) -> None:
        node, level, index = leaf, 0, self.size
        while True:
            if (level, index) in self._places:
                self.found[Node(level, index)] = node
            if not index & 1:
                break
            node = hashlib.sha256(b"\x01" + self._left.pop() + node).digest()
            level, index = level + 1, index >> 1
        self._left.append(node)
        self.size += 1


async def read_nodes(connection: Connection, size: int, spans: Sequence[Span]) -> Nodes:
    """The nodes these ranges of the first `size` entries are made of, from stored tiles; needs a transaction.

    Where a tile cannot be made, as `recompute_nodes` finds them.
    """
    wanted = needed(spans)
    try:
        lookup = TileNodes.of(size, await tile_contents(connection, tiles_for(wanted, size)))
        return Nodes(size, {node: lookup(node) for node in wanted})
    except (TileMissingError, MalformedTileError):
        return await recompute_nodes(connection, size, spans)


async def recompute_nodes(connection: Connection, size: int, spans: Sequence[Span]) -> Nodes:
    """The same from every leaf hash; needs a transaction. Where a row is missing, the nodes before it."""
    folding = Folding(frozenset(needed(spans)))
    cursor = await connection.cursor(_LEAVES, size)
    while rows := await cursor.fetch(CHUNK):
        if not folding.take((row["idx"], row["leaf_hash"]) for row in rows):
            break
    return Nodes(folding.size, folding.found)
