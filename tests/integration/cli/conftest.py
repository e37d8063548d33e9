"""One hub with intake and routing for the commands of a module; commands find it as a user's would, by settings."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from services.runtime.embedded.ports import free_port
from tests.integration.cli.commands import Ran, run
from tests.integration.http.hub import REFERENCE, ROOT, Hub, running_hub

Phoihop = Callable[..., Ran]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(module_folder: Path) -> AsyncIterator[Hub]:
    """nats-server, intake and routing."""
    async with running_hub(module_folder, ("intake", "routing")) as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(REFERENCE))
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(ROOT)


@pytest.fixture
def phoihop(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Phoihop:
    """Runs a command against the hub."""
    monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
    return run


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Phoihop:
    """Runs a command where no server can be reached."""
    monkeypatch.setenv("PHOIHOP_NATS_URL", f"nats://127.0.0.1:{free_port()}")
    return run
