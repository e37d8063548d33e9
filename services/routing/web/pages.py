"""The pages about regulations: what decides, who would get a report, proof, comparison, the steps of two approvers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contracts.activation import Approver
from contracts.decisions import CitationStatus
from contracts.identifiers import new_id
from contracts.taxonomy import Category
from services.routing.commands.activation_telling import book_document
from services.routing.commands.explaining_reports import NoReporterError, explain_report
from services.routing.commands.regulation_files import UnreadableReportError, read_report
from services.routing.commands.regulations_view import explanation_document
from services.routing.in_force.standing import NothingStandsError
from services.routing.settings import RegulationsSettings
from services.routing.web.apart import STEPS, WORKS, owner_key
from services.routing.web.shelf import ACTIVE, Shelf, UnknownSetError
from services.routing.web.telling import Words, shown
from services.routing.web.trying import HIGHEST_RISK, report_json
from services.runtime import clock
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.web import live
from services.runtime.web.catalogues import language_of
from services.runtime.web.jobs import Job, Jobs
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor

Page = Callable[[Request], Awaitable[Response]]
MOST_JSON: Final = 60_000
_FIELDS: Final = {
    "check": ("of",),
    "cases": ("of",),
    "diff": ("of", "with"),
    "replay": ("of", "since", "until"),
    "propose": ("of", "effective"),
    "approve": ("proposal",),
    "cancel": ("proposal", "reason"),
}
"""What each work may be told."""
_AWAY: Final = (BusUnavailableError, JetStreamRefusedError, NotConnectedError, NothingStandsError)


@dataclass(frozen=True, slots=True)
class Pages:
    """One method for each page."""

    settings: RegulationsSettings
    shell: Shell
    visitor: Callable[[Request], Visitor | None]
    shelf: Shelf
    jobs: Jobs

    @property
    def routes(self) -> list[Route]:
        """Where each page is."""
        job = "/regulations/jobs/{number}"
        return [
            Route("/regulations", self._careful(self.rules)),
            Route("/regulations/try", self._careful(self.try_form), methods=["GET"]),
            Route("/regulations/try", self._careful(self.try_json), methods=["POST"]),
            Route("/regulations/versions", self._careful(self.versions)),
            Route("/regulations/jobs", self.start, methods=["POST"]),
            Route(job, self.job, methods=["GET"]),
            Route(f"{job}/events", self.events),
        ]

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page of this section, with its words."""
        return self.shell.page(request, template, status, words=Words(language_of(request)), **context)

    async def rules(self, request: Request) -> Response:
        """The rules of a set as sentences, with their legal basis and validity."""
        of = request.query_params.get("of", ACTIVE)
        category, status = (request.query_params.get(name, "") for name in ("category", "status"))
        category = category if category in set(Category) else ""
        status = status if status in set(CitationStatus) else ""
        given = await self.shelf.named(of)
        rules = list(shown(given.regulation_set.rules, Words(language_of(request)), category, status))
        return self.page(
            request,
            "rules.html",
            of=of,
            given=given,
            rules=rules,
            category=category,
            basis=status,
            book=book_document(await self.shelf.book(), clock.now()),
        )

    async def try_form(self, request: Request) -> Response:
        """Who would get a report of what the form says."""
        typed = dict(request.query_params)
        if "category" not in typed:
            return self._tried(request, typed)
        text = report_json(typed, clock.now(), new_id())
        return await self._try(request, typed, text, "")

    async def try_json(self, request: Request) -> Response:
        """Who would get the report that was pasted."""
        form = await request.form()
        text = str(form.get("report", ""))[:MOST_JSON]
        return await self._try(request, {"reporter": str(form.get("reporter", ""))}, text, text)

    async def versions(self, request: Request) -> Response:
        """Which sets decide, decided and wait, the drafts, and what can be done with them."""
        book = await self.shelf.book()
        by = self._approver(request)
        return self.page(
            request,
            "versions.html",
            book=book_document(book, clock.now()),
            versions=self.shelf.versions(book),
            drafts=self.shelf.draft_names(),
            approver=by,
            has_key=by is not None and owner_key(self.settings, by).exists(),
            jobs=list(reversed(self.jobs.kept.values())),
        )

    async def start(self, request: Request) -> Response:
        """Begins a piece of work and leads to its page."""
        form = await request.form()
        kind = str(form.get("work", ""))
        if kind not in WORKS:
            raise HTTPException(422)
        task: dict[str, Any] = {"work": kind, **_told(form, _FIELDS[kind])}
        visitor = self.visitor(request)
        if kind in STEPS:
            if (by := self._approver(request)) is None:
                raise HTTPException(403)
            task["by"] = by.model_dump(mode="json")
        job = self.jobs.start(task, visitor.name if visitor else "")
        return RedirectResponse(f"/regulations/jobs/{job.number}", 303)

    async def job(self, request: Request) -> Response:
        """One piece of work: how far it is, or what it found."""
        job = self._job(request)
        return self.page(request, "job.html", job=job, found=job.found)

    async def events(self, request: Request) -> Response:
        """Every change of one piece of work."""
        return live.stream(self._job(request).events(live.after(request)))

    def _job(self, request: Request) -> Job:
        if (job := self.jobs.kept.get(request.path_params["number"])) is None:
            raise HTTPException(404)
        return job

    def _approver(self, request: Request) -> Approver | None:
        """For whom the visitor answers: the role of an agency that the sign-in was given for, where it was."""
        visitor = self.visitor(request)
        origin = visitor.origin if visitor else None
        return Approver(role=origin.point, agency=origin.agency) if origin else None

    async def _try(self, request: Request, typed: Mapping[str, str], text: str, pasted: str) -> Response:
        given = await self.shelf.named(ACTIVE)
        reporter = typed.get("reporter", "").strip() or None
        try:
            report = read_report(text)
            default = given.regulation_set.fallback.last_resort.agency
            sender = report.sender.agency if report.sender else default
            found = explain_report(report, given, reporter or sender, None)
        except (UnreadableReportError, NoReporterError, LookupError, ValueError) as error:
            return self._tried(request, typed, pasted, problem=str(error))
        return self._tried(request, typed, pasted, found=explanation_document(found, given))

    def _tried(self, request: Request, typed: Mapping[str, str], pasted: str = "", **outcome: Any) -> Response:
        """The forms, with `found` or with the `problem`."""
        told = {"found": None, "problem": None, **outcome}
        status = 200 if told["problem"] is None else 422
        risks = range(1, HIGHEST_RISK + 1)
        return self.page(request, "try.html", status, typed=typed, pasted=pasted, risks=risks, **told)

    def _careful(self, page: Page) -> Page:
        """The page, or why there is nothing to show now."""

        async def answered(request: Request) -> Response:
            try:
                return await page(request)
            except UnknownSetError:
                raise HTTPException(404) from None
            except _AWAY:
                return self.page(request, "away.html", 503)

        return answered


def _told(form: FormData, names: tuple[str, ...]) -> dict[str, str]:
    found = ((name, form.get(name)) for name in names)
    return {name: value.strip()[:200] for name, value in found if isinstance(value, str) and value.strip()}
