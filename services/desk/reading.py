"""The pages of a desk that only show: queue, one dispatch, papers, and both as forms on paper. They change nothing."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contracts.code_words import OWED
from contracts.codes import Role
from contracts.taxonomy import FAMILIES
from services.desk.account import account, levels
from services.desk.attachments import photographs
from services.desk.forms import offered
from services.desk.line import line
from services.desk.mapping import drawing
from services.desk.queue import SHOWS, Filter, Show, next_waiting, shown
from services.desk.row import Row
from services.desk.seats import Seat, Seats
from services.desk.timeline import ladder, suggestions, timeline
from services.desk.words import PAPERS, SHOUTED_ROLES
from services.runtime.clock import now
from services.runtime.terminal import VIETNAM
from services.runtime.web.shell import Shell


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers GET; everything here works without a script."""

    shell: Shell
    seats: Seats

    async def queue(self, request: Request) -> Response:
        """What is before the desk, by the filter in the address."""
        seat = await self.seats.of(request)
        return self.shell.page(request, "queue.html", **self._queue(request, seat))

    async def print_queue(self, request: Request) -> Response:
        """The same as a numbered list for paper, to go on with when the screens are dark."""
        seat = await self.seats.of(request)
        return self.shell.page(request, "print-queue.html", **self._queue(request, seat))

    async def dispatch(self, request: Request) -> Response:
        """One dispatch with all the desk was told."""
        seat = await self.seats.of(request)
        row = row_of(request, seat)
        photos = await photographs(row, seat)
        return self.shell.page(request, "dispatch.html", **seat.frame, **detail(row, seat), photos=photos)

    async def pane(self, request: Request) -> Response:
        """The same as a piece of the queue's page."""
        seat = await self.seats.of(request)
        row = row_of(request, seat)
        context = seat.frame | detail(row, seat) | {"photos": await photographs(row, seat)}
        return HTMLResponse(self.shell.fragment(request, "detail.html", **context))

    async def print_dispatch(self, request: Request) -> Response:
        """One incident as a message form."""
        seat = await self.seats.of(request)
        row = row_of(request, seat)
        photos = await photographs(row, seat)
        return self.shell.page(request, "print-dispatch.html", **seat.frame, **detail(row, seat), photos=photos)

    async def map(self, request: Request) -> Response:
        """The same dispatches on the deployment's own map, numbered as in the list beside it."""
        seat = await self.seats.of(request)
        return self.shell.page(request, "map.html", **self._map(request, seat))

    async def map_drawing(self, request: Request) -> Response:
        """Map and list as a piece of that page."""
        seat = await self.seats.of(request)
        return HTMLResponse(self.shell.fragment(request, "map-drawing.html", **self._map(request, seat)))

    async def papers(self, request: Request) -> Response:
        """Copies of reports and requests for reports, the newest first."""
        seat = await self.seats.of(request)
        held = tuple(reversed(seat.hub.papers))
        return self.shell.page(request, "papers.html", **seat.frame, papers=held, kinds=PAPERS)

    def _map(self, request: Request, seat: Seat) -> dict[str, Any]:
        boundaries = seat.surroundings.boundaries
        if boundaries is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        at, wanted = now(), Filter.read(request.query_params)
        rows = shown(seat.hub.board.rows.values(), wanted, at)
        drawn = drawing(
            [(row, line(row, at, seat.language)) for row in rows], boundaries, at.astimezone(VIETNAM).date()
        )
        marks = {mark.line.dispatch: mark for mark in drawn.marks}
        return self._queue(request, seat) | {"drawing": drawn, "placed": marks}

    def _queue(self, request: Request, seat: Seat) -> dict[str, Any]:
        at, wanted = now(), Filter.read(request.query_params)
        rows = shown(seat.hub.board.rows.values(), wanted, at)
        return seat.frame | {
            "wanted": wanted,
            "sentence": wanted.said()[seat.language],
            "lines": [line(row, at, seat.language) for row in rows],
            "sequence": seat.hub.sequence,
            "shows": [(show, SHOWS[show][seat.language]) for show in Show],
            "roles": [(role.value, SHOUTED_ROLES[role][seat.language]) for role in Role],
            "families": [(code, words[seat.language]) for code, words in FAMILIES.items()],
        }


def row_of(request: Request, seat: Seat) -> Row:
    """The dispatch of the address. Raises 404 for one that is not this desk's in this space."""
    try:
        row = seat.hub.row(UUID(request.path_params["dispatch"]))
    except ValueError:
        row = None
    if row is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return row


def detail(row: Row, seat: Seat) -> dict[str, Any]:
    """Everything a page says of one dispatch."""
    at, language = now(), seat.language
    following = next_waiting(seat.hub.board.rows.values(), row, at)
    return {
        "line": line(row, at, language),
        "sequence": seat.hub.sequence,
        "issued": row.issued,
        "account": account(row.issued, language),
        "levels": levels(row.scales, language),
        "owes": [(OWED[owed.kind][language], owed.due, at > owed.due) for owed in row.owes],
        "ladder": ladder(row, language),
        "timeline": timeline(row, language),
        "suggestions": suggestions(row, language),
        "forms": offered(row),
        "following": following and line(following, at, language),
    }
