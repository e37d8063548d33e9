"""The verification that a page can ask for: one at a time, in another process, followed by whoever looks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.runtime import clock
from services.runtime.apart import Document, WorkFailedError

LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Verification:
    """One run, from its beginning to its verdict."""

    by: str
    """The duty role that asked for it."""
    began: datetime
    done: int = 0
    total: int = 0
    ended: datetime | None = None
    verdict: Document | None = None
    failed: str | None = None
    """Why there is no verdict."""

    @property
    def running(self) -> bool:
        """It has no end yet."""
        return self.ended is None


@dataclass(slots=True)
class Verifications:
    """The newest run. `work` verifies and tells how far it is."""

    work: Callable[[Callable[[int, int], None]], Awaitable[Document]]
    newest: Verification | None = None
    number: int = 0
    """Grows with every change of the newest."""
    _task: asyncio.Task[None] | None = field(default=None)

    def start(self, by: str) -> bool:
        """Whether a run began; False while one is under way, which serves whoever asks as well."""
        if self.newest is not None and self.newest.running:
            return False
        began = Verification(by, clock.now())
        self._show(began)
        self._task = asyncio.create_task(self._run(began))
        return True

    async def follow(self, after: int) -> AsyncIterator[tuple[int, Verification]]:
        """Every state of the newest run since then; what comes too fast to look at is passed over."""
        while True:
            if self.newest is not None and self.number > after:
                after = self.number
                yield after, self.newest
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """Ends a run that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, began: Verification) -> None:
        def seen(done: int, total: int) -> None:
            self._show(Verification(began.by, began.began, done, total))

        try:
            verdict = await self.work(seen)
        except WorkFailedError as error:
            self._show(Verification(began.by, began.began, ended=clock.now(), failed=error.reason))
        else:
            entries = int(verdict["entries"])
            self._show(Verification(began.by, began.began, entries, entries, clock.now(), verdict))

    def _show(self, state: Verification) -> None:
        self.newest = state
        self.number += 1
