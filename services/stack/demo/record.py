"""Reads what the ledger holds up to one fact of the stream, as a reader that may change nothing."""

from typing import Final, NamedTuple
from uuid import UUID

from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.roles import READER

_ENTRIES: Final = "SELECT event_id, event_type FROM audit.entry WHERE stream_seq <= $1"


class OnRecord(NamedTuple):
    """The facts in the ledger."""

    ids: frozenset[UUID]
    kinds: dict[str, int]
    """Name of the event type, for example `DispatchIssued` -> how many."""


async def on_record(dsn: str, sequence: int) -> OnRecord:
    """What is in the ledger up to this sequence of EVENTS. Raises `LedgerUnavailableError`."""
    with unavailable():
        connection = await connect(dsn, READER)
        try:
            rows = await connection.fetch(_ENTRIES, sequence)
        finally:
            await connection.close()
    kinds: dict[str, int] = {}
    for row in rows:
        name = row["event_type"].split(".")[1] if row["event_type"].count(".") else row["event_type"]
        kinds[name] = kinds.get(name, 0) + 1
    return OnRecord(frozenset(row["event_id"] for row in rows), kinds)
