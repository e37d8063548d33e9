"""The desk service, wired: pages for officers, each desk behind them connected under its own identity.

Its own identity knows ways in and nothing else: what a page shows and does passes on the connection of its desk.
"""

from pathlib import Path
from typing import Final

from starlette.routing import Route
from starlette.types import ASGIApp

from contracts.access import Role
from contracts.identity import IdentityKind
from services.desk.acting import Acting
from services.desk.attachments import Showing
from services.desk.desks import Desks
from services.desk.reading import Reading
from services.desk.seats import DRILL, HOME, Seats
from services.desk.settings import DeskSettings
from services.desk.shifts import Shifts
from services.desk.streaming import Feed
from services.desk.surroundings import Surroundings
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.development import by_name
from services.runtime.web.guard import Guard
from services.runtime.web.shell import Shell

SECTION: Final = "desk"
PAGES: Final = Path(__file__).parent / "pages"


def service(settings: DeskSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus, desks, surroundings = Bus(settings), Desks(settings), Surroundings(settings)
    named = by_name(settings, Role.OFFICER, IdentityKind.DESK)
    guard = Guard(settings, SECTION, {Role.OFFICER}, Access(SECTION, lambda: bus.client), development=named)
    shell = Shell(SECTION, guard, PAGES)
    return Service(
        name="desk",
        settings=settings,
        bus=bus,
        close=desks.close,
        background=(desks.tidy,),
        load=surroundings.load,
        http=application(shell, Seats(desks.hub, guard.visitor, surroundings)),
    )


def application(shell: Shell, seats: Seats) -> ASGIApp:
    """Every page twice: for what is live and, apart from it, for exercises."""
    return shell.application([route for base in (DRILL, HOME) for route in _routes(base, shell, seats)])


def _routes(base: str, shell: Shell, seats: Seats) -> list[Route]:
    reading, acting = Reading(shell, seats), Acting(shell, seats)
    shifts, feed = Shifts(shell, seats), Feed(shell, seats)
    one = f"{base}/dispatch/{{dispatch}}"
    return [
        Route(base, reading.queue),
        Route(f"{base}/events", feed.events),
        Route(f"{base}/heard/{{page}}", feed.heard, methods=["POST"]),
        Route(f"{base}/print", reading.print_queue),
        Route(f"{base}/map", reading.map),
        Route(f"{base}/map/drawing", reading.map_drawing),
        Route(f"{base}/acknowledge", acting.bulk, methods=["POST"]),
        Route(f"{base}/papers", reading.papers),
        Route(f"{base}/papers/{{paper}}", acting.paper, methods=["POST"]),
        Route(f"{base}/handover", shifts.show),
        Route(f"{base}/handover", shifts.propose, methods=["POST"]),
        Route(f"{base}/handover/{{handover}}", shifts.confirm, methods=["POST"]),
        Route(f"{base}/incidents/{{incident:uuid}}/attachments/{{sha256}}", Showing(seats).photograph),
        Route(one, reading.dispatch),
        Route(f"{one}/pane", reading.pane),
        Route(f"{one}/print", reading.print_dispatch),
        Route(f"{one}/{{act}}", acting.form),
        Route(f"{one}/{{act}}", acting.act, methods=["POST"]),
    ]
