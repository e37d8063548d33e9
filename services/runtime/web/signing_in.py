"""The routes by which somebody comes in and goes: a one-time code for a session or a device, a name in the demo."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from contracts.identifiers import new_id
from services.runtime import clock
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.web.catalogues import translatable as _
from services.runtime.web.denials import STATUS, Denial, counted, denied
from services.runtime.web.oidc import Elsewhere
from services.runtime.web.sections import Section
from services.runtime.web.tokens import Kind
from services.runtime.web.visitor import Visitor

WRONG_CODE: Final = _("This code does not work: it is mistyped, was used already, or is too old.")
TOO_OFTEN: Final = _("Too many tries. Wait a minute, then try again.")
AWAY: Final = _("Nobody can sign in right now. Try again in a moment.")
NOT_VOUCHED: Final = _("The sign-in of your agency did not let you in here.")
SIGNED_OUT: Final = "signed out"

Leaving = Callable[[Request], Visitor | None]


class SigningIn:
    """Sign-in of one section, apart from other providers."""

    def __init__(self, section: Section, visitor: Leaving, development: Sequence[Visitor]) -> None:
        self._section = section
        self._visitor = visitor
        self._development = {one.name: one for one in development} if section.settings.development_logins else {}
        issuer = section.settings.oidc_issuer
        self._elsewhere = Elsewhere(section, issuer, self._not_vouched) if issuer is not None else None

    @property
    def tokens_path(self) -> str:
        """Where a device shows its credential."""
        return f"{self._section.home}/token"

    @property
    def routes(self) -> list[Route]:
        """What is open to everybody."""
        home = self._section.home
        return [
            Route(self._section.sign_in, self._page, methods=["GET"]),
            Route(self._section.sign_in, self._sign_in, methods=["POST"]),
            Route(f"{home}/sign-out", self._sign_out, methods=["POST"]),
            Route(f"{home}/enrol", self._enrol, methods=["POST"]),
            Route(self.tokens_path, self._token, methods=["POST"]),
            *(self._elsewhere.routes if self._elsewhere else ()),
        ]

    async def _page(self, request: Request) -> Response:
        return self.page(request)

    def page(self, request: Request, problem: str | None = None, status: int = HTTPStatus.OK) -> Response:
        """Where somebody signs in, drawn by the section's shell."""
        shell = getattr(request.app.state, "shell", None)
        if shell is None:
            return HTMLResponse(_BARE.format(action=self._section.sign_in), status)
        wanted = self._section.next_page(request.query_params.get("next", ""))
        response: Response = shell.page(
            request,
            "sign-in.html",
            status=status,
            problem=problem,
            oidc=f"{self._elsewhere.start}?next={quote(wanted, safe='')}" if self._elsewhere else None,
            next=wanted,
            code=request.query_params.get("code", "")[:20],
            development=tuple(self._development),
        )
        return response

    def _not_vouched(self, request: Request, denial: Denial) -> Response:
        said = {Denial.TOO_OFTEN: TOO_OFTEN, Denial.UNKNOWN: AWAY}.get(denial, NOT_VOUCHED)
        return self.page(request, said, STATUS[denial])

    async def _sign_in(self, request: Request) -> Response:
        if await self._section.tries.exceeded(self._section.address(request)):
            counted(Denial.TOO_OFTEN)
            return self.page(request, TOO_OFTEN, HTTPStatus.TOO_MANY_REQUESTS)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        try:
            visitor = await self._known(form.get("login", [""])[0], form.get("code", [""])[0])
        except (BusUnavailableError, JetStreamRefusedError):
            counted(Denial.UNKNOWN)
            return self.page(request, AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
        if visitor is None:
            counted(Denial.CODE)
            return self.page(request, WRONG_CODE, HTTPStatus.UNAUTHORIZED)
        there = RedirectResponse(self._section.next_page(form.get("next", [""])[0]), HTTPStatus.SEE_OTHER)
        self._section.open_session(request, there, visitor)
        return there

    async def _known(self, login: str, code: str) -> Visitor | None:
        if (named := self._development.get(login)) is not None:
            return Visitor(named.role, named.origin, named.name, new_id().hex)
        entry = await self._section.book.enter(code, clock.now(), self._section.roles)
        return Visitor.of(entry.holder, entry.session) if entry else None

    async def _sign_out(self, request: Request) -> Response:
        there = RedirectResponse(self._section.sign_in, HTTPStatus.SEE_OTHER)
        self._section.drop_cookie(request, there, self._section.cookie)
        if (visitor := self._visitor(request)) is not None and visitor.session:
            try:
                await self._section.book.end(visitor.session, clock.now(), SIGNED_OUT)
            except (BusUnavailableError, JetStreamRefusedError):
                return denied(request, Denial.UNKNOWN)
        return there

    async def _enrol(self, request: Request) -> Response:
        return await self._for_devices(request, Denial.CODE, self._enrolled)

    async def _token(self, request: Request) -> Response:
        return await self._for_devices(request, Denial.PROOF, self._refreshed)

    async def _for_devices(
        self, request: Request, denial: Denial, answer: Callable[[Request], Awaitable[Response | None]]
    ) -> Response:
        """Answers, or refuses in the one way that tells nothing."""
        if wait := await self._section.tries.exceeded("device", self._section.address(request)):
            return denied(request, Denial.TOO_OFTEN, retry=wait)
        try:
            return await answer(request) or denied(request, denial)
        except (BusUnavailableError, JetStreamRefusedError):
            return denied(request, Denial.UNKNOWN)

    async def _enrolled(self, request: Request) -> Response | None:
        try:
            code = json.loads(await request.body())["code"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        device = await self._section.book.enrol(code, clock.now(), self._section.roles) if type(code) is str else None
        if device is None:
            return None
        token = self._said(Visitor.of(device.holder, device.session))
        return JSONResponse({"credential": device.credential, **token}, HTTPStatus.CREATED)

    async def _refreshed(self, request: Request) -> Response | None:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        entry = await self._section.book.device(credential.strip()) if scheme.lower() == "bearer" else None
        if entry is None or entry.holder.role not in self._section.roles:
            return None
        return JSONResponse(self._said(Visitor.of(entry.holder, entry.session)))

    def _said(self, visitor: Visitor) -> dict[str, object]:
        lifetime = timedelta(minutes=self._section.settings.token_minutes)
        return {
            "token": self._section.tokens.mint(Kind.DEVICE, visitor, clock.now(), lifetime),
            "seconds": int(lifetime.total_seconds()),
            "holder": visitor.holder.model_dump(mode="json", exclude_none=True),
            "session": visitor.session,
        }


_BARE: Final = """<!doctype html><meta charset="utf-8"><title>phoihop</title>
<form method="post" action="{action}"><input name="code" autocomplete="one-time-code"><button>OK</button></form>"""
