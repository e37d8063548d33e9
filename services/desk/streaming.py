"""What an open page is told live: rows that changed, as the server draws them, and the alarm of each new dispatch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from services.desk.line import alarm, line
from services.desk.queue import Filter, priority
from services.desk.row import Row
from services.desk.seats import Seat, Seats
from services.runtime.clock import now
from services.runtime.web import live
from services.runtime.web.shell import Shell

GATHER: Final = 0.04
"""Seconds in which changes are gathered into one event: a burst costs a page a few dozen redraws a second at most."""
QUIET: Final = 30.0
"""Seconds without a change after which a page is told the counts again."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Live events of the queue."""

    shell: Shell
    seats: Seats

    async def events(self, request: Request) -> Response:
        """Server-sent events: `hello`, `rows`, `alarm`, and the shell's `beat`; the id is the stream's sequence."""
        seat = await self.seats.of(request)
        return live.stream(self._told(request, seat, Filter.read(request.query_params), live.after(request)))

    async def heard(self, request: Request) -> Response:
        """The page says that it is there; without that its open connection does not count as somebody looking."""
        seat = await self.seats.of(request)
        try:
            known = seat.hub.listeners.hear(UUID(request.path_params["page"]))
        except ValueError:
            known = False
        return Response(status_code=204 if known else 404)

    async def _told(self, request: Request, seat: Seat, wanted: Filter, after: int) -> AsyncIterator[ServerSentEvent]:
        hub = seat.hub
        with hub.listeners.attached() as listener:
            yield live.event("hello", {"page": str(listener.name)})
            whole = after == 0 or after > hub.sequence
            listener.add(hub.board.rows if whole else hub.since(after), () if whole else hub.new_since(after))
            while not hub.closed:
                await asyncio.sleep(GATHER)
                changed, new = listener.take()
                for one in new:  # before the rows: what breaks off in between sounds again, and is not lost
                    if row := hub.row(one):
                        yield live.event("alarm", _alarm(row, seat))
                yield self._rows(request, seat, wanted, changed, whole=whole)
                whole = False
                await listener.wait(QUIET)

    def _rows(
        self, request: Request, seat: Seat, wanted: Filter, changed: list[UUID], *, whole: bool
    ) -> ServerSentEvent:
        """A row that is no longer, or never was, among those asked for goes from the page by its id."""
        hub, at = seat.hub, now()
        rows = [row for one in changed if (row := hub.row(one)) is not None]
        shown = [line(row, at, seat.language) for row in rows if wanted.matches(row, at)]
        gone = [str(row.issued.dispatch) for row in rows if not wanted.matches(row, at)]
        context = seat.frame | {"lines": shown}
        document = {
            "rows": [
                {
                    "id": str(one.dispatch),
                    "order": one.order,
                    "html": self.shell.fragment(request, "row.html", line=one, base=seat.base),
                }
                for one in shown
            ],
            "gone": gone,
            "whole": whole,
            "head": self.shell.fragment(request, "tally.html", **context),
            "ringing": context["tally"].ringing,
        }
        return live.event("rows", document, hub.sequence)


def _alarm(row: Row, seat: Seat) -> dict[str, Any]:
    """What is said of a new dispatch; how loud it is goes by its priority."""
    return {
        "dispatch": str(row.issued.dispatch),
        "text": alarm(row, seat.language),
        "priority": priority(row),
        "asks": row.waits,
    }
