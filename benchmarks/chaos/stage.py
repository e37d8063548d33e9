"""A whole system whose folders lie on volumes of their own, with its senders and desks; it can lose its power."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client

from benchmarks.chaos.clocked import LIBRARIES
from benchmarks.chaos.faults import Saboteur
from benchmarks.chaos.plan import SERVICES
from benchmarks.chaos.volume import NotHereError, Volume
from benchmarks.whole import REFERENCE, family, own_folder
from contracts.identity import role
from services.runtime.credentials import credentials, key_file
from services.stack.identity.grants import HUB_GRANTS, Grant
from services.stack.settings import StackSettings
from services.stack.stack import PHOIHOP, LocalStack
from tests.system.desks import Desk
from tests.system.load import Units

LIVE_DESKS: Final = (("ubnd-x-phong-dien", "truc-ban"), ("ca-t-hue", "114"), ("ubnd-x-xuan-luong", "truc-ban"))
TIME_SCALE: Final = "0.02"
"""Deadlines of minutes come within seconds."""
CLOCKS: Final = "clocks"
_PLAYER: Final = role("player")


@dataclass(slots=True)
class Stage:
    """One system. `saboteur`, `units` and `desks` go on over a power cut; stack and client are new ones then."""

    folder: Path
    volumes: Mapping[str, Volume]
    seed: int
    command: tuple[str, ...]
    stack: LocalStack = field(init=False)
    client: Client = field(init=False)
    units: Units = field(init=False)
    desks: list[Desk] = field(init=False)
    saboteur: Saboteur = field(init=False)
    _stop: asyncio.Event = field(init=False)
    _running: "asyncio.Task[None]" = field(init=False)

    @property
    def home(self) -> Path:
        """The folder of the stack."""
        return self.folder / "home"

    @property
    def clocks(self) -> Path:
        """Where each process's wall clock stands, if they have clocks of their own."""
        return self.folder / CLOCKS

    @property
    def dsn(self) -> str:
        """The ledger's database."""
        return self.stack.state().postgres_dsn

    async def up(self) -> None:
        """All processes are ready, units and desks connected."""
        settings, ready = StackSettings(home=self.home, reference=REFERENCE), asyncio.Event()
        self._stop = asyncio.Event()
        self.stack = LocalStack(
            settings, lambda _: None, ready=lambda _: ready.set(), services=SERVICES, command=self.command
        )
        self._running = asyncio.create_task(self.stack.run(self._stop))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._running.done():
            self._running.result()
        await self._connect()

    async def _connect(self) -> None:
        proof = credentials(key_file(self.home, _PLAYER)).options
        url = self.stack.state().nats_url
        self.client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1, **proof)
        if not hasattr(self, "units"):
            self.units = Units(self.client, self.seed)
            self.desks = [Desk(self.client, *who) for who in LIVE_DESKS]
            self.saboteur = Saboteur(self.stack.supervisor, self.client, {}, SERVICES)
        self.units.client = self.saboteur.client = self.client
        self.saboteur.supervisor, self.saboteur.ports = self.stack.supervisor, self._ports()
        await self.units.listen()
        for desk in self.desks:
            desk.client, desk._connection = self.client, -1  # noqa: SLF001  # it is another server to them
            await desk.listen()

    def _ports(self) -> dict[str, int]:
        state = self.stack.state()
        urls = {"nats": state.nats_url, "postgres": state.postgres_dsn}
        return {name: port for name, url in urls.items() if (port := urlsplit(url).port)}

    async def lose_power(self) -> int:
        """Everything stops at one instant; what is on disk then is all that there is afterwards. Bytes on that disk.

        Nobody is asked to end, and nothing is synced. Sockets go with the rest: who waited for an answer has none.
        Until all have ended this waits for nothing: the supervisor, in this very loop, would end who is stopped.
        """
        volume = self.volumes["."]
        everybody = [pid for one in self.stack.supervisor.processes() if one.pid for pid in family(one.pid)]
        _all(everybody, signal.SIGSTOP)
        left = volume.copied(self.folder / "left.img")
        self._stop.set()
        _all(everybody, signal.SIGKILL)
        await self.client.close()
        await self._running
        volume.unmount()
        left.image.replace(volume.image)
        volume.mount()
        await self.up()
        return volume.image.stat().st_blocks * 512

    async def down(self) -> None:
        """Ends all of it in good order."""
        with suppress(AttributeError):  # it never came up
            await self.client.close()
        self._stop.set()
        await asyncio.gather(self._running, return_exceptions=True)


@asynccontextmanager
async def staged(seed: int, sizes: Mapping[str, int], *, clocks: bool = False) -> AsyncIterator[Stage]:
    """A running system; `sizes` names folders of its home that get a volume of so many megabytes, `.` for all of it.

    Raises `NotHereError` where this machine has no volumes, or no `clocks` of processes.
    """
    if clocks and not LIBRARIES:
        raise NotHereError("no libfaketime. Next: apt-get install libfaketime")
    folder = own_folder()
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        del os.environ[name]
    os.environ |= {"PHOIHOP_LOG_LEVEL": "warning", "PHOIHOP_TIME_SCALE": TIME_SCALE}
    HUB_GRANTS[_PLAYER.name] = Grant(publish=(">",), subscribe=(">",))
    (folder / "home").mkdir(mode=0o711)
    volumes: dict[str, Volume] = {}
    try:
        for name, megabytes in sizes.items():
            image = folder / f"volume-{len(volumes)}.img"
            volumes[name] = Volume.made(image, (folder / "home" / name).resolve(), megabytes)
        stage = Stage(folder, volumes, seed, _clocked(folder / CLOCKS) if clocks else PHOIHOP)
        try:
            await stage.up()
            yield stage
        finally:
            await stage.down()
    finally:
        for volume in volumes.values():
            volume.unmount()
        shutil.rmtree(folder)


def _clocked(clocks: Path) -> tuple[str, ...]:
    """The command that gives each process the clock of its name in this folder."""
    clocks.mkdir()
    return (sys.executable, "-m", "benchmarks.chaos.clocked", str(LIBRARIES[0]), str(clocks))


def _all(pids: Sequence[int], sent: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sent)
