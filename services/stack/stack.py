"""Brings the local stack up in order, tells the state file what runs, and takes it down in reverse."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.identity import OPERATOR, PROVISION, Identity, service
from services.runtime.credentials import key_file
from services.runtime.embedded.local_stack import Phase, StackState, make_home, stack_lock, write_state
from services.runtime.embedded.nats import Durability
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import ServerUnavailableError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.logs import configure
from services.runtime.sending import connection
from services.runtime.web.settings import DEMONSTRATION
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.enrolment import hub
from services.stack.identity.keeping import ACCOUNTS, Keeping
from services.stack.identity.moderating import Moderator
from services.stack.identity.telling import record
from services.stack.parts import NatsPart, PostgresPart, ServicePart, run_step
from services.stack.passfile import by_file
from services.stack.settings import StackSettings, inherited_environment
from services.stack.supervisor import Part, Supervisor

STEPS = (("topology", "apply"), ("ledger", "migrate"))
SERVICES = ("intake", "routing", "audit", "notary", "desk", "review", "regulations", "console")
PHOIHOP = (sys.executable, "-m", "services.cli")
EXTERNAL = "external"
_FOR_OTHERS = frozenset({"PHOIHOP_HTTP_CERT", "PHOIHOP_HTTP_KEY", "PHOIHOP_DEVELOPMENT_LOGINS"})
"""A local stack's doors are on loopback, where it asks them itself; who signs in by name, it says itself."""


@dataclass(slots=True)
class LocalStack:
    """One stack in one home. `observe` is called with the name of each part or step that became ready."""

    settings: StackSettings
    observe: Callable[[str], None]
    ready: Callable[[StackState], None] | None = None
    """Called once, when everything is up."""
    durability: Durability = Durability.ALWAYS
    services: tuple[str, ...] = SERVICES
    parties: frozenset[Identity] = frozenset()
    """Units and desks that can connect from the first start; the hub's own identities always can."""
    demonstration: bool = False
    """Nothing in it is real: people sign in by picking a name."""
    command: tuple[str, ...] = PHOIHOP
    """How a phoihop command is run in a process of its own."""
    supervisor: Supervisor = field(init=False)
    home: Path = field(init=False)
    _phase: Phase = field(default=Phase.STARTING, init=False)
    _nats: NatsPart | None = field(default=None, init=False)
    _postgres: PostgresPart | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.home = self.settings.home.absolute()
        self.supervisor = Supervisor(self._write)

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, keep it running until `stop` is set, also while still starting, then end everything.

        Raises:
            StackRunningError: a stack already runs in this home.
            ServerUnavailableError: a part or step could not start; what had started is stopped again.
        """
        configure("stack", self.settings.log_format, self.settings.log_level)
        make_home(self.home)
        if self.demonstration:
            (self.home / DEMONSTRATION).touch()
        with stack_lock(self.home):
            moderator = Moderator(Keeping(self.home), self.home / "nats", self._server_pid)
            moderating = asyncio.create_task(moderator.run())
            try:
                await _unless(stop, self._bring_up())
                await stop.wait()
            finally:
                moderating.cancel()
                self._phase = Phase.STOPPING
                self._write()
                await self.supervisor.stop()

    def state(self) -> StackState:
        """What the state file says now."""
        order = ("nats", "postgres", *self.services)
        return StackState(
            supervisor_pid=os.getpid(),
            phase=self._phase,
            durability=self.durability if self.settings.external_nats_url is None else EXTERNAL,
            nats_url=self.settings.external_nats_url or (self._nats and self._nats.url) or "",
            postgres_dsn=self.settings.postgres_dsn or (self._postgres and self._postgres.dsn) or "",
            time_scale=self.settings.time_scale,
            processes=tuple(sorted(self.supervisor.processes(), key=lambda process: order.index(process.name))),
        )

    async def _bring_up(self) -> None:
        await self._start_servers()
        await _together(self._step(*step) for step in STEPS)
        await self._record_identities()
        ports = [self.settings.http_port or free_port(), *(free_port() for _ in self.services[1:])]
        parts = [self._service(name, port) for name, port in zip(self.services, ports, strict=True)]
        await _together(self._start(part) for part in parts)
        self._phase = Phase.READY
        self._write()
        if self.ready is not None:
            self.ready(self.state())

    async def _step(self, *step: str) -> None:
        name = " ".join(step)
        environment = self._environment() | self._credentials(PROVISION)
        await run_step(name, [*self.command, *step], environment, self._log("-".join(step)))
        self.observe(name)

    async def _start(self, part: Part) -> None:
        await self.supervisor.start(part)
        self.observe(part.name)

    async def _start_servers(self) -> None:
        if self.settings.external_nats_url is None:
            await asyncio.to_thread(Keeping(self.home).end_expired)
            await asyncio.to_thread(Keeping(self.home).complete, hub() | self.parties)
            await asyncio.to_thread(Keeping(self.home).renew)
            self._nats = NatsPart(self.home / "nats", self._log("nats"), self.durability, (ENCRYPTION, ACCOUNTS))
            await self._start(self._nats)
        if self.settings.postgres_dsn is None:
            self._postgres = PostgresPart(self.home / "postgres", self._log("postgres"))
            await self._start(self._postgres)

    def _server_pid(self) -> int | None:
        return self._nats.server.pid if self._nats and self._nats.server else None

    def _service(self, name: str, port: int) -> ServicePart:
        return ServicePart(
            name=name,
            command=[*self.command, "serve", name],
            environment=self._environment() | self._credentials(service(name)) | {"PHOIHOP_HTTP_PORT": str(port)},
            url=f"http://{self.settings.http_host}:{port}",
            log=self._log(name),
        )

    async def _record_identities(self) -> None:
        """Who was enrolled before there was a hub to tell goes on record now, or with the next change."""
        if self._nats is None or self._nats.url is None:
            return
        with contextlib.suppress(BusUnavailableError, JetStreamRefusedError):
            async with connection(self._nats.url, key_file(self.home, OPERATOR)) as client:
                await record(client, Keeping(self.home))

    def _credentials(self, who: Identity) -> dict[str, str]:
        """What proves to our own server who a process is; for another server the inherited settings name it."""
        return {"PHOIHOP_NATS_CREDS": str(key_file(self.home, who))} if self._nats else {}

    def _environment(self) -> dict[str, str]:
        state = self.state()
        told = {name: value for name, value in inherited_environment().items() if name not in _FOR_OTHERS}
        return told | {
            "PHOIHOP_NATS_URL": state.nats_url,
            "PHOIHOP_POSTGRES_DSN": by_file(state.postgres_dsn, self.home / "postgres.pgpass"),
            "PHOIHOP_HOME": str(self.home),
            "PHOIHOP_REFERENCE": str(self.settings.reference.absolute()),
            "PHOIHOP_TIME_SCALE": str(self.settings.time_scale),
            **({"PHOIHOP_DEVELOPMENT_LOGINS": "true"} if self.demonstration else {}),
        }

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _write(self) -> None:
        write_state(self.home, self.state())


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    starting, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting


async def _together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as failures:
        # rejected: `except*`, out of which Python 3.11.2 (Debian 12) lets the error come wrapped in a group again
        unavailable = failures.subgroup(ServerUnavailableError)
        raise (unavailable or failures).exceptions[0] from None
