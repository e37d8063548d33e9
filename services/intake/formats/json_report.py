"""Reads a report in our own JSON, strictly, and says in the sender's terms what is wrong with one that is not valid."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from contracts.codes import SourceFormat, Status
from contracts.markings import refusal, texts
from contracts.problems import Problem, ProblemCode
from contracts.reports import IncidentReport, Report, SituationReport
from services.intake.formats.drafts import MAX_PROBLEMS, Reading, ReportDraft, Source
from services.intake.formats.json_text import without_mark

REPORT: Final[TypeAdapter[IncidentReport | SituationReport]] = TypeAdapter(Report)

_MAX_FIELD: Final = 120
_MAX_DETAIL: Final = 300
_KINDS: Final = frozenset({"area", "point", "circle", "polygon", "words"})
_OF_PERSONAL: Final = frozenset({"kind", "value"})
_CODES: Final = {code.value: code for code in ProblemCode}
_BY_TYPE: Final = {
    "missing": ProblemCode.FIELD_MISSING,
    "string_too_short": ProblemCode.FIELD_MISSING,
    "union_tag_not_found": ProblemCode.FIELD_MISSING,
    "extra_forbidden": ProblemCode.FIELD_UNKNOWN,
    "string_too_long": ProblemCode.FIELD_TOO_LONG,
    "too_long": ProblemCode.FIELD_TOO_LONG,
    "timezone_aware": ProblemCode.TIME_INVALID,
}
_DISCRIMINATORS: Final = frozenset({"union_tag_not_found", "union_tag_invalid"})


def read_report(source: Source, raw: Any, body: bytes | None = None) -> Reading:  # noqa: ANN401 - any JSON value
    """The report in `raw`; `body` are its own bytes where the submission holds more than it."""
    status, claimed = status_of(raw), report_id_of(raw)
    if marking := refusal(texts(raw)):
        return source.unreadable((marking,), SourceFormat.JSON, claimed, status)
    try:
        report = _settled(REPORT.validate_json(without_mark(body or source.body)), raw)
    except ValidationError as error:
        return source.unreadable(problems_of(error), SourceFormat.JSON, claimed, status)
    repeats = body is None and _says_the_same(report, raw)
    original = source.original(SourceFormat.JSON, keep=not repeats)
    sender = f"{report.sender.agency}/{report.sender.unit}" if report.sender else None
    return ReportDraft(report, original, sender, withheld=source.withheld)


def _settled(report: IncidentReport | SituationReport, raw: Any) -> IncidentReport | SituationReport:  # noqa: ANN401
    """The report once more through its model if reading changed it: NFC lengthens a few characters past a limit."""
    return report if _says_the_same(report, raw) else REPORT.validate_json(report.model_dump_json())


def _says_the_same(report: IncidentReport | SituationReport, raw: Any) -> bool:  # noqa: ANN401
    return bool(report.model_dump(mode="json", exclude_unset=True) == raw)


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """At most twenty of pydantic's findings as problems of the published list."""
    details = error.errors(include_input=False, include_url=False, include_context=False)[:MAX_PROBLEMS]
    return tuple(_problem(detail) for detail in details)


def status_of(raw: Any) -> Status | None:  # noqa: ANN401 - any JSON value
    """The status a body claims, where it is one."""
    claimed = raw.get("status") if isinstance(raw, dict) else None
    return Status(claimed) if claimed in list(Status) else None


def report_id_of(raw: Any) -> UUID | None:  # noqa: ANN401 - any JSON value
    """The report id a body claims, where it is a UUID."""
    claimed = raw.get("report") if isinstance(raw, dict) else None
    try:
        return UUID(claimed) if isinstance(claimed, str) else None
    except ValueError:
        return None


def _problem(error: ErrorDetails) -> Problem:
    kind, path = error["type"], list(_path(error["loc"]))
    if kind in _DISCRIMINATORS:
        path.append("kind" if path else "type")
    if kind == ProblemCode.REFERENCES_MISSING:
        path.append("references")
    field = ".".join(path)
    detail = _printable(error["msg"])[:_MAX_DETAIL]
    return Problem(code=_code(kind, field), field=_printable(field)[:_MAX_FIELD], detail=detail)


def _code(kind: str, field: str) -> ProblemCode:
    if field == "category" and kind in ("enum", "string_type"):
        return ProblemCode.CATEGORY_UNKNOWN
    if kind.startswith(("datetime_", "date_")):
        return ProblemCode.TIME_INVALID
    return _BY_TYPE.get(kind) or _CODES.get(kind, ProblemCode.FIELD_INVALID)


def _path(location: Sequence[int | str]) -> Sequence[str]:
    """The location as the sender wrote it: pydantic inserts the tags of the unions, we take them out."""
    path = [str(step) for step in location[1:]] if location[:1] in (("incident",), ("situation",)) else list(location)
    steps = [str(step) for step in path]
    if steps[:1] == ["personal"] and not {*steps[2:]} <= _OF_PERSONAL:
        return steps[:2]  # the sender's own name of a field may be the value itself
    if steps[:1] == ["places"] and len(steps) > 2 and steps[2] in _KINDS:  # noqa: PLR2004 - places, index, tag
        del steps[2]
    return steps


def _printable(text: str) -> str:
    """A text of the sender without characters that could forge a line of a log."""
    return "".join(character if character.isprintable() else "?" for character in text)
