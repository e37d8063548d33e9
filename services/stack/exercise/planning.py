"""Turns a scenario into the reports of a planned exercise, at their times. Pure: the time it begins is an argument."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import JsonValue, TypeAdapter

from contracts.exercises import NEVER_PLANNED, DrillReport
from contracts.reports import Sender
from services.runtime.terminal import VIETNAM
from services.stack.demo.scenario import Filing, Scenario

_DURATION: Final = TypeAdapter(timedelta)


class Plan(NamedTuple):
    """What will be filed, and the submissions of the scenario that no plan can hold."""

    reports: tuple[DrillReport, ...]
    left_out: tuple[str, ...]
    """CAP alerts, the same bytes again, and what refers to either: a plan holds reports of our own JSON."""


def planned(scenario: Scenario, starts_at: datetime, speed: float) -> Plan:
    """The reports of a scenario that runs `speed` times as fast and begins then."""
    reports: dict[str, DrillReport] = {}
    left_out: list[str] = []
    for filing in sorted(scenario.filings, key=lambda one: one.at):
        if _fits(filing) and all(key in reports for key in filing.refers_to):
            reports[filing.key] = _report(filing, starts_at, speed)
        else:
            left_out.append(filing.key)
    return Plan(tuple(reports.values()), tuple(left_out))


def _fits(filing: Filing) -> bool:
    stated = filing.report or {}
    return filing.report is not None and filing.reuses_id_of is None and not {"report", "references"} & stated.keys()


def _report(filing: Filing, starts_at: datetime, speed: float) -> DrillReport:
    given = {
        name: _timed(value, starts_at, speed)
        for name, value in (filing.report or {}).items()
        if name not in NEVER_PLANNED
    }
    if filing.areas:
        day = starts_at.astimezone(VIETNAM).date().isoformat()
        named: list[JsonValue] = [{"kind": "area", "code": code, "valid_on": day} for code in filing.areas]
        further = given.get("places")
        given["places"] = [*named, *(further if isinstance(further, list) else ())]
    agency, unit = filing.origin
    return DrillReport(
        key=filing.key,
        at=filing.at / speed,
        sender=Sender(agency=agency, unit=unit),
        seen_before=filing.seen_before,
        refers_to=filing.refers_to,
        report=given,
    )


def _timed(value: JsonValue, starts_at: datetime, speed: float) -> JsonValue:
    """Moments of the story as instants."""
    match value:
        case str() if value.startswith("@"):
            return (starts_at + _DURATION.validate_strings(value[1:]) / speed).isoformat()
        case list():
            return [_timed(item, starts_at, speed) for item in value]
        case dict():
            return {name: _timed(item, starts_at, speed) for name, item in value.items()}
        case _:
            return value
