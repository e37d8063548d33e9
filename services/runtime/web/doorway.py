"""What every request of a section passes: haste, whole bodies, where it comes from, who sends it, and whether still."""

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.web import same_site
from services.runtime.web.bodies import BodyRefusedError, whole
from services.runtime.web.denials import Denial, Refused, counted, denied
from services.runtime.web.tokens import Proven

if TYPE_CHECKING:
    from services.runtime.web.guard import Guard

LOOKS_AGAIN_SECONDS: Final = 1.0
"""How often a request that goes on, such as a live feed, is asked whether its session still holds."""
_SEE_OTHER: Final = 303


class Doorway:
    """The middleware of one guard."""

    def __init__(self, app: ASGIApp, guard: "Guard") -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(Request(scope, receive), send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, request: Request, send: Send) -> None:
        section = self._guard.section
        try:
            proven = await self._guard.found(request)
        except Refused as refused:
            return await denied(request, refused.denial)(request.scope, request.receive, send)
        if answer := await self._before(request, proven):
            return await answer(request.scope, request.receive, send)
        receive = request.receive
        if request.method not in same_site.SAFE:
            try:
                length = request.headers.get("content-length")
                receive = await whole(receive, length, section.settings.body_timeout)
            except BodyRefusedError as refused:
                return await denied(request, refused.denial)(request.scope, request.receive, send)
        if proven is None:
            return await self._app(request.scope, receive, send)
        return await self._as_long_as_it_holds(proven, request.scope, receive, send)

    async def _before(self, request: Request, proven: Proven | None) -> Response | None:
        """Why the request goes no further; None where it does."""
        guard, section = self._guard, self._guard.section
        if wait := await guard.haste.exceeded(*_counted_as(proven, section.address(request))):
            return denied(request, Denial.TOO_OFTEN, retry=wait)
        if proven is not None or guard.is_open(request.scope["path"]):
            return None
        return self._to_sign_in(request)

    def _to_sign_in(self, request: Request) -> Response:
        section = self._guard.section
        denial = Denial.PROOF if section.cookie in request.cookies else Denial.SIGN_IN
        if request.method not in same_site.SAFE or "text/html" not in request.headers.get("accept", ""):
            return denied(request, denial)
        counted(denial)
        query = request.scope["query_string"].decode("latin-1")
        wanted = request.scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"{section.sign_in}?next={quote(wanted, safe='')}", _SEE_OTHER)

    async def _as_long_as_it_holds(self, proven: Proven, scope: Scope, receive: Receive, send: Send) -> None:
        """A live feed ends with its session; whoever listens then asks again, and is refused."""
        told = _Told(send)
        work = asyncio.create_task(self._work(scope, receive, told))
        try:
            while not (await asyncio.wait({work}, timeout=LOOKS_AGAIN_SECONDS))[0]:
                if not await self._holds(proven):
                    counted(Denial.PROOF)
                    await _ended(work)
                    return await told.finish()
            return work.result()
        finally:
            await _ended(work)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _holds(self, proven: Proven) -> bool:
        """What cannot be known now does not end what has begun."""
        try:
            return await self._guard.still_holds(proven)
        except Refused:
            return True


def _counted_as(proven: Proven | None, address: str) -> tuple[str, ...]:
    """Whose haste this is: a session's, that of whom a proxy vouches for, else an address's."""
    if proven is None:
        return ("address", address)
    visitor = proven.visitor
    return ("session", visitor.session) if visitor.session else ("vouched", visitor.role, *(visitor.origin or ()))


class _Told:
    """What has been said of an answer, so that it can be brought to an end."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False
        self._done = False

    async def __call__(self, message: Message) -> None:
        self._begun = self._begun or message["type"] == "http.response.start"
        self._done = self._done or (message["type"] == "http.response.body" and not message.get("more_body", False))
        await self._send(message)

    async def finish(self) -> None:
        """Says that nothing more comes."""
        if not self._begun:
            await self._send({"type": "http.response.start", "status": 401, "headers": []})
        if not self._done:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def _ended(work: "asyncio.Task[None]") -> None:
    if not work.done():
        work.cancel()
        await asyncio.wait({work})
