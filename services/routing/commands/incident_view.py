"""The picture of an incident as the one JSON document that is printed and drawn; times in UTC. It decides nothing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import DispatchEscalated, ReportAccepted
from contracts.lifecycle import MisrouteAnswered
from services.routing.commands.incident_words import sentence
from services.routing.commands.reporting_view import figure_as_json
from services.routing.incident.history import History, Joined, Recorded
from services.routing.incident.picture import Ladder, Picture, desk_of
from services.routing.incident.shown import Shown
from services.routing.incident.state import Mark
from services.routing.reporting.regime.rollup import replaced, side_by_side


def document(seen: Picture, reports: Collection[Event[ReportAccepted]]) -> dict[str, Any]:
    """Everything that was true at the instant; `reports` are the incident's as they were accepted."""
    past = seen.history
    gone = replaced(reports) | {one.ref.event for one in past.reports if not one.counts}
    figures = side_by_side(event for event in reports if event.id not in gone)
    return {
        **summary(seen.incident, past),
        "at": _iso(seen.at),
        "scales": past.scales.model_dump(),
        "lead": [_desk(term.desk) | _span(term.since, term.until) for term in past.leads],
        "command": [{"who": one.who} | _span(one.since, one.until) for one in past.command],
        "dispatches": [_ladder(ladder, seen.at) for ladder in seen.ladders],
        "knew": [_desk(desk) | {"facts": [_shown(one) for one in known]} for desk, known in seen.knew.items()],
        "reports": _reports(past.reports, reports, gone),
        "figures": [figure_as_json(figure) for figure in figures],
        "conflicts": sum(figure.conflict for figure in figures),
        "timeline": [_told(fact, desk_of(seen, fact)) for fact in seen.timeline],
    }


def summary(incident: UUID, past: History) -> dict[str, Any]:
    """One incident in a list."""
    opened = past.opened
    return {
        "incident": str(incident),
        "space": opened.space.value,
        "state": past.state.value,
        "merged_into": _id(past.merged_into),
        "disposition": past.closed,
        "category": opened.category.value,
        "severity": past.severity.value,
        "headline": opened.headline,
        "opened_at": _iso(past.opened_at),
        "closed_at": _iso(past.closed_at),
    }


def listed(incident: UUID, past: History) -> dict[str, Any]:
    """The same with who leads now."""
    lead = _desk(past.lead) if past.lead else None
    return summary(incident, past) | {"lead": lead, "reports": len(past.reports)}


def _ladder(ladder: Ladder, at: datetime) -> dict[str, Any]:
    held = ladder.dispatch
    issued = held.issued
    return {
        "dispatch": str(issued.dispatch),
        **_desk(held.desk),
        "role": issued.role.value,
        "standing": held.standing.value,
        "version": held.version,
        "late": ladder.late,
        "issued": _iso(held.at),
        "delivered": _mark(held.delivered),
        "opened": _mark(held.opened),
        "acknowledged": _mark(held.acknowledged),
        "decided": _mark(held.decided),
        "owes": [
            {"kind": owed.kind.value, "due": _iso(owed.due), "overdue": at > owed.due, "basis": owed.basis.text}
            for owed in ladder.owes
        ],
        "silence": [_silence(fact) for fact in ladder.silence],
        "rule": issued.rule,
        "citation": issued.citation.text,
        "citation_status": issued.citation.status.value,
        "escalated_from": _id(issued.escalated_from),
        "forwarded_from": _id(issued.forwarded_from),
        "consents_to": _id(issued.consents_to),
        "objects_to": _id(issued.objects_to),
    }


def _silence(fact: Recorded) -> dict[str, Any]:
    data = fact.event.data
    following = data.next if isinstance(data, DispatchEscalated) else None
    return _fact(fact) | _said(fact) | {"due": _iso(getattr(data, "due", None)), "next": _id(following)}


def _shown(one: Shown) -> dict[str, Any]:
    proof = one.proof
    by = None if proof is None else _fact(proof) | {"officer": _officer(proof)}
    known = {"dispatch": _dispatch(one.fact), "knowledge": one.knowledge.value, "proof": by}
    return _fact(one.fact) | _said(one.fact) | known


def _reports(
    joined: Iterable[Joined], accepted: Iterable[Event[ReportAccepted]], gone: Collection[UUID]
) -> list[dict[str, Any]]:
    by_id = {event.id: event for event in accepted}
    return [_report(one, by_id, gone) for one in joined]


def _report(one: Joined, by_id: Mapping[UUID, Event[ReportAccepted]], gone: Collection[UUID]) -> dict[str, Any]:
    event = by_id.get(one.ref.event)
    report = event.data.report if event else None
    return {
        "report": str(one.ref.report),
        "agency": one.ref.sender.agency,
        "unit": one.ref.sender.unit,
        "joined_at": _iso(one.at),
        "standing": _standing(one, gone),
        "superseded_by": _id(one.superseded_by),
        "absorbed_with": _id(one.absorbed_with),
        "type": report.type if report else None,
        "headline": report.headline if report else None,
        "observed_at": _iso(report.observed_at) if report else None,
        "counts": [count.model_dump(mode="json") for count in report.counts] if report else [],
    }


def _standing(one: Joined, gone: Collection[UUID]) -> str:
    """Whether the figures of a report count, and why not."""
    if one.only_withdraws:
        return "withdrawal"
    if one.superseded_by is not None:
        return "withdrawn" if one.taken_back else "superseded"
    return "replaced" if one.ref.event in gone else "counts"


def _told(fact: Recorded, desk: Addressee | None) -> dict[str, Any]:
    return _fact(fact) | {
        "recorded_at": _iso(fact.at),
        **_said(fact),
        **(_desk(desk) if desk else {"agency": None, "desk": None}),
        "officer": None if isinstance(fact.event.data, MisrouteAnswered) else _officer(fact),
        "dispatch": _dispatch(fact),
        "due": _iso(getattr(fact.event.data, "due", None)),
        "event": str(fact.event.id),
    }


def _fact(fact: Recorded) -> dict[str, Any]:
    return {"time": _iso(fact.event.time), "kind": type(fact.event.data).__name__}


def _said(fact: Recorded) -> dict[str, Any]:
    vi, en = sentence(fact.event.data)
    return {"vi": vi, "en": en}


def _officer(fact: Recorded) -> str | None:
    return getattr(fact.event.data, "officer", None)


def _dispatch(fact: Recorded) -> str | None:
    return _id(getattr(fact.event.data, "dispatch", None))


def _desk(desk: Addressee) -> dict[str, Any]:
    return {"agency": desk.agency, "desk": desk.desk}


def _span(since: datetime, until: datetime | None) -> dict[str, Any]:
    return {"from": _iso(since), "to": _iso(until)}


def _mark(mark: Mark | None) -> dict[str, Any] | None:
    return None if mark is None else {"time": _iso(mark.at), "officer": mark.officer}


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
