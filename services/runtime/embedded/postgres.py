"""Starts a Postgres from the wheel's binaries on loopback; it makes no tables (the ledger's migrations do)."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from services.runtime.embedded.ports import free_port
from services.runtime.embedded.postgres_files import PostgresFiles, initialise, prepare_files
from services.runtime.embedded.privileges import unprivileged_account
from services.runtime.embedded.process import POLL_SECONDS, Child, ServerUnavailableError, ended_unless_ready, spawn

START_SECONDS = 30.0
STOP_SECONDS = 20.0
RETRY_SECONDS = 0.1
_RETRIED_AFTER_A_CRASH = (
    "pre-existing shared memory block",
    'lock file "postmaster.pid" already exists',
    "Address already in use",
)
_STATUS_LINE = 7
_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}


class Authentication(StrEnum):
    """How a client on this machine proves that it may connect."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    """A random password made on first start and kept in the server's home."""
    TRUST = "trust"
    """Nobody is asked. For tests only."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running Postgres; `dsn` names the superuser and the database `postgres`."""

    child: Child
    host: str
    port: int
    dsn: str = field(repr=False)
    data_dir: Path

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self.child.pid

    def dsn_of(self, database: str) -> str:
        """The DSN of another database of this server."""
        return f"{self.dsn.rpartition('/')[0]}/{quote(database, safe='')}"

    async def stop(self, *, immediate: bool = False) -> None:
        """Fast stop (clients are cut, a checkpoint is written); immediate leaves the work to the next start."""
        await self.child.stop(signal.SIGQUIT if immediate else signal.SIGINT, STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL of the postmaster, as a crash would; `start_postgres` on the same home and port recovers."""
        await self.child.kill()


async def start_postgres(
    home: Path,
    *,
    port: int | None = None,
    authentication: Authentication = Authentication.PASSWORD,
    log: Path | None = None,
    settings: Sequence[str] = (),
) -> PostgresServer:
    """Start the server whose data and log lie in `home`, creating the data on first use, and wait until it answers.

    As root it runs under an unprivileged account. `settings` are further `name=value` server settings. The same
    `home` and `port` again recover the same data.

    Raises:
        ServerUnavailableError: no binaries, a home its account cannot enter, or a failed start (its log is quoted).
    """
    with_password = authentication is Authentication.PASSWORD
    files = await asyncio.to_thread(prepare_files, home, unprivileged_account(), with_password=with_password)
    if not files.data_dir.exists():
        await asyncio.to_thread(initialise, files, durable=with_password)
    child, chosen = await _start(files, port, log or home / "postgres.log", settings)
    secret = f":{quote(files.password_file.read_text(), safe='')}" if with_password else ""
    return PostgresServer(
        child=child,
        host="127.0.0.1",
        port=chosen,
        dsn=f"postgresql://postgres{secret}@127.0.0.1:{chosen}/postgres",
        data_dir=files.data_dir,
    )


async def _start(files: PostgresFiles, port: int | None, log: Path, settings: Sequence[str]) -> tuple[Child, int]:
    child, chosen = _launch(files, port, log, settings)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while True:
                with ended_unless_ready(child):
                    while child.exit_code() is None:
                        if _is_ready(files.data_dir, child.pid):
                            return child, chosen
                        await asyncio.sleep(POLL_SECONDS)
                # backends of a killed postmaster hold its memory until they notice; a free port may be taken again
                if not any(text in child.output() for text in _RETRIED_AFTER_A_CRASH):
                    break
                await asyncio.sleep(RETRY_SECONDS)
                child, chosen = _launch(files, port, log, settings)
    raise ServerUnavailableError(f"Postgres did not start. Its log {child.log} ends with:\n{child.tail()}")


def _launch(files: PostgresFiles, port: int | None, log: Path, settings: Sequence[str]) -> tuple[Child, int]:
    chosen = port or free_port()
    given = [*(f"{name}={value}" for name, value in _SETTINGS.items()), *settings]
    child = spawn(
        [
            *(str(files.binaries / "postgres"), "-D", str(files.data_dir), "-p", str(chosen)),
            *(argument for setting in given for argument in ("-c", setting)),
        ],
        log=log,
        environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        account=files.account,
    )
    return child, chosen


def _is_ready(data_dir: Path, pid: int) -> bool:
    # what pg_ctl reads too: line 1 is the pid (a stale file names another one), line 8 the state
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > _STATUS_LINE and lines[0].strip() == str(pid) and lines[_STATUS_LINE].strip() == "ready"
