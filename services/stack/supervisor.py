"""Keeps processes running: restarts them with growing pauses, stops them in reverse. It does not know what they are."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from services.runtime.embedded.local_stack import Phase, ProcessState
from services.runtime.embedded.process import Child, ServerUnavailableError

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
HEALTHY_SECONDS = 10.0


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

    async def stop(self, child: Child) -> None:
        """Let the process end in its own good order."""
        ...


@dataclass(slots=True)
class _Kept:
    part: Part
    child: Child
    phase: Phase = Phase.READY
    restarts: int = 0
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
                url=kept.part.url,
            )
            for kept in self._kept
        )

    async def _keep(self, kept: _Kept) -> None:
        failures = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEALTHY_SECONDS):
                    await kept.child.exited()
            if kept.child.exit_code() is None:
                failures = 0
                await kept.child.exited()
            self._mark(kept, Phase.RESTARTING)
            await asyncio.sleep(pause_before(failures))
            failures += 1
            # a part that cannot start now is tried again: its ended process brings us back here
            with contextlib.suppress(ServerUnavailableError):
                kept.child = await kept.part.start()
                kept.restarts += 1
                self._mark(kept, Phase.READY)

    def _mark(self, kept: _Kept, phase: Phase) -> None:
        kept.phase = phase
        self.changed()
