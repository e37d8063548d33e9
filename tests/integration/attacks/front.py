"""Real processes behind the HTTP doors of a real hub, ways in for whoever a test is, and what the doors counted."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx

from contracts.access import SECTIONS, Holder, Role
from contracts.identity import OPERATOR, Identity, service
from contracts.subjects import Origin
from services.runtime.clock import monotonic
from services.runtime.credentials import key_file
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child
from services.runtime.sealing import VaultKey
from services.runtime.sending import connection
from services.runtime.web.settings import WebSettings
from services.stack.identity import offering
from services.stack.identity.offering import Code
from services.stack.parts import ServicePart
from services.stack.settings import inherited_environment
from services.stack.stack import PHOIHOP
from tests.integration.attacks.arena import DESK, Arena
from tests.integration.http.hub import REFERENCE, ROOT
from tests.visitors import SAME_ORIGIN, signed_in, visitor

UNIT: Final = Origin("vmrcc-kv2", "tau-sar")
OTHER_UNIT: Final = Origin("csb-vung-2", "tau-tuan-tra")
"""Of the register, unlike those of the arena: their reports are accepted."""
HEADER_SECONDS: Final = 1.0
BODY_SECONDS: Final = 1.0
TRIES: Final = 10
SOON: Final = 20.0
"""Seconds within which an end takes effect everywhere."""
_PROCESSES: Final = {"field": "intake", "desk": "desk", "status": "console"}
_POINTS: Final = {Role.UNIT: UNIT, Role.OFFICER: Origin(DESK.agency or "", DESK.point)}


@dataclass(slots=True)
class Front:
    """The doors, by section."""

    arena: Arena
    urls: dict[str, str] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    @property
    def settings(self) -> WebSettings:
        """As the processes have them."""
        return WebSettings(home=self.arena.home)

    def client(self, section: str, **options: Any) -> httpx.AsyncClient:
        """A client from an address of its own, so that no test counts for another's haste."""
        address = f"127.{random.randint(1, 250)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        transport = httpx.AsyncHTTPTransport(local_address=address)
        return httpx.AsyncClient(base_url=self.urls[section], transport=transport, timeout=20, **options)

    async def code(self, holder: Holder, *, device: bool = False, minutes: float = 5) -> Code:
        """A one-time code, as the operator's command makes it."""
        async with connection(self.arena.server.url, key_file(self.arena.home, OPERATOR)) as client:
            return await offering.offer(client, holder, timedelta(minutes=minutes), device=device)

    async def end(self, access: str) -> None:
        """What the operator's command does to end it."""
        async with connection(self.arena.server.url, key_file(self.arena.home, OPERATOR)) as client:
            await offering.end(client, access, "test")

    async def enrolled(self, holder: Holder) -> dict[str, Any]:
        """A device of this holder: its credential and first token."""
        made = await self.code(holder, device=True)
        async with self.client(SECTIONS[holder.role]) as client:
            answer = await client.post(f"/{made.section}/enrol", json={"code": made.code})
        assert answer.status_code == 201, answer.text
        enrolled: dict[str, Any] = answer.json()
        return enrolled

    async def entered(self, holder: Holder) -> tuple[httpx.AsyncClient, Code]:
        """A browser that came in with a code; the caller closes it."""
        made, client = await self.code(holder), self.client(SECTIONS[holder.role], headers=SAME_ORIGIN)
        answer = await client.post(f"/{made.section}/sign-in", data={"code": made.code})
        assert answer.status_code == 303, answer.text
        return client, made

    def cookie(self, role: Role, section: str | None = None, name: str = "Trực ban 1") -> dict[str, str]:
        """The cookie of a fresh session, signed by the section's key."""
        point = _POINTS.get(role)
        return signed_in(visitor(role, "/".join(point) if point else None, name), self.settings, section)

    async def counted(self, section: str, outcome: str, measure: str = "phoihop_refused_total") -> float:
        """How many refusals of one reason the process of a section has counted."""
        async with self.client(section) as client:
            lines = (await client.get("/metrics")).text.splitlines()
        values = [
            line.rpartition(" ")[2] for line in lines if line.startswith(measure) and f'outcome="{outcome}"' in line
        ]
        return sum(map(float, values))

    async def serve(self, name: str, **settings: str) -> str:
        """One more process; where it answers."""
        url = f"http://127.0.0.1:{(port := free_port())}"
        kept = {key: value for key, value in inherited_environment().items() if not key.startswith("PHOIHOP_")}
        environment = (
            kept
            | self._told(service(name), port)
            | {f"PHOIHOP_{key.upper()}": value for key, value in settings.items()}
        )
        log = self.arena.home / f"{name}-{port}.log"
        part = ServicePart(name, [*PHOIHOP, "serve", name], environment, url, log)
        self.children.append(await part.start())
        return url

    def _told(self, who: Identity, port: int) -> dict[str, str]:
        return {
            "PYTHONPATH": str(ROOT),
            "PHOIHOP_NATS_URL": self.arena.server.url,
            "PHOIHOP_NATS_CREDS": str(key_file(self.arena.home, who)),
            "PHOIHOP_HOME": str(self.arena.home),
            "PHOIHOP_REFERENCE": str(REFERENCE),
            "PHOIHOP_HTTP_PORT": str(port),
            "PHOIHOP_VAULT_PUBLIC": str(self.arena.home / "vault.pub"),
            "PHOIHOP_HEADER_TIMEOUT": str(HEADER_SECONDS),
            "PHOIHOP_BODY_TIMEOUT": str(BODY_SECONDS),
            "PHOIHOP_TRIES_PER_MINUTE": str(TRIES),
        }


@asynccontextmanager
async def front(arena: Arena) -> AsyncIterator[Front]:
    """Intake, the desks' pages and the operators' pages, each a process with the rights of its own identity."""
    VaultKey.of(arena.home / "vault.key", arena.home / "vault.pub")
    opened = Front(arena)
    try:
        urls = await asyncio.gather(*(opened.serve(name) for name in _PROCESSES.values()))
        opened.urls.update(zip(_PROCESSES, urls, strict=True))
        yield opened
    finally:
        await asyncio.gather(*(child.stop() for child in opened.children))


def unit(origin: Origin = UNIT) -> Holder:
    """A field unit."""
    return Holder(role=Role.UNIT, agency=origin.agency, point=origin.point, name="Tàu SAR")


def officer(who: Identity = DESK) -> Holder:
    """An officer on duty at a desk of the arena."""
    return Holder(role=Role.OFFICER, agency=who.agency, point=who.point, name="Trực ban 1")


def operator() -> Holder:
    """Somebody who keeps the hub running."""
    return Holder(role=Role.OPERATOR, name="Vận hành")


async def until(condition: Any, seconds: float = SOON) -> float:
    """Seconds until an awaited condition holds."""
    began = monotonic()
    while not await condition():
        assert monotonic() - began < seconds, "it never came"
        await asyncio.sleep(0.1)
    return monotonic() - began


async def raw(url: str, request: bytes, *, seconds: float = 30.0) -> bytes:
    """The bytes that come back for these bytes, until the other side ends or says no more."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        return await asyncio.wait_for(reader.read(), seconds)
    finally:
        writer.close()
