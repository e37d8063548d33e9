"""Who looks at a desk live, what each still has to be shown, and whether anybody is really there. Sends nothing."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from contracts.identifiers import new_id
from services.runtime.clock import monotonic

SILENT_AFTER: Final = 25.0
"""Seconds after which a page that answers no beat counts as closed, although its connection still looks open."""


@dataclass(slots=True)
class Listener:
    """One open page. What changes several times before it is sent is sent once: a slow page never piles up work."""

    name: UUID = field(default_factory=new_id)
    heard: float = field(default_factory=monotonic)
    """When the page last said that it is there."""
    _changed: dict[UUID, None] = field(default_factory=dict)
    _new: list[UUID] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> None:
        """Until there is something to show, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def take(self) -> tuple[list[UUID], list[UUID]]:
        """Dispatches that changed, and those of them that are new; each is handed out once."""
        changed, new = list(self._changed), self._new
        self._changed, self._new = {}, []
        self._news.clear()
        return changed, new

    def add(self, changed: Iterable[UUID], new: Iterable[UUID] = ()) -> None:
        """More to show."""
        self._changed.update(dict.fromkeys(changed))
        self._new.extend(new)
        self._news.set()


class Listeners:
    """All open pages of one desk in one status space."""

    def __init__(self) -> None:
        self._open: dict[UUID, Listener] = {}
        self._somebody = asyncio.Event()

    @contextmanager
    def attached(self) -> Iterator[Listener]:
        """One page for as long as its connection is open."""
        listener = Listener()
        self._open[listener.name] = listener
        self._somebody.set()
        try:
            yield listener
        finally:
            del self._open[listener.name]
            self.look()

    def hear(self, name: UUID) -> bool:
        """A page says that it is there; False for one that is not known (any more)."""
        listener = self._open.get(name)
        if listener is None:
            return False
        listener.heard = monotonic()
        self._somebody.set()
        return True

    def look(self) -> bool:
        """Whether a page is open now that has been heard of lately."""
        there = any(monotonic() - listener.heard < SILENT_AFTER for listener in self._open.values())
        if not there:
            self._somebody.clear()
        return there

    async def somebody(self) -> None:
        """Until a page is open."""
        while not self.look():
            await self._somebody.wait()

    def tell(self, changed: Iterable[UUID], new: Iterable[UUID] = ()) -> None:
        """Every page has this to show."""
        changed, new = tuple(changed), tuple(new)
        for listener in self._open.values():
            listener.add(changed, new)
