"""Carries out a plan of faults on a running hub, prints a line for each, and waits until all is well after it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from benchmarks.cluster.hub import Hub, NatsOnHost
from benchmarks.cluster.plan import INSTANCES, Fault, Kind
from contracts.lease_subjects import lease
from contracts.streams import EVENTS, LEASES
from services.runtime.embedded.local_stack import Phase
from services.stack.parts import is_ready
from tests.system.checker import Flaw

AnswerT = TypeVar("AnswerT")

WELL_SECONDS: Final = 90.0
LOOK_SECONDS: Final = 0.1
REST_SECONDS: Final = 3.0
"""Between two faults, so that what one does is not taken for what the other does."""
HANDED_OVER_SECONDS: Final = 4.0
"""For what a lame duck leads to be led by others."""


@dataclass(frozen=True, slots=True)
class Done:
    """One fault as it was done; moments by this process's clock."""

    kind: Kind
    target: str
    began: float
    ended: float
    well: float
    """When every server was up to date and every service ready again."""
    note: str = ""


@dataclass(slots=True)
class Saboteur:
    """Breaks one hub. `flaws` is what did not come back."""

    hub: Hub
    client: Client
    done: list[Done] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    async def carry_out(self, faults: Sequence[Fault], seconds: float) -> None:
        """In order, each when all is well after the one before; none is begun after `seconds`."""
        first = monotonic()
        for fault in faults:
            await asyncio.sleep(REST_SECONDS)
            if (began := monotonic()) - first >= seconds:
                return
            note = await self._how(fault.kind)(fault)
            ended = monotonic()
            try:
                await self.all_well()
            except TimeoutError:
                self.flaws.append(Flaw("system: not back", f"not within {WELL_SECONDS:.0f} s of {fault}"))
                return
            finally:
                self.done.append(Done(fault.kind, fault.target, began, ended, monotonic(), note))
                at = f"{began - first:6.1f} s  {fault.kind:15}  {fault.target:12}"
                print(f"{at}  {ended - began:5.1f} s  {note}".rstrip(), flush=True)

    async def all_well(self) -> None:
        """Waits for it. Raises `TimeoutError`."""
        async with asyncio.timeout(WELL_SECONDS):
            while not (await self.hub.well() and await self._services_ready()):  # noqa: ASYNC110  # nobody tells of it
                await asyncio.sleep(LOOK_SECONDS)

    async def _services_ready(self) -> bool:
        parts = [part for part in self.hub.supervisor.processes() if part.url and part.url.startswith("http")]
        if any(part.phase is not Phase.READY for part in parts):
            return False
        return all(await asyncio.gather(*(is_ready(part.url or "") for part in parts)))

    def _how(self, kind: Kind) -> Callable[[Fault], Awaitable[str]]:
        return {
            Kind.KILL_SERVER: self._kill_server,
            Kind.KILL_LEADER: self._kill_leader,
            Kind.CUT_HOST: self._cut_host,
            Kind.CUT_LINK: self._cut_link,
            Kind.ROLL: self._roll,
            Kind.KILL_INSTANCE: self._kill_instance,
            Kind.FREEZE_INSTANCE: self._freeze_instance,
        }[kind]

    async def _kill_server(self, fault: Fault) -> str:
        await self._away(self._server(fault.target), fault.seconds)
        return "SIGKILL, away meanwhile"

    async def _kill_leader(self, fault: Fault) -> str:
        leader = await self._leader()
        await self._away(self._server(leader), fault.seconds)
        return f"SIGKILL of {leader}, away meanwhile; led by {await self._leader()} now"

    async def _away(self, server: NatsOnHost, seconds: float) -> None:
        server.allowed.clear()
        try:
            os.kill(self._pid(server.name), signal.SIGKILL)
            await asyncio.sleep(seconds)
        finally:
            server.allowed.set()

    async def _cut_host(self, fault: Fault) -> str:
        leader = await self._leader()
        self.hub.network.cut(fault.target)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self.hub.network.join(fault.target)
        return "it led the facts" if leader == fault.target else f"{leader} led the facts"

    async def _cut_link(self, fault: Fault) -> str:
        pair = fault.target.split()
        self.hub.network.part(pair, apart=True)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self.hub.network.part(pair, apart=False)
        return ""

    async def _roll(self, _fault: Fault) -> str:
        for server in self.hub.servers:
            server.allowed.clear()
            try:
                os.kill(self._pid(server.name), signal.SIGUSR2)
                await asyncio.sleep(HANDED_OVER_SECONDS)
                if self._is_up(server.name):  # a lame duck without clients ends by itself
                    os.kill(self._pid(server.name), signal.SIGTERM)
            finally:
                server.allowed.set()
            await self._well_again()
        return f"SIGUSR2, {HANDED_OVER_SECONDS:.0f} s later SIGTERM, each"

    async def _well_again(self) -> None:
        await asyncio.sleep(1)  # it may answer until it has ended
        async with asyncio.timeout(WELL_SECONDS):
            while not await self.hub.well():  # noqa: ASYNC110  # nobody tells of it
                await asyncio.sleep(LOOK_SECONDS)

    async def _kill_instance(self, fault: Fault) -> str:
        works = await self._works(fault.target)
        os.kill(self._pid(f"{fault.target}-{works}"), signal.SIGKILL)
        return f"SIGKILL of {works}; {await self._who_follows(fault.target, works)}"

    async def _freeze_instance(self, fault: Fault) -> str:
        works = await self._works(fault.target)
        pid = self._pid(f"{fault.target}-{works}")
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.seconds)
            follows = await self._works(fault.target)
        finally:
            os.kill(pid, signal.SIGCONT)
        return f"SIGSTOP of {works}; {follows} worked when it went on"

    async def _who_follows(self, service: str, before: str) -> str:
        """Who works once somebody says so anew."""
        async with asyncio.timeout(WELL_SECONDS):
            said = await self._lease(service)
            while (now := await self._lease(service)) == said:  # noqa: ASYNC110  # nobody tells of it
                await asyncio.sleep(LOOK_SECONDS)
        return f"{now[1]} works" if now[1] != before else f"{before} is back first"

    async def _works(self, service: str) -> str:
        return (await self._lease(service))[1] or INSTANCES[0]

    async def _lease(self, service: str) -> tuple[int, str]:
        last = await self._asked(
            lambda: self.client.jetstream().get_last_msg(LEASES.name, lease(service), direct=False)
        )
        return last.seq or 0, (last.data or b"").decode()

    async def _leader(self) -> str:
        async with asyncio.timeout(WELL_SECONDS):
            while True:
                info = await self._asked(lambda: self.client.jetstream().stream_info(EVENTS.name))
                if info.cluster and info.cluster.leader:
                    return info.cluster.leader
                await asyncio.sleep(LOOK_SECONDS)

    async def _asked(self, ask: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        async with asyncio.timeout(WELL_SECONDS):
            while True:
                with suppress(NatsError, JetStreamError, TimeoutError):
                    return await asyncio.wait_for(ask(), 5)
                await asyncio.sleep(LOOK_SECONDS)

    def _server(self, host: str) -> NatsOnHost:
        return next(server for server in self.hub.servers if server.host == host)

    def _is_up(self, name: str) -> bool:
        return any(part.name == name and part.pid is not None for part in self.hub.supervisor.processes())

    def _pid(self, name: str) -> int:
        pid = next(part.pid for part in self.hub.supervisor.processes() if part.name == name)
        assert pid is not None, f"{name} is down"
        return pid
