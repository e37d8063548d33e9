"""One hub of its own for every test: what is on record there is what the test put there."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.http.hub import REFERENCE, ROOT, Hub, running_hub


@pytest_asyncio.fixture
async def hub(server_folder: Path) -> AsyncIterator[Hub]:
    """nats-server with our streams, and no service yet."""
    async with running_hub(server_folder) as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(REFERENCE))
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(ROOT)
