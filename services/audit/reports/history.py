"""Reads what came to one agency in a month, newest first: what, when, about which incident; not what was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from services.audit.notary.checkpointing import snapshot
from services.audit.reports.auditing import like

PAGE: Final = 100
_BEYOND: Final = 2**63 - 1
"""Before this number are all entries."""
HISTORY: Final = f"""
    SELECT idx, occurred_at, event_type, incident_id, subject FROM audit.entry
    WHERE agency = $1 AND subject LIKE $2 AND occurred_at >= $3 AND occurred_at < $4
      AND idx >> 11 <= $5::bigint >> 11 AND idx < $5
    ORDER BY idx >> 11 DESC, idx DESC LIMIT {PAGE + 1}
"""  # noqa: S608  # a number of ours
"""Newest as recorded: the index is read backward, 2,048 neighbours at a time, which are sorted.

Both ends are given, not reckoned: so the server knows the month when it plans, and plans no other.
"""


@dataclass(frozen=True, slots=True)
class Course:
    """Which entries: of the agency, from `since` on and before `until`."""

    agency: str
    since: datetime
    until: datetime
    space: Space = Space.ACTUAL
    before: int | None = None
    """Continue a list."""

    @property
    def values(self) -> tuple[object, ...]:
        """For `HISTORY`."""
        return (
            self.agency,
            like(subjects.facts(self.space)),
            self.since,
            self.until,
            _BEYOND if self.before is None else self.before,
        )


class Happened(NamedTuple):
    """One entry of the agency's history."""

    idx: int
    at: datetime
    """When it happened, by the event itself."""
    event_type: str
    incident: UUID | None
    subject: str


class History(NamedTuple):
    """One page of it."""

    entries: tuple[Happened, ...]
    more: int | None
    """`before` of the next page."""


async def history(dsn: str, wanted: Course) -> History:
    """The newest of these entries. Raises `LedgerUnavailableError`."""
    async with snapshot(dsn) as connection:
        found = await connection.fetch(HISTORY, *wanted.values)
    entries = tuple(
        Happened(row["idx"], row["occurred_at"], row["event_type"], row["incident_id"], row["subject"])
        for row in found[:PAGE]
    )
    return History(entries, entries[-1].idx if len(found) > PAGE else None)
