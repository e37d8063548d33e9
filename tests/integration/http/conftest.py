"""One hub with intake and its HTTP door for the tests of a module; tests that kill something start their own."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.http.hub import Hub, running_hub
from tests.integration.http.requests_of_units import UNIT_HEADER


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(module_folder: Path) -> AsyncIterator[Hub]:
    """nats-server with our streams; services are added by who needs them."""
    async with running_hub(module_folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(hub: Hub) -> str:
    """The URL of a real intake process that trusts a unit header and is not in a hurry to refuse for rate."""
    return await hub.serve("intake", unit_header=UNIT_HEADER, reports_per_minute="100000", body_timeout="1")


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
