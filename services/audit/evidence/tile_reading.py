"""Reads tiles and entry bundles out of Postgres, byte for byte as c2sp.org/tlog-tiles wants them served.

A tile is at most 256 rows: leaf hashes of entries at level 0, roots of the tiles beneath it above. That they are right
is what `verification` finds out.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from asyncpg import Record

from services.audit.connecting import Connection
from services.audit.entries import leaf_bytes, microseconds
from services.audit.tlog.tiles import WIDTH, Bundle, Tile, bundle_bytes

_HASHES: Final = """
    SELECT 0 AS level, idx / 256 AS tile, count(DISTINCT idx) AS hashes, count(*) AS rows,
           string_agg(leaf_hash, ''::bytea ORDER BY idx) AS content
    FROM audit.entry WHERE idx BETWEEN $1 AND $2 OR idx BETWEEN $3 AND $4 GROUP BY 2
    UNION ALL SELECT tile.level + 1, tile.index / 256, count(DISTINCT tile.index), count(*),
                     string_agg(tile.root, ''::bytea ORDER BY tile.index)
    FROM unnest($5::integer[], $6::bigint[], $7::bigint[]) AS wanted (level, first, last)
    JOIN audit.tile ON tile.level = wanted.level AND tile.index BETWEEN wanted.first AND wanted.last
    GROUP BY 1, 2
"""
"""Two tiles of level 0, which is all that one proof needs, and any of the levels above, in one answer of a row a tile.

The entries are named once: for every mention the server plans all months anew, and that is most of what a proof costs.
"""
_NOTHING: Final = (0, -1)
_ENTRIES: Final = """
    SELECT idx, recorded_at, stored_at, stream_seq, subject, body
    FROM audit.entry WHERE idx BETWEEN $1 AND $2 ORDER BY idx
"""


class TileMissingError(LookupError):
    """Rows that this tile or bundle is made of are not stored. Next: phoihop ledger verify."""


async def tile_contents(connection: Connection, tiles: Sequence[Tile]) -> dict[Tile, bytes]:
    """The hashes of each tile one after the other. Raises `TileMissingError`."""
    lowest = [tile for tile in tiles if tile.level == 0]
    above = [tile for tile in tiles if tile.level]
    found: dict[Tile, bytes] = {}
    for at in range(0, max(len(lowest), 1), 2):
        asked = (*lowest[at : at + 2], *above)
        found |= _cut(asked, await connection.fetch(_HASHES, *_ranges(lowest[at : at + 2], above)))
        above = []
    return found


async def tile_content(connection: Connection, tile: Tile) -> bytes:
    """The same of one tile."""
    return (await tile_contents(connection, [tile]))[tile]


async def bundle_content(connection: Connection, bundle: Bundle) -> bytes:
    """The leaf inputs of a bundle, each behind its length. Raises `TileMissingError`, `EntryTooLargeError`."""
    return bundle_bytes(await bundle_entries(connection, bundle))


async def bundle_entries(connection: Connection, bundle: Bundle) -> Sequence[bytes]:
    """The leaf inputs of a bundle as they follow from the stored rows. Raises `TileMissingError`."""
    rows = await connection.fetch(_ENTRIES, bundle.entries.start, bundle.entries.stop - 1)
    if [row["idx"] for row in rows] != list(bundle.entries):
        raise TileMissingError(f"not one row at each place of {bundle.path}")
    return [
        leaf_bytes(microseconds(recorded_at), microseconds(stored_at), stream_seq, subject, body)
        for _, recorded_at, stored_at, stream_seq, subject, body in rows
    ]


def _ranges(lowest: Sequence[Tile], above: Sequence[Tile]) -> tuple[object, ...]:
    one, other = ([_range(tile) for tile in lowest] + [_NOTHING] * 2)[:2]
    ranges = [_range(tile) for tile in above]
    return (
        *one,
        *other,
        [tile.level - 1 for tile in above],
        [first for first, _ in ranges],
        [last for _, last in ranges],
    )


def _range(tile: Tile) -> tuple[int, int]:
    return tile.index * WIDTH, tile.index * WIDTH + tile.width - 1


def _cut(tiles: Iterable[Tile], rows: Sequence[Record]) -> dict[Tile, bytes]:
    stored: dict[tuple[int, int], Record] = {(row["level"], row["tile"]): row for row in rows}
    return {tile: _content(tile, stored.get((tile.level, tile.index))) for tile in tiles}


def _content(tile: Tile, stored: Record | None) -> bytes:
    """All hashes of a tile: as many places as it is wide, and one row at each."""
    if stored is None or stored["hashes"] != tile.width:
        raise TileMissingError(f"no hash at some place of {tile.path}")
    if stored["rows"] != tile.width:
        raise TileMissingError(f"two rows at one place of {tile.path}")
    content: bytes = stored["content"]
    return content
