"""The RFC 6962 Merkle tree as a compact range: leaf hash, node hash, extend, root. Proofs are not its part.

Hashes are SHA-256, 32 bytes. A leaf is SHA-256(0x00 ‖ leaf input), a node SHA-256(0x01 ‖ left ‖ right), the root of the
empty tree SHA-256 of nothing (RFC 6962 §2.1). What a leaf input of the ledger is, `services.audit.entries` says.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()


def leaf_hash(leaf_input: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf_input).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Completed(NamedTuple):
    """Neighbouring nodes of one level, from node `first` on. Level 0 is the leaves."""

    level: int
    first: int
    hashes: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class CompactRange:
    """All that is needed to go on appending and to name the root: the roots of the perfect subtrees, widest first.

    There is one node per bit set in `size`, so a tree of a million leaves is at most twenty hashes.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.nodes) != self.size.bit_count() or any(len(node) != HASH_SIZE for node in self.nodes):
            raise ValueError(f"{len(self.nodes)} nodes are no compact range of {self.size} leaves")

    def extend(self, leaves: Iterable[bytes]) -> Self:
        """The range after these leaf hashes, in order."""
        return self.grow(leaves)[0]

    def grow(self, leaves: Iterable[bytes]) -> tuple[Self, tuple[Completed, ...]]:
        """The range after these leaf hashes, and every node they complete, the leaves themselves first."""
        size, sha256 = self.size, hashlib.sha256
        hashes, waiting = list(leaves), list(self.nodes)
        end = size + len(hashes)
        completed: list[Completed] = []
        nodes: list[bytes] = []
        for level in range(end.bit_length()):
            first = size >> level
            completed.append(Completed(level, first, hashes))
            row = [waiting.pop(), *hashes] if first & 1 else hashes
            if end >> level & 1:
                nodes.append(row[-1])
            hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
        return type(self)(end, tuple(reversed(nodes))), tuple(completed)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves."""
        if not self.nodes:
            return EMPTY_ROOT
        *left, root = self.nodes
        for node in reversed(left):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        """The nodes one after the other: what is stored beside `size`."""
        return b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, size: int, nodes: bytes) -> Self:
        """The reverse of `to_bytes`; raises `ValueError` where the bytes are no range of that size."""
        return cls(size, tuple(nodes[at : at + HASH_SIZE] for at in range(0, len(nodes), HASH_SIZE)))
