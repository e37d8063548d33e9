"""What the HTTP door publishes about itself: request, answers and their meanings, as OpenAPI."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from contracts.attachments import MediaType
from contracts.ladders import ReportLadder
from contracts.problems import ProblemCode
from contracts.receipts import Outcome
from contracts.reports import IncidentReport, Report, SituationReport
from contracts.signatures import SIGNATURE_HEADER, SIGNER_HEADER

_COMPONENTS: Final = "#/components/schemas/"
_ATTACHMENT: Final = "/v1/reports/{report}/attachments/{sha256}"
_PROVEN: Final = (
    ("/v1/reports/{report}", "put"),
    ("/v1/reports/{report}/ladder", "get"),
    (_ATTACHMENT, "put"),
    (_ATTACHMENT, "get"),
)
"""What only a unit may ask for."""


def describe(app: FastAPI, unit_header: str | None) -> dict[str, Any]:
    """The OpenAPI document with the report's own schema in it, since the door reads raw bytes."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        adapter: TypeAdapter[IncidentReport | SituationReport] = TypeAdapter(Report)
        report = adapter.json_schema(ref_template=_COMPONENTS + "{model}")
        ladder = ReportLadder.model_json_schema(ref_template=_COMPONENTS + "{model}")
        schemas = {"Report": report, "Ladder": ladder, "Answer": _ANSWER, "Problem": _PROBLEM}
        ways = {"device": _DEVICE} | ({"unit": _UNIT | {"name": unit_header}} if unit_header else {})
        document["components"] = {
            "schemas": schemas | report.pop("$defs") | ladder.pop("$defs"),
            "securitySchemes": ways,
        }
        for path, method in _PROVEN:
            document["paths"][path][method]["security"] = [{way: []} for way in ways]
        app.openapi_schema = document
    return app.openapi_schema


_LANGUAGE: Final = {
    "name": "Accept-Language",
    "in": "header",
    "description": "Language of `message` and `fix`: Vietnamese or English.",
    "schema": {"type": "string"},
    "examples": {"vi": {"value": "vi"}, "en": {"value": "en, vi;q=0.5"}},
}
_SIGNATURE: Final = {
    "name": SIGNATURE_HEADER,
    "in": "header",
    "description": "Optional: base64 of the Ed25519 signature over the byte 0xFF, the lines `phoihop report v1` and "
    "`canonical`, each ended by a line feed, and the RFC 8785 bytes of the report.",
    "schema": {"type": "string"},
}
_SIGNER: Final = {
    "name": SIGNER_HEADER,
    "in": "header",
    "description": "Where it is signed: the public nkey of the unit or desk that signed, whoever sends.",
    "schema": {"type": "string"},
}
REQUEST: Final[dict[str, Any]] = {
    "parameters": [_LANGUAGE, _SIGNATURE, _SIGNER],
    "requestBody": {
        "required": True,
        "description": "The report; its `report` is the id in the path, made once by the sender (UUIDv7).",
        "content": {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Report"}}},
    },
}
_UNIT: Final = {
    "type": "apiKey",
    "in": "header",
    "description": "`agency/unit`, set by the trusted proxy in front of the door for the unit it authenticated.",
}
_DEVICE: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "A device's token: from `POST /field/enrol` with a one-time code, then from `POST /field/token`.",
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "field", "message", "fix", "detail"],
    "additionalProperties": False,
    "properties": {
        "code": {"enum": [code.value for code in ProblemCode]},
        "field": {"type": "string", "description": "Path of the field as the sender wrote it; empty = the whole."},
        "message": {"type": "string"},
        "fix": {"type": "string"},
        "detail": {"type": ["string", "null"], "description": "The exact finding, in English, for engineers."},
    },
}
_ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["report", "outcome", "event", "problems"],
    "additionalProperties": False,
    "properties": {
        "report": {"type": "string", "description": "The id in the path."},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "event": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "The fact that records it; null where nothing was recorded.",
        },
        "problems": {"type": "array", "items": {"$ref": f"{_COMPONENTS}Problem"}},
    },
}
_RETRY_AFTER: Final = {
    "Retry-After": {"required": True, "description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
_MEANINGS: Final[dict[int | str, tuple[str, dict[str, Any]]]] = {
    200: ("Duplicate: this very report is already on record.", {}),
    201: ("Accepted: the report is on disk.", {}),
    401: ("Nobody vouches for who is sending.", _CHALLENGE),
    408: ("The body came too slowly; nothing was recorded.", {}),
    409: ("Conflict: this id already stands for other content.", {}),
    413: ("The body is too large; nothing was recorded.", {}),
    415: ("Not JSON: CAP and EDXL-DE are handed in over the bus.", {}),
    422: ("Refused: every reason is coded.", {}),
    429: ("Too fast; a first report of an incident is never refused for this.", _RETRY_AFTER),
    503: ("The bus is away; nothing is promised: send it again under the same id.", _RETRY_AFTER),
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": meaning,
        "headers": headers,
        "content": {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Answer"}}},
    }
    for status, (meaning, headers) in _MEANINGS.items()
}
_LADDER: Final = {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Ladder"}}}
LADDER_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Every agency the report was sent to, its role and how far it is.", "content": _LADDER},
    404: {"description": "Not there, or not this unit's."},
    **{status: RESPONSES[status] for status in (401, 422, 429, 503)},
}
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_PICTURES: Final[dict[str, Any]] = {kind.value: _BYTES for kind in MediaType}
ATTACHMENT_REQUEST: Final[dict[str, Any]] = {
    "parameters": [_LANGUAGE],
    "requestBody": {
        "required": True,
        "description": "The bytes that the report names: of its size, digest and type, without hidden information.",
        "content": _PICTURES,
    },
}
_ATTACHMENT_MEANINGS: Final = {
    200: "Duplicate: this photograph is there already.",
    201: "Accepted: the photograph is on disk.",
    404: "No report of this unit on record names it: the report comes first.",
    408: "It came too slowly; nothing was stored.",
    413: "Larger than the report says, or than may be; nothing was stored.",
    415: "Not a picture of the type the report says; nothing was stored.",
    422: "Refused: not what the digest says, or with hidden information; every reason is coded.",
    429: "Too fast, or too many at once.",
    507: "The agency's room for photographs is full. The report itself is on record.",
}
ATTACHMENT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    **{status: RESPONSES[status] for status in (401, 503)},
    **{
        status: RESPONSES.get(status, RESPONSES[422]) | {"description": meaning}
        for status, meaning in _ATTACHMENT_MEANINGS.items()
    },
}
PICTURE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The photograph.", "content": _PICTURES},
    404: {"description": "Not there, or not this unit's."},
    **{status: RESPONSES[status] for status in (401, 422, 429, 503)},
}
