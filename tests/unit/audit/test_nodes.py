"""The node lookup over streamed leaves gives what RFC 6962 defines, and stops where a leaf is missing."""

import hashlib
from collections.abc import Sequence

import pytest

from services.audit.evidence.nodes import Folding, Nodes
from services.audit.tlog.merkle import EMPTY_ROOT, CompactRange, node_hash
from services.audit.tlog.proofs import (
    Node,
    Proved,
    Span,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    needed,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(70)]


def folded(spans: Sequence[Span], rows: Sequence[tuple[int, bytes]]) -> Nodes:
    folding = Folding(frozenset(needed(spans)))
    folding.take(rows)
    return Nodes(folding.size, folding.found)


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH by the recursive definition of RFC 6962 §2.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_hash(leaves[:half]), tree_hash(leaves[half:]))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 64, 65, 70])
def test_every_proof_of_every_size_holds_over_streamed_leaves(size: int) -> None:
    rows = list(enumerate(LEAVES[:size]))
    for at in range(size):
        root = tree_hash(LEAVES[:size])
        nodes = folded([*inclusion_spans(at, size), *consistency_spans(at + 1, size), Span(0, size)], rows)
        assert root_of(size, nodes) == root
        assert verify_inclusion(LEAVES[at], at, size, inclusion_proof(at, size, nodes), root) == Proved()
        earlier, proof = tree_hash(LEAVES[: at + 1]), consistency_proof(at + 1, size, nodes)
        assert verify_consistency(at + 1, size, proof, earlier, root) == Proved()


def test_only_the_nodes_asked_for_are_kept() -> None:
    """Breaks if memory grew with the ledger."""
    folding = Folding(frozenset(needed(inclusion_spans(5, 70))))
    assert folding.take(enumerate(LEAVES))
    assert set(folding.found) == folding.wanted
    assert len(folding._left) == (70).bit_count()


def test_reading_ends_at_the_first_missing_leaf() -> None:
    folding = Folding(frozenset({Node(0, 2), Node(0, 4), Node(1, 0)}))
    assert not folding.take((at, LEAVES[at]) for at in (0, 1, 2, 4, 5))
    assert (folding.size, set(folding.found)) == (3, {Node(0, 2), Node(1, 0)})


def test_a_second_row_at_one_place_does_not_shift_the_others() -> None:
    rows = [(0, LEAVES[0]), (1, LEAVES[1]), (1, LEAVES[9]), (2, LEAVES[2])]
    assert root_of(3, folded([Span(0, 3)], rows)) == CompactRange().extend(LEAVES[:3]).root()


def test_the_empty_tree_needs_no_node() -> None:
    assert root_of(0, folded([Span(0, 0)], [])) == EMPTY_ROOT
