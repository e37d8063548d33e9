"""Makes and checks inclusion and consistency proofs (RFC 6962 §2.1, RFC 9162 §2.1.3 and §2.1.4). It reads no storage.

A proof is a list of subtree hashes. Which ranges of leaves they cover is computed first (`inclusion_spans`,
`consistency_spans`), so that a store can fetch all `needed` nodes at once; `hash_of` then folds them together.

Size 0: no proof leads to or from the empty tree. RFC 9162 defines none (0 < m), so both checks refute with
`EMPTY_TREE`, as the public vectors demand. Whoever starts from nothing, as a new witness does, compares no roots:
`services.audit.tlog.witnessing` says how.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.audit.tlog.merkle import EMPTY_ROOT, HASH_SIZE, node_hash


@dataclass(frozen=True, slots=True)
class Node:
    """A perfect subtree: the leaves from `index << level` on, `1 << level` of them. Level 0 is the leaves."""

    level: int
    index: int


class Span(NamedTuple):
    """The leaves from `begin` up to, not including, `end`."""

    begin: int
    end: int


NodeLookup = Callable[[Node], bytes]
"""Gives the hash of a perfect subtree that lies wholly inside the tree."""


class Reason(StrEnum):
    """Why a proof proves nothing."""

    EMPTY_TREE = "empty_tree"
    """There is no proof to or from a tree of size 0."""
    OUT_OF_RANGE = "out_of_range"
    """The entry lies outside the tree, or the earlier tree is larger than the later one."""
    WRONG_LENGTH = "wrong_length"
    """The proof has more or fewer hashes than these sizes need."""
    NOT_A_HASH = "not_a_hash"
    """Something in it is not 32 bytes long."""
    ROOT_DIFFERS = "root_differs"
    """The proof does not lead to the root given: another leaf, another place or another tree."""
    OLD_ROOT_DIFFERS = "old_root_differs"
    """The proof does not contain the earlier root: what was recorded then was changed."""


@dataclass(frozen=True, slots=True)
class Proved:
    """The proof holds."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """The proof does not hold."""

    reason: Reason


def inclusion_proof(index: int, size: int, lookup: NodeLookup) -> tuple[bytes, ...]:
    """PATH(index, D[size]): the sibling of the leaf first. Raises `ValueError` for an entry outside the tree."""
    return tuple(hash_of(span, lookup) for span in inclusion_spans(index, size))


def consistency_proof(old: int, new: int, lookup: NodeLookup) -> tuple[bytes, ...]:
    """PROOF(old, D[new]). Raises `ValueError` unless 0 < old ≤ new."""
    return tuple(hash_of(span, lookup) for span in consistency_spans(old, new))


def root_of(size: int, lookup: NodeLookup) -> bytes:
    """The root of the tree's first `size` leaves."""
    return hash_of(Span(0, size), lookup) if size else EMPTY_ROOT


def inclusion_spans(index: int, size: int) -> tuple[Span, ...]:
    """The ranges whose hashes make up the inclusion proof, in the order of the proof."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    spans: list[Span] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = _split(begin, end)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(begin, middle))
            begin = middle
    return tuple(reversed(spans))


def consistency_spans(old: int, new: int) -> tuple[Span, ...]:
    """The ranges whose hashes make up the consistency proof, in the order of the proof."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from {old} to {new}")
    spans: list[Span] = []
    begin, end = 0, new
    while end != old:
        middle = _split(begin, end)
        if old <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(begin, middle))
            begin = middle
    if begin:  # from 0 on it would be the earlier root, which the other side has
        spans.append(Span(begin, end))
    return tuple(reversed(spans))


def needed(spans: Iterable[Span]) -> tuple[Node, ...]:
    """Every node to fetch for these ranges, each once, in no promised order."""
    return tuple({node for span in spans for node in nodes_of(span)})


def nodes_of(span: Span) -> tuple[Node, ...]:
    """The largest perfect subtrees that make up a range, from left to right."""
    nodes: list[Node] = []
    begin, end = span
    while begin < end:
        fits = (end - begin).bit_length() - 1
        level = min(fits, (begin & -begin).bit_length() - 1) if begin else fits
        nodes.append(Node(level, begin >> level))
        begin += 1 << level
    return tuple(nodes)


def hash_of(span: Span, lookup: NodeLookup) -> bytes:
    """The Merkle tree hash of a range as a proof may name it, folded from its perfect subtrees."""
    *left, folded = [lookup(node) for node in nodes_of(span)]
    for node in reversed(left):
        folded = node_hash(node, folded)
    return folded


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> Proved | Refuted:
    """Whether this leaf hash stands at this place of the tree with this root (RFC 9162 §2.1.3.2)."""
    if size == 0:
        return Refuted(Reason.EMPTY_TREE)
    if not 0 <= index < size:
        return Refuted(Reason.OUT_OF_RANGE)
    if not _are_hashes((leaf, *proof)):
        return Refuted(Reason.NOT_A_HASH)
    place, last, folded = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return Refuted(Reason.WRONG_LENGTH)
        if place & 1 or place == last:
            folded = node_hash(sibling, folded)
            up = _trailing_zeros(place) + 1
        else:
            folded, up = node_hash(folded, sibling), 1
        place, last = place >> up, last >> up
    if last:
        return Refuted(Reason.WRONG_LENGTH)
    return Proved() if folded == root else Refuted(Reason.ROOT_DIFFERS)


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> Proved | Refuted:
    """Whether the later tree begins with all leaves of the earlier one, unchanged (RFC 9162 §2.1.4.2)."""
    if old == 0:
        return Refuted(Reason.EMPTY_TREE)
    if not 0 < old <= new:
        return Refuted(Reason.OUT_OF_RANGE)
    if old == new:
        if proof:
            return Refuted(Reason.WRONG_LENGTH)
        return Proved() if old_root == new_root else Refuted(Reason.ROOT_DIFFERS)
    if not _are_hashes((*proof, old_root)):
        return Refuted(Reason.NOT_A_HASH)
    # A power of two is itself one node of the later tree, so its root is left out of the proof.
    path = (old_root, *proof) if old.bit_count() == 1 else tuple(proof)
    return _fold_both(old, new, path, (old_root, new_root))


def _fold_both(old: int, new: int, path: Sequence[bytes], roots: tuple[bytes, bytes]) -> Proved | Refuted:
    """Both roots out of one path, whose first hash is the largest node that ends where the earlier tree ends."""
    if not path:
        return Refuted(Reason.WRONG_LENGTH)
    up = _trailing_zeros(old)
    place, last = (old - 1) >> up, (new - 1) >> up
    earlier = later = path[0]
    for node in path[1:]:
        if last == 0:
            return Refuted(Reason.WRONG_LENGTH)
        if place & 1 or place == last:
            earlier, later = node_hash(node, earlier), node_hash(node, later)
            up = _trailing_zeros(place) + 1
        else:
            later, up = node_hash(later, node), 1
        place, last = place >> up, last >> up
    if last:
        return Refuted(Reason.WRONG_LENGTH)
    if earlier != roots[0]:
        return Refuted(Reason.OLD_ROOT_DIFFERS)
    return Proved() if later == roots[1] else Refuted(Reason.ROOT_DIFFERS)


def _split(begin: int, end: int) -> int:
    """Where RFC 6962 §2.1 divides a range: after the largest power of two smaller than its width."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
