"""One section as its guard knows it: paths, cookie, who a connection is. It decides nothing about letting in."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from contracts.access import Role
from services.runtime import clock
from services.runtime.secret_files import SECRET_BYTES, UnusableSecretError, secret
from services.runtime.web import proxied
from services.runtime.web.access import Book
from services.runtime.web.limiting import Rate
from services.runtime.web.settings import LOOPBACK, WebSettings
from services.runtime.web.tokens import Kind, Tokens
from services.runtime.web.visitor import Visitor

_LONGEST_NEXT: Final = 1000


@dataclass(frozen=True)
class Section:
    """What a section's sign-in and its guard share."""

    name: str
    """The first part of every path, and who tokens are for."""
    roles: frozenset[Role]
    settings: WebSettings
    book: Book
    tokens: Tokens = field(init=False)
    tries: Rate = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", Tokens(self.name, lambda: self._key))
        object.__setattr__(self, "tries", Rate(self.settings.tries_per_minute))

    @cached_property
    def _key(self) -> bytes:
        """Made with the first use, so that nothing happens where a service is only described."""
        return section_key(self.settings, self.name)

    @property
    def home(self) -> str:
        """Its first page, and the path below which everything of it lies."""
        return f"/{self.name}"

    @property
    def sign_in(self) -> str:
        """Where somebody signs in."""
        return f"{self.home}/sign-in"

    @property
    def cookie(self) -> str:
        """Its own name: on one machine all ports share their cookies."""
        return f"phoihop-{self.name}"

    def next_page(self, wanted: str) -> str:
        """Where to go after signing in: the page that was asked for if it is one of ours, else the first one."""
        plain = wanted.isprintable() and "\\" not in wanted and len(wanted) <= _LONGEST_NEXT
        ours = wanted == self.home or wanted.startswith((f"{self.home}/", f"{self.home}?"))
        return wanted if plain and ours and not wanted.startswith(self.sign_in) else self.home

    def address(self, request: Request) -> str:
        """Who is counted for haste."""
        forwarded = request.headers.get("x-forwarded-for") if self.settings.behind_proxy else None
        return proxied.address(request.scope, forwarded)

    def origin(self, request: Request) -> str:
        """Scheme, host and port by which browsers reach us."""
        if self.settings.public_origin:
            return self.settings.public_origin
        scheme: str = request.scope["scheme"]  # never from `request.url`, which is made of the Host header
        if self.settings.behind_proxy and proxied.from_loopback(request.scope):
            scheme = request.headers.get("x-forwarded-proto", scheme)
        return f"{scheme}://{request.headers.get('host', '')}"

    def open_session(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Signs the visitor in with this answer."""
        lifetime = timedelta(hours=self.settings.session_hours)
        text = self.tokens.mint(Kind.SESSION, visitor, clock.now(), lifetime)
        self.set_cookie(request, response, self.cookie, text, lifetime)

    def set_cookie(self, request: Request, response: Response, name: str, text: str, lifetime: timedelta) -> None:
        """A cookie for this section alone, unreadable for scripts; over plain HTTP only on this machine.

        Only the session's stays at home: any other has to survive the way back from a provider.
        """
        response.set_cookie(
            name,
            text,
            max_age=int(lifetime.total_seconds()),
            path=self.home,
            secure=self._encrypted(request),
            httponly=True,
            samesite="strict" if name == self.cookie else "lax",
        )

    def drop_cookie(self, request: Request, response: Response, name: str) -> None:
        """Forgets it in the browser."""
        self.set_cookie(request, response, name, "", timedelta())

    def _encrypted(self, request: Request) -> bool:
        found = urlsplit(self.origin(request))
        return found.scheme != "http" or found.hostname not in LOOPBACK


def section_key(settings: WebSettings, section: str) -> bytes:
    """What signs the sessions of one section; the first to ask makes it. Raises `UnusableSecretError`."""
    path = settings.section_key(section)
    if not (found := secret(path, lambda: os.urandom(SECRET_BYTES))):
        raise UnusableSecretError(f"{path}: empty")
    return found
