"""What an officer does by a page: reads the form, hands the act over, and says what became of it and how it stands."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from contracts.decisions import Addressee
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome
from services.desk.forms import FORMS, Form, Unreadable, details, standing
from services.desk.reading import detail, row_of
from services.desk.row import Row
from services.desk.seats import Seat, Seats
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError
from services.runtime.web.shell import Shell

MOST_AT_ONCE: Final = 100
"""Dispatches acknowledged by one request."""
_STATUS: Final = {
    Outcome.ACCEPTED: HTTPStatus.OK,
    Outcome.DUPLICATE: HTTPStatus.OK,
    Outcome.CONFLICT: HTTPStatus.CONFLICT,
    Outcome.REJECTED: HTTPStatus.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an act, for a page and for its script."""

    status: int
    outcome: str
    """Of the receipt; `unknown` where none came: it may still happen, and sending again is safe."""
    problems: tuple[Problem, ...] = ()
    current_state: str | None = None

    @property
    def done(self) -> bool:
        """Whether it is on record."""
        return self.status == HTTPStatus.OK

    def as_json(self, language: int) -> dict[str, Any]:
        """For the script of the page."""
        said = [(problem.wording.vi, problem.wording.en)[language] for problem in self.problems]
        fixes = [(problem.wording.fix_vi, problem.wording.fix_en)[language] for problem in self.problems]
        fields = [problem.field for problem in self.problems]
        told = {"outcome": self.outcome, "message": " ".join(said), "fix": " ".join(fixes), "fields": fields}
        return told | {"current_state": self.current_state}


UNKNOWN: Final = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE, "unknown", (Problem(code=ProblemCode.BUS_UNAVAILABLE, field=""),)
)


@dataclass(frozen=True, slots=True)
class Acting:
    """Answers POST, and GET of the form of an act."""

    shell: Shell
    seats: Seats

    async def form(self, request: Request) -> Response:
        """The form of one act: by itself without a script, in a dialog with one."""
        seat = await self.seats.of(request)
        row, form = row_of(request, seat), _form(request)
        return self._form_page(request, seat, row, {"form": form, "typed": {}, "answer": None})

    async def act(self, request: Request) -> Response:
        """One act on one dispatch."""
        seat = await self.seats.of(request)
        row, form, typed = row_of(request, seat), _form(request), await _typed(request)
        answer = await sent(seat, row, form, typed)
        if _by_script(request):
            return JSONResponse(answer.as_json(seat.language), answer.status)
        if answer.done:
            return RedirectResponse(f"{seat.base}/dispatch/{row.issued.dispatch}", HTTPStatus.SEE_OTHER)
        now_standing = seat.hub.row(row.issued.dispatch) or row
        return self._form_page(request, seat, now_standing, {"form": form, "typed": typed, "answer": answer})

    async def bulk(self, request: Request) -> Response:
        """Acknowledges every dispatch that was marked; each by itself, so one that fails stops no other."""
        seat, posted = await self.seats.of(request), await request.form(max_files=0)
        found = [seat.hub.row(one) for text in posted.getlist("dispatch") if (one := _uuid(text))]
        rows = [row for row in found if row is not None and row.waits][:MOST_AT_ONCE]
        answers = await asyncio.gather(*(sent(seat, row, FORMS["acknowledge"], {}) for row in rows))
        if _by_script(request):
            failed = sum(not answer.done for answer in answers)
            return JSONResponse({"done": len(answers) - failed, "failed": failed})
        return RedirectResponse(seat.base, HTTPStatus.SEE_OTHER)

    async def paper(self, request: Request) -> Response:
        """Acknowledges a copy or a request."""
        seat, paper = await self.seats.of(request), _uuid(request.path_params["paper"])
        if paper is None or all(held.issued.paper != paper for held in seat.hub.papers):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        try:
            await seat.hub.client.acknowledge_paper(paper, officer=seat.visitor.name)
            await seat.hub.read_papers()
        except (NoReceiptError, NotConnectedError, InboxFullError, BusUnavailableError):
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"}) from None
        return RedirectResponse(f"{seat.base}/papers", HTTPStatus.SEE_OTHER)

    def _form_page(self, request: Request, seat: Seat, row: Row, filled: dict[str, Any]) -> Response:
        answer: Answer | None = filled["answer"]
        told = answer and answer.as_json(seat.language)
        shown = filled | {
            "answer": told,
            "desks": _near(row),
            "prefilled": standing(filled["form"], row) | dict(request.query_params),
        }
        template = "act-form.html" if _by_script(request) else "act.html"
        status = answer.status if answer else HTTPStatus.OK
        return self.shell.page(request, template, status, **seat.frame, **detail(row, seat), **shown)


async def sent(seat: Seat, row: Row, form: Form, typed: dict[str, str]) -> Answer:
    """Hands one act over and waits for what becomes of it; then the board shows it."""
    try:
        found = details(form, typed)
        receipt = await seat.hub.client.act(
            form.kind, row.issued.incident, row.issued.dispatch, officer=seat.visitor.name, **found
        )
    except Unreadable as error:
        return _invalid(error.field)
    except ValidationError as error:
        return _invalid(".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"])))
    except (NoReceiptError, NotConnectedError, InboxFullError, BusUnavailableError):
        return UNKNOWN
    with suppress(BusUnavailableError, NotConnectedError):  # it is on record all the same, and read a little later
        await seat.hub.refresh()
    return Answer(_STATUS[receipt.outcome], receipt.outcome.value, receipt.problems, receipt.current_state)


def _invalid(field: str) -> Answer:
    problem = Problem(code=ProblemCode.FIELD_INVALID, field=field)
    return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, Outcome.REJECTED.value, (problem,))


def _form(request: Request) -> Form:
    form = FORMS.get(request.path_params["act"])
    if form is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return form


async def _typed(request: Request) -> dict[str, str]:
    posted: FormData = await request.form(max_files=0)
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def _near(row: Row) -> tuple[Addressee, ...]:
    """Desks an officer is likely to mean: those that come next, and those whose consent was asked for."""
    return tuple(dict.fromkeys((*row.issued.escalation, *row.issued.approvals)))


def _by_script(request: Request) -> bool:
    return "text/html" not in request.headers.get("accept", "") or "x-piece" in request.headers


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
