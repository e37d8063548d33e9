"""Names, cuts and reads C2SP tiles: the tree as files of 256 hashes, the entries as bundles. It stores nothing.

It implements c2sp.org/tlog-tiles: level L of the tiles holds the nodes of level 8·L of the tree. A log of our size is
three tiles high, so one proof needs at most five of them.

The entries in a bundle are leaf inputs (`services.audit.entries`), at most 65,535 bytes each; what the streams let
through is shorter. An entry that is longer all the same has its hash in the tiles and no place in a bundle.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.audit.tlog.merkle import HASH_SIZE, Completed, node_hash
from services.audit.tlog.proofs import Node, NodeLookup

WIDTH: Final = 256
HEIGHT: Final = 8
HIGHEST_LEVEL: Final = 63
LARGEST_ENTRY: Final = 0xFFFF

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class EntryTooLargeError(ValueError):
    """An entry bundle holds entries of at most 65,535 bytes."""


class MalformedTileError(ValueError):
    """The path or the bytes are no tile or bundle as c2sp.org/tlog-tiles defines them."""


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` nodes of level 8·`level`, from node `index`·256 on; partial while `width` is below 256."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= HIGHEST_LEVEL or self.index < 0 or not 1 <= self.width <= WIDTH:
            raise MalformedTileError(f"there is no tile {self.level}/{self.index} of width {self.width}")

    @property
    def path(self) -> str:
        """Below the log's prefix, with `/` between folders."""
        return f"tile/{self.level}/{_index_path(self.index, self.width)}"

    @property
    def nodes(self) -> Iterator[Node]:
        """The nodes in it, from left to right."""
        first = self.index * WIDTH
        return (Node(self.level * HEIGHT, index) for index in range(first, first + self.width))


@dataclass(frozen=True, slots=True)
class Bundle:
    """The `width` entries from `index`·256 on."""

    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.index < 0 or not 1 <= self.width <= WIDTH:
            raise MalformedTileError(f"there is no bundle {self.index} of width {self.width}")

    @property
    def path(self) -> str:
        """Below the log's prefix, with `/` between folders."""
        return f"tile/entries/{_index_path(self.index, self.width)}"

    @property
    def entries(self) -> range:
        """The `idx` of the entries in it."""
        return range(self.index * WIDTH, self.index * WIDTH + self.width)


@dataclass(frozen=True, slots=True)
class FullTile:
    """A tile of `WIDTH` nodes that will never change, named by its place; its root is one node of the level above.

    That root is all that is stored of it: each hash of every tile is stored once, at level 0 with its entry.
    """

    level: int
    index: int
    root: bytes = b""

    @property
    def entries(self) -> range:
        """The `idx` of the entries under it."""
        width = 1 << (self.level + 1) * HEIGHT
        return range(self.index * width, (self.index + 1) * width)


def full_tiles(completed: Iterable[Completed]) -> Iterator[FullTile]:
    """The tiles that became full with these nodes, lowest level first."""
    for level, first, hashes in completed:
        if level and level % HEIGHT == 0:
            for index, root in enumerate(hashes, first):
                yield FullTile(level // HEIGHT - 1, index, root)


def parse_path(path: str) -> Tile | Bundle:
    """What a path names. Raises `MalformedTileError`; a path that `path` would not write is refused."""
    if not (found := _PATH.fullmatch(path)):
        raise MalformedTileError(f"{path!r} names no tile")
    index = int(re.sub(r"[x/]", "", found["index"]))
    width = int(found["width"] or WIDTH)
    named = Bundle(index, width) if found["level"] == "entries" else Tile(int(found["level"]), index, width)
    if named.path != path:
        raise MalformedTileError(f"{path!r} is not how {named.path} is written")
    return named


def tiles_of(size: int, before: int = 0) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves that the tree of its first `before` leaves has not, lowest level first."""
    for level in range(HIGHEST_LEVEL + 1):
        nodes, known = size >> level * HEIGHT, before >> level * HEIGHT
        if nodes == 0:
            return
        for index in range(known // WIDTH, -(-nodes // WIDTH)):
            if (width := min(WIDTH, nodes - index * WIDTH)) > known - index * WIDTH:
                yield Tile(level, index, width)


def bundles_of(size: int, before: int = 0) -> Iterator[Bundle]:
    """Every entry bundle of `size` entries that is not among those of the first `before`."""
    return (Bundle(tile.index, tile.width) for tile in tiles_of(size, before) if tile.level == 0)


def tile_bytes(tile: Tile, lookup: NodeLookup) -> bytes:
    """The content of a tile: its hashes one after the other."""
    return b"".join(map(lookup, tile.nodes))


def bundle_bytes(entries: Iterable[bytes]) -> bytes:
    """The content of a bundle: each leaf input behind its length. Raises `EntryTooLargeError`."""
    return b"".join(map(_framed, entries))


def read_bundle(content: bytes, width: int) -> tuple[bytes, ...]:
    """The leaf inputs of a bundle. Raises `MalformedTileError` unless there are exactly `width`."""
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 2])
        entries.append(content[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(content) or len(entries) != width:
        raise MalformedTileError(f"{len(content)} bytes are no bundle of {width} entries")
    return tuple(entries)


def tiles_for(nodes: Iterable[Node], size: int) -> tuple[Tile, ...]:
    """The tiles that hold these nodes of a tree of `size` leaves, or what is under them; each once."""
    return tuple(dict.fromkeys(_tile_of(node, size) for node in nodes))


@dataclass(frozen=True, slots=True)
class TileNodes:
    """Finds the nodes of a tree of `size` leaves in its tiles: a `NodeLookup` over a reader of tiles.

    Nodes between the levels of the tiles are hashed from the tile beneath.
    """

    size: int
    read: Callable[[Tile], bytes]

    def __call__(self, node: Node) -> bytes:
        """The hash of a node. Raises `MalformedTileError` where a tile has not the length of its width."""
        tile = _tile_of(node, self.size)
        content = self.read(tile)
        if len(content) != tile.width * HASH_SIZE:
            raise MalformedTileError(f"{tile.path} has {len(content)} bytes")
        count = 1 << node.level % HEIGHT
        first = (node.index * count - tile.index * WIDTH) * HASH_SIZE
        return _fold([content[at : at + HASH_SIZE] for at in range(first, first + count * HASH_SIZE, HASH_SIZE)])

    @classmethod
    def of(cls, size: int, tiles: dict[Tile, bytes]) -> Self:
        """Over tiles that were fetched before; another one raises `KeyError`."""
        return cls(size, tiles.__getitem__)


def _tile_of(node: Node, size: int) -> Tile:
    level = node.level // HEIGHT
    index = (node.index << node.level % HEIGHT) // WIDTH
    return Tile(level, index, min(WIDTH, (size >> level * HEIGHT) - index * WIDTH))


def _fold(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _framed(entry: bytes) -> bytes:
    if len(entry) > LARGEST_ENTRY:
        raise EntryTooLargeError(f"an entry of {len(entry)} bytes fits no bundle")
    return len(entry).to_bytes(2) + entry


def _index_path(index: int, width: int) -> str:
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join((*(f"x{group}" for group in groups[:-1]), groups[-1]))
    return path if width == WIDTH else f"{path}.p/{width}"
