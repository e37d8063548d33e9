"""The part of the routing service that ladders are: what it consumes and publishes."""

from collections.abc import Callable
from typing import NamedTuple

from contracts.envelope import one_of
from contracts.events import IncidentEventData
from contracts.ladders import ReportLadder
from contracts.register import Agency
from contracts.streams import ROUTING_LADDERS
from contracts.subject_words import PATTERNS
from services.routing.ladders.handlers import Book, Ladders
from services.routing.ladders.telling import Names
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Publishes

PUBLISHES = (Publishes(PATTERNS.ladder, ReportLadder, "report-ladder"),)
AT_ONCE = 2000


class LaddersPart(NamedTuple):
    """The part, wired."""

    consumes: tuple[Consumes, ...]


def ladders_part(bus: Bus, incidents: Book, agency: Callable[[str], Agency | None]) -> LaddersPart:
    """The part; nothing connects until the service is run."""
    shown = Ladders(bus, incidents, lambda: _names(agency))
    return LaddersPart((Consumes(ROUTING_LADDERS, one_of(IncidentEventData), shown.on_incidents, limit=AT_ONCE),))


def _names(agency: Callable[[str], Agency | None]) -> Names:
    """What the register calls agencies; the code where it knows none."""

    def names(code: str) -> tuple[str, str]:
        known = agency(code)
        return (code, code) if known is None else (known.name_vi, known.name_en)

    return names
