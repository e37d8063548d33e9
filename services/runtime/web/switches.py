"""The language and theme switches of the header: links that work without a script, remembered in cookies."""

from enum import StrEnum
from typing import Final, NamedTuple

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from services.runtime.terminal import Language
from services.runtime.web import catalogues

THEME_COOKIE: Final = "phoihop_theme"
THEME_ASKED: Final = "theme"
A_YEAR: Final = 365 * 24 * 3600


class Theme(StrEnum):
    """Light or dark, or as the device says."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Switch(NamedTuple):
    """One position of a switch."""

    value: str
    href: str
    chosen: bool


def theme_of(connection: HTTPConnection) -> Theme:
    """What the visitor switched to, else as the device says."""
    for chosen in (connection.query_params.get(THEME_ASKED), connection.cookies.get(THEME_COOKIE)):
        if chosen in set(Theme):
            return Theme(chosen)
    return Theme.AUTO


def switches(request: Request, language: Language, theme: Theme) -> dict[str, list[Switch]]:
    """Every position of both switches, as addresses of the page that is shown."""
    return {
        "language": [Switch(one, _here(request, catalogues.ASKED, one), one is language) for one in Language],
        "theme": [Switch(one, _here(request, THEME_ASKED, one), one is theme) for one in Theme],
    }


def remember(request: Request, response: Response, language: Language, theme: Theme) -> None:
    """What the address switched holds for later visits, in all sections."""
    secure = request.url.scheme == "https"
    for asked, cookie, value in (
        (catalogues.ASKED, catalogues.COOKIE, language),
        (THEME_ASKED, THEME_COOKIE, theme),
    ):
        if asked in request.query_params:
            response.set_cookie(cookie, value, max_age=A_YEAR, path="/", secure=secure, samesite="lax")


def _here(request: Request, name: str, value: str) -> str:
    address = request.url.include_query_params(**{name: value})
    return f"{address.path}?{address.query}"
