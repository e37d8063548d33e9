"""Tiles: every proof can be made from them, at every size, and they grow without ever changing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.tlog.merkle import CompactRange, leaf_hash, node_hash
from services.audit.tlog.proofs import (
    Node,
    Span,
    consistency_spans,
    hash_of,
    inclusion_spans,
    needed,
    nodes_of,
    root_of,
)
from services.audit.tlog.tiles import (
    Bundle,
    EntryTooLargeError,
    MalformedTileError,
    Tile,
    TileNodes,
    bundle_bytes,
    bundles_of,
    parse_path,
    read_bundle,
    tile_bytes,
    tiles_for,
    tiles_of,
)

SIZE = 66_000  # three levels of tiles
LEVELS = [[leaf_hash(b"%d" % index) for index in range(SIZE)]]
while len(LEVELS[-1]) > 1:
    below = LEVELS[-1]
    LEVELS.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])

sizes = st.one_of(st.integers(1, 600), st.integers(65_000, SIZE))


def node(wanted: Node) -> bytes:
    return LEVELS[wanted.level][wanted.index]


def read(tile: Tile) -> bytes:
    return tile_bytes(tile, node)


@given(sizes, st.data())
@settings(max_examples=60)
def test_every_proof_can_be_made_from_the_tiles_of_that_size(size: int, data: st.DataObject) -> None:
    """Only tiles that exist at this size are read: breaks if a proof needed one that was never published."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    published = set(tiles_of(size))
    for spans in (inclusion_spans(index, size), consistency_spans(old, size), (Span(0, size),)):
        tiles = tiles_for(needed(spans), size)
        assert published.issuperset(tiles)
        lookup = TileNodes.of(size, {tile: read(tile) for tile in tiles})
        assert [hash_of(span, lookup) for span in spans] == [hash_of(span, node) for span in spans]


def test_a_proof_at_five_million_entries_needs_few_tiles() -> None:
    assert len(tiles_for(needed(inclusion_spans(1_234_567, 5_000_000)), 5_000_000)) <= 5


@given(sizes)
@settings(max_examples=30)
def test_the_root_over_tiles_is_the_root_of_the_entries(size: int) -> None:
    assert root_of(size, TileNodes(size, read)) == root_of(size, node)


def test_the_root_over_tiles_is_that_of_the_compact_range() -> None:
    assert root_of(SIZE, TileNodes(SIZE, read)) == CompactRange().extend(LEVELS[0]).root()


@given(st.integers(0, 70_000), st.integers(0, 70_000))
@settings(max_examples=50)
def test_what_growing_adds_is_exactly_what_was_not_there(one: int, other: int) -> None:
    before, size = sorted((one, other))
    added = list(tiles_of(size, before))
    assert set(added) == set(tiles_of(size)) - set(tiles_of(before))
    assert len(set(added)) == len(added)
    assert [bundle.entries for bundle in bundles_of(size, before)] == [
        range(tile.index * 256, tile.index * 256 + tile.width) for tile in added if tile.level == 0
    ]


def test_an_empty_tree_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []


@given(st.integers(0, 63), st.integers(0, 10**17), st.integers(1, 256))
def test_a_path_names_one_tile_and_one_bundle(level: int, index: int, width: int) -> None:
    for named in (Tile(level, index, width), Bundle(index, width)):
        assert parse_path(named.path) == named


@given(st.text(st.sampled_from("tile/entries0123456789xp."), max_size=30))
def test_a_path_that_is_read_is_written_the_same(path: str) -> None:
    try:
        named = parse_path(path)
    except MalformedTileError:
        return
    assert named.path == path


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert read_bundle(bundle_bytes(entries), len(entries)) == tuple(entries)


def test_an_entry_of_65535_bytes_fits_and_a_longer_one_is_refused() -> None:
    """Breaks if a length wrapped around: all entries after it would be read wrongly."""
    assert read_bundle(bundle_bytes([b"x" * 65_535, b"y"]), 2)[1] == b"y"
    with pytest.raises(EntryTooLargeError):
        bundle_bytes([b"x" * 65_536])


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x01a\x00\x01b", b""])
def test_bytes_that_are_no_bundle_of_that_width_are_refused(content: bytes) -> None:
    with pytest.raises(MalformedTileError):
        read_bundle(content, 1)


def test_a_tile_that_is_too_short_or_too_long_is_refused() -> None:
    for content in (b"", bytes(31), bytes(8 * 32), bytes(10 * 32)):
        with pytest.raises(MalformedTileError, match="bytes"):
            TileNodes.of(9, {Tile(0, 0, 9): content})(Node(0, 8))


@pytest.mark.parametrize(("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_there_are_no_other_tiles(level: int, index: int, width: int) -> None:
    with pytest.raises(MalformedTileError):
        Tile(level, index, width)


def test_all_nodes_of_a_full_tree_are_found_whatever_their_level() -> None:
    lookup = TileNodes(SIZE, read)
    for level, nodes in enumerate(LEVELS[:-1]):
        for index in (0, len(nodes) // 2, len(nodes) - 1):
            assert lookup(Node(level, index)) == nodes[index]
    assert [lookup(each) for each in nodes_of(Span(0, SIZE))] == [node(each) for each in nodes_of(Span(0, SIZE))]
