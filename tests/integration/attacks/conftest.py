"""One server for a module of attacks: whatever an attack could do, the next test would see."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.identifiers import new_id
from tests.integration.attacks.arena import Arena
from tests.integration.attacks.arena import arena as prepared
from tests.integration.attacks.front import Front
from tests.integration.attacks.front import front as doors
from tests.testers import admit_tester

WRITTEN, SIGNED = "written", "signed"
"""How the server is told who may do what: by accounts in its configuration, or by what an operator signed."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module names the forms in which its attacks are tried; most take the written one."""
    if "arena" in metafunc.fixturenames:
        forms = getattr(metafunc.module, "FORMS", (WRITTEN,))
        metafunc.parametrize("arena", forms, indirect=True, scope="module")


@pytest.fixture(scope="module")
def _tester() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        admit_tester(patch)
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(module_folder: Path, request: pytest.FixtureRequest, _tester: None) -> AsyncIterator[Arena]:
    """The server with its parties."""
    folder = module_folder / new_id().hex[-8:]  # one for each form of identities
    folder.mkdir()
    async with prepared(folder, signed=request.param == SIGNED) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def front(arena: Arena) -> AsyncIterator[Front]:
    """Our processes with HTTP doors, on that server."""
    async with doors(arena) as opened:
        yield opened


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _connections_end_with_their_test(arena: Arena) -> AsyncIterator[None]:
    yield
    await arena.hang_up()
