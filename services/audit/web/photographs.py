"""An auditor's look at one photograph of an incident; the look itself is on record first."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from nats.aio.client import Client
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.audit.evidence.photographs import bytes_of, photographs_of
from services.audit.evidence.trail import trail
from services.audit.web.pages import Reading
from services.runtime.broker import NotConnectedError
from services.runtime.web.pictures import picture


@dataclass(frozen=True, slots=True)
class Photographs:
    """Answers GET for one photograph."""

    reading: Reading
    client: Callable[[], Client]
    """The connection; raises `NotConnectedError` while there is none."""

    @property
    def routes(self) -> list[Route]:
        """Where each photograph is."""
        path = "/review/incidents/{incident:uuid}/attachments/{sha256}"
        return [Route(path, self.reading.careful(self.photograph))]

    async def photograph(self, request: Request) -> Response:
        """One that a report of the incident names and that arrived; anything else is not there."""
        incident: UUID = request.path_params["incident"]
        sha256 = request.path_params["sha256"]
        found = photographs_of(await trail(self.reading.dsn, incident))
        one = next((each for each in found if each.attachment.sha256 == sha256 and each.stored_in is not None), None)
        if one is None:
            raise HTTPException(404)
        await self.reading.noted(request, "photograph", {"incident": incident, "sha256": sha256})
        try:
            body = await bytes_of(self.client(), one)
        except NotConnectedError:
            body = None
        if body is None:
            raise HTTPException(503, headers={"Retry-After": "2"})
        return picture(one.attachment, body)
