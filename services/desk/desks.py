"""The desks whose keys this process holds, each connected under its own identity while somebody looks at it.

The process has no right of its own to any fact: the server decides what each connection hears, by the desk's own key.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from contracts.codes import Space
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.desk.hub import Hub
from services.desk.settings import DeskSettings
from services.runtime.addresses import bus_url
from services.runtime.logs import logger
from services.runtime.sending import connection

PAUSE: Final = 1.0
"""Seconds until a connection that could not be made, or broke for good, is tried again."""
TIDY_EVERY: Final = 5.0


@dataclass(slots=True)
class Desks:
    """All hubs at work. A restart connects again when the next page asks; nothing is kept here."""

    settings: DeskSettings
    _hubs: dict[tuple[Origin, Space], tuple[Hub, asyncio.Task[None]]] = field(default_factory=dict)

    def hub(self, origin: Origin, space: Space) -> Hub | None:
        """The hub of a desk, started if nobody looked before; None where we were not given the desk's key."""
        if found := self._hubs.get((origin, space)):
            return found[0]
        if origin not in self.settings.held():
            return None
        hub = Hub(origin, space)
        self._hubs[origin, space] = hub, asyncio.create_task(self._keep(hub))
        return hub

    async def tidy(self, running: Callable[[], bool]) -> None:
        """Closes what nobody looks at any more, again and again; at the end the feeds, so that the process can end."""
        while running():
            for key, (hub, task) in list(self._hubs.items()):
                if hub.left:
                    del self._hubs[key]
                    hub.close()
                    await _ended(task)
            await asyncio.sleep(TIDY_EVERY)

    async def close(self) -> None:
        """Nobody is connected any more."""
        hubs, self._hubs = self._hubs, {}
        for hub, task in hubs.values():
            hub.close()
            await _ended(task)

    async def _keep(self, hub: Hub) -> None:
        """Connects for as long as it takes; whatever ends the hub's work, it begins anew where it stopped."""
        while True:
            try:
                key = self.settings.held().get(hub.origin)
                async with connection(bus_url(self.settings), key, patient=True) as client:
                    await hub.run(DeskClient(client, hub.space, hub.origin))
            except Exception as error:  # noqa: BLE001  # one desk's trouble is told and tried again, and is nobody else's
                logger().error("desk_not_connected", desk="/".join(hub.origin), exc_info=error)
            await asyncio.sleep(PAUSE)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
