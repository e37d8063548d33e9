"""The page about the ledger itself, and the verification that it can start. It shows nothing of what is recorded."""

from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.audit.web.pages import Reading
from services.runtime.apart import Document
from services.runtime.web import live
from services.runtime.web.jobs import Jobs

VERIFY: Final[Document] = {"work": "verify"}


def routes(reading: Reading, verifications: Jobs) -> list[Route]:
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
    verifications: Jobs

    async def page(self, request: Request) -> Response:
        """How far the ledger reaches, who vouches for it, and what the newest verification found."""
        return self.reading.page(request, "ledger.html", job=self.verifications.newest())

    async def verify(self, request: Request) -> Response:
        """Starts a verification, unless one is under way."""
        visitor = self.reading.visitor(request)
        self.verifications.start(VERIFY, visitor.name if visitor else "")
        return RedirectResponse("/review/ledger", 303)

    async def events(self, request: Request) -> Response:
        """Every change of the newest verification."""
        if (job := self.verifications.newest()) is None:
            raise HTTPException(404)
        return live.stream(job.events(live.after(request)))
