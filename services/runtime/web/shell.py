"""Draws every page of a section in one layout and puts its routes, sign-in and files together as one application.

It decides how a page is framed, in which language and theme, and how a refusal looks; never who may see what.
"""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from services.runtime import clock
from services.runtime.logs import logger
from services.runtime.terminal import Language
from services.runtime.web import catalogues
from services.runtime.web.headers import SecurityHeaders
from services.runtime.web.refusals import wording
from services.runtime.web.rendering import environments
from services.runtime.web.static import Static
from services.runtime.web.switches import Theme, remember, switches, theme_of
from services.runtime.web.visitor import Visitor

OWN: Final = Path(__file__).parent
_COMPRESSED: Final = Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
"""Never what is sent as it happens: events go out one by one."""


class Guarding(Protocol):
    """What the shell asks of the guard at the door."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Sign-in and sign-out, and what else they need."""
        ...

    @property
    def middleware(self) -> Sequence[Middleware]:
        """What every request of the section passes before its route."""
        ...

    def visitor(self, request: Request) -> Visitor | None:
        """Who asks; None while nobody is signed in."""
        ...


class Shell:
    """The frame around one section's pages: everything under `/<section>`."""

    def __init__(self, section: str, guard: Guarding, pages: Path) -> None:
        self.section = section
        self.static = Static(f"/{section}", (pages / "static", OWN / "static"))
        self._guard = guard
        self._texts = catalogues.catalogues((OWN / "locale", pages / "locale"))
        self._environments = environments((pages / "templates", OWN / "templates"), self._texts, self.static.url)

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """One page in the visitor's language and theme; whatever the address switched is remembered."""
        language, theme = catalogues.language_of(request), theme_of(request)
        frame = self._frame(request, language, theme)
        body = self._environments[language].get_template(template).render(frame | context)
        response = HTMLResponse(body, status_code=status, headers={"Content-Language": language.value})
        remember(request, response, language, theme)
        return response

    def fragment(self, request: Request, template: str, **context: Any) -> str:
        """One piece of a page as text, for live updates; in the same language and with the same filters."""
        language = catalogues.language_of(request)
        frame = self._frame(request, language, theme_of(request))
        return self._environments[language].get_template(template).render(frame | context)

    def text(self, request: Request, message: str) -> str:
        """One message in the visitor's language, for answers that are no page."""
        return str(self._texts[catalogues.language_of(request)].gettext(message))

    def refusal(self, request: Request, status: int, code: str | None = None) -> Response:
        """The uniform answer where there is nothing to see: a page for people, a coded document for programs."""
        words = wording(status)
        if "text/html" not in request.headers.get("accept", ""):
            said = {"code": code or words.code, "message": self.text(request, words.what)}
            return JSONResponse(said | {"fix": self.text(request, words.next)}, status)
        return self.page(request, "refusal.html", status, number=status, words=words)

    def application(self, routes: Sequence[BaseRoute], beyond: ASGIApp | None = None) -> ASGIApp:
        """The section as an ASGI application; what is outside `/<section>` is `beyond`'s, or is not there."""
        app = Starlette(
            routes=[*routes, *self._guard.routes, *self.static.routes],
            middleware=[*self._guard.middleware, _COMPRESSED],
            exception_handlers={HTTPException: self._on_refusal, Exception: self._on_failure},
        )
        app.state.shell = self
        inside = SecurityHeaders(app)
        return _Section(f"/{self.section}", inside, beyond or self.open_application(()))

    def open_application(self, routes: Sequence[BaseRoute]) -> ASGIApp:
        """Pages for everybody, drawn in the same frame, without a guard: nothing of theirs may be anybody's own."""
        handlers: dict[Any, ExceptionHandler] = {HTTPException: self._on_refusal, Exception: self._on_failure}
        app = Starlette(routes=routes, middleware=[_COMPRESSED], exception_handlers=handlers)
        app.state.shell = self
        return SecurityHeaders(app)

    def _frame(self, request: Request, language: Language, theme: Theme) -> dict[str, Any]:
        return {
            "section": self.section,
            "lang": language.value,
            "theme": theme.value,
            "now": clock.now(),
            "visitor": self._guard.visitor(request),
            "switches": switches(request, language, theme),
            "path": request.url.path,
        }

    async def _on_refusal(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        response = self.refusal(request, status)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    async def _on_failure(self, request: Request, error: Exception) -> Response:
        logger().error("page_failed", path=request.url.path, exc_info=error)
        return self.refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR)


class _Section:
    """Sends a request to the pages of the section or to what lies beyond them."""

    def __init__(self, prefix: str, inside: ASGIApp, beyond: ASGIApp) -> None:
        self._prefix = prefix
        self._inside = inside
        self._beyond = beyond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        ours = path == self._prefix or path.startswith(f"{self._prefix}/")
        await (self._inside if ours else self._beyond)(scope, receive, send)
