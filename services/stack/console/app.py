"""The operators' process, wired: it looks and serves pages. It may read no facts and offer no codes.

It changes nothing but one thing: it may ask a service to handle once more what that service parked.
"""

from pathlib import Path
from typing import Final

from contracts.access import Role
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.guard import Guard
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor
from services.stack.console.looking import Looking
from services.stack.console.routes import Console
from services.stack.console.settings import ConsoleSettings
from services.stack.console.trying import Trying
from services.stack.refusals import following
from services.stack.restarts import counting

PAGES: Final = Path(__file__).parents[1] / "pages"


def service(settings: ConsoleSettings) -> Service:
    """The whole process; nothing connects until it is run."""
    bus = Bus(settings)
    named = (Visitor(Role.OPERATOR, None, "Vận hành 1", ""),)
    guard = Guard(settings, "status", {Role.OPERATOR}, Access("status", lambda: bus.client), development=named)
    shell = Shell("status", guard, PAGES)
    console = Console(settings, shell, Looking(settings, bus), Trying(bus))
    http = shell.application(console.guarded, beyond=shell.open_application(console.open))
    background = (following(settings.bus_log), counting(settings.home))
    return Service(name="console", settings=settings, bus=bus, http=http, background=background, rewind=False)
