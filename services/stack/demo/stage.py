"""Puts a scenario on a stack of its own: brings it up, plays, checks, and takes it down, also when interrupted."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.runtime.clock import monotonic
from services.runtime.embedded.local_stack import StackState
from services.stack.demo.checking import Contradiction, contradictions, figures
from services.stack.demo.invitations import Invitation, invite, owners
from services.stack.demo.replay import Played, Replay
from services.stack.identity.enrolment import parties
from services.stack.settings import StackSettings
from services.stack.stack import LocalStack


class InterruptedStoryError(Exception):
    """Somebody ended the demonstration before the story did."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a demonstration showed."""

    played: Played
    contradictions: tuple[Contradiction, ...]
    seconds: float

    @property
    def figures(self) -> dict[str, Any]:
        """The promised document; further keys may be added."""
        drill = self.played.drill
        ledger = {
            "entries": self.played.verification.entries,
            "verified": self.played.verification.verified,
            "tampered_copy_detected": drill.detected,
            "root": self.played.verification.root,
        }
        said = [contradiction.en for contradiction in self.contradictions]
        counted = figures(self.played.evidence)
        return counted | {"ledger": ledger, "contradictions": said, "seconds": round(self.seconds, 1)}

    @property
    def sound(self) -> bool:
        """Everybody tells the same story, the ledger verifies, and a changed copy was found."""
        return not self.contradictions and self.played.verification.verified and self.played.drill.detected


@dataclass(slots=True)
class Stage:
    """One demonstration. `ready` is called when the stack is up, `finished` when the story has been checked."""

    settings: StackSettings
    replay: Replay
    observe: Callable[[str], None]
    ready: Callable[[StackState, float], None]
    finished: Callable[[Result], None]
    linger: bool
    """Leave the stack up after the story until somebody ends it."""
    invited: Callable[[StackState, tuple[Invitation, ...]], None]
    """Called before the story begins with the ways in for those who watch; nobody watches what ends by itself."""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> Result:
        """The whole demonstration.

        Raises:
            InterruptedStoryError: ended before the story did.
            ServerUnavailableError: the stack did not come up.
            NoRestError: something was still under way long after the end.
        """
        began = monotonic()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        up: asyncio.Future[StackState] = loop.create_future()
        everybody = parties(self.replay.scenario) | frozenset(owners(self.replay.scenario))
        local = LocalStack(self.settings, self.observe, ready=up.set_result, parties=everybody, demonstration=True)
        stack = asyncio.create_task(local.run(self._stop))
        try:
            await _first(up, stack)
            self.ready(up.result(), monotonic() - began)
            if self.linger:
                self.invited(up.result(), await invite(self.replay.scenario, up.result(), self.settings.home))
            story = asyncio.create_task(self.replay.play(up.result(), self.settings.home))
            await self._unless_stopped(story, stack)
            played = story.result()
            result = Result(played, tuple(contradictions(played.evidence)), monotonic() - began)
            self.finished(result)
            if self.linger:
                await self._stop.wait()
        finally:
            self._stop.set()
            await stack
        return result

    async def _unless_stopped(self, story: asyncio.Task[Played], stack: asyncio.Task[None]) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({story, stopping, stack}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not story.done():
                story.cancel()
                await asyncio.wait({story})
        if story.cancelled():
            raise InterruptedStoryError


async def _first(up: asyncio.Future[StackState], stack: asyncio.Task[None]) -> None:
    """Until the stack is up; what kept it from coming up is raised when it is awaited."""
    waiting: set[asyncio.Future[Any]] = {up, stack}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if stack.done():
        stack.result()
        raise InterruptedStoryError
