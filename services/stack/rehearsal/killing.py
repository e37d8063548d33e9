"""Kills the routing process between the sending of something and what comes of it, and waits until it is back."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from services.runtime.embedded.local_stack import Phase, ProcessState, running_stack

ROUTING: Final = "routing"
BACK_SECONDS: Final = 60.0
STORED_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.02

T = TypeVar("T")
Sending = Coroutine[Any, Any, T]


class NotOursError(Exception):
    """The stack has no routing process of its own, or it did not come back."""


@dataclass(slots=True)
class Killer:
    """Kills with SIGKILL; the supervisor of the stack starts the process again."""

    home: Path
    only: frozenset[str] | None = None
    """The steps at which it kills; None: at each."""
    kills: int = 0

    def strikes(self, step: str) -> bool:
        """Whether it kills at this step."""
        return self.only is None or step in self.only

    async def between(self, sending: Sending[T], stored: Callable[[], Awaitable[bool]]) -> T:
        """What is sent is in the hub's hands and nobody has looked at it: routing stands still, then it is dead."""
        before = await self._ready()
        os.kill(_pid(before), signal.SIGSTOP)
        task = asyncio.create_task(sending)
        try:
            async with asyncio.timeout(STORED_SECONDS):
                # the server is asked: nobody here could set an event
                while not (task.done() or await stored()):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._end(before)
        return await task

    async def at_once(self, sending: Sending[T]) -> T:
        """Whatever routing is doing with it at that moment: reading, deciding, recording or answering."""
        before = await self._ready()
        task = asyncio.create_task(sending)
        await asyncio.sleep(LOOK_SECONDS)
        await self._end(before)
        return await task

    async def _end(self, before: ProcessState) -> None:
        os.kill(_pid(before), signal.SIGKILL)
        self.kills += 1
        await self._ready(before.restarts + 1)

    async def _ready(self, restarts: int = 0) -> ProcessState:
        try:
            async with asyncio.timeout(BACK_SECONDS):
                while True:
                    state = running_stack(self.home)
                    process = state.process(ROUTING) if state else None
                    if process and process.phase is Phase.READY and process.restarts >= restarts:
                        return process
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise NotOursError(f"routing of {self.home}") from None


def _pid(process: ProcessState) -> int:
    if process.pid is None:
        raise NotOursError(process.name)
    return process.pid
