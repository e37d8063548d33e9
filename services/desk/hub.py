"""One desk in one status space while somebody looks at it: its board, kept from the record, for any number of pages.

The record behind the desk's door is the only source, read in the order of the stream, so that a page can resume after a
sequence. The desk's own durable only says that there is more to read. That a dispatch was delivered is reported when it
is on the board and a page is really open, never before; another program of the desk may have taken it: what it took is
found by looking at the record every few seconds.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from contracts.codes import Space
from contracts.events import DispatchIssued
from contracts.subjects import Origin
from services.desk.board import Board, DispatchEvent
from services.desk.client import DeskClient
from services.desk.listeners import Listeners
from services.desk.papers import Paper, PaperEvent
from services.desk.row import Row
from services.runtime.broker import NotConnectedError
from services.runtime.clock import monotonic, now
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.logs import logger

LOOK_EVERY: Final = 4.0
"""Seconds between two looks at the record that nothing asked for."""
STALE_AFTER: Final = 7.0
"""Seconds without a successful look after which what is shown counts as old."""
TICK: Final = 1.0
PAUSE: Final = 1.0
"""Seconds before trying again what failed."""
LEFT_AFTER: Final = 60.0
"""Seconds after the last look of anybody when the connection is closed."""


@dataclass(slots=True)
class Hub:
    """Starts with `run`; a process that dies loses nothing, the next one reads the record again."""

    origin: Origin
    space: Space
    board: Board = field(default_factory=Board)
    sequence: int = 0
    """How far the record has been read."""
    papers: tuple[Paper, ...] = ()
    listeners: Listeners = field(default_factory=Listeners)
    changed: dict[UUID, int] = field(default_factory=dict)
    """The sequence of the newest fact of each dispatch."""
    came: dict[UUID, int] = field(default_factory=dict)
    """The sequence at which each was issued."""
    closed: bool = False
    """Nobody keeps the board any more; who still holds this asks for the desk again."""
    _client: DeskClient | None = None
    _overdue: frozenset[UUID] = frozenset()
    _was_fresh: bool = False
    _read_at: float = float("-inf")
    _looked_at: float = field(default_factory=monotonic)
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def client(self) -> DeskClient:
        """The desk's side of the bus; raises `NotConnectedError` while there is no connection."""
        if self._client is None:
            raise NotConnectedError
        return self._client

    @property
    def fresh(self) -> bool:
        """Whether what is shown was on record a few seconds ago."""
        return monotonic() - self._read_at < STALE_AFTER

    @property
    def left(self) -> bool:
        """Whether nobody has looked for a while."""
        return not self.listeners.look() and monotonic() - self._looked_at > LEFT_AFTER

    def row(self, dispatch: UUID) -> Row | None:
        """One dispatch of this desk."""
        return self.board.rows.get(dispatch)

    async def looked(self, patience: float) -> bool:
        """Somebody looks: whether the board is there, waiting so long for it; if it can be, it is of this moment."""
        self._looked_at = monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._loaded.wait()
                with suppress(BusUnavailableError, NotConnectedError):
                    await self.refresh()
        return self._loaded.is_set()

    def since(self, sequence: int) -> list[UUID]:
        """What a page that was shown everything up to a sequence has not seen, and what has become overdue since."""
        return [one for one in self.board.rows if self.changed[one] > sequence or one in self._overdue]

    def new_since(self, sequence: int) -> list[UUID]:
        """What came meanwhile: it sounds when the page is back, as it would have before."""
        return [one for one in self.board.rows if self.came[one] > sequence]

    async def refresh(self) -> None:
        """Reads what the record has more. Raises `BusUnavailableError`."""
        async with self._reading:
            found = [one async for one in self.client.since(self.sequence + 1)]
            if found:
                self._take(found)
            self._read_at = monotonic()
            self._loaded.set()

    async def read_papers(self) -> None:
        """Reads copies and requests anew. Raises `BusUnavailableError`."""
        self.papers = await self.client.papers()

    def close(self) -> None:
        """Ends every page's feed; the pages come again."""
        self.closed = True
        self.listeners.tell(())

    async def run(self, client: DeskClient) -> None:
        """Keeps the board as long as the task lives."""
        self._client = client
        try:
            await client.start()
            async with asyncio.TaskGroup() as together:
                together.create_task(self._look_again())
                together.create_task(self._tick())
                together.create_task(self._attend())
        finally:
            self._client = None

    def _take(self, found: list[tuple[int, DispatchEvent]]) -> None:
        before = self.board.rows
        self.board = self.board.apply_all(event for _, event in found)
        for sequence, event in found:
            self.changed[event.data.dispatch] = sequence
            if isinstance(event.data, DispatchIssued):
                self.came.setdefault(event.data.dispatch, sequence)
        self.sequence = found[-1][0]
        told = dict.fromkeys(event.data.dispatch for _, event in found)
        new = [one for one in told if one not in before and one in self.board.rows]
        self.listeners.tell((one for one in told if one in self.board.rows), new if self._loaded.is_set() else ())

    async def _look_again(self) -> None:
        """Also the first look."""
        while True:
            try:
                await self.refresh()
                await self.read_papers()
            except BusUnavailableError as error:
                logger().warning("desk_record_unread", desk="/".join(self.origin), reason=str(error))
                await asyncio.sleep(PAUSE)
            else:
                await asyncio.sleep(LOOK_EVERY)

    async def _tick(self) -> None:
        """What has just become overdue, or is so no longer, changes without a fact."""
        while True:
            at = now()
            overdue = frozenset(one for one, row in self.board.rows.items() if row.open and row.overdue(at))
            if overdue != self._overdue or self.fresh != self._was_fresh:
                changed, self._overdue, self._was_fresh = overdue ^ self._overdue, overdue, self.fresh
                self.listeners.tell(changed)
            await asyncio.sleep(TICK)

    async def _attend(self) -> None:
        """Watches the desk's durable while a page is open; only then does the hub hear that somebody is there."""
        while True:
            await self.listeners.somebody()
            watching = asyncio.create_task(self._watch())
            try:
                while self.listeners.look() and not watching.done():
                    await asyncio.wait({watching}, timeout=TICK)
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    async def _watch(self) -> None:
        try:
            await self.client.watch(self._seen, lambda: True, self._paper_seen)
        except (BusUnavailableError, JetStreamRefusedError) as error:
            logger().warning("desk_watch_stopped", desk="/".join(self.origin), reason=str(error))
            await asyncio.sleep(PAUSE)

    async def _seen(self, event: DispatchEvent) -> None:
        """Returns when the fact is on the board; for a new dispatch, when a page is open that it was told to."""
        while not self.board.has(event):
            try:
                await self.refresh()
            except BusUnavailableError:
                await asyncio.sleep(PAUSE)
        if isinstance(event.data, DispatchIssued):
            await self.listeners.somebody()

    async def _paper_seen(self, _: PaperEvent) -> None:
        await self.read_papers()
        self.listeners.tell(())
