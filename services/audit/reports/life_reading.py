"""Reads from the ledger, in one snapshot, what is reported about the life of incidents and of exercises."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from contracts import subjects
from contracts.codes import Space
from services.audit.connecting import Connection
from services.audit.notary.checkpointing import snapshot
from services.audit.reports import exercises as exercise_report
from services.audit.reports import leadership
from services.audit.reports.auditing import Period, data_of, like, name_of, rows
from services.audit.reports.exercises import Drill, DrillFact
from services.audit.reports.leadership import CourseFact, Leadership

_COURSES: Final = """
    SELECT idx, event_type, stored_at, incident_id, body FROM audit.entry
    WHERE split_part(event_type, '.', 2) = ANY($1) AND subject LIKE $2 AND incident_id IS NOT NULL ORDER BY idx
"""
_DISPATCHES: Final = """
    SELECT event_type, agency, occurred_at, body FROM audit.entry
    WHERE split_part(event_type, '.', 2) = ANY($1) AND subject LIKE $2 AND ($3::text IS NULL OR agency = $3)
    ORDER BY idx
"""


_PLANNED: Final = """
    SELECT event_type, body FROM audit.entry
    WHERE split_part(event_type, '.', 2) = ANY($1) AND subject LIKE $2 ORDER BY idx
"""
PLANNED: Final = {"ExercisePlanned": "planned", "ExerciseStarted": "began", "ExerciseCancelled": "called_off"}
"""What became of a planned exercise, by the name of its fact."""


class Planned(NamedTuple):
    """One planned exercise in the period."""

    drill: str
    name: str
    starts_at: str
    state: str
    reports: int


@dataclass(frozen=True, slots=True)
class Drilled:
    """The times of an exercise, and how many facts could not be read."""

    lines: Sequence[exercise_report.Line]
    unreadable: int
    planned: Sequence[Planned] = ()


async def leads(dsn: str, space: Space) -> Leadership:
    """Who led and commanded in every incident of a space. Raises `LedgerUnavailableError`."""
    found, facts = Leadership(), like(subjects.facts(space))
    async with snapshot(dsn) as connection:
        async for row in rows(connection, _COURSES, list(leadership.EVENTS), facts):
            name, incident = name_of(row["event_type"]), str(row["incident_id"])
            found.take(CourseFact(row["idx"], name, incident, row["stored_at"], data_of(row["body"])))
    return found


async def drilled(dsn: str, period: Period) -> Drilled:
    """The times of the dispatches issued in a period. Raises `LedgerUnavailableError`."""
    drill, facts = Drill(period.since, period.until), like(subjects.facts(period.space))
    async with snapshot(dsn) as connection:
        async for row in rows(connection, _DISPATCHES, list(exercise_report.EVENTS), facts, period.agency):
            name = name_of(row["event_type"])
            drill.take(DrillFact(name, row["agency"] or "", row["occurred_at"], data_of(row["body"])))
        planned = [fact async for fact in _planned(connection)]
    return Drilled(drill.lines(), drill.unreadable, _within(planned, period))


async def _planned(connection: Connection) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    async for row in rows(connection, _PLANNED, list(PLANNED), like(subjects.ALL_DRILLS)):
        yield name_of(row["event_type"]), data_of(row["body"])


def _within(facts: Iterable[tuple[str, Mapping[str, Any]]], period: Period) -> tuple[Planned, ...]:
    """The exercises that begin in the period, in the order they were planned."""
    found: dict[str, Planned] = {}
    for name, data in facts:
        drill = str(data.get("drill"))
        if name == "ExercisePlanned":
            starts = datetime.fromisoformat(str(data["starts_at"]))
            if (period.since is None or period.since <= starts) and (period.until is None or starts < period.until):
                called, reports = str(data.get("name")), len(data.get("reports", ()))
                found[drill] = Planned(drill, called, str(data["starts_at"]), PLANNED[name], reports)
        elif drill in found:
            found[drill] = found[drill]._replace(state=PLANNED[name])
    return tuple(found.values())
