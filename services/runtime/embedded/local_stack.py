"""The state file of the local stack: how any command finds the servers and services that `phoihop up` started."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_STATE_FILE = "stack.json"
_LOCK_FILE = "stack.lock"


class Phase(StrEnum):
    """Where the stack as a whole, or one process of it, stands."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPING = "stopping"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ProcessState(_Record):
    """One supervised process."""

    name: str
    phase: Phase
    pid: int | None = None
    restarts: int = 0
    stuck: int = 0
    """How many of them because it no longer answered."""
    url: str | None = None
    """A service's HTTP door."""


class StackState(_Record):
    """What `HOME/stack.json` says. It names a password, so only its owner may read the file."""

    version: Literal[1] = 1
    supervisor_pid: int
    phase: Phase
    durability: str
    """`always`, `relaxed` (tests only), or `external` for a server we did not start."""
    nats_url: str
    postgres_dsn: str = Field(repr=False)
    time_scale: float = 1.0
    """What every acknowledgement time is multiplied by; 1 outside demonstrations."""
    processes: tuple[ProcessState, ...] = ()

    def process(self, name: str) -> ProcessState | None:
        """The process of that name; None for a server that is not ours."""
        return next((process for process in self.processes if process.name == name), None)


class StackRunningError(Exception):
    """A local stack already runs in this home. Next: `phoihop status`, or `phoihop down` to stop it."""


def running_stack(home: Path) -> StackState | None:
    """The stack that runs in `home`, whoever asks; None when none runs, also after a crash left its file behind."""
    try:
        with (home / _LOCK_FILE).open("rb") as lock:
            return None if _acquired(lock, fcntl.LOCK_SH) else _read(home)
    except FileNotFoundError:
        return None


def write_state(home: Path, state: StackState) -> None:
    """Replace the state file at once, so that a reader never sees half of one."""
    fresh = home / f"{_STATE_FILE}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(state.model_dump_json(indent=2))
    fresh.replace(home / _STATE_FILE)


@contextmanager
def stack_lock(home: Path) -> Iterator[None]:
    """Hold the lock that tells a living stack from a stale file; the kernel drops it when the holder dies.

    Raises:
        StackRunningError: another process holds it.
    """
    # rejected: trusting the pid in the file, which another program may have by now
    with (home / _LOCK_FILE).open("ab") as lock:
        if not _acquired(lock, fcntl.LOCK_EX):
            raise StackRunningError(f"A local stack already runs in {home}. Next: phoihop status   or phoihop down")
        (home / _STATE_FILE).unlink(missing_ok=True)
        try:
            yield
        finally:
            (home / _STATE_FILE).unlink(missing_ok=True)


def _acquired(lock: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(home: Path) -> StackState | None:
    try:
        return StackState.model_validate_json((home / _STATE_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None  # the stack took its lock and has not written its state yet


def make_home(home: Path) -> Path:
    """Create the stack's folder: other accounts may pass through it, as Postgres under root must, but not list it."""
    absolute = home.absolute()
    if not absolute.exists():
        absolute.mkdir(parents=True)
        absolute.chmod(0o711)
    (absolute / "logs").mkdir(mode=0o700, exist_ok=True)
    return absolute
