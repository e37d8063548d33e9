"""The ten attacks of the superuser drill, each really done to a copy of the honest ledger with every guard off.

Where an attacker would rebuild positions and tiles he has our own writer do it: nothing he leaves is inconsistent.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from services.audit.connecting import Connection, connect
from services.audit.drill.ledger import BACKUP, WHOLE, Batch, batches_of, changed, without
from services.audit.entries import Received, leaf_input
from services.audit.store import Ledger
from services.audit.tlog.merkle import leaf_hash

FORGED: Final = b'{"forged":true}'
_TABLES: Final = """
    SELECT c.oid::regclass::text FROM pg_class AS c WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p')
"""
_ROW: Final = "SELECT stream_seq, subject, body, stored_at, recorded_at FROM audit.entry WHERE idx = $1"
_FLIP: Final = """
    UPDATE audit.entry SET body = set_byte(body, octet_length(body) / 2, get_byte(body, octet_length(body) / 2) # 1)
    WHERE idx = $1
"""
_MOVE: Final = "UPDATE audit.entry SET idx = $2, stream_seq = $3 WHERE idx = $1"
_TILES_BEYOND: Final = "DELETE FROM audit.tile WHERE (index + 1) << (8 * (level + 1)) > $1"
_FAR: Final = 10**15


class Case(StrEnum):
    """What a superuser does."""

    EDIT_BODY = "edit_body"
    EDIT_BODY_AND_LEAF = "edit_body_and_leaf"
    EDIT_AND_REBUILD = "edit_and_rebuild"
    DELETE_ROW = "delete_row"
    DELETE_AND_RENUMBER = "delete_and_renumber"
    TRUNCATE_TAIL = "truncate_tail"
    DROP_PARTITION = "drop_partition"
    SWAP_ROWS = "swap_rows"
    STEAL_KEY = "steal_key"
    RESTORE_BACKUP = "restore_backup"


class Rows(NamedTuple):
    """The entries an attack concerns, both ends included."""

    first: int
    last: int


Attack = Callable[[Connection, str, int], Awaitable[Rows]]
"""Attacks the ledger behind a connection and its DSN, which has so many entries."""


async def attack(case: Case, dsn: str, entries: int) -> Rows:
    """Do it. The DSN is a superuser's on a copy."""
    connection = await connect(dsn, None)
    try:
        await connection.execute("SET event_triggers = off")
        await connection.execute("SET phoihop.maintenance = 'drill'")
        for row in await connection.fetch(_TABLES):
            await connection.execute(f"ALTER TABLE {row[0]} DISABLE TRIGGER ALL")
        return await _ATTACKS[case](connection, dsn, entries)
    finally:
        await connection.close()


def template_of(case: Case) -> str:
    """The database the attack starts from."""
    return BACKUP if case is Case.RESTORE_BACKUP else WHOLE


def _victim(entries: int) -> int:
    """In the middle, and at no edge of a batch."""
    return entries * 53 // 100


async def _edit_body(connection: Connection, _dsn: str, entries: int) -> Rows:
    await connection.execute(_FLIP, _victim(entries))
    return Rows(_victim(entries), _victim(entries))


async def _edit_body_and_leaf(connection: Connection, _dsn: str, entries: int) -> Rows:
    row = await connection.fetchrow(_ROW, victim := _victim(entries))
    if row is not None:
        forged = Received(row["stream_seq"], row["subject"], row["body"] + b" ", row["stored_at"])
        leaf = leaf_hash(leaf_input(forged, row["recorded_at"]))
        change = "UPDATE audit.entry SET body = $2, leaf_hash = $3 WHERE idx = $1"
        await connection.execute(change, victim, forged.body, leaf)
    return Rows(victim, victim)


async def _edit_and_rebuild(connection: Connection, dsn: str, entries: int) -> Rows:
    victim = _victim(entries)
    await _rebuild(connection, dsn, lambda batches: changed(batches, victim, FORGED))
    return Rows(victim, victim)


async def _delete_row(connection: Connection, _dsn: str, entries: int) -> Rows:
    await connection.execute("DELETE FROM audit.entry WHERE idx = $1", _victim(entries))
    return Rows(_victim(entries), _victim(entries))


async def _delete_and_renumber(connection: Connection, dsn: str, entries: int) -> Rows:
    victim = _victim(entries)
    await _rebuild(connection, dsn, lambda batches: without(batches, victim))
    return Rows(victim, entries - 1)


async def _truncate_tail(connection: Connection, _dsn: str, entries: int) -> Rows:
    """With the positions and tiles that would give it away."""
    cut = await connection.fetchval(
        "SELECT coalesce(max(size), 0) FROM audit.position WHERE size <= $1", entries * 9 // 10
    )
    await connection.execute("DELETE FROM audit.entry WHERE idx >= $1", cut)
    await connection.execute("DELETE FROM audit.position WHERE size > $1", cut)
    await connection.execute(_TILES_BEYOND, cut)
    return Rows(cut, entries - 1)


async def _drop_partition(connection: Connection, _dsn: str, entries: int) -> Rows:
    name = await connection.fetchval(
        "SELECT tableoid::regclass::text FROM audit.entry WHERE idx = $1", _victim(entries)
    )
    first, last = await connection.fetchrow(f"SELECT min(idx), max(idx) FROM {name}") or (0, 0)  # noqa: S608
    await connection.execute(f"DROP TABLE {name}")
    return Rows(first, last)


async def _swap_rows(connection: Connection, _dsn: str, entries: int) -> Rows:
    one, other = _victim(entries), _victim(entries) + 1
    for idx, to, seq in ((one, _FAR, _FAR), (other, one, one + 1), (_FAR, other, other + 1)):
        await connection.execute(_MOVE, idx, to, seq)
    return Rows(one, other)


async def _restore_backup(connection: Connection, _dsn: str, entries: int) -> Rows:
    """Nothing is left to do: the copy was made from the backup."""
    return Rows(await connection.fetchval("SELECT max(size) FROM audit.position"), entries - 1)


async def _rebuild(connection: Connection, dsn: str, forge: Callable[[Iterable[Batch]], Iterator[Batch]]) -> None:
    honest = [batch async for batch in batches_of(dsn)]
    await connection.execute("TRUNCATE audit.entry, audit.position, audit.tile")
    ledger = await Ledger.open(dsn)
    for batch in forge(honest):
        await ledger.append(batch.messages, batch.recorded_at)
    await ledger.close()


_ATTACKS: Final[dict[Case, Attack]] = {
    Case.EDIT_BODY: _edit_body,
    Case.EDIT_BODY_AND_LEAF: _edit_body_and_leaf,
    Case.EDIT_AND_REBUILD: _edit_and_rebuild,
    Case.DELETE_ROW: _delete_row,
    Case.DELETE_AND_RENUMBER: _delete_and_renumber,
    Case.TRUNCATE_TAIL: _truncate_tail,
    Case.DROP_PARTITION: _drop_partition,
    Case.SWAP_ROWS: _swap_rows,
    Case.STEAL_KEY: _edit_and_rebuild,
    Case.RESTORE_BACKUP: _restore_backup,
}
