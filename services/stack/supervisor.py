"""Keeps processes running: restarts what ends or is stuck, stops all in reverse. It does not know what they are."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from services.runtime.clock import monotonic
from services.runtime.embedded.local_stack import Phase, ProcessState
from services.runtime.embedded.process import STACKS_SIGNAL, Child, ServerUnavailableError
from services.runtime.logs import logger

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
HEALTHY_SECONDS = 10.0
STACKS_SECONDS = 1.0
"""For a stuck process to write down where it stands."""


class Part(Protocol):
    """One process of the stack and how it is started and asked to end."""

    @property
    def name(self) -> str:
        """What users call it."""
        ...

    @property
    def url(self) -> str | None:
        """Where it is reached, if that may be shown."""
        ...

    async def start(self) -> Child:
        """Start the process and return when it is ready; a cancelled start leaves no process behind."""
        ...

    async def stuck(self, child: Child) -> str:
        """Return, with the reason, once a process that runs no longer does anything; wait for ever otherwise."""
        ...

    async def stop(self, child: Child) -> None:
        """Let the process end in its own good order."""
        ...


@dataclass(slots=True)
class _Kept:
    part: Part
    child: Child
    phase: Phase = Phase.READY
    restarts: int = 0
    stuck: int = 0
    keeper: asyncio.Task[None] | None = None


def pause_before(failures: int) -> float:
    """Seconds to wait before restart number `failures` in a row: doubling, bounded."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2**failures))


@dataclass(slots=True)
class Supervisor:
    """Holds the started parts. `changed` is called after every start, death and restart."""

    changed: Callable[[], None]
    _kept: list[_Kept] = field(default_factory=list)

    async def start(self, part: Part) -> None:
        """Start a part, wait until it is ready, and restart it from now on whenever it ends."""
        kept = _Kept(part, await part.start())
        self._kept.append(kept)
        kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep-{part.name}")
        self.changed()

    async def stop(self) -> None:
        """Stop every part, the last started first."""
        for kept in reversed(self._kept):
            if kept.keeper is not None:
                kept.keeper.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await kept.keeper
            await kept.part.stop(kept.child)
        self._kept.clear()

    def processes(self) -> tuple[ProcessState, ...]:
        """What runs now, in start order."""
        return tuple(
            ProcessState(
                name=kept.part.name,
                phase=kept.phase,
                pid=kept.child.pid if kept.phase is Phase.READY else None,
                restarts=kept.restarts,
                stuck=kept.stuck,
                url=kept.part.url,
            )
            for kept in self._kept
        )

    async def _keep(self, kept: _Kept) -> None:
        failures = 0
        while True:
            began = monotonic()
            await self._until_ended(kept)
            if monotonic() - began > HEALTHY_SECONDS:
                failures = 0
            self._mark(kept, Phase.RESTARTING)
            await asyncio.sleep(pause_before(failures))
            failures += 1
            # a part that cannot start now is tried again: its ended process brings us back here
            with contextlib.suppress(ServerUnavailableError):
                kept.child = await kept.part.start()
                kept.restarts += 1
                self._mark(kept, Phase.READY)

    async def _until_ended(self, kept: _Kept) -> None:
        """It ended by itself, or no longer answers and is ended: where it stood is then in its log, if it can say."""
        exited = asyncio.ensure_future(kept.child.exited())
        stuck = asyncio.ensure_future(kept.part.stuck(kept.child))
        try:
            await asyncio.wait({exited, stuck}, return_when=asyncio.FIRST_COMPLETED)
            if not exited.done():
                kept.stuck += 1
                logger().error("process_stuck", process=kept.part.name, pid=kept.child.pid, reason=stuck.result())
                await kept.child.stop(STACKS_SIGNAL, STACKS_SECONDS)
        finally:
            for waiting in (exited, stuck):
                waiting.cancel()

    def _mark(self, kept: _Kept, phase: Phase) -> None:
        kept.phase = phase
        self.changed()
