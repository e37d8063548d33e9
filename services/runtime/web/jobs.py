"""Work that visitors of pages ask for: one piece after the other, remembered for a while, followed by whoever looks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sse_starlette import ServerSentEvent

from contracts.identifiers import new_id
from services.runtime import clock
from services.runtime.apart import Document, Seen, WorkFailedError
from services.runtime.web import live

LOOK_SECONDS: Final = 0.25
_KEPT: Final = 30
Work = Callable[[Document, Seen], Awaitable[Document]]


@dataclass(slots=True)
class Job:
    """One piece of work, from being asked for to what it found."""

    number: str
    task: Mapping[str, Any]
    by: str
    """The duty role that asked for it."""
    asked_at: datetime
    done: int = 0
    total: int = 0
    ended: datetime | None = None
    found: Document | None = None
    failed: str | None = None
    """Why nothing was found."""
    said: str = ""
    changes: int = 0
    """Grows with every change."""

    @property
    def running(self) -> bool:
        """It has no end yet."""
        return self.ended is None

    async def events(self, after: int) -> AsyncIterator[ServerSentEvent]:
        """How far it is at every change that somebody looks in time to see; `job.js` draws them."""
        while True:
            if self.changes > after:
                after = self.changes
                yield live.event("job", {"done": self.done, "total": self.total, "running": self.running}, after)
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(slots=True)
class Jobs:
    """The newest jobs, by number."""

    work: Work
    kept: dict[str, Job] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, task: Mapping[str, Any], by: str) -> Job:
        """A new job; the same work that somebody already waits for is not begun twice."""
        for other in self.kept.values():
            if other.running and other.task == task:
                return other
        job = Job(str(new_id()), task, by, clock.now())
        self.kept[job.number] = job
        for old in [one for one in self.kept.values() if not one.running][: max(0, len(self.kept) - _KEPT)]:
            del self.kept[old.number]
        running = asyncio.create_task(self._run(job))
        self._tasks.add(running)
        running.add_done_callback(self._tasks.discard)
        return job

    def newest(self) -> Job | None:
        """What was asked for last."""
        return next(reversed(self.kept.values()), None)

    async def stop(self) -> None:
        """Ends what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        def seen(done: int, total: int) -> None:
            job.done, job.total = done, total
            job.changes += 1

        try:
            async with self._turn:
                job.found = await self.work(job.task, seen)
        except WorkFailedError as error:
            job.failed, job.said = error.reason, error.said
        job.ended = clock.now()
        job.changes += 1
