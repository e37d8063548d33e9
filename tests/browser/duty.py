"""What duty desks need before a browser can look at them: their keys, and work that reaches them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import DispatchDelivered, DispatchIssued
from contracts.identifiers import new_id
from contracts.identity import desk as desk_of
from contracts.receipts import Outcome, Receipt
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.runtime.credentials import key_file
from services.runtime.jetstream import read_subject
from services.runtime.sending import Sender, connection, report_sender
from services.stack.identity.applying import apply
from services.stack.identity.keeping import Keeping
from tests.integration.http.requests_of_units import UNIT, report
from tests.system.conftest import System

DESK: Final = "ptds-qg/truc-ban"
SECONDS: Final = 60.0


async def enrol(system: System, desk: str = DESK) -> None:
    """The stack keeps a key for the desk from now on."""
    keeping = Keeping(system.home)
    await asyncio.to_thread(keeping.complete, {desk_of(*desk.split("/"))})
    await apply(keeping)


@dataclass(frozen=True, slots=True)
class Duty:
    """Makes work for one desk and looks at its record."""

    system: System
    client: Client
    sender: Sender[Receipt]
    desk: str = DESK

    async def hand_in(self, headline: str, severity: str = "Severe", status: str = "Actual", **further: Any) -> str:
        """A fire of its own, reported and receipted; the id of the report."""
        place = {"kind": "words", "text": f"Nhà số {new_id()}"}
        body: dict[str, Any] = report(category="FIR-BLDG", headline=headline, places=[place], position_unknown=False)
        body |= {"severity": severity, "status": status} | further
        receipt = await self.sender.send(Origin(*UNIT.split("/")), json.dumps(body).encode())
        assert receipt.reports[0].outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE}, receipt
        return str(body["report"])

    async def report(self, headline: str, severity: str = "Severe", status: str = "Actual", **further: Any) -> str:
        """The same; the id of the desk's dispatch once it is on record."""
        filed = await self.hand_in(headline, severity, status, **further)
        space = Space.ACTUAL if status == "Actual" else Space.EXERCISE
        async with asyncio.timeout(SECONDS):
            while True:
                for issued in await self.issued(space):
                    if str(issued.reports[0].report) == filed:
                        return str(issued.dispatch)
                await asyncio.sleep(0.1)

    async def there(self, mark: str, count: int) -> None:
        """Returns when so many dispatches with this word are on record."""
        async with asyncio.timeout(4 * SECONDS):
            while sum(mark in one.headline for one in await self.issued()) < count:  # noqa: ASYNC110  # another's record
                await asyncio.sleep(0.5)

    async def issued(self, space: Space = Space.ACTUAL) -> list[DispatchIssued]:
        """Every dispatch of the desk."""
        return [fact.data for fact in await self.facts(space) if isinstance(fact.data, DispatchIssued)]

    async def facts(self, space: Space = Space.ACTUAL) -> list[Event[Any]]:
        """Everything on record for the desk."""
        feed = subjects.desk_feed(space, *self.desk.split("/"))
        return [read(stored.body) async for stored in read_subject(self.client, "EVENTS", feed)]

    async def delivered(self, dispatch: str) -> bool:
        """Whether it is on record that the dispatch reached the desk's screen."""
        facts = [event.data for event in await self.facts()]
        return any(isinstance(one, DispatchDelivered) and str(one.dispatch) == dispatch for one in facts)

    @asynccontextmanager
    async def officer(self, name: str) -> AsyncIterator[DeskClient]:
        """Another officer of the same desk, without a browser, with the desk's own key."""
        key = key_file(self.system.home, desk_of(*self.desk.split("/")))
        async with connection(self.system.state.nats_url, key) as client:
            officer = DeskClient(client, Space.ACTUAL, Origin(*self.desk.split("/")), name)
            await officer.start()
            yield officer


@asynccontextmanager
async def duty(system: System, desk: str = DESK) -> AsyncIterator[Duty]:
    """The desk enrolled, and somebody who reports what it has to deal with."""
    await enrol(system, desk)
    async with system.client() as client:
        sender = report_sender(client)
        await sender.listen(Origin(*UNIT.split("/")))
        yield Duty(system, client, sender, desk)
