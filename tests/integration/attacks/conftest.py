"""One server for a module of attacks: whatever an attack could do, the next test would see."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.attacks.arena import Arena
from tests.integration.attacks.arena import arena as prepared
from tests.testers import admit_tester


@pytest.fixture(scope="module")
def _tester() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        admit_tester(patch)
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(session_folder: Path, request: pytest.FixtureRequest, _tester: None) -> AsyncIterator[Arena]:
    """The server with its parties."""
    folder = session_folder / request.module.__name__.replace(".", "-")
    folder.mkdir()
    async with prepared(folder) as made:
        yield made


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _connections_end_with_their_test(arena: Arena) -> AsyncIterator[None]:
    yield
    await arena.hang_up()
