"""Finds incidents by time, agency and category. There is no search for people, and none over what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from services.audit.connecting import Connection
from services.audit.notary.checkpointing import snapshot
from services.audit.reports.auditing import data_of, like, rows

PAGE: Final = 50
_OPENED: Final = """
    SELECT idx, incident_id, occurred_at, body FROM audit.entry
    WHERE event_type LIKE 'phoihop.IncidentOpened.v%' AND subject LIKE $1
      AND ($2::timestamptz IS NULL OR occurred_at >= $2) AND ($3::timestamptz IS NULL OR occurred_at < $3)
      AND ($4::bigint IS NULL OR idx < $4)
      AND ($5::text IS NULL OR incident_id IN (
        SELECT told.incident_id FROM audit.entry AS told
        WHERE told.agency = $5 AND ($2::timestamptz IS NULL OR told.occurred_at >= $2)))
    ORDER BY idx DESC
"""
_SUMS: Final = """
    SELECT incident_id, max(occurred_at) AS last, count(*) AS entries,
           count(*) FILTER (WHERE event_type LIKE 'phoihop.DispatchIssued.v%') AS dispatches,
           count(*) FILTER (WHERE event_type LIKE 'phoihop.DispatchEscalated.v%') AS silences,
           max(idx) FILTER (WHERE event_type LIKE 'phoihop.IncidentClosed.v%') AS closed,
           max(idx) FILTER (WHERE event_type LIKE 'phoihop.IncidentReopened.v%') AS reopened
    FROM audit.entry WHERE incident_id = ANY($1) GROUP BY incident_id
"""


@dataclass(frozen=True, slots=True)
class Search:
    """Which incidents: opened from `since` on and before `until`; an agency that was sent anything about it."""

    since: datetime | None = None
    until: datetime | None = None
    agency: str | None = None
    category: str | None = None
    space: Space = Space.ACTUAL
    before: int | None = None
    """Continue a list: only those opened by earlier entries than this."""


class Found(NamedTuple):
    """One incident as it began, and what has come of it."""

    idx: int
    incident: UUID
    at: datetime
    headline: str
    category: str
    severity: str
    areas: tuple[str, ...]
    """Codes of the communes."""
    lead: tuple[str, str] | None
    """The first decision's; agency and desk."""
    last: datetime
    entries: int
    dispatches: int
    silences: int
    closed: bool


class Findings(NamedTuple):
    """One page of a list, newest first."""

    incidents: tuple[Found, ...]
    more: int | None
    """`Search.before` of the next page."""


async def search(dsn: str, wanted: Search) -> Findings:
    """The newest incidents of the search. Raises `LedgerUnavailableError`."""
    found: list[tuple[Any, Mapping[str, Any]]] = []
    asked = (like(subjects.facts(wanted.space)), wanted.since, wanted.until, wanted.before, wanted.agency)
    async with snapshot(dsn) as connection:
        async for row in rows(connection, _OPENED, *asked):
            data = data_of(row["body"])
            if wanted.category in (None, data.get("category")):
                found.append((row, data))
            if len(found) > PAGE:
                break
        sums = await _sums(connection, [row["incident_id"] for row, _ in found[:PAGE]])
    shown = tuple(_found(row, data, sums[row["incident_id"]]) for row, data in found[:PAGE])
    return Findings(shown, shown[-1].idx if len(found) > PAGE else None)


async def _sums(connection: Connection, incidents: Sequence[UUID]) -> dict[UUID, Any]:
    return {row["incident_id"]: row for row in await connection.fetch(_SUMS, incidents)}


def _found(row: Any, data: Mapping[str, Any], sums: Any) -> Found:  # noqa: ANN401  # rows of the driver
    return Found(
        idx=row["idx"],
        incident=row["incident_id"],
        at=row["occurred_at"],
        headline=str(data.get("headline", "")),
        category=str(data.get("category", "")),
        severity=str(data.get("severity", "")),
        areas=_communes(data),
        lead=lead_of(data),
        last=sums["last"],
        entries=sums["entries"],
        dispatches=sums["dispatches"],
        silences=sums["silences"],
        closed=sums["closed"] is not None and sums["closed"] > (sums["reopened"] or -1),
    )


def lead_of(data: Mapping[str, Any]) -> tuple[str, str] | None:
    """Who leads by the decision in an event; None where there is none."""
    decision = data.get("decision")
    assignments = decision.get("assignments") if isinstance(decision, Mapping) else None
    for each in assignments if isinstance(assignments, list) else ():
        if (
            isinstance(each, Mapping)
            and each.get("role") == "lead"
            and isinstance(to := each.get("addressee"), Mapping)
        ):
            return str(to.get("agency")), str(to.get("desk"))
    return None


def _communes(data: Mapping[str, Any]) -> tuple[str, ...]:
    sighting = data.get("sighting")
    communes = sighting.get("communes") if isinstance(sighting, Mapping) else None
    return tuple(map(str, communes)) if isinstance(communes, list) else ()
