"""The HTTP door: an idempotent PUT that answers 201 only when the report is on disk, and a coded refusal otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.codes import MsgType
from contracts.problems import WORDINGS, Problem, ProblemCode
from contracts.receipts import Outcome, Receipt, ReportReceipt
from contracts.streams import MAX_MESSAGE
from contracts.subjects import Origin
from contracts.text import Token
from services.intake.http_schema import REQUEST, RESPONSES, describe
from services.intake.settings import IntakeSettings
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError
from services.runtime.telemetry import OUTCOMES

RETRY_AFTER_BUS: Final = "2"
RETRY_AFTER_RATE: Final = "10"
HEADROOM: Final = 1024
"""Bytes kept free for the headers of the message that carries the body."""

_STATUS: Final = {
    Outcome.ACCEPTED: HTTPStatus.CREATED,
    Outcome.DUPLICATE: HTTPStatus.OK,
    Outcome.CONFLICT: HTTPStatus.CONFLICT,
    Outcome.REJECTED: HTTPStatus.UNPROCESSABLE_ENTITY,
}
_TOKENS: Final = TypeAdapter(tuple[Token, Token])

Submit = Callable[[Origin, bytes, str], Awaitable[Receipt]]


class _Peek(BaseModel):
    """The few fields the door looks at; intake validates the rest."""

    report: UUID
    type: str = "incident"
    msg_type: str = MsgType.ALERT.value
    incident: UUID | None = None


class _Refusal(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """An answer that ends the request."""

    def __init__(self, status: HTTPStatus, problem: Problem, retry_after: str | None = None) -> None:
        super().__init__(problem.code)
        self.status = status
        self.problem = problem
        self.retry_after = retry_after


def door(settings: IntakeSettings, submit: Submit) -> FastAPI:
    """The web application; `submit` hands the bytes to INBOX and waits for the receipt."""
    app = FastAPI(title="Phối hợp intake", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    limiter = MovingWindowRateLimiter(MemoryStorage())
    limit = RateLimitItemPerMinute(settings.reports_per_minute)

    @app.put("/v1/reports/{report}", openapi_extra=REQUEST, responses=RESPONSES)
    async def put_report(report: UUID, request: Request) -> Response:
        """Files one report. Sending again under the same id is always safe."""
        try:
            origin = _origin(request, settings.unit_header)
            body = await _body(request, settings.body_timeout)
            peek = _identity(body, report)
            if not await limiter.hit(limit, *origin) and not _is_first_word(peek):
                raise _Refusal(HTTPStatus.TOO_MANY_REQUESTS, _problem(ProblemCode.RATE_EXCEEDED), RETRY_AFTER_RATE)
            receipt = await _submitted(submit, origin, body, request)
        except _Refusal as refusal:
            return _refused(refusal, report, _language(request))
        return _answer(receipt.reports[0], _language(request))

    @app.get("/v1/problems")
    async def list_problems() -> dict[str, dict[str, str]]:
        """The closed list of reasons for a refusal, with meaning and fix in Vietnamese and English."""
        return {code.value: wording._asdict() for code, wording in WORDINGS.items()}

    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def _origin(request: Request, header: str | None) -> Origin:
    """Who the trusted proxy says is sending."""
    named = request.headers.get(header, "") if header else ""
    try:
        return Origin(*_TOKENS.validate_python(tuple(named.split("/"))))
    except ValidationError:
        raise _Refusal(HTTPStatus.UNAUTHORIZED, _problem(ProblemCode.SENDER_UNKNOWN)) from None


async def _body(request: Request, timeout: float) -> bytes:  # noqa: ASYNC109  # the timeout is for the client, not for us
    """The whole body, refused as soon as it is too large or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(timeout):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_MESSAGE - HEADROOM:
                    raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _problem(ProblemCode.PAYLOAD_TOO_LARGE))
    except TimeoutError:
        raise _Refusal(HTTPStatus.REQUEST_TIMEOUT, _problem(ProblemCode.PAYLOAD_EMPTY)) from None
    return bytes(body)


def _identity(body: bytes, report: UUID) -> _Peek | None:
    """What the body says of itself; a readable id must be the one in the path."""
    try:
        peek = _Peek.model_validate_json(body)
    except ValidationError:
        return None
    if peek.report != report:
        problem = Problem(code=ProblemCode.FIELD_INVALID, field="report", detail="differs from the id in the path")
        raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, problem)
    return peek


def _is_first_word(peek: _Peek | None) -> bool:
    """Whether this may be the first report of an incident, which is never refused for rate."""
    return peek is not None and peek.type == "incident" and peek.msg_type == MsgType.ALERT and peek.incident is None


async def _submitted(submit: Submit, origin: Origin, body: bytes, request: Request) -> Receipt:
    try:
        return await submit(origin, body, request.headers.get("Content-Type", "application/json"))
    except InboxFullError:
        raise _Refusal(HTTPStatus.TOO_MANY_REQUESTS, _problem(ProblemCode.RATE_EXCEEDED), RETRY_AFTER_RATE) from None
    except (BusUnavailableError, NoReceiptError, NotConnectedError, JetStreamRefusedError):
        raise _Refusal(HTTPStatus.SERVICE_UNAVAILABLE, _problem(ProblemCode.BUS_UNAVAILABLE), RETRY_AFTER_BUS) from None


def _problem(code: ProblemCode) -> Problem:
    return Problem(code=code, field="")


def _language(request: Request) -> str:
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "vi"


def _answer(receipt: ReportReceipt, language: str) -> JSONResponse:
    OUTCOMES.labels("http", receipt.outcome.value).inc()
    return JSONResponse(
        {
            "report": str(receipt.report),
            "outcome": receipt.outcome.value,
            "event": str(receipt.event) if receipt.event else None,
            "problems": [_worded(problem, language) for problem in receipt.problems],
        },
        status_code=_STATUS[receipt.outcome],
    )


def _refused(refusal: _Refusal, report: UUID, language: str) -> JSONResponse:
    OUTCOMES.labels("http", refusal.problem.code.value).inc()
    content = {
        "report": str(report),
        "outcome": Outcome.REJECTED.value,
        "event": None,
        "problems": [_worded(refusal.problem, language)],
    }
    headers = {"Retry-After": refusal.retry_after} if refusal.retry_after else None
    return JSONResponse(content, status_code=refusal.status, headers=headers)


def _worded(problem: Problem, language: str) -> dict[str, str | None]:
    wording = problem.wording
    vietnamese = language == "vi"
    return {
        "code": problem.code.value,
        "field": problem.field,
        "message": wording.vi if vietnamese else wording.en,
        "fix": wording.fix_vi if vietnamese else wording.fix_en,
        "detail": problem.detail,
    }
