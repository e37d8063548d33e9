"""The tree against public vectors and against the definition, written down a second time."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.tlog.merkle import EMPTY_ROOT, CompactRange, leaf_hash, node_hash

# The reference inputs and roots that the Certificate Transparency implementations publish for RFC 6962.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_roots_are_those_of_the_public_vectors(size: int) -> None:
    tree = CompactRange().extend(leaf_hash(leaf) for leaf in LEAVES[:size])
    assert tree.root().hex() == ROOTS[size]
    assert tree.size == size


def test_leaf_and_node_are_kept_apart_by_their_prefix() -> None:
    """Without the prefixes an inner node could be passed off as an entry (RFC 6962 §2.1)."""
    left, right = hashlib.sha256(b"l").digest(), hashlib.sha256(b"r").digest()
    assert leaf_hash(left + right) == hashlib.sha256(b"\x00" + left + right).digest()
    assert node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, recursively: split at the largest power of two smaller than n."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=200), st.integers(0, 200))
def test_appending_in_any_two_parts_gives_the_tree_of_the_definition(leaves: list[bytes], cut: int) -> None:
    before = CompactRange().extend(leaves[:cut])
    stored = CompactRange.from_bytes(before.size, before.to_bytes())
    assert stored.extend(leaves[cut:]).root() == by_definition(leaves)


def test_extending_leaves_the_earlier_range_as_it_was() -> None:
    before = CompactRange().extend([b"a" * 32] * 3)
    root = before.root()
    before.extend([b"b" * 32] * 5)
    assert (before.size, before.root()) == (3, root)


@pytest.mark.parametrize(("size", "nodes"), [(1, b""), (0, b"x" * 32), (3, b"x" * 32), (1, b"x" * 31), (2, b"x" * 33)])
def test_bytes_that_are_no_range_of_that_size_are_refused(size: int, nodes: bytes) -> None:
    with pytest.raises(ValueError, match="no compact range"):
        CompactRange.from_bytes(size, nodes)
