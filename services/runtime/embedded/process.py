"""Runs one server or service as a child process that ends with its parent; it does not decide when to restart one."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.runtime.embedded.privileges import Account

POLL_SECONDS = 0.005
STACKS_SIGNAL = signal.SIGUSR1
"""Ends a process; a service of ours first writes to its log what each of its threads was doing."""


class ServerUnavailableError(Exception):
    """An embedded server cannot be found or does not start. The text says what, why and the next command to type."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child process in a process group of its own, so Ctrl-C in a terminal reaches only its supervisor."""

    popen: subprocess.Popen[bytes]
    log: Path
    log_offset: int = 0
    """Where this process's own output begins: the log is appended to, run after run."""

    @property
    def pid(self) -> int:
        """The process id, also after the process has ended."""
        return self.popen.pid

    def exit_code(self) -> int | None:
        """None while the process runs; negative when a signal ended it. Reaps the process."""
        return self.popen.poll()

    async def exited(self) -> int:
        """Wait for the end of the process."""
        while (code := self.popen.poll()) is None:  # noqa: ASYNC110 - the operating system sets no asyncio.Event
            await asyncio.sleep(POLL_SECONDS * 4)
        return code

    async def stop(self, signal_number: int = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Ask the process to end; after `seconds` it is killed. Returns its exit code."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                self.popen.send_signal(signal_number)
                return await self.exited()
        return await self.kill()

    async def kill(self) -> int:
        """SIGKILL: what a crash looks like. The process gets no chance to tidy up."""
        self.popen.kill()
        return await self.exited()

    def output(self) -> str:
        """What this process wrote to its log so far."""
        with self.log.open("rb") as log:
            log.seek(self.log_offset)
            return log.read().decode(errors="replace")

    def tail(self, lines: int = 12) -> str:
        """The end of the output, for error texts."""
        return "\n".join(self.output().splitlines()[-lines:])


@contextlib.contextmanager
def ended_unless_ready(child: Child) -> Iterator[None]:
    """Kill the process when waiting for it to become ready is cancelled or fails, so that nothing is left behind."""
    try:
        yield
    except BaseException:
        child.popen.kill()
        child.popen.wait()
        raise


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    inherited_files: Sequence[int] = (),
) -> Child:
    """Start `command` with its output appended to `log`, under `account` when one is given.

    On Linux the kernel sends SIGINT when the thread that called this ends, however it ends: a killed test run or
    supervisor leaves no server behind. Call it from the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        offset = output.tell()
        popen = subprocess.Popen(
            [*_ending_with_parent(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            process_group=0,
            pass_fds=tuple(inherited_files),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    return Child(popen=popen, log=log, log_offset=offset)


def _ending_with_parent() -> list[str]:
    # util-linux (always on Debian) arms the signal and then becomes the command, so the pid stays the same. Rejected:
    # preexec_fn, which may deadlock in a process with threads and is deprecated there since Python 3.12; and SIGTERM,
    # on which Postgres waits for its clients.
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    # A shell's background job ignores SIGINT, and so would its children's children: the signal would end nobody.
    heard = ["env", "--default-signal=INT"] if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else []
    return [*heard, setpriv, "--pdeathsig", "INT"] if setpriv else []
