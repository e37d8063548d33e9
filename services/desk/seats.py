"""Where an officer sits: the desk and the status space a request is about, and the hub that knows them."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from contracts.codes import Space
from contracts.subjects import Origin
from services.desk.hub import Hub
from services.desk.line import ENGLISH, VIETNAMESE
from services.desk.queue import tally
from services.desk.surroundings import Surroundings
from services.runtime.clock import now
from services.runtime.terminal import Language
from services.runtime.web.catalogues import language_of
from services.runtime.web.visitor import Visitor

HOME: Final = "/desk"
DRILL: Final = "/desk/exercise"
PATIENCE: Final = 3.0
"""Seconds a page waits for a desk that was just connected, or for what has just gone on record."""

FindHub = Callable[[Origin, Space], Hub | None]
FindVisitor = Callable[[Request], Visitor | None]


@dataclass(frozen=True, slots=True)
class Seat:
    """One request of an officer."""

    visitor: Visitor
    hub: Hub
    base: str
    """What every address of this space begins with."""
    language: int
    """Of the words that come in pairs."""
    surroundings: Surroundings

    @property
    def frame(self) -> dict[str, Any]:
        """What every page of the desk needs."""
        at = now()
        return {
            "base": self.base,
            "drill": self.hub.space is Space.EXERCISE,
            "desk": "/".join(self.hub.origin),
            "desk_name": self.surroundings.desk(self.hub.origin, self.language),
            "mapped": self.surroundings.boundaries is not None,
            "fresh": self.hub.fresh,
            "language": self.language,
            "tally": tally(self.hub.board.rows.values(), at),
            "waiting_papers": sum(paper.acknowledged is None for paper in self.hub.papers),
        }


@dataclass(frozen=True, slots=True)
class Seats:
    """Finds the seat of a request. Whose desk's key is not held here learns no more than that there is nothing."""

    hub: FindHub
    visitor: FindVisitor
    surroundings: Surroundings

    async def of(self, request: Request) -> Seat:
        """Raises 404 for everybody else's desks and 503 while the record cannot be read."""
        visitor = self.visitor(request)
        base = DRILL if request.url.path.startswith(DRILL) else HOME
        space = Space.EXERCISE if base == DRILL else Space.ACTUAL
        hub = self.hub(visitor.origin, space) if visitor and visitor.origin else None
        if visitor is None or hub is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not await hub.looked(PATIENCE):
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})
        english = language_of(request) is Language.EN
        return Seat(visitor, hub, base, ENGLISH if english else VIETNAMESE, self.surroundings)
