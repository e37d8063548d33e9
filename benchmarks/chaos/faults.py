"""Carries out a plan of faults on running processes and prints one line for each; what it finds broken it notes."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

from benchmarks.chaos.cutting import cut
from benchmarks.chaos.plan import LOAD, OWNERS, POSTGRES, Fault, Kind
from benchmarks.whole import family
from services.runtime import topology
from services.runtime.embedded.local_stack import ProcessState
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError, api
from services.stack.parts import is_ready
from services.stack.supervisor import Supervisor
from tests.system.checker import Flaw

BACK_SECONDS: Final = 150.0
"""The imports of one service may take half a minute on a machine that does everything else at once."""
RED_SECONDS: Final = 15.0
"""By then health must say that something is missing."""
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Done:
    """One fault as it was done."""

    at: float
    kind: Kind
    target: str
    took: float
    note: str = ""

    @property
    def line(self) -> str:
        """What is printed of it."""
        return f"{self.at:6.1f} s  {self.kind:9}  {self.target:17}  {self.took:5.1f} s  {self.note}".rstrip()


@dataclass(slots=True)
class Saboteur:
    """Breaks the parts of one supervisor. `flaws` is what did not come back, or was not noticed."""

    supervisor: Supervisor
    client: Client
    ports: Mapping[str, int]
    """Where the two servers listen."""
    services: Sequence[str]
    done: list[Done] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    async def carry_out(self, faults: Sequence[Fault], seconds: float) -> None:
        """All of them in order; where parts come back slowly and all gets late, none is begun after twice `seconds`."""
        began, late = monotonic(), 0.0
        for fault in faults:
            await asyncio.sleep(max(0.0, began + fault.at + late - monotonic()))
            at = monotonic() - began
            late = max(late, at - fault.at)
            if at >= 2 * seconds:
                return
            try:
                note = await self._how(fault.kind)(fault)
            except TimeoutError:
                self.flaws.append(Flaw("system: not back", f"{fault.target} not within {BACK_SECONDS:.0f} s"))
                return
            self.said(fault.kind, fault.target, (at, monotonic() - began), note)

    async def all_back(self) -> None:
        """Waits until every part is up and says that it is ready."""
        try:
            for process in self.supervisor.processes():
                await self._pid(process.name)
            for name in self.services:
                await self._says(name, ready=True, seconds=BACK_SECONDS)
        except TimeoutError:
            self.flaws.append(Flaw("system: not back", str([str(one) for one in self.supervisor.processes()])))

    def _how(self, kind: Kind) -> Callable[[Fault], Awaitable[str]]:
        match kind:
            case Kind.FREEZE:
                return self._freeze
            case Kind.CUT:
                return self._cut
            case Kind.FORGET:
                return self._forget
            case Kind.DEPLOY:
                return self._deploy
            case Kind.KILL | Kind.TERMINATE | Kind.IMMEDIATE:
                return self._signal
            case _:
                raise ValueError(f"{kind} is a scenario, not part of a plan")

    async def _signal(self, fault: Fault) -> str:
        ending = signal.SIGINT if fault.target == POSTGRES else signal.SIGTERM
        sent = {Kind.KILL: signal.SIGKILL, Kind.IMMEDIATE: signal.SIGQUIT}.get(fault.kind, ending)
        pid = await self._pid(fault.target)
        os.kill(pid, sent)
        return f"{sent.name} to {pid}"

    async def _freeze(self, fault: Fault) -> str:
        frozen = list(family(await self._pid(fault.target)))
        try:
            _all(frozen, signal.SIGSTOP)
            await asyncio.sleep(fault.seconds)
        finally:
            _all(frozen, signal.SIGCONT)
        return f"SIGSTOP of {len(frozen)} processes"

    async def _cut(self, fault: Fault) -> str:
        whose = [os.getpid()] if fault.target == LOAD else family(await self._pid(fault.target))
        return f"{cut(whose, set(self.ports.values()))} connections shut down"

    async def _deploy(self, _fault: Fault) -> str:
        for name in self.services:
            pid, before = await self._pid(name), self._process(name).restarts
            os.kill(pid, signal.SIGTERM)
            async with asyncio.timeout(BACK_SECONDS):
                while self._process(name).restarts == before:  # noqa: ASYNC110  # nobody tells of it
                    await asyncio.sleep(LOOK_SECONDS)
        return f"SIGTERM of {', '.join(self.services)}"

    async def _forget(self, fault: Fault) -> str:
        """Health must turn red; then topology is applied, as an operator would, and it must turn green again."""
        consumer, owner = next((one, who) for one, who in OWNERS.items() if one.durable == fault.target)
        await self.ready(owner)
        await self._until_done(lambda: self._delete(f"CONSUMER.DELETE.{consumer.stream}.{consumer.durable}"))
        began = monotonic()
        red = await self.turns_red(owner, f"without {fault.target}")
        await self._until_done(lambda: topology.apply(self.client))
        await self._says(owner, ready=True, seconds=BACK_SECONDS)
        return f"{red}; topology applied by the runner; green {monotonic() - began:.1f} s"

    async def ready(self, name: str) -> int:
        """Waits until this part is up and says that it is ready; its process. Raises `TimeoutError`."""
        pid = await self._pid(name)
        if name in self.services:
            await self._says(name, ready=True, seconds=BACK_SECONDS)
        return pid

    async def turns_red(self, name: str, why: str) -> str:
        """How soon a service says that something is wrong; a flaw if it does not in time."""
        began = monotonic()
        try:
            await self._says(name, ready=False, seconds=RED_SECONDS)
        except TimeoutError:
            self.flaws.append(Flaw("health: unseen", f"{name} still ready after {RED_SECONDS:.0f} s {why}"))
        return f"{name} red after {monotonic() - began:.1f} s"

    def stuck(self, name: str) -> int:
        """How often the supervisor ended it because it no longer answered."""
        return self._process(name).stuck

    def said(self, kind: Kind, target: str, span: tuple[float, float], note: str) -> None:
        """Writes down, and prints, what was done from one moment of the run to another."""
        began, ended = span
        self.done.append(Done(round(began, 1), kind, target, round(ended - began, 1), note))
        print(self.done[-1].line, flush=True)

    async def _delete(self, subject: str) -> None:
        try:
            await api(self.client, subject)
        except JetStreamRefusedError as error:
            if error.err_code != topology.CONSUMER_NOT_FOUND:  # an answer that was lost on the way
                raise

    async def _until_done(self, work: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                with suppress(BusUnavailableError, JetStreamRefusedError, NatsError):
                    await work()
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def _says(self, name: str, *, ready: bool, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while (url := self._process(name).url) is None or await is_ready(url) is not ready:  # noqa: ASYNC110  # same
                await asyncio.sleep(LOOK_SECONDS)

    async def _pid(self, name: str) -> int:
        """Of a part that is up; waits for one that is coming back."""
        async with asyncio.timeout(BACK_SECONDS):
            while (pid := self._process(name).pid) is None or not lives(pid):  # noqa: ASYNC110  # same
                await asyncio.sleep(LOOK_SECONDS)
        return pid

    def _process(self, name: str) -> ProcessState:
        return next(one for one in self.supervisor.processes() if one.name == name)


def lives(pid: int) -> bool:
    """Whether this process has not ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def _all(pids: Sequence[int], sent: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sent)
