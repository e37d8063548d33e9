"""Reads the JSON form of EDXL-DE 2.0 as the French SAMU hub writes it: checks the envelope, reads our reports in it."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from contracts.codes import SourceFormat, Status
from contracts.markings import refusal, texts
from contracts.problems import Problem, ProblemCode
from services.intake.formats.drafts import Reading, Source
from services.intake.formats.json_report import read_report
from services.intake.formats.xsd_values import date_time

_MEMBERS: Final = (
    "distributionID",
    "senderID",
    "dateTimeSent",
    "dateTimeExpires",
    "distributionStatus",
    "distributionKind",
)
_REPORT_TYPES: Final = ("incident", "situation")


def is_envelope(raw: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a JSON object is an EDXL-DE envelope and not one of our reports."""
    return isinstance(raw, dict) and "distributionStatus" in raw and "report" not in raw


def read_envelope(source: Source, raw: dict[str, Any]) -> tuple[Reading, ...]:
    """Every report of ours in the envelope, or why there is none."""
    status = _status(raw)
    if problems := ((marking,) if (marking := refusal(texts(raw))) else tuple(_breaches(raw))):
        return (source.unreadable(problems, SourceFormat.EDXL_DE_2_0, None, status),)
    found = tuple(_reports(raw))
    if not found:
        problem = Problem(code=ProblemCode.ENVELOPE_EMPTY, field="content")
        return (source.unreadable((problem,), SourceFormat.EDXL_DE_2_0, None, status),)
    return tuple(_read(source, report, path, status) for report, path in found)


def _read(source: Source, report: dict[str, Any], path: str, status: Status | None) -> Reading:
    if status not in (None, Status.ACTUAL) and report.get("status") != status:
        finding = f"the envelope says {status}, the report in it does not"
        problem = Problem(code=ProblemCode.EDXL_RULE, field=f"{path}.status", detail=finding)
        return source.unreadable((problem,), SourceFormat.EDXL_DE_2_0, _report_id(report), status)
    return read_report(source, report, to_json(report))


def _breaches(raw: dict[str, Any]) -> Iterator[Problem]:
    for name in _MEMBERS:
        value = raw.get(name)
        if not isinstance(value, str) or not value.strip():
            yield Problem(code=ProblemCode.EDXL_RULE, field=name, detail="is required and missing")
        elif name.startswith("dateTime") and (finding := date_time(value)):
            yield Problem(code=ProblemCode.TIME_INVALID, field=name, detail=finding)
    if _status(raw) is None and isinstance(raw.get("distributionStatus"), str):
        yield Problem(code=ProblemCode.EDXL_RULE, field="distributionStatus", detail="must be a status of EDXL-DE")


def _reports(raw: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    contents = raw.get("content")
    for index, content in enumerate(contents if isinstance(contents, list) else []):
        value: Any = content
        for name in ("jsonContent", "embeddedJsonContent", "message"):
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict) and value.get("type") in _REPORT_TYPES:
            yield value, f"content.{index}.jsonContent.embeddedJsonContent.message"


def _status(raw: dict[str, Any]) -> Status | None:
    claimed = raw.get("distributionStatus")
    return Status(claimed) if claimed in list(Status) else None


def _report_id(report: dict[str, Any]) -> UUID | None:
    claimed = report.get("report")
    try:
        return UUID(claimed) if isinstance(claimed, str) else None
    except ValueError:
        return None
