"""Facts as a report in our own JSON that a unit could have sent, so that others can explain, save and try them."""

from typing import Any

from contracts.codes import CountOf, Status, Unit
from contracts.decisions import Facts
from contracts.identifiers import derived_id
from contracts.places import AdminArea
from contracts.reports import Count, IncidentReport, Report, Sender
from contracts.taxonomy import CATEGORIES
from services.routing.regulations.engine.resolve import RegisterIndex, day_of

UNIT_UNNAMED = "chua-ro"
"""The unit of an agency that has none in the register: only the agency matters to a decision."""


def report_of(facts: Facts, register: RegisterIndex) -> IncidentReport:
    """A report from which the same facts are read, filed as a test so that it could never reach a live desk."""
    on = day_of(facts.occurred_at)
    day = register.on(on)
    reporter = day.agencies.get(facts.first_reporter)
    unit = next((unit.code for unit in reporter.units if unit.holds_on(on)), None) if reporter else None
    places = tuple(AdminArea(code=code, valid_on=on, name=_name(day.areas, code)) for code in facts.areas)
    one = (Count(of=CountOf.INJURED, value=1, unit=Unit.PERSON, source=facts.first_reporter),)
    return IncidentReport(
        report=derived_id("counterexample", facts.model_dump_json()),
        status=Status.TEST,
        sent=facts.occurred_at,
        observed_at=facts.occurred_at,
        sender=Sender(agency=facts.first_reporter, unit=unit or UNIT_UNNAMED),
        urgency_mark=facts.urgency_mark,
        places=places,
        counts=one if facts.casualties else (),
        category=facts.category,
        headline=CATEGORIES[facts.category].vi,
        severity=facts.severity,
        scales=facts.scales,
        position_unknown=facts.position_unknown,
        present=facts.present,
        restricted_since=facts.restricted_since,
    )


def document(report: Report) -> dict[str, Any]:
    """The report as JSON that states no default, the way people write it."""
    stated = report.model_dump(mode="json", exclude_defaults=True)
    if report.places:
        places = (place.model_dump(mode="json", exclude_defaults=True) for place in report.places)
        stated["places"] = [{"kind": place.kind, **said} for place, said in zip(report.places, places, strict=True)]
    return {"type": report.type, **stated}


def _name(areas: "dict[str, Any]", code: str) -> str | None:
    return areas[code].name_vi if code in areas else None
