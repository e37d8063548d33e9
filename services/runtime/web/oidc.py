"""Sign-in through the agencies' own provider: the way there and back, and whom its claims let in.

The role, the desk and the duty's name are read, and nothing of the person: who that was, the provider knows.
"""

import base64
import hmac
import os
from collections.abc import Callable
from datetime import timedelta
from html import escape
from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from contracts.access import Holder, Role
from contracts.identifiers import new_id
from services.runtime import clock
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.logs import logger
from services.runtime.web.denials import Denial, counted
from services.runtime.web.provider import NotVouchedError, Provider
from services.runtime.web.sections import Section
from services.runtime.web.settings import WebSettings
from services.runtime.web.tokens import Kind
from services.runtime.web.visitor import Visitor

AWAY: Final = timedelta(minutes=10)
"""So long somebody may take at the provider."""


class Elsewhere:
    """The provider's part of a section's sign-in. `refused` draws the sign-in page with the reason."""

    def __init__(self, section: Section, issuer: str, refused: Callable[[Request, Denial], Response]) -> None:
        self._section = section
        self._provider = Provider(issuer, section.settings)
        self._refused = refused
        self._cookie = f"{section.cookie}-provider"

    @property
    def start(self) -> str:
        """Where the way there begins."""
        return f"{self._section.home}/oidc"

    @property
    def routes(self) -> list[Route]:
        """There and back."""
        return [Route(self.start, self._there), Route(f"{self.start}/callback", self._back)]

    async def _there(self, request: Request) -> Response:
        if await self._section.tries.exceeded(self._section.address(request)):
            return self._deny(request, Denial.TOO_OFTEN)
        said = {name: _drawn() for name in ("state", "nonce", "verifier")}
        try:
            address = await self._provider.address(self._redirect(request), **said)
        except NotVouchedError as error:
            return self._deny(request, Denial.PROVIDER, error)
        there = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        wanted = self._section.next_page(request.query_params.get("next", ""))
        until = int((clock.now() + AWAY).timestamp())
        text = self._section.tokens.sign(Kind.PROVIDER, said | {"next": wanted, "exp": until})
        self._section.set_cookie(request, there, self._cookie, text, AWAY)
        return there

    async def _back(self, request: Request) -> Response:
        if await self._section.tries.exceeded(self._section.address(request)):
            return self._deny(request, Denial.TOO_OFTEN)
        remembered = self._section.tokens.verified(Kind.PROVIDER, request.cookies.get(self._cookie, ""))
        state = request.query_params.get("state", "")
        if remembered is None or not hmac.compare_digest(state.encode(), str(remembered.get("state")).encode()):
            return self._deny(request, Denial.PROVIDER)
        try:
            return await self._signed_in(request, remembered)
        except NotVouchedError as error:
            return self._deny(request, Denial.PROVIDER, error)
        except (BusUnavailableError, JetStreamRefusedError):
            return self._deny(request, Denial.UNKNOWN)

    async def _signed_in(self, request: Request, remembered: dict[str, Any]) -> Response:
        if remembered["exp"] <= clock.now().timestamp():
            raise NotVouchedError("the way to the provider and back took too long")
        code = request.query_params.get("code", "")
        claims = await self._provider.claims(self._redirect(request), code, remembered["nonce"], remembered["verifier"])
        holder = holder_of(claims, self._section.settings)
        if holder is None or holder.role not in self._section.roles:
            raise NotVouchedError("the claims name no role that may come in here")
        visitor = Visitor.of(holder, new_id().hex)
        await self._section.book.note(holder, visitor.session, clock.now())
        answer = _onwards(remembered["next"])
        self._section.open_session(request, answer, visitor)
        self._section.drop_cookie(request, answer, self._cookie)
        return answer

    def _redirect(self, request: Request) -> str:
        return f"{self._section.origin(request)}{self.start}/callback"

    def _deny(self, request: Request, denial: Denial, error: Exception | None = None) -> Response:
        counted(denial)
        if error is not None:
            logger().warning("not_vouched", reason=str(error))
        return self._refused(request, denial)


def holder_of(claims: dict[str, Any], settings: WebSettings) -> Holder | None:
    """On whose behalf somebody with these claims comes in; None where they name nobody of ours."""
    role, desk = claims.get(settings.oidc_role_claim), claims.get(settings.oidc_desk_claim)
    if role not in {one.value for one in Role} or role == Role.UNIT:
        return None
    agency, _, point = desk.partition("/") if isinstance(desk, str) and True in Role(role).points else ("", "", "")
    name = claims.get(settings.oidc_name_claim, desk or role)
    try:
        return Holder(role=Role(role), agency=agency or None, point=point or None, name=name)
    except ValidationError:
        return None


def _drawn() -> str:
    return base64.urlsafe_b64encode(os.urandom(48)).decode()


def _onwards(path: str) -> Response:
    """By a page of our own: a strict cookie is not sent on the redirect that ends a way through another site."""
    to = escape(path, quote=True)
    return HTMLResponse(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={to}"><a href="{to}">→</a>'
    )
