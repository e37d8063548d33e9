"""The pages about regulations as a process of their own, wired: whatever they work out, no decision waits for it."""

from functools import partial
from pathlib import Path
from typing import Final

from contracts.access import Role
from contracts.identity import IdentityKind
from services.routing.settings import RegulationsSettings
from services.routing.web.apart import regulations_apart
from services.routing.web.pages import Pages
from services.routing.web.shelf import Shelf
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.development import by_name
from services.runtime.web.guard import Guard
from services.runtime.web.jobs import Jobs
from services.runtime.web.shell import Shell

SECTION: Final = "regulations"
PAGES: Final = Path(__file__).parents[1] / "pages"


def service(settings: RegulationsSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    access = Access(SECTION, lambda: bus.client)
    named = by_name(settings, Role.OWNER, IdentityKind.OWNER)
    guard = Guard(settings, SECTION, {Role.OWNER}, access, development=named)
    shell = Shell(SECTION, guard, PAGES)
    jobs = Jobs(partial(regulations_apart, settings))
    shelf = Shelf(lambda: bus.client, settings.drafts_folder)
    pages = Pages(settings, shell, guard.visitor, shelf, jobs)
    return Service(name=SECTION, settings=settings, bus=bus, close=jobs.stop, http=shell.application(pages.routes))
