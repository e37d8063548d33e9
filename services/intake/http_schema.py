"""What the HTTP door publishes about itself: request, answers and their meanings, as OpenAPI."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from contracts.problems import ProblemCode
from contracts.receipts import Outcome
from contracts.reports import IncidentReport, Report, SituationReport

_COMPONENTS: Final = "#/components/schemas/"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document with the report's own schema in it, since the door reads raw bytes."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        adapter: TypeAdapter[IncidentReport | SituationReport] = TypeAdapter(Report)
        report = adapter.json_schema(ref_template=_COMPONENTS + "{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= report.pop("$defs") | {"Report": report}
        app.openapi_schema = document
    return app.openapi_schema


REQUEST: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Report"}}},
    }
}
_ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["report", "outcome", "problems"],
    "properties": {
        "report": {"type": "string", "format": "uuid"},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "event": {"type": ["string", "null"], "format": "uuid"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "field", "message", "fix"],
                "properties": {"code": {"enum": [code.value for code in ProblemCode]}},
            },
        },
    },
}
_MEANINGS: Final = {
    200: "Duplicate: this very report is already on record.",
    201: "Accepted: the report is on disk.",
    401: "The sender is not known to the door.",
    408: "The body came too slowly.",
    409: "Conflict: this id already stands for other content.",
    413: "The body is too large.",
    422: "Refused: every reason is coded.",
    429: "Too fast; try again after Retry-After seconds.",
    503: "The bus is away; nothing was recorded; try again after Retry-After seconds.",
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": meaning, "content": {"application/json": {"schema": _ANSWER}}}
    for status, meaning in _MEANINGS.items()
}
