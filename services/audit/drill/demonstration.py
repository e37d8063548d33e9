"""The tamper drill: really changes a recorded body in a copy of the ledger, as a superuser would, and has it found."""

import tempfile
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from contracts.identifiers import new_id
from services.audit.connecting import Connection, connect
from services.audit.failures import LedgerNotReadyError, unavailable
from services.audit.migration import migrate
from services.audit.recomputing.checking import Finding
from services.audit.recomputing.verification import Verification, verify
from services.audit.roles import SCHEMA
from services.audit.tables import LedgerTable

_VICTIM: Final = """
    SELECT tableoid::regclass::text AS partition, idx FROM audit.entry
    WHERE octet_length(body) > 0 AND idx >= (SELECT count(*) / 2 FROM audit.entry) ORDER BY idx LIMIT 1
"""
_FLIP: Final = "UPDATE {} SET body = set_byte(body, octet_length(body) / 2, get_byte(body, octet_length(body) / 2) # 1)"


@dataclass(frozen=True, slots=True)
class Drill:
    """What became of one changed byte."""

    entries: int
    changed: int
    """The `idx` of the entry whose body was changed in the copy."""
    copy_was_sound: bool
    """The copy verified before anything was changed: what was found is the change and nothing else."""
    finding: Finding | None
    """The finding that names the changed entry."""

    @property
    def detected(self) -> bool:
        """Sound before, and the very entry named after."""
        return self.copy_was_sound and self.finding is not None


async def detects_tampering(dsn: str) -> Drill:
    """Copy the ledger into a database of its own, flip one bit of one body there, verify, drop the copy.

    The DSN must be a superuser's; the ledger itself is only read. Raises `LedgerUnavailableError`.
    """
    name = f"phoihop_drill_{new_id().hex}"
    with unavailable():
        connection = await connect(dsn, None)
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            try:
                return await _drill(connection, urlunsplit(urlsplit(dsn)._replace(path=f"/{name}")))
            finally:
                await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await connection.close()


async def _drill(ledger: Connection, copy_dsn: str) -> Drill:
    await migrate(copy_dsn)
    copy = await connect(copy_dsn, None)
    try:
        await _copy(ledger, copy)
        before = await verify(copy_dsn)
        changed = await _flip_a_bit(copy)
    finally:
        await copy.close()
    after = await verify(copy_dsn)
    return Drill(before.entries, changed, before.verified, _naming(changed, after))


async def _copy(ledger: Connection, copy: Connection) -> None:
    """One snapshot, through a file: a template would need that nobody is connected to the ledger."""
    async with ledger.transaction(isolation="repeatable_read", readonly=True), copy.transaction():
        for table in LedgerTable.metadata.sorted_tables:
            with tempfile.TemporaryFile() as rows:
                columns = table.columns.keys()
                query = f"SELECT {', '.join(columns)} FROM {SCHEMA}.{table.name}"  # noqa: S608 - our own names
                await ledger.copy_from_query(query, output=rows, format="binary")
                rows.seek(0)
                await copy.copy_to_table(table.name, schema_name=SCHEMA, columns=columns, source=rows, format="binary")


async def _flip_a_bit(copy: Connection) -> int:
    """What a superuser with a grudge does: guards off, one body changed, guards on again."""
    victim = await copy.fetchrow(_VICTIM)
    if victim is None:
        raise LedgerNotReadyError("The ledger is empty: there is nothing to change. Next: phoihop demo")
    partition = victim["partition"]
    async with copy.transaction():
        await copy.execute("SET LOCAL event_triggers = off")
        await copy.execute(f"ALTER TABLE {partition} DISABLE TRIGGER append_only")
        await copy.execute(f"{_FLIP.format(partition)} WHERE idx = $1", victim["idx"])
        await copy.execute(f"ALTER TABLE {partition} ENABLE ALWAYS TRIGGER append_only")
    return int(victim["idx"])


def _naming(changed: int, verification: Verification) -> Finding | None:
    return next((found for found in verification.findings if found.first <= changed <= found.last), None)
