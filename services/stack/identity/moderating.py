"""Watches the connections of a running server, leaves out who takes too much of it, and admits them again in time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from services.runtime.clock import monotonic, now
from services.runtime.embedded.nats import published_ports
from services.runtime.logs import logger
from services.stack.identity.keeping import BrokenBookError, Keeping
from services.stack.identity.pace import Line, Pace
from services.stack.identity.telling import DIRECT, NotReloadedError, reload_process

LOOK_SECONDS: Final = 0.5
RENEW_SECONDS: Final = 12 * 3600.0
_PAGE: Final = 1024
_PATIENCE: Final = 5.0


class Moderator:
    """One server, by its process; `pid` is None while it does not run."""

    def __init__(self, keeping: Keeping, server_home: Path, pid: Callable[[], int | None]) -> None:
        self._keeping = keeping
        self._home = server_home
        self._pid = pid
        self._seen: tuple[int | None, Pace] = (None, Pace())
        self._next_end: datetime | None = None
        self._failing = False
        self._untold = False
        """The accounts were written, and the server does not go by them yet."""

    async def run(self) -> None:
        """Until it is cancelled. What cannot be asked, written or told now is tried again at the next look."""
        renewed = monotonic()
        await self._safely(self._lift)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._safely(self.look)
            if self._next_end is not None and self._next_end <= now():
                await self._safely(self._lift)
            if monotonic() - renewed > RENEW_SECONDS:
                renewed = monotonic()
                await self._safely(self._renew)

    async def look(self) -> None:
        """One look, and what follows from it."""
        if (pid := self._pid()) is None or (ports := published_ports(pid, self._home / "ports")) is None:
            return
        if self._seen[0] != pid:
            self._seen = (pid, Pace())  # another server numbers its connections anew
        lines = await asyncio.to_thread(lambda: list(_lines(ports["monitoring"][0])))
        over = self._seen[1].look(monotonic(), lines)
        if over and (who := await asyncio.to_thread(self._keeping.suspend, over)):
            self._untold = True
            logger().warning("suspended", who=[one.name for one in who], excess=sorted({*over.values()}))
        if self._untold:
            await self._tell()

    async def _lift(self) -> None:
        if await asyncio.to_thread(self._keeping.lift):
            logger().info("suspension over")
            await self._tell()
        self._plan()

    async def _renew(self) -> None:
        """Long before they end; programs read theirs when they start, the server when it is told."""
        over = await asyncio.to_thread(self._keeping.end_expired)
        if await asyncio.to_thread(self._keeping.renew) or over:
            await self._tell()

    async def _tell(self) -> None:
        """Not without need: whoever connects while the server reads its accounts anew may be turned away once."""
        self._untold = True
        self._plan()
        if (pid := self._pid()) is not None:
            await reload_process(pid, self._home)
        self._untold = False  # a server that is started reads them anyway

    def _plan(self) -> None:
        ends = (one.until for one in self._keeping.book().suspended.values())
        self._next_end = min((end for end in ends if end > now()), default=None)

    async def _safely(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
            self._failing = False
        except (OSError, ValueError, BrokenBookError, NotReloadedError) as error:
            if not self._failing:  # a server that starts again is away for many looks
                logger().warning("moderating failed", error=type(error).__name__)
            self._failing = True


def _lines(monitor: str) -> Iterator[Line]:
    offset, total = 0, 1
    while offset < total:
        with DIRECT.open(f"{monitor}/connz?auth=1&limit={_PAGE}&offset={offset}", timeout=_PATIENCE) as answer:
            told = json.load(answer)
        for one in told["connections"]:
            with suppress(KeyError):
                yield Line(one["cid"], one["authorized_user"], one["account"], one["in_msgs"], one["in_bytes"])
        offset, total = offset + _PAGE, told["total"]
