"""The pages about regulations as a process of their own, wired: whatever they work out, no decision waits for it."""

from functools import partial
from pathlib import Path
from typing import Final

from contracts.access import Role
from services.routing.settings import RegulationsSettings
from services.routing.web.apart import regulations_apart
from services.routing.web.jobs import Jobs
from services.routing.web.pages import Pages
from services.routing.web.shelf import Shelf
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.guard import Guard
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor

SECTION: Final = "regulations"
PAGES: Final = Path(__file__).parents[1] / "pages"
DEVELOPMENT: Final = tuple(
    Visitor(Role.OWNER, None, name, "") for name in ("phap-che@ubnd-t-hue", "chanh-van-phong@ubnd-t-hue")
)
"""Whom a demonstration lets in by name: two, for a set needs two approvers."""


def service(settings: RegulationsSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    access = Access(SECTION, lambda: bus.client)
    guard = Guard(settings, SECTION, {Role.OWNER}, access, development=DEVELOPMENT)
    shell = Shell(SECTION, guard, PAGES)
    jobs = Jobs(partial(regulations_apart, settings))
    shelf = Shelf(lambda: bus.client, settings.drafts_folder)
    pages = Pages(settings, shell, guard.visitor, shelf, jobs)
    return Service(name=SECTION, settings=settings, bus=bus, close=jobs.stop, http=shell.application(pages.routes))
