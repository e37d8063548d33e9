"""Keeps the figures of restarts by what the stack's supervisor writes down: it has no door of its own for them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from services.runtime.embedded.local_stack import running_stack
from services.runtime.telemetry import RESTARTS, STUCK

LOOK_SECONDS: Final = 2.0


def counting(home: Path) -> Callable[[Callable[[], bool]], "asyncio.Future[None]"]:
    """A background task that keeps `phoihop_process_restarts` and `phoihop_process_stuck` of this home's stack."""

    async def count(running: Callable[[], bool]) -> None:
        while running():
            tell(home)
            await asyncio.sleep(LOOK_SECONDS)

    return lambda running: asyncio.ensure_future(count(running))


def tell(home: Path) -> None:
    """The figures as they are now; none where systemd, which counts itself, runs the processes."""
    state = running_stack(home)
    for process in state.processes if state else ():
        RESTARTS.labels(process.name).set(process.restarts)
        STUCK.labels(process.name).set(process.stuck)
