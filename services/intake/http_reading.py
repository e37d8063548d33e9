"""What the HTTP door reads of a request: who sends, the bytes, which report, which language. Records nothing."""

import asyncio
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from contracts.codes import MsgType
from contracts.problems import Problem, ProblemCode
from contracts.signatures import SIGNATURE_HEADER, SIGNER_HEADER
from contracts.streams import MAX_BODY
from contracts.subjects import Origin
from services.runtime.web.denials import Denial, Refused
from services.runtime.web.guard import Guard

JSON: Final = "application/json"
RETRY_AFTER_BUS: Final = 2
_MOST_SIGNATURE: Final = 100
"""Longer than either header can be: what is cut is refused, and no header eats the room kept free for them."""


class Refusal(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """An answer that ends the request before anything is handed over."""

    def __init__(self, status: HTTPStatus, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.code)
        self.status = status
        self.problem = problem
        self.headers = headers


class Peek(BaseModel):
    """The few fields the door looks at, whatever they hold; intake validates the rest."""

    report: Any = None
    type: Any = None
    msg_type: Any = MsgType.ALERT.value
    incident: Any = None

    @property
    def is_first_word(self) -> bool:
        """Whether this may be the first report of an incident, which is never refused for rate."""
        return self.type == "incident" and self.msg_type == MsgType.ALERT and self.incident is None


async def sender(request: Request, guard: Guard) -> Origin:
    """Which unit sends, as the guard knows it: by its device, its session or the word of a trusted proxy."""
    try:
        proven = await guard.found(request)
    except Refused as refused:
        if refused.denial is Denial.UNKNOWN:
            headers = {"Retry-After": str(RETRY_AFTER_BUS)}
            raise _refusal(HTTPStatus.SERVICE_UNAVAILABLE, ProblemCode.BUS_UNAVAILABLE, headers=headers) from None
        raise _unnamed() from None
    if proven is None or proven.visitor.origin is None:
        raise _unnamed()
    return proven.visitor.origin


async def whole_body(
    request: Request, seconds: float, most: int = MAX_BODY, beyond: ProblemCode = ProblemCode.PAYLOAD_TOO_LARGE
) -> bytes:
    """The whole body, refused as soon as it is too large or too slow; the connection then ends with the answer."""
    closing = {"Connection": "close"}
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, beyond, headers=closing)
    except (TimeoutError, ClientDisconnect):
        raise _refusal(HTTPStatus.REQUEST_TIMEOUT, ProblemCode.PAYLOAD_TOO_SLOW, headers=closing) from None
    return bytes(body)


def media_type(request: Request, body: bytes) -> str:
    """The media type, which must be JSON: envelopes and CAP alerts carry no id that could be the path's."""
    named = request.headers.get("Content-Type", JSON)
    if named.partition(";")[0].strip().lower() != JSON or body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<":
        detail = "only application/json; hand in CAP and EDXL-DE with `phoihop report`"
        raise _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ProblemCode.FORMAT_UNKNOWN, detail=detail)
    return named


def signature(request: Request) -> dict[str, str]:
    """The headers of a signature as intake reads them, whatever they hold: it refuses and records what is wrong."""
    found = {name: request.headers.get(name) for name in (SIGNATURE_HEADER, SIGNER_HEADER)}
    return {name: _plain(text) for name, text in found.items() if text is not None}


def peek(body: bytes, report: UUID) -> Peek | None:
    """What the body says of itself; None where it is no JSON object, which intake refuses and records.

    A JSON object must carry the id in the path, so that sending it again is safe.
    """
    try:
        found = Peek.model_validate_json(body)
    except ValidationError:
        return None
    if found.report is None:
        raise _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, ProblemCode.FIELD_MISSING, "report")
    if _uuid(found.report) != report:
        detail = "differs from the id in the path"
        raise _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, ProblemCode.FIELD_INVALID, "report", detail)
    return found


def language(request: Request) -> str:
    """`vi` or `en`, whichever Accept-Language weighs more (RFC 9110, section 12.5.4); Vietnamese when neither."""
    weights = {"vi": 0.0, "en": 0.0}
    for choice in request.headers.get("Accept-Language", "").lower().split(","):
        tag, _, parameter = choice.strip().partition(";")
        name = tag.strip().partition("-")[0]
        if name in weights:
            weights[name] = max(weights[name], _weight(parameter))
    return "en" if weights["en"] > weights["vi"] else "vi"


def _plain(text: str) -> str:
    """Something that may stand in a header of the bus; neither signature nor key holds what is replaced here."""
    return text[:_MOST_SIGNATURE].encode("ascii", "replace").decode() or "?"


def _weight(parameter: str) -> float:
    text = parameter.strip().removeprefix("q=").strip()
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _uuid(claimed: object) -> UUID | None:
    try:
        return UUID(claimed) if isinstance(claimed, str) else None
    except ValueError:
        return None


def _unnamed() -> Refusal:
    return _refusal(HTTPStatus.UNAUTHORIZED, ProblemCode.SENDER_UNNAMED, headers={"WWW-Authenticate": "Bearer"})


def _refusal(
    status: HTTPStatus,
    code: ProblemCode,
    field: str = "",
    detail: str | None = None,
    *,
    headers: dict[str, str] | None = None,
) -> Refusal:
    return Refusal(status, Problem(code=code, field=field, detail=detail), headers)
