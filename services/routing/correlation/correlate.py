"""Decides whether a report is about an incident that is already open, and says why; it never changes either.

A wrong join hides a second incident from the desks, a missed one only sends two dispatches, so doubt opens a new one:
something happening at a spot is joined by position, or by commune within about an hour; what befalls an area, by area.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final
from uuid import UUID

from contracts.codes import Space, space_of
from contracts.events import Correlation, Sighting
from contracts.places import AreaCode, Circle, Place, Point
from contracts.reports import IncidentReport, Report, SituationReport
from contracts.taxonomy import Category
from services.routing.correlation.likeness import AREA_WIDE, like

THRESHOLD: Final = 0.7
"""From this score on a report is joined. The parts add up to 1: category 0.4, place 0.4, time 0.2."""
NEAR_KM: Final = 2.0
WINDOW: Final = timedelta(hours=6)
"""After this long the time part has decayed to nothing, and the report is about something else."""
LONGEST_PERIOD: Final = timedelta(hours=48)
"""A situation report over a longer period is about the period, not about one incident."""

_CATEGORY, _PLACE, _TIME = 0.4, 0.4, 0.2
_KINDRED = 0.7
_SHARED_AREA, _COMMUNE_OF_A_SPOT = 0.6, 0.35
_EARTH_KM = 6371.0088

ReportKey = tuple[str, str, UUID]
"""Agency, unit and report: a sender's identifier counts only together with the sender."""
Position = tuple[float, float]


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
    """What is remembered of a report: its areas as the register found them, and the positions that are exact enough."""
    points = dict.fromkeys(p for place in report.places if (p := _position(place)))
    return Sighting(
        communes=tuple(communes),
        areas=tuple(areas),
        points=tuple(points),
        occurred_at=occurred_at,
    )


def correlate(
    report: Report, sighting: Sighting, named: Candidate | None, near: Iterable[Candidate]
) -> Match | NoMatch:
    """The incident the report names itself, otherwise the one it resembles most, if enough.

    `named` and `near` come from `OpenIncidents`. A situation report that names none is joined only where exactly one
    open incident lies in its area and period: which of several it means is for people to say. A nil report never is.
    """
    space = space_of(report.status)
    if named is not None and named.space is space:
        return Match(named.incident, Correlation(score=1.0, reasons=(_named_how(report, named),)))
    here = [candidate for candidate in near if candidate.space is space]
    if isinstance(report, SituationReport):
        return _by_period(report, sighting, here)
    return _by_likeness(report, sighting, here)


def _named_how(report: Report, named: Candidate) -> str:
    if report.incident == named.incident:
        return "the report names this incident"
    return "the report refers to an earlier report of its sender that belongs to this incident"


def _by_likeness(report: IncidentReport, sighting: Sighting, near: Iterable[Candidate]) -> Match | NoMatch:
    scored = [(score, c.incident, reasons) for c in near for score, reasons in _scores(report.category, sighting, c)]
    if not scored:
        return NoMatch("no open incident of a like category is near in place and time")
    score, incident, reasons = min(scored, key=lambda s: (-s[0], str(s[1]), s[2]))
    if score < THRESHOLD:
        return NoMatch(f"incident {incident} is the most alike, with {score:.3f} of {THRESHOLD} needed")
    return Match(incident, Correlation(score=score, reasons=reasons))


def _scores(category: Category, seen: Sighting, candidate: Candidate) -> Iterable[tuple[float, tuple[str, ...]]]:
    """One score with its reasons for each sighting of the candidate that all three parts allow."""
    if candidate.category not in like(category):
        return
    same = candidate.category is category
    kind = 1.0 if same else _KINDRED
    said = f"same category {category}" if same else f"{category} and {candidate.category} may describe the same thing"
    wide = category in AREA_WIDE and candidate.category in AREA_WIDE
    for known in candidate.sightings:
        gap = abs(seen.occurred_at - known.occurred_at)
        place, where = _likeness_of_place(seen, known, wide=wide)
        if place and gap <= WINDOW:
            score = round(_CATEGORY * kind + _PLACE * place + _TIME * (1 - gap / WINDOW), 3)
            yield score, (said, where, f"{gap // timedelta(minutes=1)} min apart in time")


def _likeness_of_place(seen: Sighting, known: Sighting, *, wide: bool) -> tuple[float, str]:
    """How alike two places are, from 0 to 1, and the reason. Two exact positions far apart are two spots."""
    apart = min((distance_km(a, b) for a in seen.points for b in known.points), default=None)
    if apart is not None and apart <= NEAR_KM:
        return 1 - 0.1 * apart, f"{apart:.1f} km apart"
    if apart is not None and not wide:
        return 0.0, ""
    if common := sorted({*seen.communes} & {*known.communes}):
        return (1.0 if wide else _COMMUNE_OF_A_SPOT), f"same commune {common[0]}"
    if wide and (area := anchor(known)) is not None and area in seen.areas:
        return _SHARED_AREA, f"both in area {area}"
    return 0.0, ""


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
    reasons = (where, "the only open incident seen there in the period reported on")
    return Match(incident, Correlation(score=THRESHOLD, reasons=reasons))


def _shared(seen: Sighting, known: Sighting) -> str:
    """The reason why both are about one area, or nothing."""
    if common := sorted({*seen.communes} & {*known.communes}):
        return f"same commune {common[0]}"
    if (area := anchor(known)) is not None and area in seen.areas:
        return f"both in area {area}"
    return ""


def anchor(sighting: Sighting) -> AreaCode | None:
    """The one area that stands for a place outside any commune: a stretch of sea, a gate, a whole province."""
    return None if sighting.communes or not sighting.areas else sighting.areas[0]


def distance_km(a: Position, b: Position) -> float:
    """Great-circle distance in kilometres between two (latitude, longitude) pairs in degrees (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def _position(place: Place) -> Position | None:
    """A position exact enough to tell two spots apart; a polygon has none, its areas speak for it."""
    match place:
        case Point() if place.accuracy_m is None or place.accuracy_m <= NEAR_KM * 1000:
            return place.lat, place.lon
        case Circle() if place.radius_km <= NEAR_KM:
            return place.lat, place.lon
        case _:
            return None
