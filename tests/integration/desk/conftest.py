"""One hub with intake, routing and the desk service for the tests of a module; a proxy's header says who asks."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import nkeys
import pytest_asyncio

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import DispatchIssued
from contracts.subjects import Origin
from services.runtime.sending import connection, report_sender
from tests.integration.cli.test_desk_commands import fire
from tests.integration.http.hub import Hub, running_hub
from tests.integration.http.requests_of_units import UNIT, UNIT_HEADER

DESK: Final = "ptds-qg/truc-ban"
HEADER: Final = "X-Visitor"
OURS: Final = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Service:
    """The desk service behind a proxy that is believed, and the hub it talks to."""

    hub: Hub
    url: str
    door: str
    """Where units hand in reports and photographs."""

    def client(self, desk: str = DESK, name: str = "Trực ban 1") -> httpx.AsyncClient:
        """An officer's browser, as the proxy passes it on."""
        told = {HEADER: f"officer {desk} {quote(name)}", "Accept": "text/html", **OURS}
        return httpx.AsyncClient(base_url=self.url, headers=told, timeout=30)

    async def report(self, body: dict[str, Any] | None = None) -> str:
        """A fire of its own, or this report; the desk's dispatch."""
        origin, body = Origin(*UNIT.split("/")), body or fire() | {"status": "Actual"}
        async with connection(self.hub.nats.url) as client:
            sender = report_sender(client)
            await sender.listen(origin)
            await sender.send(origin, json.dumps(body).encode())
        while True:
            for issued in [fact.data for fact in await self.facts() if isinstance(fact.data, DispatchIssued)]:
                if str(issued.reports[0].report) == body["report"]:
                    return str(issued.dispatch)

    async def facts(self) -> list[Event[Any]]:
        """Everything on record for the desk."""
        feed = subjects.desk_feed(Space.ACTUAL, *DESK.split("/"))
        return [read(stored.body) for stored in await self.hub.facts(feed)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(module_folder: Path) -> AsyncIterator[Service]:
    """The desk service holds the key of one desk, and no other."""
    keys = module_folder / "keys"
    keys.mkdir()
    key = keys / f"desk.{DESK.replace('/', '.')}.nk"
    key.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    key.chmod(0o600)
    async with running_hub(module_folder, ("routing",)) as hub:
        door = await hub.serve("intake", unit_header=UNIT_HEADER)
        url = await hub.serve("desk", home=str(module_folder / "home"), desk_keys=str(keys), visitor_header=HEADER)
        yield Service(hub, url, door)
