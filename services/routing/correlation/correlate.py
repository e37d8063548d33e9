"""Decides whether a report is about an incident that is already open, and says why; it never changes either.

A wrong join hides a second incident from the desks, a missed one only sends two dispatches, so doubt opens a new one:
something happening at a spot is joined by position, or by commune within about an hour; what befalls an area, by area.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.codes import Space, space_of
from contracts.correlation import (
    Correlation,
    IncidentNamed,
    OnlyIncident,
    ReportFollowed,
    SameArea,
    SameCommune,
    correlation,
)
from contracts.events import Sighting
from contracts.places import AreaCode
from contracts.reports import IncidentReport, Report, SituationReport
from contracts.taxonomy import Category
from services.routing.correlation.scoring import alike, anchor, positions

THRESHOLD: Final = 0.7
"""From this score on a report is joined. The parts add up to 1: category 0.4, place 0.4, time 0.2."""
LONGEST_PERIOD: Final = timedelta(hours=48)
"""A situation report over a longer period is about the period, not about one incident."""

_THERE, _ALONE = 0.4, 0.3

ReportKey = tuple[str, str, UUID]
"""Agency, unit and report: a sender's identifier counts only together with the sender."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open incident as far as a report can be recognised as being about it."""

    incident: UUID
    space: Space
    category: Category
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The report is about this incident, for these reasons."""

    incident: UUID
    correlation: Correlation


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No open incident is recognised in the report; `reason` says how far the best one fell short."""

    reason: str


def sighting_of(
    report: Report, communes: Sequence[AreaCode], areas: Sequence[AreaCode], occurred_at: datetime
) -> Sighting:
    """What is remembered of a report: its areas as the register found them, exact positions, codes of other systems."""
    return Sighting(
        communes=tuple(communes),
        areas=tuple(areas),
        points=positions(report.places),
        occurred_at=occurred_at,
        codes=report.incident_codes or (),
    )


def correlate(
    report: Report,
    sighting: Sighting,
    named: Candidate | None,
    near: Iterable[Candidate],
    full: Collection[UUID] = frozenset(),
) -> Match | NoMatch:
    """The incident the report names itself, otherwise the one it resembles most, if enough.

    `named` and `near` come from `OpenIncidents`. A situation report that names none is joined only where exactly one
    open incident lies in its area and period: which of several it means is for people to say. A nil report never is.

    `full` are incidents that cannot take this report's places. What it names then is perhaps the next most alike; but
    a situation report says of which incident it speaks, and is joined to no other.
    """
    space = space_of(report.status)
    if named is not None and named.space is space:
        if named.incident not in full:
            return Match(named.incident, _named_how(report, named))
        if isinstance(report, SituationReport):
            return NoMatch(f"incident {named.incident}, which the situation report names, can take no further place")
    here = [candidate for candidate in near if candidate.space is space and candidate.incident not in full]
    if isinstance(report, SituationReport):
        return _by_period(report, sighting, here)
    return _by_likeness(report, sighting, here)


def _named_how(report: Report, named: Candidate) -> Correlation:
    if report.incident == named.incident:
        return correlation(IncidentNamed(points=1.0))
    return correlation(ReportFollowed(points=1.0))


def _by_likeness(report: IncidentReport, sighting: Sighting, near: Iterable[Candidate]) -> Match | NoMatch:
    seen = report.category, sighting
    scored = [
        (found._replace(code=None), candidate.incident)
        for candidate in near
        for known in candidate.sightings
        if (found := alike(seen, (candidate.category, known)))
    ]
    if not scored:
        return NoMatch("no open incident of a like category is near in place and time")
    best, incident = min(scored, key=lambda one: (-one[0].score, str(one[1])))
    if best.score < THRESHOLD:
        return NoMatch(f"incident {incident} is the most alike, with {best.score:.3f} of {THRESHOLD} needed")
    return Match(incident, correlation(*best.reasons()))


def _by_period(report: SituationReport, sighting: Sighting, near: Iterable[Candidate]) -> Match | NoMatch:
    if report.nil:
        return NoMatch("a nil report says that nothing happened: it is about no incident it does not name")
    period = report.window
    if period is None or period.until - period.since > LONGEST_PERIOD:
        return NoMatch("the situation report names no open incident and no period short enough to mean one")
    found = {
        candidate.incident: where
        for candidate in near
        for known in candidate.sightings
        if period.since <= known.occurred_at <= period.until and (where := _shared(sighting, known))
    }
    if len(found) != 1:
        return NoMatch(f"{len(found)} open incidents lie in the area and period of the situation report")
    ((incident, where),) = found.items()
    return Match(incident, correlation(where, OnlyIncident(points=_ALONE)))


def _shared(seen: Sighting, known: Sighting) -> SameCommune | SameArea | None:
    """The reason why both are about one area, or nothing."""
    if common := sorted({*seen.communes} & {*known.communes}):
        return SameCommune(area=common[0], points=_THERE)
    if (area := anchor(known)) is not None and area in seen.areas:
        return SameArea(area=area, points=_THERE)
    return None
