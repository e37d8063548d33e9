"""Decides who may come into a section over HTTP, and says who a request is from. What they may do there is not here.

A service makes one for its section, with the connection on which one-time codes and ends are kept:
`Guard(settings, "desk", {Role.OFFICER}, Access("desk", lambda: bus.client))`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute

from contracts.access import Role
from services.runtime import clock
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.web import proxied, same_site
from services.runtime.web.access import Book
from services.runtime.web.denials import Denial, Refused
from services.runtime.web.doorway import Doorway
from services.runtime.web.limiting import Rate
from services.runtime.web.sections import Section
from services.runtime.web.settings import WebSettings
from services.runtime.web.signing_in import SigningIn
from services.runtime.web.tokens import Kind, Proven
from services.runtime.web.visitor import Visitor

_FOUND: Final = "phoihop.visitor"
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class Guard:
    """The guard of one section."""

    def __init__(
        self,
        settings: WebSettings,
        section: str,
        roles: Iterable[Role],
        book: Book,
        *,
        development: Sequence[Visitor] = (),
    ) -> None:
        """`development` are whom the demonstration lets in by name; elsewhere they are ignored."""
        self.section = Section(section, frozenset(roles), settings, book)
        self._signing_in = SigningIn(self.section, self.visitor, development)
        self._open = {route.path for route in self._signing_in.routes}
        self.haste = Rate(settings.requests_per_minute)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Sign-in, sign-out, enrolment and tokens of devices."""
        return self._signing_in.routes

    @property
    def middleware(self) -> Sequence[Middleware]:
        """What every request of the section passes before its route."""
        return (Middleware(Doorway, guard=self),)

    def visitor(self, request: Request) -> Visitor | None:
        """Who asks; None while nobody is signed in."""
        found = request.scope.get(_FOUND)
        return found.visitor if isinstance(found, Proven) else None

    def is_open(self, path: str) -> bool:
        """Whether everybody may ask for it: signing in, and the files that every page needs."""
        return path in self._open or path.startswith(f"{self.section.home}/static/")

    async def found(self, request: Request) -> Proven | None:
        """Who a request proves to be from, once for each request; None where it proves nothing. Raises `Refused`.

        A token or a proxy's word that does not hold is refused, as is what another site's page sent; a session that is
        over is like none at all.
        """
        if _FOUND not in request.scope:
            self._from_our_pages(request)
            request.scope[_FOUND] = await self._proof(request)
        proven: Proven | None = request.scope[_FOUND]
        return proven

    async def still_holds(self, proven: Proven) -> bool:
        """Whether somebody let in before would be let in now."""
        if not proven.visitor.session:
            return True
        return proven.until > clock.now() and not await self._over(proven)

    def _from_our_pages(self, request: Request) -> None:
        """A program that holds a token may be silent about where it comes from; a browser never is."""
        ambient = self.section.cookie in request.cookies and "authorization" not in request.headers
        unsafe = request.method not in same_site.SAFE
        if unsafe and not same_site.from_our_pages(request.headers, self.section.origin(request), ambient=ambient):
            raise Refused(Denial.CROSS_SITE)

    async def _proof(self, request: Request) -> Proven | None:
        if request.scope["path"] == self._signing_in.tokens_path:  # a device's credential, which is no token
            return None
        if "authorization" in request.headers:
            return await self._device(request)
        header = self.section.settings.trusted_header
        if header is not None and header in request.headers:
            return self._vouched(request, header)
        if (text := request.cookies.get(self.section.cookie)) is None:
            return None
        proven = self.section.tokens.read(Kind.SESSION, text, clock.now())
        return proven if proven is not None and self._welcome(proven) and not await self._over(proven) else None

    async def _device(self, request: Request) -> Proven:
        scheme, _, text = request.headers["authorization"].partition(" ")
        proven = self.section.tokens.read(Kind.DEVICE, text.strip(), clock.now())
        if scheme.lower() != "bearer" or proven is None or not self._welcome(proven) or await self._over(proven):
            raise Refused(Denial.PROOF)
        return proven

    def _vouched(self, request: Request, header: str) -> Proven:
        """A header that stands there twice was not set by the proxy alone."""
        said = request.headers.getlist(header)
        holder = proxied.vouched(said[0], self.section.roles) if len(said) == 1 else None
        if holder is None or not proxied.from_loopback(request.scope):
            raise Refused(Denial.PROOF)
        return Proven(Visitor.of(holder, ""), _FOREVER)

    def _welcome(self, proven: Proven) -> bool:
        return proven.visitor.role in self.section.roles

    async def _over(self, proven: Proven) -> bool:
        try:
            return await self.section.book.over(proven.visitor.session)
        except (BusUnavailableError, JetStreamRefusedError):
            raise Refused(Denial.UNKNOWN) from None
