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
    figure = {"of": "dead", "value": dead, "unit": "person", "source": "Trực ban"}
    since, until = window or (at, at.replace(microsecond=at.microsecond + 1))
    body = {
        "type": "situation",
        "report": str(UUID(int=next(_numbers))),
        "status": "Actual",
        "sent": at.isoformat(),
        "observed_at": at.isoformat(),
        "kind": "casualty_and_illness_summary",
        "headline": "Báo cáo",
        "window": {"since": since.isoformat(), "until": until.isoformat()},
        "counts": [] if dead is None else [figure],
    } | changes
    report = REPORT.validate_json(json.dumps(body, default=str))
    event = derived_id("ReportAccepted", agency, report.report)
    return Event[ReportAccepted](
        id=event,
        source="/phoihop/intake",
        type=type_of(ReportAccepted),
        subject=subjects.report(Space.ACTUAL, Origin(agency, unit), report.report),
        time=at,
        dataschema=schema_of(ReportAccepted),
        correlationid=event,
        causationid=event,
        data=ReportAccepted(
            sender=Sender(agency=agency, unit=unit),
            received_at=at,
            content=content_digest(report),
            original=Original(format=SourceFormat.JSON, sha256="0" * 64, size=1),
            report=report,
        ),
    )
