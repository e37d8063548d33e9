"""While the vault's public key is missing intake takes nothing and says so; what waited is taken when it is there."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from contracts import subjects
from contracts.codes import Space
from contracts.identifiers import new_id
from services.runtime.publishing import Publisher
from services.runtime.sealing import VaultKey
from services.runtime.sending import connection
from services.stack.parts import is_ready
from tests.integration.http.hub import Hub, running_hub
from tests.integration.http.requests_of_units import UNIT, UNIT_HEADER, ask, put, report

PERSON = [{"kind": "casualty", "value": "Nguyễn Văn Mẫu, 54 tuổi"}]


@pytest_asyncio.fixture
async def own_hub(server_folder: Path) -> AsyncIterator[Hub]:
    """A hub whose intake is told another place for the key."""
    async with running_hub(server_folder) as running:
        yield running


async def test_intake_waits_for_the_key_says_so_and_then_takes_everything_in_order(own_hub: Hub) -> None:
    """One report that names people would otherwise stop all reports behind it, with readiness green."""
    key = own_hub.folder / "later" / "vault.pub"
    sent = [report(personal=PERSON), report(), report()]
    await _submit(own_hub, [json.dumps(one).encode() for one in sent])
    url = await own_hub.serve("intake", ready=False, unit_header=UNIT_HEADER, vault_public=str(key))

    told = await _text_of(url, "vault's public key")
    over_http = await asyncio.to_thread(put, url, report())
    before = await own_hub.facts(subjects.facts(Space.EXERCISE))
    VaultKey.of(own_hub.folder / "later" / "vault.key", key)
    await _text_of(url, "ready")
    after = await _facts(own_hub, len(sent))

    assert str(key) in told
    assert "audit" in told
    assert over_http.status == 503
    assert before == []
    recorded = [UUID(subject.rpartition(".")[2]) for subject in after]
    assert recorded[: len(sent)] == [UUID(one["report"]) for one in sent], "and last, if at all, what had no receipt"


async def test_a_key_that_goes_missing_turns_intake_red(own_hub: Hub) -> None:
    url = await own_hub.serve("intake", unit_header=UNIT_HEADER)
    (own_hub.folder / "vault.pub").rename(own_hub.folder / "elsewhere")

    told = await _text_of(url, "vault's public key")
    (own_hub.folder / "elsewhere").rename(own_hub.folder / "vault.pub")

    assert "No such file" in told
    assert await is_ready(url)


async def _submit(hub: Hub, bodies: list[bytes]) -> None:
    async with connection(hub.nats.url) as client:
        for body in bodies:
            await Publisher(client).submit(subjects.report_inbox(*UNIT.split("/")), body, new_id(), "application/json")


async def _text_of(url: str, part: str) -> str:
    """What readiness says, once it says this."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = (await asyncio.to_thread(ask, url, "GET", "/readyz")).body.decode()
            except OSError:
                answer = ""  # its door is not open yet
            if part in answer:
                return str(answer)
            await asyncio.sleep(0.1)


async def _facts(hub: Hub, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            await asyncio.sleep(0.1)
            found = [stored.subject for stored in await hub.facts(subjects.facts(Space.EXERCISE))]
    return found
