"""A small public log, a public witness and the tile paths of others: what their programs wrote, ours read and redo."""

import base64
import json
from pathlib import Path
from typing import Any, Final

import pytest

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import EMPTY_ROOT, leaf_hash
from services.audit.tlog.notes import LogSigner, Note, Verified, VerifierKey, WitnessSigner, verify
from services.audit.tlog.proofs import (
    Node,
    Proved,
    consistency_proof,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from services.audit.tlog.tiles import (
    Bundle,
    MalformedTileError,
    Tile,
    TileNodes,
    bundle_bytes,
    bundles_of,
    parse_path,
    read_bundle,
    tile_bytes,
    tiles_of,
)
from services.audit.tlog.witnessing import (
    AddCheckpoint,
    Contradiction,
    Cosign,
    Decision,
    Inconsistent,
    Refusal,
    Refused,
    Stale,
    cosigned,
    decide,
)

LOG: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "tessera_log.json").read_text(encoding="utf-8")
)
NOTES: Final = [Note.parse(text.encode()) for text in LOG["checkpoints"]]
HEADS: Final = [Checkpoint.of(note) for note in NOTES]
KEY: Final = VerifierKey.parse(LOG["vkey"])
ENTRIES: Final = read_bundle(base64.b64decode(LOG["bundle"]), 15)
NODES: Final = TileNodes(15, lambda _: base64.b64decode(LOG["tile"]))


def test_every_checkpoint_of_the_public_log_is_signed_by_it() -> None:
    assert [verify(note, [KEY]) for note in NOTES] == [Verified({KEY: 0})] * 16
    assert [head.size for head in HEADS] == list(range(16))
    assert [head.text for head in HEADS] == [note.text for note in NOTES]


def test_the_public_log_signed_size_0_with_the_root_of_nothing() -> None:
    assert HEADS[0].root == EMPTY_ROOT
    assert HEADS[0].is_possible


def test_the_tiles_of_the_public_log_give_its_entries_roots_and_proofs() -> None:
    assert bundle_bytes(ENTRIES) == base64.b64decode(LOG["bundle"])
    assert [NODES(Node(0, index)) for index in range(15)] == [leaf_hash(entry) for entry in ENTRIES]
    assert [root_of(size, NODES) for size in range(16)] == [head.root for head in HEADS]
    for head in HEADS[1:]:
        for index in range(head.size):
            proof = inclusion_proof(index, head.size, NODES)
            assert verify_inclusion(leaf_hash(ENTRIES[index]), index, head.size, proof, head.root) == Proved()
        for old in HEADS[1 : head.size + 1]:
            proof = consistency_proof(old.size, head.size, NODES)
            assert verify_consistency(old.size, head.size, proof, old.root, head.root) == Proved()


def test_we_write_the_tile_of_the_public_log_byte_for_byte() -> None:
    (tile,) = tiles_of(15)
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    assert tile.path == "tile/0/000.p/15"
    assert tile_bytes(tile, lambda node: leaves[node.index]) == base64.b64decode(LOG["tile"])


# c2sp.org/tlog-tiles and github.com/transparency-dev/tessera api/layout/paths_test.go at 1811ae1a, Apache-2.0.
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("tile/0/x001/x234/067", Tile(0, 1234067)),
        ("tile/0/x001/x234/067.p/89", Tile(0, 1234067, 89)),
        ("tile/63/x999/x999/x999/x999/x999/999.p/255", Tile(63, 999999999999999999, 255)),
        ("tile/0/000.p/255", Tile(0, 0, 255)),
        ("tile/15/x455/667", Tile(15, 455667)),
        ("tile/15/x123/x456/789.p/41", Tile(15, 123456789, 41)),
        ("tile/entries/000", Bundle(0)),
        ("tile/entries/255.p/253", Bundle(255, 253)),
        ("tile/entries/x123/x456/789", Bundle(123456789)),
    ],
)
def test_a_published_path_is_read_and_written(path: str, named: Tile | Bundle) -> None:
    assert parse_path(path) == named
    assert named.path == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/x001/x234/067.p/",
        "tile/0/x001/x234/067.p",
        "tile/0/x001/x234/",
        "tile/0/x001/x234",
        "tile/0/x001",
        "tile/1/x001/.p/abc",
        "tile/64/x001/002",
        "tile/-1/x001/002",
        "tile/abc/x001/002",
        "tile/8/001/002",
        "tile/8/x001/0002",
        "tile/8/x001/-002",
        "tile/8/x001/002.p/256",
        "tile/8/x001/002.p/0",
        "tile/8/x000/002",
        "tile/08/002",
        "tile/63/x999/x999/x999/x999/x999/x999/999.p/255",
    ],
)
def test_a_path_that_is_published_as_wrong_is_refused(path: str) -> None:
    with pytest.raises(MalformedTileError):
        parse_path(path)


def test_the_trees_that_the_tile_specification_describes_have_those_tiles() -> None:
    """70,000: 273 full and one partial tile of 112, one full and one of 17, one of 1. 256: one full, one of width 1."""
    widths = [(tile.level, tile.width) for tile in tiles_of(70_000)]
    assert widths == [(0, 256)] * 273 + [(0, 112), (1, 256), (1, 17), (2, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert [bundle.path for bundle in bundles_of(257)] == ["tile/entries/000", "tile/entries/001.p/1"]


# github.com/transparency-dev/witness witness/witness_test.go at 54dbcdd1, Apache-2.0.
MONKEYS: Final = VerifierKey.parse("monkeys+db4d9f7e+AULaJMvTtDLHPUcUrjdDad9vDlh/PTfC2VV60JUtCfWT")
MONKEYS_SIGNER: Final = LogSigner.parse("PRIVATE+KEY+monkeys+db4d9f7e+ATWIAF3yVBG+Hv1rZFQoNt/BaURkLPtOFMAM2HrEeIr6")
INIT: Final = (
    "monkeys\n5\n41smjBUiAU70EtKlT6lIOIYtRTYxYXsDB+XHfcvu/BE=\n\n— monkeys 202fftzGl3LVoqjXfwCFZZXs8I+5G2"
    "2+Ek2K0AOyBuSJ/8/CZawNF+6fNlTKOCd622pbzJNkkJFWuw9DbicZCkEx9AY=\n"
)
NEXT: Final = (
    "monkeys\n8\nV8K9aklZ4EPB+RMOk1/8VsJUdFZR77GDtZUQq84vSbo=\n\n— monkeys 202ffoUEboiQYpHzICeaFmoy3RNviHTpAxYrq/eO4QQV"
    "QMvu9UebKBMX2MJC76NLthZaKsnKbCA8GxrjePZhvDCH7Ag=\n"
)
PROOF: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "b9e1d62618f7fee8034e4c5010f727ab24d8e4705cb296c374bf2025a87a10d2",
        "aac66cd7a79ce4012d80762fe8eec3a77f22d1ca4145c3f4cee022e7efcd599d",
        "89d0f753f66a290c483b39cd5e9eafb12021293395fad3d4a2ad053cfbcfdc9e",
        "29e40bb79c966f4c6fe96aff6f30acfce5f3e8d84c02215175d6e018a5dee833",
    )
)
FIVE: Final = bytes.fromhex("e35b268c1522014ef412d2a54fa94838862d453631617b0307e5c77dcbeefc11")
WITNESS: Final = WitnessSigner("witness", bytes(32))


def monkeys(size: int, root: bytes) -> bytes:
    text = Checkpoint("monkeys", size, root).text
    return Note(text).signed(MONKEYS_SIGNER.sign(text)).to_bytes()


def update(first: bytes, old: int, then: bytes, proof: tuple[bytes, ...]) -> Decision:
    """What a witness that has cosigned `first` decides about `then`."""
    logs = {"monkeys": (MONKEYS,)}
    decision = decide(AddCheckpoint(0, (), Note.parse(first)), None, logs)
    assert isinstance(decision, Cosign)
    return decide(AddCheckpoint(old, proof, Note.parse(then)), cosigned(decision, [WITNESS], 1).seen, logs)


def test_the_public_witness_vectors_that_extend_a_log_are_cosigned() -> None:
    assert isinstance(update(monkeys(5, FIVE), 5, NEXT.encode(), PROOF), Cosign)
    assert isinstance(update(INIT.encode(), 5, NEXT.encode(), PROOF), Cosign)
    assert isinstance(update(INIT.encode(), 5, monkeys(5, FIVE), ()), Cosign)
    assert isinstance(update(monkeys(0, EMPTY_ROOT), 0, INIT.encode(), ()), Cosign)


@pytest.mark.parametrize(
    ("first", "old", "then", "proof", "expected"),
    [
        (INIT.encode(), 2, NEXT.encode(), (), Stale(5)),
        (NEXT.encode(), 8, INIT.encode(), PROOF, Refused(Refusal.OLD_SIZE_BEYOND)),
        (monkeys(0, EMPTY_ROOT), 0, INIT.encode(), PROOF, Contradiction.NOT_AN_EXTENSION),
        (monkeys(0, EMPTY_ROOT), 0, INIT.encode(), (b"\x02",), Contradiction.NOT_AN_EXTENSION),
        (INIT.encode(), 5, monkeys(5, b"\xff" * 7 + FIVE[7:]), (), Contradiction.SPLIT_VIEW),
        (monkeys(4, FIVE), 4, monkeys(5, FIVE), (), Contradiction.NOT_AN_EXTENSION),
        (INIT.encode(), 5, NEXT.encode(), (b"\xaa\xaa", b"\xbb\xbb"), Contradiction.NOT_AN_EXTENSION),
    ],
)
def test_the_other_public_witness_vectors_are_refused_for_the_published_reason(
    first: bytes, old: int, then: bytes, proof: tuple[bytes, ...], expected: Decision | Contradiction
) -> None:
    decision = update(first, old, then, proof)
    assert (decision.contradiction if isinstance(decision, Inconsistent) else decision) == expected
