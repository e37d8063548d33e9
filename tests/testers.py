"""An identity for tests that look at, or break, a real stack from inside: it may do everything; nowhere else is it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import nats
import pytest
from nats.aio.client import Client

from contracts.identity import role
from services.runtime.credentials import credentials, key_file
from services.stack.identity.grants import HUB_GRANTS, Grant

TESTER: Final = role("tester")


def admit_tester(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks that this process starts from now on let the tester in."""
    monkeypatch.setitem(HUB_GRANTS, TESTER.name, Grant(publish=(">",), subscribe=(">",)))


@asynccontextmanager
async def connected_tester(url: str, home: Path) -> AsyncIterator[Client]:
    """The tester's connection to a stack that lets it in; it survives a server that is away."""
    proof = credentials(key_file(home, TESTER)).options
    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=_quiet, **proof)
    try:
        yield client
    finally:
        await client.close()


async def _quiet(_error: Exception) -> None:
    """A killed server is what such tests are about."""
