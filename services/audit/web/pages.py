"""The auditors' pages that show what is recorded: each reads in one snapshot, after the reading itself is on record."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from services.audit.evidence.trail import trail
from services.audit.failures import LedgerUnavailableError
from services.audit.reading import ReadingNotRecordedError, login_of, note
from services.audit.reports.auditing import Period, feed, obligations
from services.audit.reports.history import Course, history
from services.audit.reports.knowing import Knowledge, known_at
from services.audit.reports.life_reading import drilled
from services.audit.reports.searching import Search, search
from services.audit.settings import ReviewSettings
from services.audit.web.apart import evidence_apart
from services.audit.web.asking import Asked
from services.audit.web.charts import times_to_acknowledge
from services.audit.web.course import page_of
from services.audit.web.names import Names
from services.audit.web.seal import Seal
from services.audit.web.telling import Words
from services.runtime.apart import WorkFailedError
from services.runtime.web.catalogues import language_of
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor

Page = Callable[[Request], Awaitable[Response]]
SHOWN: Final = frozenset({"lang", "theme"})
"""Parameters that say how a page looks, not what it shows."""


@dataclass(slots=True)
class Reading:
    """What the pages share: the ledger by its reader's login, the names, and the record of who read."""

    settings: ReviewSettings
    shell: Shell
    visitor: Callable[[Request], Visitor | None]
    seal: Callable[[], Seal | None]
    names: Names = field(default_factory=Names)
    _login: str | None = None

    @property
    def dsn(self) -> str:
        """Where the ledger is. Raises `LedgerAddressUnknownError`."""
        return self.settings.dsn()

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page of this section, with its words."""
        words = Words(language_of(request), self.names)
        return self.shell.page(request, template, status, words=words, seal=self.seal(), **context)

    async def noted(self, request: Request, what: str, sought: Mapping[str, object]) -> None:
        """Puts the reading on record. Raises `ReadingNotRecordedError`, `LedgerUnavailableError`."""
        if self._login is None:
            self._login = await login_of(self.dsn)
        visitor = self.visitor(request)
        told = [f"{name}={value}"[:200] for name, value in sought.items()]
        await note(self.settings, self._login, f"review {what}", told, visitor.name if visitor else None)

    def careful(self, page: Page) -> Page:
        """The page, or why nothing can be shown now."""

        async def shown(request: Request) -> Response:
            try:
                return await page(request)
            except ReadingNotRecordedError:
                return self.page(request, "not-shown.html", 503, why="reading")
            except LedgerUnavailableError:
                return self.page(request, "not-shown.html", 503, why="ledger")

        return shown


def routes(reading: Reading) -> list[Route]:
    """Where each page is."""
    pages = Pages(reading)
    incident = "/review/incidents/{incident:uuid}"
    return [
        Route("/review", reading.careful(pages.search)),
        Route(incident, reading.careful(pages.incident)),
        Route(f"{incident}/evidence", reading.careful(pages.evidence), methods=["POST"]),
        Route("/review/desks", reading.careful(pages.desk)),
        Route("/review/obligations", reading.careful(pages.obligations)),
        Route("/review/history", reading.careful(pages.history)),
    ]


@dataclass(frozen=True, slots=True)
class Pages:
    """One method for each page."""

    reading: Reading

    async def search(self, request: Request) -> Response:
        """Incidents by time, agency and category; an incident's id leads to it."""
        asked = _asked(request.query_params)
        if (incident := asked.incident("incident")) is not None:
            return RedirectResponse(f"/review/incidents/{incident}", 303)
        wanted = Search(
            since=asked.moment("since"),
            until=asked.until("until"),
            agency=asked.text("agency"),
            category=asked.category("category"),
            space=asked.space("space"),
            before=asked.number("before"),
        )
        found = None
        if not asked.wrong:
            await self.reading.noted(request, "search", asked.sought)
            found = await search(self.reading.dsn, wanted)
        return self.reading.page(
            request,
            "search.html",
            asked=asked,
            wanted=wanted,
            found=found,
            alike=self._alike(request, wanted.agency),
            following=_following(request, found.more if found else None),
        )

    async def incident(self, request: Request) -> Response:
        """One incident: what happened and why, and how far each recipient got."""
        incident: UUID = request.path_params["incident"]
        asked = _asked(request.query_params)
        desk = asked.desk("desk")
        await self.reading.noted(request, "incident", {"incident": incident, **asked.sought})
        entries = await trail(self.reading.dsn, incident)
        if not entries:
            raise HTTPException(404)
        page = page_of(incident, entries, (desk.agency, desk.point) if desk else None)
        return self.reading.page(request, "incident.html", page=page)

    async def evidence(self, request: Request) -> Response:
        """The evidence file; it is made anew each time, in another process, and kept nowhere."""
        incident: UUID = request.path_params["incident"]
        await self.reading.noted(request, "evidence", {"incident": incident})
        folder = tempfile.TemporaryDirectory(prefix="phoihop-evidence-")
        file = Path(folder.name, f"{incident}.zip")
        try:
            await evidence_apart(self.reading.settings, incident, file)
        except WorkFailedError as error:
            folder.cleanup()
            if error.reason == "no_incident":
                raise HTTPException(404) from None
            return self.reading.page(request, "no-evidence.html", 503, why=error.reason, incident=incident)
        done = BackgroundTask(folder.cleanup)
        return FileResponse(file, media_type="application/zip", filename=file.name, background=done)

    async def desk(self, request: Request) -> Response:
        """What one desk can be proved to have known at a time."""
        asked = _asked(request.query_params)
        desk, at, space = asked.desk("desk"), asked.moment("at"), asked.space("space")
        known = None
        if desk is not None and at is not None and not asked.wrong:
            await self.reading.noted(request, "desk", asked.sought)
            known = known_at(await feed(self.reading.dsn, space, desk, at), at)
        missing = Knowledge.NOT_DELIVERED
        lists = None
        if known is not None:
            lists = [[one for one in known if (one.knowledge is missing) is side] for side in (False, True)]
        return self.reading.page(request, "desk.html", asked=asked, desk=desk, at=at, lists=lists)

    async def obligations(self, request: Request) -> Response:
        """What was owed and how it ended, by agency and month, with the times to acknowledge."""
        asked = _asked(request.query_params)
        period = Period(asked.moment("since"), asked.until("until"), asked.text("agency"), asked.space("space"))
        found = chart = None
        if not asked.wrong:
            await self.reading.noted(request, "obligations", asked.sought)
            found = await obligations(self.reading.dsn, period)
            chart = times_to_acknowledge((await drilled(self.reading.dsn, period)).lines)
        return self.reading.page(
            request,
            "obligations.html",
            asked=asked,
            found=found,
            chart=chart,
            alike=self._alike(request, period.agency),
        )

    async def history(self, request: Request) -> Response:
        """What came to one agency in one month, newest first."""
        asked = _asked(request.query_params)
        agency, month, space = asked.text("agency"), asked.month("month"), asked.space("space")
        wanted = found = None
        if agency is not None and month is not None and not asked.wrong:
            wanted = Course(agency, *month, space, asked.number("before"))
            await self.reading.noted(request, "history", asked.sought)
            found = await history(self.reading.dsn, wanted)
        return self.reading.page(
            request,
            "history.html",
            asked=asked,
            wanted=wanted,
            found=found,
            alike=self._alike(request, agency),
            following=_following(request, found.more if found else None),
        )

    def _alike(self, request: Request, agency: str | None) -> tuple[str, ...]:
        """Agencies that somebody may have meant who typed no code."""
        names = self.reading.names
        if agency is None or agency in names.agencies:
            return ()
        return names.alike(language_of(request), agency)


def _asked(query: QueryParams) -> Asked:
    return Asked({name: value for name, value in query.items() if name not in SHOWN})


def _following(request: Request, before: int | None) -> str | None:
    """The address of the next page of a list."""
    return None if before is None else f"?{request.url.include_query_params(before=before).query}"
