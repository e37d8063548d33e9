"""Accepted reports with one figure, for the tests of reporting."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from contracts import subjects
from contracts.canonical import content_digest
from contracts.codes import SourceFormat, Space
from contracts.envelope import Event, schema_of, type_of
from contracts.events import Original, ReportAccepted
from contracts.identifiers import derived_id
from contracts.reports import Sender
from contracts.subjects import Origin
from services.intake.formats.json_report import REPORT

NOON: Final = datetime(2026, 11, 22, 5, tzinfo=UTC)
_numbers = count(1)


def accepted(
    agency: str,
    dead: float | None = None,
    *,
    unit: str = "van-phong",
    at: datetime = NOON,
    window: tuple[datetime, datetime] | None = None,
    **changes: Any,
) -> Event[ReportAccepted]:
    """A situation report on record; `dead` is its one figure."""
    since, until = window or (at, at.replace(microsecond=at.microsecond + 1))
    figure = {"of": "dead", "value": dead, "unit": "person", "source": "Trực ban"}
    counts = [] if dead is None else [figure]
    window_ = {"since": since.isoformat(), "until": until.isoformat()}
    return _on_record(Origin(agency, unit), at, _body(at) | {"window": window_, "counts": counts} | changes)


def _body(at: datetime) -> dict[str, Any]:
    return {
        "type": "situation",
        "report": str(UUID(int=next(_numbers))),
        "status": "Actual",
        "sent": at.isoformat(),
        "observed_at": at.isoformat(),
        "kind": "casualty_and_illness_summary",
        "headline": "Báo cáo",
    }


def _on_record(origin: Origin, at: datetime, body: dict[str, Any]) -> Event[ReportAccepted]:
    report = REPORT.validate_json(json.dumps(body, default=str))
    event = derived_id("ReportAccepted", origin.agency, report.report)
    return Event[ReportAccepted](
        id=event,
        source="/phoihop/intake",
        type=type_of(ReportAccepted),
        subject=subjects.report(Space.ACTUAL, origin, report.report),
        time=at,
        dataschema=schema_of(ReportAccepted),
        correlationid=event,
        causationid=event,
        data=ReportAccepted(
            sender=Sender(agency=origin.agency, unit=origin.point),
            received_at=at,
            content=content_digest(report),
            original=Original(format=SourceFormat.JSON, sha256="0" * 64, size=1),
            report=report,
        ),
    )
