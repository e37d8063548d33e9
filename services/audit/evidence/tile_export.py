"""Writes the ledger as a folder of C2SP tiles that any static server may serve; it goes on after what is there.

Every hash is made from the entries themselves, and the root they lead to is compared with the signed one before the
checkpoint appears. It appears last, as c2sp.org/tlog-tiles demands: a crash leaves tiles that nobody asks for yet, and
the next run uses those that fit their entries.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.audit.evidence.tile_reading import bundle_entries
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.checkpointing import Signed, snapshot
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import HASH_SIZE, CompactRange, leaf_hash
from services.audit.tlog.notes import MalformedNoteError, Note
from services.audit.tlog.proofs import Proved, consistency_proof, root_of, verify_consistency
from services.audit.tlog.tiles import (
    LARGEST_ENTRY,
    WIDTH,
    Bundle,
    MalformedTileError,
    Tile,
    TileNodes,
    bundle_bytes,
    read_bundle,
    tiles_of,
)

CHECKPOINT: Final = "checkpoint"
LEAVES: Final = "leaf"
"""Beside the tiles, and no part of tlog-tiles."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """The folder holds the log up to a checkpoint."""

    size: int
    before: int
    """Up to where it held the log already."""
    written: int
    """How many files this run wrote."""
    oversized: tuple[int, ...]
    """New entries longer than a bundle can hold: `leaf/<idx>` holds them and their neighbours, instead of a bundle."""


class TilesContradictError(Exception):
    """What the entries and the folder hold does not lead to the signed root; its checkpoint stays as it was.

    Next: phoihop ledger verify, then export into an empty folder.
    """


async def export_tiles(dsn: str, signed: Signed, folder: Path, progress: Progress) -> Exported:
    """Write every tile and bundle of this checkpoint that the folder lacks, then the checkpoint itself.

    A folder that is made is open to its owner only: the bundles hold what was recorded. Raises `TilesContradictError`,
    `UnusableFileError` for a folder of another log or of a later checkpoint, `TileMissingError`,
    `LedgerUnavailableError`.
    """
    size = signed.checkpoint.size
    earlier = _standing(folder, signed.checkpoint)
    before = earlier.size if earlier else 0
    written, oversized = 0, list[int]()
    async with snapshot(dsn) as connection:
        for tile in tiles_of(size, before):
            if tile.level:
                written += _write(folder, tile.path, _rolled_up(folder, tile))
                continue
            if not _is_there(folder, tile):
                entries = await bundle_entries(connection, Bundle(tile.index, tile.width))
                long = [idx for idx, entry in enumerate(entries, tile.index * WIDTH) if len(entry) > LARGEST_ENTRY]
                oversized += long
                written += _write_entries(folder, tile, entries, whole=not long)
            progress(min(size, (tile.index + 1) * WIDTH) - before, size - before)
    _hold_against(folder, earlier, signed.checkpoint)
    os.sync()  # a checkpoint must not survive a power cut that its tiles do not
    written += _write(folder, CHECKPOINT, signed.note.to_bytes())
    return Exported(size, before, written, tuple(oversized))


def _standing(folder: Path, wanted: Checkpoint) -> Checkpoint | None:
    """The checkpoint that lies in the folder, which is made where there is none. Raises `UnusableFileError`."""
    file = folder / CHECKPOINT
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = Checkpoint.of(Note.parse(file.read_bytes())) if file.exists() else None
    except (OSError, MalformedNoteError) as error:
        raise UnusableFileError(f"{file}: {error}") from error
    if found and found.origin != wanted.origin:
        raise UnusableFileError(f"{folder}: tiles of {found.origin}, not of {wanted.origin}")
    if found and found.size > wanted.size:
        raise UnusableFileError(f"{folder}: holds {found.size} entries already, the checkpoint covers {wanted.size}")
    return found


def _is_there(folder: Path, tile: Tile) -> bool:
    """Whether an interrupted run left this tile and its bundle whole: the one gives the other."""
    try:
        entries = read_bundle((folder / Bundle(tile.index, tile.width).path).read_bytes(), tile.width)
        return (folder / tile.path).read_bytes() == b"".join(map(leaf_hash, entries))
    except (OSError, MalformedTileError):
        return False


def _write_entries(folder: Path, tile: Tile, entries: Sequence[bytes], *, whole: bool) -> int:
    written = 0
    if whole:
        written += _write(folder, Bundle(tile.index, tile.width).path, bundle_bytes(entries))
    else:  # tlog-tiles gives an entry's length two bytes: what else a reader could do with its hash alone is nothing
        for idx, entry in enumerate(entries, tile.index * WIDTH):
            written += _write(folder, f"{LEAVES}/{idx}", entry)
    return written + _write(folder, tile.path, b"".join(map(leaf_hash, entries)))


def _rolled_up(folder: Path, tile: Tile) -> bytes:
    """A tile above the lowest: the root of each full tile beneath it, as it lies in the folder."""
    below = (Tile(tile.level - 1, tile.index * WIDTH + at) for at in range(tile.width))
    return b"".join(CompactRange().extend(_hashes(_read(folder, one))).root() for one in below)


def _hold_against(folder: Path, earlier: Checkpoint | None, wanted: Checkpoint) -> None:
    """The files themselves are read once more: they must lead to the signed root, and go on from the earlier one."""
    nodes = TileNodes(wanted.size, lambda tile: _read(folder, tile))
    if root_of(wanted.size, nodes) != wanted.root:
        raise TilesContradictError(f"{folder}: the tiles do not lead to the root signed at {wanted.size} entries")
    if earlier and earlier.size:
        proof = consistency_proof(earlier.size, wanted.size, nodes)
        if not isinstance(verify_consistency(earlier.size, wanted.size, proof, earlier.root, wanted.root), Proved):
            raise TilesContradictError(f"{folder}: its checkpoint of {earlier.size} entries is of another history")


def _read(folder: Path, tile: Tile) -> bytes:
    try:
        content = (folder / tile.path).read_bytes()
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    if len(content) != tile.width * HASH_SIZE:
        raise UnusableFileError(f"{folder / tile.path}: {len(content)} bytes; export into an empty folder")
    return content


def _hashes(content: bytes) -> list[bytes]:
    return [content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)]


def _write(folder: Path, path: str, content: bytes) -> int:
    """The file appears whole; the number of files written."""
    file = folder / path
    partial = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(file)
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    return 1
