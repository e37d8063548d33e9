"""Rebuilds the indexes of months that nothing is added to any more: a quarter of them is empty. It changes no row.

Not CONCURRENTLY: that commits halfway, before the guards can object, and leaves a broken index where it fails.
A closed month is only read, and readers wait for the seconds it takes; a late entry waits with them and is not lost.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.roles import OWNER

_LOOSE: Final = """
    SELECT month.relname, sum(pg_relation_size(i.indexrelid))::bigint AS bytes
    FROM pg_inherits
    JOIN pg_class month ON month.oid = inhrelid
    JOIN pg_index i ON i.indrelid = month.oid
    JOIN pg_class index ON index.oid = i.indexrelid
    WHERE inhparent = 'audit.entry'::regclass
      AND month.relname ~ '^entry_[0-9]{4}_[0-9]{2}$'
      AND month.relname < 'entry_' || to_char((now() - $1::interval) AT TIME ZONE 'UTC', 'YYYY_MM')
      AND pg_relation_size(month.oid) > 0
    GROUP BY month.relname
    HAVING bool_or(pg_relation_filenode(index.oid) = index.oid)
    ORDER BY month.relname
"""
"""Closed months with an index that was never rebuilt: it lies in the file of its own number, as it was made."""
_BYTES: Final = "SELECT pg_indexes_size(to_regclass($1))"
_GRACE: Final = timedelta(days=7)
"""How long after its end a month counts as closed."""
_PATIENCE: Final = "SET lock_timeout = '2s'"
"""Whoever waits for a lock makes everybody behind it wait."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """One month whose indexes were rebuilt, and their bytes."""

    month: str
    """Such as 2026-10."""
    before: int
    after: int


async def tidy(dsn: str) -> tuple[Tidied, ...]:
    """Rebuild the indexes of every closed month once; asked again, it does nothing.

    The DSN must be a superuser's or of a member of the owner. Raises `LedgerUnavailableError`; what was rebuilt by then
    stays so, and the next call goes on.
    """
    with unavailable():
        connection = await connect(dsn, OWNER)
        try:
            await connection.execute(_PATIENCE)
            done: list[Tidied] = []
            for name, before in await connection.fetch(_LOOSE, _GRACE):
                await connection.execute(f"REINDEX TABLE audit.{name}")
                after = await connection.fetchval(_BYTES, f"audit.{name}")
                done.append(Tidied(name.removeprefix("entry_").replace("_", "-"), before, after))
            return tuple(done)
        finally:
            connection.terminate()
