"""Proofs for every size up to 130 hold, and nothing else does: any changed bit, place, size or hash is noticed."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.evidence import verify as alone
from services.audit.tlog.merkle import CompactRange, leaf_hash, node_hash
from services.audit.tlog.proofs import (
    Node,
    Proved,
    Reason,
    Refuted,
    Span,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    needed,
    nodes_of,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 130
LEAVES = [leaf_hash(b"%d" % index) for index in range(LARGEST)]
ROOTS = [CompactRange().extend(LEAVES[:size]).root() for size in range(LARGEST + 1)]


@cache
def node(wanted: Node) -> bytes:
    """A perfect subtree of the tree under test, by definition."""
    if wanted.level == 0:
        return LEAVES[wanted.index]
    return node_hash(*(node(Node(wanted.level - 1, 2 * wanted.index + side)) for side in (0, 1)))


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, LARGEST))
    return draw(st.integers(0, size - 1)), size


def flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit % (8 * len(data))).to_bytes(len(data))


def test_every_inclusion_proof_of_every_size_holds() -> None:
    for size in range(1, LARGEST + 1):
        assert root_of(size, node) == ROOTS[size]
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size]) == Proved()


def test_every_consistency_proof_between_all_sizes_holds() -> None:
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, node)
            assert verify_consistency(old, new, proof, ROOTS[old], ROOTS[new]) == Proved()


def test_the_verifier_for_auditors_follows_every_inclusion_proof_to_the_same_root() -> None:
    """It shares no code with the writer, so this breaks if one of them misreads the RFC."""
    for size in range(1, LARGEST + 1, 3):
        for index in range(size):
            proof = list(inclusion_proof(index, size, node))
            assert alone.root_of(LEAVES[index], index, size, proof) == ROOTS[size]


@given(places())
@settings(max_examples=50, deadline=None)
def test_every_single_bit_of_an_inclusion_proof_matters(place: tuple[int, int]) -> None:
    """Breaks if some bit of leaf, proof or root could change unseen."""
    index, size = place
    proof = inclusion_proof(index, size, node)
    for bit in range(256):
        assert isinstance(verify_inclusion(flip(LEAVES[index], bit), index, size, proof, ROOTS[size]), Refuted)
        assert isinstance(verify_inclusion(LEAVES[index], index, size, proof, flip(ROOTS[size], bit)), Refuted)
        for at, value in enumerate(proof):
            changed = (*proof[:at], flip(value, bit), *proof[at + 1 :])
            assert isinstance(verify_inclusion(LEAVES[index], index, size, changed, ROOTS[size]), Refuted)


@given(st.integers(1, LARGEST), st.integers(1, LARGEST))
@settings(max_examples=50, deadline=None)
def test_every_single_bit_of_a_consistency_proof_matters(one: int, other: int) -> None:
    """Breaks if a history could be rewritten under a proof that still holds."""
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, node)
    for bit in range(256):
        assert isinstance(verify_consistency(old, new, proof, flip(ROOTS[old], bit), ROOTS[new]), Refuted)
        assert isinstance(verify_consistency(old, new, proof, ROOTS[old], flip(ROOTS[new], bit)), Refuted)
        for at, value in enumerate(proof):
            changed = (*proof[:at], flip(value, bit), *proof[at + 1 :])
            assert isinstance(verify_consistency(old, new, changed, ROOTS[old], ROOTS[new]), Refuted)


@given(places(), st.data())
def test_a_proof_holds_for_no_other_entry_and_no_other_size(place: tuple[int, int], data: st.DataObject) -> None:
    """No other index ever; another size may need the same hashes, but then has another root."""
    index, size = place
    proof = inclusion_proof(index, size, node)
    other = data.draw(st.integers(0, LARGEST).filter(lambda number: number != index))
    assert isinstance(verify_inclusion(LEAVES[index], other, size, proof, ROOTS[size]), Refuted)
    another = data.draw(st.integers(0, LARGEST).filter(lambda number: number != size))
    assert isinstance(verify_inclusion(LEAVES[index], index, another, proof, ROOTS[another]), Refuted)


@given(places(), st.binary(min_size=32, max_size=32))
def test_a_hash_too_many_or_too_few_is_no_proof(place: tuple[int, int], more: bytes) -> None:
    index, size = place
    proof = inclusion_proof(index, size, node)
    for changed in ((*proof, more), (more, *proof), *((proof[:-1], proof[1:]) if proof else ())):
        refuted = verify_inclusion(LEAVES[index], index, size, changed, ROOTS[size])
        assert isinstance(refuted, Refuted)
    assert verify_inclusion(LEAVES[index], index, size, (*proof, more), ROOTS[size]) == Refuted(Reason.WRONG_LENGTH)


def test_a_changed_old_entry_is_told_from_a_changed_new_one() -> None:
    proof = consistency_proof(5, 8, node)
    assert verify_consistency(5, 8, proof, bytes(32), ROOTS[8]) == Refuted(Reason.OLD_ROOT_DIFFERS)
    assert verify_consistency(5, 8, proof, ROOTS[5], bytes(32)) == Refuted(Reason.ROOT_DIFFERS)


def test_bytes_cannot_move_from_one_hash_into_the_next() -> None:
    """A node is the hash of 64 bytes whatever the cut: breaks if a hash of 31 bytes beside one of 33 were taken."""
    left, right = LEAVES[0], LEAVES[1]
    assert node_hash(left + right[:1], right[1:]) == ROOTS[2]
    assert verify_inclusion(left + right[:1], 0, 2, [right[1:]], ROOTS[2]) == Refuted(Reason.NOT_A_HASH)
    assert verify_consistency(1, 2, [right[1:]], left + right[:1], ROOTS[2]) == Refuted(Reason.NOT_A_HASH)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5), (9, 5)])
def test_there_is_no_proof_for_an_entry_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_spans(index, size)
    reason = Reason.OUT_OF_RANGE if size else Reason.EMPTY_TREE
    assert verify_inclusion(LEAVES[0], index, size, (), ROOTS[size]) == Refuted(reason)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_there_is_no_proof_from_nothing_nor_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_spans(old, new)
    reason = Reason.OUT_OF_RANGE if old else Reason.EMPTY_TREE
    assert verify_consistency(old, new, (), ROOTS[max(old, 0)], ROOTS[new]) == Refuted(reason)


@given(st.integers(1, 2**40), st.data())
def test_the_nodes_to_fetch_are_few_distinct_and_inside_the_tree(size: int, data: st.DataObject) -> None:
    """At five million entries a proof needs fewer than fifty nodes; one that is not there yet is never asked for."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    for spans in (inclusion_spans(index, size), consistency_spans(old, size)):
        nodes = needed(spans)
        assert len(set(nodes)) == len(nodes) <= 2 * size.bit_length()
        assert all((node.index + 1) << node.level <= size for node in nodes)
        assert len(spans) <= size.bit_length() + 1


@given(st.integers(0, 2**20))
def test_the_nodes_of_a_tree_are_those_of_its_compact_range(size: int) -> None:
    nodes = nodes_of(Span(0, size))
    assert [1 << each.level for each in nodes] == [1 << bit for bit in range(20, -1, -1) if size >> bit & 1]
    assert sum(1 << each.level for each in nodes) == size


def test_a_node_can_not_be_passed_off_as_an_entry() -> None:
    """Breaks if leaves and nodes were hashed alike: then two leaves could be shown as one (RFC 6962 §2.1)."""
    forged = hashlib.sha256(b"\x00" + LEAVES[0] + LEAVES[1]).digest()
    assert verify_inclusion(forged, 0, 2, [LEAVES[2]], ROOTS[3]) == Refuted(Reason.ROOT_DIFFERS)
