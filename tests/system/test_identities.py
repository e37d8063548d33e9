"""Identities on the whole running system: somebody new gets in, what was done is on record, the revoked are cut off."""

import asyncio
import json
import time

import pytest

from contracts import subjects
from contracts.envelope import read
from contracts.identity import HUB, IdentityChange, unit
from services.runtime.credentials import key_file
from services.runtime.jetstream import read_subject
from services.runtime.sending import connection
from tests.integration.cli.commands import Ran, run
from tests.system.conftest import StartSystem, System, ledger_verify

AGENCY, POST = "kl-h-yen-the", "tram-xuan-luong"
WHO = unit(AGENCY, POST)


@pytest.mark.timeout(180)
async def test_a_unit_is_admitted_reports_and_is_cut_off_and_all_of_it_is_on_record(start_system: StartSystem) -> None:
    """Broken when a revoked unit still sends, others are disturbed, or nobody can prove who was admitted."""
    async with start_system() as system, system.client() as others:
        assert (await _identity(system, "create", "unit", f"{AGENCY}/nobody")).code == 2
        created = await _identity(system, "create", "unit", f"{AGENCY}/{POST}")
        assert created.document == {"identity": WHO.name, "reloaded": True, "recorded": 1, "waiting": 0}
        assert (await _identity(system, "create", "unit", f"{AGENCY}/{POST}")).code == 2
        assert WHO.name in {one["identity"] for one in (await _identity(system, "list")).document["identities"]}

        async with connection(system.state.nats_url, key_file(system.home, WHO)) as stolen:
            answer = json.loads((await stolen.request(subjects.report_inbox(AGENCY, POST), b"{}")).data)
            assert answer["stream"] == "INBOX"
            revoking = asyncio.create_task(_identity(system, "revoke", "unit", f"{AGENCY}/{POST}", "--reason", "lost"))
            before = time.monotonic()
            while stolen.is_connected and time.monotonic() - before < 60:  # noqa: ASYNC110 - the library sets no event
                await asyncio.sleep(0.01)
            assert (await revoking).code == 0
            assert not stolen.is_connected
        assert not key_file(system.home, WHO).exists()

        assert others.stats["reconnects"] == 0
        found = [read(one.body).data async for one in read_subject(others, "EVENTS", subjects.identity(AGENCY))]
        assert [one.change for one in found] == [IdentityChange.CREATED, IdentityChange.REVOKED]
        assert [one.reason for one in found] == [None, "lost"]
        hub = [read(one.body).data async for one in read_subject(others, "EVENTS", subjects.identity(HUB))]
        assert {"service.routing", "role.auditor"} <= {one.identity.name for one in hub}
        assert (await ledger_verify(system))["unreadable"] == 0


async def _identity(system: System, command: str, *arguments: str) -> Ran:
    told = ("identity", command, *arguments, "--home", str(system.home), "--json", "--lang", "en")
    return await asyncio.to_thread(run, *told)
