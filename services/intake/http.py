"""The HTTP door: an idempotent PUT that answers 201 only when the report is on disk, and a coded refusal otherwise."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, TypeVar
from uuid import UUID

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from contracts.ladders import ReportLadder
from contracts.problems import WORDINGS, Problem, ProblemCode
from contracts.receipts import Outcome, Receipt
from contracts.subjects import Origin
from services.intake.http_answers import content
from services.intake.http_attachments import AttachmentDoor, Photographs, attachment_routes
from services.intake.http_reading import (
    RETRY_AFTER_BUS,
    Peek,
    Refusal,
    media_type,
    peek,
    sender,
    signature,
    whole_body,
)
from services.intake.http_schema import LADDER_RESPONSES, REQUEST, RESPONSES, describe
from services.intake.settings import IntakeSettings
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError
from services.runtime.telemetry import OUTCOMES
from services.runtime.web.guard import Guard
from services.runtime.web.limiting import Rate

RETRY_AFTER_FULL: Final = 10

_STATUS: Final = {
    Outcome.ACCEPTED: HTTPStatus.CREATED,
    Outcome.DUPLICATE: HTTPStatus.OK,
    Outcome.CONFLICT: HTTPStatus.CONFLICT,
    Outcome.REJECTED: HTTPStatus.UNPROCESSABLE_ENTITY,
}

Submit = Callable[[Origin, bytes, str, Mapping[str, str]], Awaitable[Receipt]]
ReadLadder = Callable[[Origin, UUID], Awaitable[ReportLadder | None]]

Answered = TypeVar("Answered")


def door(
    settings: IntakeSettings, guard: Guard, submit: Submit, ladder: ReadLadder, photographs: Photographs
) -> FastAPI:
    """The web application; `submit` hands bytes to INBOX and waits for the receipt, `ladder` reads how far it got."""
    app = FastAPI(title="Phối hợp intake", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    rate, reads = _Rate(settings.reports_per_minute), _Rate(settings.requests_per_minute)
    own = AttachmentDoor(guard, photographs, settings.attachment_timeout, _Rate(settings.requests_per_minute).check)
    app.include_router(attachment_routes(own))

    @app.put("/v1/reports/{report}", openapi_extra=REQUEST, responses=RESPONSES, operation_id="put_report")
    async def put_report(report: UUID, request: Request) -> Response:
        """Files one report. Sending again under the same id is always safe."""
        origin = await sender(request, guard)
        body = await whole_body(request, settings.body_timeout)
        kind = media_type(request, body)
        await rate.check(origin, peek(body, report))
        return _answer(await _submitted(submit(origin, body, kind, signature(request))), request)

    @app.get("/v1/reports/{report}/ladder", responses=LADDER_RESPONSES, operation_id="get_ladder")
    async def get_ladder(report: UUID, request: Request) -> Response:
        """How far one of the unit's own reports got; anybody else's is as absent as one that was never sent."""
        origin = await sender(request, guard)
        await reads.check(origin)
        if (found := await _submitted(ladder(origin, report))) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(found.model_dump_json(), media_type="application/json")

    @app.get("/v1/problems", operation_id="list_problems")
    async def list_problems() -> dict[str, dict[str, str]]:
        """The closed list of reasons for a refusal, with meaning and fix in Vietnamese and English."""
        return {code.value: wording._asdict() for code, wording in WORDINGS.items()}

    app.openapi = lambda: describe(app, settings.trusted_header)  # type: ignore[method-assign]  # FastAPI's documented way
    _tell_refusals(app)
    return app


def _tell_refusals(app: FastAPI) -> None:
    """Every way in which a request ends early, with its code and its fix."""

    @app.exception_handler(Refusal)
    async def on_refusal(request: Request, refusal: Refusal) -> Response:
        return _refused(request, refusal)

    @app.exception_handler(RequestValidationError)
    async def on_unreadable_path(request: Request, _error: RequestValidationError) -> Response:
        problem = Problem(code=ProblemCode.FIELD_INVALID, field="report", detail="the path names no UUID or digest")
        return _refused(request, Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, problem))

    @app.exception_handler(HTTPStatus.METHOD_NOT_ALLOWED)
    async def on_other_method(request: Request, error: HTTPException) -> Response:
        """Starlette names the methods of the first route of a path; a photograph has two."""
        own = "/attachments/" in request.url.path
        headers = {"Allow": "GET, PUT"} if own else error.headers
        return JSONResponse({"detail": "Method Not Allowed"}, HTTPStatus.METHOD_NOT_ALLOWED, headers)

    @app.exception_handler(BusUnavailableError)
    @app.exception_handler(NotConnectedError)
    @app.exception_handler(JetStreamRefusedError)
    async def on_no_bus(request: Request, _error: Exception) -> Response:
        return _refused(request, _later(HTTPStatus.SERVICE_UNAVAILABLE, ProblemCode.BUS_UNAVAILABLE, RETRY_AFTER_BUS))


class _Rate:
    """How fast one unit may send; a first report of an incident is never refused for it."""

    def __init__(self, per_minute: int) -> None:
        self._rate = Rate(per_minute)

    async def check(self, origin: Origin, found: Peek | None = None) -> None:
        """Counts one submission; raises the refusal when it is one too many and not a first word."""
        seconds = await self._rate.exceeded(*origin)
        if seconds is not None and not (found is not None and found.is_first_word):
            raise _later(HTTPStatus.TOO_MANY_REQUESTS, ProblemCode.RATE_EXCEEDED, seconds)


async def _submitted(answer: Awaitable[Answered]) -> Answered:
    try:
        return await answer
    except InboxFullError:
        raise _later(HTTPStatus.TOO_MANY_REQUESTS, ProblemCode.RATE_EXCEEDED, RETRY_AFTER_FULL) from None
    except NoReceiptError:
        raise _later(HTTPStatus.SERVICE_UNAVAILABLE, ProblemCode.BUS_UNAVAILABLE, RETRY_AFTER_BUS) from None


def _later(status: HTTPStatus, code: ProblemCode, seconds: int) -> Refusal:
    return Refusal(status, Problem(code=code, field=""), {"Retry-After": str(seconds)})


def _answer(receipt: Receipt, request: Request) -> JSONResponse:
    """The receipt of the one report that a JSON body holds."""
    report = receipt.reports[0]
    OUTCOMES.labels("http", report.outcome.value).inc()
    told = content(request, report.outcome, report.problems, report.event)
    return JSONResponse(told, status_code=_STATUS[report.outcome])


def _refused(request: Request, refusal: Refusal) -> JSONResponse:
    OUTCOMES.labels("http", refusal.problem.code.value).inc()
    told = content(request, Outcome.REJECTED, (refusal.problem,))
    return JSONResponse(told, status_code=refusal.status, headers=refusal.headers)
