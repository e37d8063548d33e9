"""Reads what the auditor's reports are made of, in one snapshot; what it means is decided elsewhere."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic_core import from_json

from contracts import subjects
from contracts.codes import Space
from contracts.subjects import Origin
from services.audit.connecting import Connection
from services.audit.notary.checkpointing import snapshot
from services.audit.reports.knowing import FeedFact
from services.audit.reports.obligations import EVENTS, EVERYBODYS, Fact, Line, Reckoning

CHUNK: Final = 1000
_HEAD: Final = "SELECT size, root, recorded_at FROM audit.position ORDER BY size DESC LIMIT 1"
_OWED: Final = """
    SELECT event_type, agency, occurred_at, body FROM audit.entry
    WHERE split_part(event_type, '.', 2) = ANY($1) AND subject LIKE $2
      AND ($3::text IS NULL OR agency = $3 OR subject = $4 OR split_part(event_type, '.', 2) = ANY($5))
    ORDER BY idx
"""
_FEED: Final = """
    SELECT idx, event_type, stored_at, incident_id, body FROM audit.entry
    WHERE agency = $1 AND subject LIKE $2 AND stored_at <= $3 ORDER BY idx
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Which obligations are counted: those whose time ran out from `since` on and before `until`, of one agency."""

    since: datetime | None = None
    until: datetime | None = None
    agency: str | None = None
    space: Space = Space.ACTUAL


@dataclass(frozen=True, slots=True)
class ObligationsReport:
    """What was owed, and the ledger it was counted from: whoever has that ledger counts the same."""

    lines: tuple[Line, ...]
    as_of: datetime | None
    """The ledger's clock at its last entry; None for an empty ledger."""
    size: int
    root: bytes
    unreadable: int


async def obligations(dsn: str, period: Period) -> ObligationsReport:
    """Count the obligations in the ledger as it is. Raises `LedgerUnavailableError`."""
    reckoning, facts = Reckoning(period.since, period.until), like(subjects.facts(period.space))
    reports = period.agency and subjects.owed(period.space, period.agency)
    async with snapshot(dsn) as connection:
        head = await connection.fetchrow(_HEAD)
        asked = (list(EVENTS), facts, period.agency, reports, list(EVERYBODYS))
        async for row in rows(connection, _OWED, *asked):
            agency, data = row["agency"] or "", data_of(row["body"])
            reckoning.take(Fact(name_of(row["event_type"]), agency, row["occurred_at"], data))
    if head is None:
        return ObligationsReport((), None, 0, b"", 0)
    lines = reckoning.lines(head["recorded_at"])
    return ObligationsReport(lines, head["recorded_at"], head["size"], head["root"], reckoning.unreadable)


async def feed(dsn: str, space: Space, desk: Origin, at: datetime) -> list[FeedFact]:
    """The facts on a desk's feed that were stored by then, in order. Raises `LedgerUnavailableError`."""
    pattern = like(subjects.desk_feed(space, desk.agency, desk.point))
    async with snapshot(dsn) as connection:
        return [
            FeedFact(
                row["idx"],
                name_of(row["event_type"]),
                row["stored_at"],
                str(row["incident_id"]),
                data_of(row["body"]),
            )
            async for row in rows(connection, _FEED, desk.agency, pattern, at)
        ]


async def rows(connection: Connection, query: str, *values: object) -> AsyncIterator[Any]:
    """What the query finds, a piece at a time."""
    cursor = await connection.cursor(query, *values)
    while found := await cursor.fetch(CHUNK):
        for row in found:
            yield row


def like(subject_filter: str) -> str:
    """The filter as a pattern of LIKE, whose own wildcards no token may hold."""
    return subject_filter.replace("*", "%").replace(">", "%")


def name_of(event_type: str) -> str:
    """The name in `phoihop.Name.v1`; nothing for what is no event."""
    _, name, *_ = (*event_type.split("."), "", "")
    return name


def data_of(body: bytes) -> Mapping[str, Any]:
    """What the event says; nothing for what is no event."""
    try:
        data = from_json(body)["data"]
    except (ValueError, TypeError, KeyError):
        return {}
    return data if isinstance(data, Mapping) else {}
