"""Starts, detaches and stops the stack as a process; the stack itself is `stack.LocalStack`."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from services.runtime.embedded.local_stack import Phase, StackRunningError, StackState, make_home, running_stack
from services.runtime.embedded.process import ServerUnavailableError
from services.stack.settings import StackSettings
from services.stack.stack import PHOIHOP, LocalStack

POLL_SECONDS = 0.1
START_SECONDS = 300.0
STOP_SECONDS = 90.0
LOG_LINES = 20


async def run_in_foreground(stack: LocalStack) -> None:
    """Run the stack until SIGINT, SIGTERM or SIGHUP."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    await stack.run(stop)


async def start_detached(settings: StackSettings) -> StackState:
    """Start the stack in a session of its own and return when it is ready.

    Raises:
        StackRunningError: one runs already.
        ServerUnavailableError: it did not come up; its output is quoted.
    """
    home = make_home(settings.home)
    if running_stack(home) is not None:
        raise StackRunningError(f"A local stack already runs in {home}. Next: phoihop status   or phoihop down")
    log = home / "logs" / "stack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
            [*PHOIHOP, "up", "--home", str(home)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            while process.poll() is None:
                state = running_stack(home)
                if state is not None and state.phase is Phase.READY:
                    return state
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        process.terminate()
    raise ServerUnavailableError(_tail(log))


async def stop_running(home: Path) -> bool:
    """Ask the running stack to end and wait for it; False when none ran.

    Raises:
        TimeoutError: it did not end in time.
    """
    state = running_stack(home)
    if state is None:
        return False
    os.kill(state.supervisor_pid, signal.SIGTERM)
    async with asyncio.timeout(STOP_SECONDS):
        while running_stack(home) is not None:  # noqa: ASYNC110 - another process, no asyncio.Event
            await asyncio.sleep(POLL_SECONDS)
    return True


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
