"""A real server with the accounts that `phoihop identity` writes, some parties on it, and a way to see any effect."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.identity import PROVISION, Identity, desk, owner, service, unit
from contracts.streams import CONSUMERS, STREAMS, desk_consumer
from services.routing.desk_door import DeskDoor
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.credentials import credentials, key_file
from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.jetstream import api
from services.runtime.sending import connection
from services.runtime.settings import RuntimeSettings
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.enrolment import hub
from services.stack.identity.keeping import ACCOUNTS, Keeping
from services.stack.identity.minting import Minting
from services.stack.identity.telling import reload_process
from tests.testers import TESTER

UNIT: Final = unit("alpha", "u1")
OTHER_UNIT: Final = unit("beta", "u2")
DESK: Final = desk("alpha", "d1")
NEXT_DESK: Final = desk("alpha", "x1")
"""Of the same agency: it shares the account, so permissions alone keep the two apart."""
OTHER_DESK: Final = desk("beta", "d2")
INTAKE, ROUTING, AUDIT, NOTARY = (service(name) for name in ("intake", "routing", "audit", "notary"))
OWNER, OTHER_OWNER = owner("alpha", "legal"), owner("beta", "chief")
"""Approvers of regulations."""
PARTIES: Final = (UNIT, OTHER_UNIT, DESK, NEXT_DESK, OTHER_DESK)
INCIDENT: Final = UUID("019a8f2e-5b00-7000-8000-000000000004")
REPORT: Final = UUID("019a8f2e-5b00-7000-8000-000000000007")
SETTLE_SECONDS: Final = 0.05


@dataclass(slots=True)
class Line:
    """One party's connection, and everything it was told and refused."""

    client: Client
    errors: list[str]
    heard: list[Msg] = field(default_factory=list)

    async def settled(self) -> None:
        """Until the server has dealt with what was sent, and its answers had time to come."""
        await self.client.flush()
        await asyncio.sleep(SETTLE_SECONDS)

    async def hear(self, subject: str) -> None:
        """Notes what comes on a subject from now on."""

        async def note(message: Msg) -> None:
            self.heard.append(message)

        await self.client.subscribe(subject, cb=note)

    @property
    def violations(self) -> list[str]:
        """What the server refused."""
        return [error for error in self.errors if "permissions violation" in error]


@dataclass(slots=True)
class Arena:
    """What runs, and the connections of a test."""

    home: Path
    server: NatsServer
    lines: list[Client] = field(default_factory=list)
    minting: Minting | None = None
    """Where the server goes by what an operator signed, and not by accounts written into its configuration."""

    @property
    def keeping(self) -> Keeping:
        """Who may connect."""
        return Keeping(self.home)

    def key(self, who: Identity) -> str:
        """The public key of a party: where its answers come."""
        member = self.keeping.book().member(who)
        assert member is not None
        return member.key

    def proof(self, who: Identity) -> Path:
        """The file by which a party proves who it is."""
        return self.minting.creds_file(who) if self.minting else key_file(self.home, who)

    async def told(self) -> None:
        """The running server goes by who is enrolled now."""
        if self.minting is None:
            await reload_process(self.server.pid, self.home / "nats")
        else:
            self.minting.write()
            async with connection(self.server.url, self.minting.pusher) as client:
                await self.minting.push(client)

    def encryption(self, who: Identity) -> dict[str, Any]:
        """What encrypts a connection with the certificate of a party, without what proves who it is."""
        proof = credentials(self.proof(who)).options
        return {name: value for name, value in proof.items() if name.startswith("tls")}

    async def line(self, who: Identity, **options: Any) -> Line:
        """A connection of this party, closed with the test."""
        errors: list[str] = []

        async def note(error: Exception) -> None:
            errors.append(str(error).lower())

        proof = credentials(self.proof(who)).options
        self.lines.append(client := Client())
        await client.connect(self.server.url, error_cb=note, **({"allow_reconnect": False, **proof} | options))
        return Line(client, errors)

    async def hang_up(self) -> None:
        """Ends every connection of a test."""
        for client in self.lines:
            await let_go(client)
        self.lines.clear()

    async def world(self) -> dict[str, Any]:
        """Everything the server keeps: streams with their settings and contents, consumers with their positions."""
        async with connection(self.server.url, self.proof(TESTER)) as client:
            listed = (await api(client, "STREAM.LIST", {"offset": 0}))["streams"]
            return {stream["config"]["name"]: await _kept(client, stream) for stream in listed}

    async def pending(self, who: Identity) -> int:
        """What this desk has not been handed or has not acknowledged."""
        async with connection(self.server.url, self.proof(TESTER)) as client:
            info = await api(client, f"CONSUMER.INFO.EVENTS.{durable(who)}")
            return int(info["num_pending"] + info["num_ack_pending"])


async def let_go(client: Client) -> None:
    """Closes a connection, also one that the server has cut, which the library leaves open."""
    await client.close()
    if (transport := client._transport) is not None:
        transport._bare_io_writer.close()  # type: ignore[attr-defined]  # the library's own


def durable(who: Identity, space: Space = Space.ACTUAL) -> str:
    """The durable of a desk."""
    return desk_consumer(space, who.agency or "", who.point).durable


def dispatch_to(who: Identity) -> str:
    """The subject of a dispatch to a desk."""
    return subjects.dispatch(Space.ACTUAL, INCIDENT, who.agency or "", who.point)


@asynccontextmanager
async def arena(folder: Path, *, signed: bool = False) -> AsyncIterator[Arena]:
    """Accounts, written or `signed`, streams and durables as a hub has them, a dispatch for each desk, a door."""
    keeping = Keeping(folder)
    keeping.complete((*hub(), *PARTIES, OWNER, OTHER_OWNER))
    minting = Minting(keeping) if signed else None
    accounts = minting.write().name if minting else ACCOUNTS
    server = await start_nats(folder / "nats", durability=Durability.RELAXED, further=(ENCRYPTION, accounts))
    try:
        async with AsyncExitStack() as opened:
            made = Arena(folder, server, minting=minting)
            async with connection(server.url, made.proof(PROVISION)) as client:
                await topology.apply(client, STREAMS, CONSUMERS)
            await _door(made, opened)
            async with connection(server.url, made.proof(ROUTING)) as client:
                for who in (DESK, NEXT_DESK, OTHER_DESK):
                    for space in (Space.ACTUAL, Space.EXERCISE):
                        consumer = desk_consumer(space, who.agency or "", who.point)
                        await topology.apply(client, (), (consumer,))
                    await client.request(dispatch_to(who), f"secret of {who.name}".encode())
                await client.request(ladder_of(OTHER_UNIT), b"how far it got")
            yield made
    finally:
        await server.stop()


def ladder_of(who: Identity) -> str:
    """How far a report of this unit got."""
    return subjects.ladder(Space.ACTUAL, subjects.Origin(who.agency or "", who.point), REPORT)


async def _door(made: Arena, opened: AsyncExitStack) -> None:
    bus = Bus(RuntimeSettings(nats_url=made.server.url, nats_creds=made.proof(ROUTING)))
    await bus.connect()
    bus.stopping = True  # its connection ends with the test, not the test with its connection
    opened.push_async_callback(bus.broker.stop)
    await DeskDoor(bus, lambda desk, _: desk.agency in {"alpha", "beta"}).listen()


async def _kept(client: Client, stream: dict[str, Any]) -> Any:
    name, state = stream["config"]["name"], stream["state"]
    listed = await api(client, f"CONSUMER.LIST.{name}", {"offset": 0})
    consumers = {
        one["name"]: [
            one["config"],
            one["delivered"]["stream_seq"],
            one["ack_floor"]["stream_seq"],
            one["num_ack_pending"],
            one.get("paused", False),
        ]
        for one in listed["consumers"] or ()
    }
    kept = [state["messages"], state["first_seq"], state["last_seq"], state.get("num_deleted", 0)]
    return json.loads(json.dumps([stream["config"], kept, consumers]))
