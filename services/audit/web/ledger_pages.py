"""The page about the ledger itself, and the verification that it can start. It shows nothing of what is recorded."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.audit.web.pages import Reading
from services.audit.web.verifying import Verifications
from services.runtime.web import live


def routes(reading: Reading, verifications: Verifications) -> list[Route]:
    """Where the page is and what it asks."""
    ledger = LedgerPages(reading, verifications)
    return [
        Route("/review/ledger", ledger.page),
        Route("/review/ledger/verify", ledger.verify, methods=["POST"]),
        Route("/review/ledger/events", ledger.events),
    ]


@dataclass(frozen=True, slots=True)
class LedgerPages:
    """The ledger's page, what it starts and what it follows."""

    reading: Reading
    verifications: Verifications

    async def page(self, request: Request) -> Response:
        """How far the ledger reaches, who vouches for it, and what the newest verification found."""
        newest = self.verifications
        return self.reading.page(request, "ledger.html", run=newest.newest, number=newest.number)

    async def verify(self, request: Request) -> Response:
        """Starts a verification, unless one is under way."""
        visitor = self.reading.visitor(request)
        self.verifications.start(visitor.name if visitor else "")
        return RedirectResponse("/review/ledger", 303)

    async def events(self, request: Request) -> Response:
        """Every change of the newest verification."""
        return live.stream(self._changes(live.after(request)))

    async def _changes(self, after: int) -> AsyncIterator[ServerSentEvent]:
        async for number, run in self.verifications.follow(after):
            document = {"done": run.done, "total": run.total, "running": run.running}
            yield live.event("verification", document, number)
