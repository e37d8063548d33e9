"""A desk's photographs: asks the hub for those of an incident dispatched to it, and shows one to its officer."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contracts.attached import Attached
from services.desk.row import Row
from services.desk.seats import Seat, Seats
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError
from services.runtime.web.pictures import picture

PATIENCE: Final = 1.5
"""Seconds that a page waits for the list: a dispatch is read at once, with or without its photographs."""


@dataclass(frozen=True, slots=True)
class Photographs:
    """What a page says of the photographs of an incident."""

    shown: tuple[Attached, ...] = ()
    withheld: bool = False
    """This desk is not shown the exact place, and so no photographs."""
    unknown: bool = False
    """Nobody answered in time."""


async def photographs(row: Row, seat: Seat) -> Photographs:
    """Those of the dispatch's incident, stored or still awaited; never raises for want of an answer."""
    if row.issued.withheld is not None:
        return Photographs(withheld=True)
    try:
        async with asyncio.timeout(PATIENCE):
            return Photographs(await seat.hub.client.attachments(row.issued.incident))
    except (BusUnavailableError, NotConnectedError, TimeoutError):
        return Photographs(unknown=True)


@dataclass(frozen=True, slots=True)
class Showing:
    """Answers GET for one photograph."""

    seats: Seats

    async def photograph(self, request: Request) -> Response:
        """Whatever the desk may not see is not there."""
        seat = await self.seats.of(request)
        incident: UUID = request.path_params["incident"]
        try:
            found = await seat.hub.client.attachment(incident, request.path_params["sha256"])
        except (BusUnavailableError, NotConnectedError):
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"}) from None
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        named, body = found
        return picture(named.attachment, body)
