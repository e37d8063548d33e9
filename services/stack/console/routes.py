"""The operators' process by address: `/status` behind its guard; the start page and the interfaces for everybody."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.retry_subjects import LARGEST_NUMBER
from services.runtime.embedded.local_stack import running_stack
from services.runtime.web import live
from services.runtime.web.shell import Shell
from services.stack.console.interfaces import interfaces
from services.stack.console.looking import FRESH_SECONDS, Looking
from services.stack.console.overview import overview
from services.stack.console.settings import ConsoleSettings
from services.stack.console.trying import Trying
from services.stack.sections import doors


class Console:
    """What the process answers."""

    def __init__(self, settings: ConsoleSettings, shell: Shell, looking: Looking, trying: Trying) -> None:
        self._settings = settings
        self._shell = shell
        self._looking = looking
        self._trying = trying

    @property
    def guarded(self) -> list[BaseRoute]:
        """For operators."""
        return [
            Route("/status", self._status),
            Route("/status/events", self._events),
            Route("/status/parked", self._try_again, methods=["POST"]),
        ]

    @property
    def open(self) -> list[BaseRoute]:
        """For everybody: what is said there stands in the repository too."""
        return [
            Route("/", self._start),
            Route("/api", self._interfaces),
            Route("/api/{name}", self._description),
        ]

    async def _status(self, request: Request) -> Response:
        return self._shell.page(request, "status.html", **await self._seen())

    async def _try_again(self, request: Request) -> Response:
        """One parked message is tried once more; what came of it stands on the page that follows."""
        said = str((await request.form()).get("number", ""))
        if not said.isdecimal() or len(said) > len(str(LARGEST_NUMBER)) or not 0 < int(said) <= LARGEST_NUMBER:
            raise HTTPException(422)
        await self._trying.once_more(int(said))
        self._looking.again()
        return RedirectResponse("/status#parked", 303)

    async def _events(self, request: Request) -> Response:
        return live.stream(self._looks(request))

    async def _looks(self, request: Request) -> AsyncIterator[ServerSentEvent]:
        while True:
            html = self._shell.fragment(request, "overview.html", **await self._seen())
            yield live.event("status", {"html": html})
            await asyncio.sleep(FRESH_SECONDS)

    async def _seen(self) -> dict[str, Any]:
        return {"seen": overview(await self._looking.look()), "tried": self._trying.lately()}

    async def _start(self, request: Request) -> Response:
        return self._shell.page(request, "start.html", doors=doors(running_stack(self._settings.home)))

    async def _interfaces(self, request: Request) -> Response:
        return self._shell.page(request, "interfaces.html", found=interfaces(self._settings.published))

    async def _description(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in {interface.file for interface in interfaces(self._settings.published)}:
            raise HTTPException(404)
        return FileResponse(self._settings.published / name, media_type="application/json")
