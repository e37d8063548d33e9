"""The field's page and what a phone needs with it: who it reports for, places, a pass for the door, the worker.

The page itself is open to everybody and holds nothing: whoever is out there can write before signing in. What is a
unit's own takes a proof.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from contracts.code_words import ROLES, RUNGS, SILENCE, shouted
from contracts.register import Area
from contracts.subjects import Origin
from contracts.taxonomy import CATEGORIES, FAMILIES, Category
from contracts.text import fold
from services.intake.gazetteer import NOWHERE, Gazetteer
from services.intake.sheets import Known, Sheets
from services.runtime import clock
from services.runtime.terminal import VIETNAM, Language
from services.runtime.web.catalogues import language_of
from services.runtime.web.guard import Guard
from services.runtime.web.shell import Shell
from services.runtime.web.tokens import Kind

SECTION: Final = "field"
PAGES: Final = Path(__file__).parent / "pages"
WORKER: Final = PAGES / "static" / "sw.js"
OPEN: Final = frozenset({"/field", "/field/sw.js", "/field/manifest.webmanifest"})
OFFLINE: Final = (
    "shell.css",
    "sheet.css",
    "field.css",
    "mark.svg",
    "icons.svg",
    *("frame.js", "clock.js", "keys.js", "theme.js"),
    *("field.js", "form.js", "outbox.js", "pass.js", "places.js", "categories.js", "receipts.js", "writing.js"),
    *("database.js", "photobox.js", "photos.js", "kept.js", "pointing.js"),
)
"""What the page loads; the worker keeps all of it."""


class FieldGuard(Guard):
    """Also lets those in to the empty page who have not signed in."""

    def is_open(self, path: str) -> bool:
        """The page, its worker and its manifest hold nothing of any unit."""
        return path in OPEN or super().is_open(path)


class FieldPages:
    """The routes of `/field`."""

    def __init__(self, guard: Guard, shell: Shell, gazetteer: Gazetteer, sheets: Sheets) -> None:
        self._guard = guard
        self._shell = shell
        self._gazetteer = gazetteer
        self._sheets = sheets

    @property
    def routes(self) -> Sequence[Route]:
        """Beside those of guard and shell."""
        return (
            Route("/field", self._page),
            Route("/field/sw.js", self._worker),
            Route("/field/manifest.webmanifest", self._manifest),
            Route("/field/pass", self._pass, methods=["POST"]),
            Route("/field/unit", self._unit),
            Route("/field/places", self._places),
            Route("/field/places/{province}", self._province),
            Route("/field/map", self._map),
        )

    async def _page(self, request: Request) -> Response:
        language = language_of(request)
        words, mapped = _words(language), self._sheets.there
        return self._shell.page(request, "field.html", families=_families(language), words=words, mapped=mapped)

    async def _worker(self, _request: Request) -> Response:
        """Its text changes with any file of the page, so that browsers fetch all of them anew and together."""
        files = json.dumps([self._shell.static.url(name) for name in OFFLINE])
        head = f'const VERSION = "{self._shell.static.version}";\nconst FILES = {files};\n'
        headers = {"Service-Worker-Allowed": "/field", "Cache-Control": "no-cache"}
        return Response(head + WORKER.read_text(), media_type="text/javascript", headers=headers)

    async def _manifest(self, request: Request) -> Response:
        icon = {"src": self._shell.static.url("field-icon.svg"), "sizes": "any", "type": "image/svg+xml"}
        told = {
            "id": "/field",
            "name": f"Phối hợp: {self._shell.text(request, 'Field reports')}",
            "short_name": "Phối hợp",
            "lang": language_of(request).value,
            "start_url": "/field",
            "scope": "/field",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5cad",
            "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
        }
        return JSONResponse(told, media_type="application/manifest+json")

    async def _pass(self, request: Request) -> Response:
        """A short token for the door under `/v1`, which the cookie of this section does not reach."""
        visitor = self._guard.visitor(request)
        if visitor is None or "authorization" in request.headers:  # else a stolen token would renew itself for ever
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not visitor.session:  # a proxy vouches for each request by itself
            return Response(status_code=HTTPStatus.NO_CONTENT)
        section = self._guard.section
        lifetime = timedelta(minutes=section.settings.token_minutes)
        token = section.tokens.mint(Kind.DEVICE, visitor, clock.now(), lifetime)
        return JSONResponse({"token": token, "seconds": int(lifetime.total_seconds())})

    async def _unit(self, request: Request) -> Response:
        origin, day = self._origin(request), _today()
        names = self._gazetteer.unit_name(*origin, day) or (f"{origin.agency}/{origin.point}",) * 2
        name = language_of(request).pick(*names)
        return JSONResponse({"agency": origin.agency, "unit": origin.point, "name": name})

    async def _places(self, request: Request) -> Response:
        origin, day, language = self._origin(request), _today(), language_of(request)
        told: dict[str, Any] = {
            "on": day.isoformat(),
            "own": self._gazetteer.home(origin.agency, day) or "",
            "provinces": _written(self._gazetteer.provinces(day), language),
            "elsewhere": _written(self._gazetteer.by_province(day)[NOWHERE], language),
        }
        return JSONResponse(told)

    async def _province(self, request: Request) -> Response:
        day, found = _today(), self._gazetteer.by_province(_today())
        if not (places := found.get(request.path_params["province"])):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return JSONResponse({"on": day.isoformat(), "places": _written(places, language_of(request))})

    async def _map(self, request: Request) -> Response:
        """A sheet of the deployment's own map around what the phone knows, as a piece of the page."""
        origin = self._origin(request)
        try:
            known = Known.read(request.query_params)
        except ValueError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND) from error
        drawn = await self._sheets.drawn(known, origin.agency, _today(), language_of(request))
        if drawn is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return HTMLResponse(self._shell.fragment(request, "field-map.html", drawn=drawn))

    def _origin(self, request: Request) -> Origin:
        visitor = self._guard.visitor(request)
        if visitor is None or visitor.origin is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return visitor.origin


def _today() -> date:
    return clock.now().astimezone(VIETNAM).date()


def _written(areas: Iterable[Area], language: Language) -> list[list[str]]:
    """Code and name of each: as little as a phone has to fetch."""
    return [[area.code, language.pick(area.name_vi, area.name_en)] for area in areas]


def _families(language: Language) -> list[dict[str, Any]]:
    """The categories by family; `key` is what a search without accents looks through, in both languages."""
    return [
        {
            "code": family,
            "name": language.pick(*names),
            "first": number == 0,
            "categories": [_category(one, language) for one in Category if one.family == family],
        }
        for number, (family, names) in enumerate(FAMILIES.items())
    ]


def _category(category: Category, language: Language) -> dict[str, str]:
    named = CATEGORIES[category]
    key = fold(f"{named.vi} {named.en} {category.value}")
    return {"code": category.value, "name": language.pick(named.vi, named.en), "key": key}


def _words(language: Language) -> dict[str, str]:
    """What ladders are told in, as the command line tells them."""
    return (
        {f"role-{role}": language.pick(*shouted(names)) for role, names in ROLES.items()}
        | {f"rung-{rung}": language.pick(*names) for rung, names in RUNGS.items()}
        | {f"silence-{silence}": language.pick(*shouted(names)) for silence, names in SILENCE.items()}
    )
