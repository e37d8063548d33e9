"""Connections of the parties of a story: each unit and desk over its own, with its own key, as it would be outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from nats.aio.client import Client

from contracts.identity import Identity
from services.runtime.credentials import identity_folder, key_file
from services.runtime.sending import connection
from services.stack.identity.keeping import Keeping
from services.stack.identity.telling import reload_server


class Lines:
    """Opened at first use, kept until all are closed together."""

    def __init__(self, url: str, home: Path, opened: AsyncExitStack) -> None:
        self._url = url
        self._home = home
        self._opened = opened
        self._clients: dict[Identity, Client] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, who: Identity) -> Client:
        """The connection of this identity; on a local stack it is enrolled if it was not."""
        async with self._one_at_a_time:
            if who not in self._clients:
                await self._admit(who)
                key = key_file(self._home, who)
                line = connection(self._url, key if key.exists() else None, patient=True)
                self._clients[who] = await self._opened.enter_async_context(line)
            return self._clients[who]

    async def _admit(self, who: Identity) -> None:
        if not identity_folder(self._home).exists():
            return
        if await asyncio.to_thread(Keeping(self._home).complete, (who,)):
            await reload_server(self._home)


@asynccontextmanager
async def lines(url: str, home: Path) -> AsyncIterator[Lines]:
    """For as long as a story lasts."""
    async with AsyncExitStack() as opened:
        yield Lines(url, home, opened)
