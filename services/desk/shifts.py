"""The shift hand-over page: what is open, the note the outgoing officer signs, and the incoming officer's signature."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.code_words import OWED
from contracts.envelope import Event
from contracts.presence import DeskPresenceChanged, PresenceData, ShiftHandedOver, ShiftHandOverProposed
from services.desk.handover import arrived_since, open_duties, open_papers
from services.desk.handover_view import confirmed, proposed
from services.desk.seats import Seat, Seats
from services.desk.words import SHOUTED_ROLES, STATES
from services.runtime.broker import NotConnectedError
from services.runtime.clock import now
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError
from services.runtime.terminal import Language
from services.runtime.web.shell import Shell

UNREACHABLE = (BusUnavailableError, NotConnectedError, NoReceiptError, InboxFullError)
_RETRY = {"Retry-After": "2"}


@dataclass(frozen=True, slots=True)
class Shifts:
    """Both officers sign under their own sign-in; who signs is never typed."""

    shell: Shell
    seats: Seats

    async def show(self, request: Request) -> Response:
        """What would be handed over now, and what waits for the incoming officer."""
        return await self._page(request, await self.seats.of(request), None)

    async def propose(self, request: Request) -> Response:
        """The outgoing officer signs."""
        seat, posted = await self.seats.of(request), await request.form(max_files=0)
        incoming, note = (" ".join(str(posted.get(name, "")).split()) for name in ("incoming", "note"))
        officers = (seat.visitor.name, incoming)
        try:
            told = await proposed(seat.hub.client, officers, note or None, _language(seat))
        except UNREACHABLE:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers=_RETRY) from None
        return await self._after(request, seat, told)

    async def confirm(self, request: Request) -> Response:
        """The incoming officer signs."""
        seat = await self.seats.of(request)
        try:
            told = await confirmed(seat.hub.client, request.path_params["handover"], seat.visitor.name, _language(seat))
        except UNREACHABLE:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers=_RETRY) from None
        return await self._after(request, seat, told)

    async def _after(self, request: Request, seat: Seat, told: dict[str, Any]) -> Response:
        if told["errors"]:
            return await self._page(request, seat, told)
        return RedirectResponse(f"{seat.base}/handover", HTTPStatus.SEE_OTHER)

    async def _page(self, request: Request, seat: Seat, told: dict[str, Any] | None) -> Response:
        try:
            events = await seat.hub.client.presence()
        except UNREACHABLE:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers=_RETRY) from None
        waiting, last = newest(events)
        duties = open_duties(seat.hub.board.ordered(now()))
        known = [duty.dispatch for duty in waiting.data.duties] if waiting else []
        return self.shell.page(
            request,
            "handover.html",
            HTTPStatus.CONFLICT if told else HTTPStatus.OK,
            **seat.frame,
            duties=duties,
            papers=open_papers(seat.hub.papers),
            waiting=waiting,
            last=last,
            arrived=arrived_since(known, duties) if waiting else (),
            roles=SHOUTED_ROLES,
            states=STATES,
            owed=OWED,
            problem=told,
        )


def newest(
    events: Iterable[Event[PresenceData]],
) -> tuple[Event[ShiftHandOverProposed] | None, Event[ShiftHandedOver] | None]:
    """The newest note if nobody has confirmed it yet, and the last hand-over that both signed."""
    proposal: Event[Any] | None = None
    last: Event[Any] | None = None
    for event in events:
        match event.data:
            case ShiftHandOverProposed():
                proposal = event
            case ShiftHandedOver():
                last = event
            case DeskPresenceChanged():
                pass
    done = proposal is not None and last is not None and last.data.handover == proposal.data.handover
    return None if done else proposal, last


def _language(seat: Seat) -> Language:
    return tuple(Language)[seat.language]
