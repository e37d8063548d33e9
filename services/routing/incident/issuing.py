"""Turns one assignment into the dispatch a desk receives: its id, what it owes by when, which place, in words."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final, assert_never
from uuid import UUID

from contracts.codes import Role, Severity, Space
from contracts.decisions import Assignment, Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.identifiers import derived_id
from contracts.places import AdminArea, Circle, Described, Place, Point, Polygon
from contracts.reports import IncidentReport, Report, ReportRef
from contracts.taxonomy import Category
from services.routing.incident.recording import Cause, dispatch_event

POSITION_UNKNOWN: Final = "Chưa rõ vị trí / Position unknown"
_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class Matter:
    """What every dispatch of the incident says alike."""

    incident: UUID
    space: Space
    category: Category
    severity: Severity
    headline: str
    place: str
    reports: tuple[ReportRef, ...]


def issue(
    matter: Matter,
    assignment: Assignment,
    taken: Container[UUID],
    cause: Cause,
    escalated_from: UUID | None = None,
) -> Event[DispatchIssued]:
    """The dispatch of one desk in one role; `taken` are the dispatches the incident already has."""
    desk, role = assignment.addressee, assignment.role
    dispatch = derived_id(matter.incident, desk.agency, desk.desk, role)
    if dispatch in taken:
        # The desk had this role before and lost it; what it answered then does not count as an answer now.
        dispatch = derived_id(dispatch, cause.origin)
    data = DispatchIssued(
        dispatch=dispatch,
        incident=matter.incident,
        space=matter.space,
        addressee=desk,
        role=role,
        category=matter.category,
        severity=matter.severity,
        headline=matter.headline,
        place=matter.place,
        reports=matter.reports,
        rule=assignment.rule,
        sentence_vi=assignment.sentence_vi,
        sentence_en=assignment.sentence_en,
        citation=assignment.citation,
        obligations=_obligations(dispatch, assignment, cause),
        escalation=assignment.escalation,
        escalated_from=escalated_from,
    )
    return dispatch_event(data, (matter.space, matter.incident, desk), cause, role)


def _obligations(dispatch: UUID, assignment: Assignment, cause: Cause) -> tuple[Obligation, ...]:
    """To acknowledge in the time the rule gives; a desk that is only informed owes nothing."""
    if assignment.role is Role.INFORM or assignment.acknowledge_within is None:
        return ()
    return (
        Obligation(
            obligation=derived_id(dispatch, ObligationKind.ACKNOWLEDGE),
            kind=ObligationKind.ACKNOWLEDGE,
            due=cause.at + assignment.acknowledge_within,
            basis=assignment.citation,
        ),
    )


def place_line(report: Report) -> str:
    """Where the report says it is, on one line: words before names, names before figures."""
    words = [p.text for p in report.places if isinstance(p, Described)]
    if isinstance(report, IncidentReport) and report.methane and report.methane.exact_location:
        words.insert(0, report.methane.exact_location)
    named = [_in_words(p) for p in report.places if isinstance(p, AdminArea)]
    drawn = [_in_words(p) for p in report.places if isinstance(p, Point | Circle | Polygon)]
    line = "; ".join(dict.fromkeys(words + named + drawn)) or POSITION_UNKNOWN
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"


def _in_words(place: Place) -> str:
    match place:
        case AdminArea():
            return place.name or place.code
        case Described():
            return place.text
        case Point():
            return f"{place.lat:.5f}, {place.lon:.5f}"
        case Circle():
            return f"{place.lat:.5f}, {place.lon:.5f} (± {place.radius_km:g} km)"
        case Polygon():
            lat, lon = place.ring[0]
            return f"{len(place.ring) - 1} × ({lat:.5f}, {lon:.5f} …)"
    assert_never(place)
