"""Reads tiles and entry bundles out of Postgres, byte for byte as c2sp.org/tlog-tiles wants them served.

A tile is at most 256 rows: leaf hashes of entries at level 0, roots of the tiles beneath it above. That they are right
is what `verification` finds out.
"""

from typing import Final

from services.audit.connecting import Connection
from services.audit.entries import leaf_bytes, microseconds
from services.audit.tiles import WIDTH, Bundle, Tile, bundle_bytes

_LEAVES: Final = "SELECT leaf_hash FROM audit.entry WHERE idx BETWEEN $1 AND $2 ORDER BY idx"
_ROOTS: Final = "SELECT root FROM audit.tile WHERE level = $1 AND index BETWEEN $2 AND $3 ORDER BY index"
_ENTRIES: Final = """
    SELECT recorded_at, stored_at, stream_seq, subject, body FROM audit.entry WHERE idx BETWEEN $1 AND $2 ORDER BY idx
"""


class TileMissingError(LookupError):
    """Rows that this tile or bundle is made of are not stored. Next: phoihop ledger verify."""


async def tile_content(connection: Connection, tile: Tile) -> bytes:
    """The hashes of a tile one after the other. Raises `TileMissingError`."""
    first = tile.index * WIDTH
    last = first + tile.width - 1
    if tile.level == 0:
        rows = await connection.fetch(_LEAVES, first, last)
    else:
        rows = await connection.fetch(_ROOTS, tile.level - 1, first, last)
    if len(rows) != tile.width:
        raise TileMissingError(tile.path)
    return b"".join(row[0] for row in rows)


async def bundle_content(connection: Connection, bundle: Bundle) -> bytes:
    """The leaf inputs of a bundle, each behind its length. Raises `TileMissingError`, `EntryTooLargeError`."""
    rows = await connection.fetch(_ENTRIES, bundle.entries.start, bundle.entries.stop - 1)
    if len(rows) != bundle.width:
        raise TileMissingError(bundle.path)
    return bundle_bytes(
        leaf_bytes(microseconds(recorded_at), microseconds(stored_at), stream_seq, subject, body)
        for recorded_at, stored_at, stream_seq, subject, body in rows
    )
