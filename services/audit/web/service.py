"""The auditors' pages as a process of their own, wired: they cannot delay the record, nor write to it.

It holds the reader's login and the right to say who read; the writer's login is another process's.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from contracts.access import Role
from services.audit.settings import ReviewSettings
from services.audit.web import ledger_pages, pages
from services.audit.web.apart import verify_apart
from services.audit.web.names import Names
from services.audit.web.pages import Reading
from services.audit.web.photographs import Photographs
from services.audit.web.seal import Sealed
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.guard import Guard
from services.runtime.web.jobs import Jobs
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor

SECTION: Final = "review"
PAGES: Final = Path(__file__).parents[1] / "pages"
DEVELOPMENT: Final = (Visitor(Role.AUDITOR, None, "Kiểm tra viên 1", ""),)
"""Whom a demonstration lets in by name."""


def service(settings: ReviewSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    access = Access(SECTION, lambda: bus.client)
    guard = Guard(settings, SECTION, {Role.AUDITOR}, access, development=DEVELOPMENT)
    shell = Shell(SECTION, guard, PAGES)
    sealed = Sealed(settings, lambda: bus.client)
    reading = Reading(settings, shell, guard.visitor, lambda: sealed.seal)
    verifications = Jobs(partial(verify_apart, settings))

    async def load() -> None:
        reading.names = await asyncio.to_thread(Names.read, settings.reference / "register.yaml")

    return Service(
        name=SECTION,
        settings=settings,
        bus=bus,
        load=load,
        close=verifications.stop,
        background=(sealed.watch,),
        http=shell.application(
            [
                *pages.routes(reading),
                *Photographs(reading, lambda: bus.client).routes,
                *ledger_pages.routes(reading, verifications),
            ]
        ),
    )
