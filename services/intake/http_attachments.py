"""The door for photographs of reports: a unit's own, after the report that names them, as often as it takes."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final, Protocol
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse

from contracts.attachments import Attachment
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome
from contracts.subjects import Origin
from contracts.text import Digest
from services.intake.attachments.keeping import Body, Kept, NotKept
from services.intake.http_answers import content
from services.intake.http_reading import Refusal, sender, whole_body
from services.intake.http_schema import ATTACHMENT_REQUEST, ATTACHMENT_RESPONSES, PICTURE_RESPONSES
from services.runtime.telemetry import OUTCOMES
from services.runtime.web.guard import Guard
from services.runtime.web.pictures import picture

AT_ONCE: Final = 2
"""Photographs that one unit sends side by side; each is held in memory until it is checked."""
RETRY_AFTER_OTHERS: Final = 5

_STATUS: Final = {
    ProblemCode.ATTACHMENT_UNNAMED: HTTPStatus.NOT_FOUND,
    ProblemCode.ATTACHMENT_SIZE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ProblemCode.ATTACHMENT_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.ATTACHMENT_QUOTA: HTTPStatus.INSUFFICIENT_STORAGE,
}
_SHA256: Final = Path(description="SHA-256 of the bytes, as the report names them.")


class Photographs(Protocol):
    """What keeps and shows them; `keeping.Attachments` is the real one."""

    async def keep(self, origin: Origin, report: UUID, sha256: str, body: Body) -> Kept | NotKept:
        """On disk before it returns, unless there is a reason against it."""

    async def show(self, origin: Origin, report: UUID, sha256: str) -> tuple[Attachment, bytes] | None:
        """To the unit that sent it."""


@dataclass(frozen=True, slots=True)
class AttachmentDoor:
    """What the routes need."""

    guard: Guard
    photographs: Photographs
    seconds: float
    """How long one may take to arrive."""
    hurried: Callable[[Origin], Awaitable[None]]
    """Counts one request; raises the refusal of one too many."""


def attachment_routes(door: AttachmentDoor) -> APIRouter:
    """`PUT` and `GET` of a photograph of a report."""
    router, sending = APIRouter(), Counter[Origin]()
    path: Final = "/v1/reports/{report}/attachments/{sha256}"

    @router.put(path, openapi_extra=ATTACHMENT_REQUEST, responses=ATTACHMENT_RESPONSES, operation_id="put_attachment")
    async def put_attachment(report: UUID, sha256: Annotated[Digest, _SHA256], request: Request) -> Response:
        """Sends a photograph that the report names, once the report has its receipt. Sending again is always safe."""
        origin = await sender(request, door.guard)
        await door.hurried(origin)

        async def body(most: int) -> bytes:
            return await whole_body(request, door.seconds, most, ProblemCode.ATTACHMENT_SIZE)

        async with _one_of_few(sending, origin):
            kept = await door.photographs.keep(origin, report, sha256, body)
        return _answer(kept, request)

    @router.get(path, responses=PICTURE_RESPONSES, operation_id="get_attachment", response_class=Response)
    async def get_attachment(report: UUID, sha256: Annotated[Digest, _SHA256], request: Request) -> Response:
        """A photograph that this unit sent; anybody else's is as absent as one that was never sent."""
        origin = await sender(request, door.guard)
        await door.hurried(origin)
        if (found := await door.photographs.show(origin, report, sha256)) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return picture(*found)

    return router


@asynccontextmanager
async def _one_of_few(sending: Counter[Origin], origin: Origin) -> AsyncIterator[None]:
    if sending[origin] >= AT_ONCE:
        problem = Problem(code=ProblemCode.RATE_EXCEEDED, field="")
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, problem, {"Retry-After": str(RETRY_AFTER_OTHERS)})
    sending[origin] += 1
    try:
        yield
    finally:
        sending[origin] -= 1


def _answer(kept: Kept | NotKept, request: Request) -> JSONResponse:
    match kept:
        case Kept():
            status = HTTPStatus.CREATED if kept.outcome is Outcome.ACCEPTED else HTTPStatus.OK
            OUTCOMES.labels("attachment", kept.outcome.value).inc()
            return JSONResponse(content(request, kept.outcome, (), kept.event), status)
        case NotKept():
            status = _STATUS.get(kept.problem.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            OUTCOMES.labels("attachment", kept.problem.code.value).inc()
            return JSONResponse(content(request, Outcome.REJECTED, (kept.problem,)), status)
