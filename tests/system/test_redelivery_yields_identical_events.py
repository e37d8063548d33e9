"""The bus repeats what it already gave: nothing new is recorded, and deciding again yields the very same bytes."""

import asyncio
import json
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.intake.handlers import Intake, Sealing
from services.intake.salts import DayKeys
from services.intake.senders import Senders
from services.intake.signing_keys import SigningKeys
from services.intake.store import Reports
from services.intake.vault import Vault
from services.routing.deciding import Regulator
from services.routing.drafting import Drafting
from services.routing.handlers import Routing
from services.routing.in_force.reference import Reference, load_reference
from services.routing.store import Incidents
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import start_nats
from services.runtime.register.loading import load_register
from services.runtime.sealing import VaultKey
from services.runtime.settings import RuntimeSettings
from tests.system.conftest import REFERENCE, StartSystem
from tests.system.evidence import Fact, gather, read_stream, settled
from tests.system.load import Units

SENT = 120
REWOUND = (
    ("EVENTS", "routing-reports"),
    ("EVENTS", "routing-schedules"),
    ("EVENTS", "audit"),
    ("DEADLINES", "routing-due"),
)
DECIDE_AGAIN = """
import asyncio, base64, json, sys
from datetime import datetime
from pathlib import Path

from contracts.envelope import read
from services.routing.deciding import Regulator
from services.routing.drafting import Drafting
from services.routing.in_force.reference import load_reference
from services.routing.store import Incidents
from services.runtime.publishing import Recorded


class Bus:
    publisher = property(lambda self: self)

    async def record(self, facts):
        for fact in facts:
            print(json.dumps([fact.subject, base64.b64encode(fact.body).decode()]))
        return Recorded(1, len(facts))


async def main():
    reference = load_reference(Path(sys.argv[1]))
    incidents = Incidents(Bus())
    drafting = Drafting(incidents, Regulator(reference.regulations, reference.register))
    for line in sys.stdin:
        body, at = json.loads(line)
        draft = await incidents.start()
        drafting.report(draft, (read(base64.b64decode(body)), datetime.fromisoformat(at)))
        await incidents.commit(draft)


asyncio.run(main())
"""
"""Routing's own decisions without any server, in a process of its own: nothing is carried over but the inputs."""


@pytest.mark.timeout(150)
async def test_redelivery_yields_identical_events(start_system: StartSystem) -> None:
    """Broken when a decision reads a clock, makes an id, depends on set order, or forgets what it recorded.

    Every consumer is put back to the first message while all services run; then the same decisions are made in other
    processes, each with another order of its sets.
    """
    async with start_system() as system, system.client() as client:
        units = Units(client, random.randrange(2**32))
        await units.listen()
        for _ in range(SENT):
            await units.send(units.next())
        await settled(client)
        before = await gather(client, system.state.postgres_dsn)
        assert {fact.kind for fact in before.facts} >= {"ReportRejected", "IncidentUpdated", "DispatchIssued"}
        for stream, durable in REWOUND:
            await client.request(f"$JS.API.CONSUMER.RESET.{stream}.{durable}", b'{"seq":1}', timeout=5)
        await settled(client)
        after = await gather(client, system.state.postgres_dsn)
        assert after.facts == before.facts
        assert after.rows == before.rows
        assert not after.parked
        recorded = [(fact.subject, fact.body) for fact in before.facts if ".incident." in fact.subject]
        for seed in ("1", "2"):
            assert await _decided_again(before.of("ReportAccepted"), seed) == recorded


async def _decided_again(reports: Sequence[Fact], seed: str) -> list[tuple[str, bytes]]:
    from base64 import b64decode, b64encode  # noqa: PLC0415

    lines = [json.dumps([b64encode(fact.body).decode(), fact.stored_at.isoformat()]) for fact in reports]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DECIDE_AGAIN, str(REFERENCE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )
    output, _ = await process.communicate("\n".join(lines).encode())
    assert process.returncode == 0
    return [(subject, b64decode(body)) for subject, body in map(json.loads, output.decode().splitlines())]


@pytest.mark.timeout(90)
async def test_a_batch_recorded_but_not_acknowledged_yields_nothing_new(system_folder: Path) -> None:
    """A crash between commit and acknowledgement, at every place: broken when the second handling records again.

    The handlers run here, on a real server, so that the acknowledgement can be withheld for certain. Each repetition
    is a new process's view: nothing remembered but what the stream says, in other batches than before.
    """
    async with _bus(system_folder) as bus:
        submissions = await _submitted(bus.client)
        await _intake(bus, system_folder).on_submissions(_twice(submissions))
        accepted = await _delivered(bus.client, "EVENTS", "routing-reports")
        await (await _routing(bus)).on_reports(_twice(accepted))
        await _acts(bus)
        actions = await _delivered(bus.client, "INBOX", "routing-actions")
        await (await _routing(bus)).on_actions(_twice(actions))
        before = await read_stream(bus.client, "EVENTS")
        kinds = {fact.kind for fact in before}
        assert kinds >= {"ReportAccepted", "ReportRejected", "DispatchAcknowledged", "ActionRefused"}
        for size in (1, 7, len(submissions) * 2):
            intake, routing = _intake(bus, system_folder), await _routing(bus)
            for batch in _again(submissions, size):
                await intake.on_submissions(batch)
            for batch in _again(accepted, size):
                await routing.on_reports(batch)
            for batch in _again(actions, size):
                await routing.on_actions(batch)
            assert await read_stream(bus.client, "EVENTS") == before, f"in batches of {size}"


def _twice(messages: Sequence[Msg]) -> list[Msg]:
    """Each message and its copy: a batch may repeat itself."""
    return [message for message in messages for _ in range(2)]


def _again(messages: Sequence[Msg], size: int) -> list[Sequence[Msg]]:
    """All of them twice, the last first: what contradicts an earlier message may come back before it."""
    all_ = _twice(messages)[::-1]
    return [all_[start : start + size] for start in range(0, len(all_), size)]


@asynccontextmanager
async def _bus(folder: Path) -> AsyncIterator[Bus]:
    server = await start_nats(folder / "nats")
    bus = Bus(RuntimeSettings(nats_url=server.url))
    try:
        await bus.connect()
        await topology.apply(bus.client)
        yield bus
    finally:
        bus.stopping = True
        await bus.broker.stop()
        await server.stop()


def _intake(bus: Bus, folder: Path) -> Intake:
    """Its keys are files: a process that was killed and one that follows it derive the same salts."""
    VaultKey.of(folder / "vault.key", folder / "vault.pub")
    senders = Senders(load_register(REFERENCE / "register.yaml"))
    sealing = Sealing(DayKeys(folder / "salts", 7), Vault(bus, folder / "vault.pub"))
    return Intake(bus, Reports(bus), senders, SigningKeys(bus), sealing)


async def _routing(bus: Bus) -> Routing:
    reference: Reference = load_reference(REFERENCE)
    incidents = Incidents(bus)
    await incidents.load()
    return Routing(bus, incidents, Drafting(incidents, Regulator(reference.regulations, reference.register)))


async def _submitted(client: Client) -> list[Msg]:
    """New, repeated, contradicting and broken reports, as INBOX delivers them."""
    units = Units(client, random.randrange(2**32))
    for one in [units.fresh() for _ in range(20)]:
        other = json.loads(one.body) | {"headline": "Nội dung khác"}
        bad = units.report(category="NO-SUCH")
        named = units.report(personal=[{"kind": "casualty", "value": "Nguyễn Văn A"}])
        misnamed = bad | {"personal": named["personal"]}
        for body in (
            one.body,
            one.body,
            *(json.dumps(each).encode() for each in (other, bad, named, misnamed)),
            b"\xff",
        ):
            await _submit(client, f"inbox.report.{one.agency}.{one.unit}", body)
    return await _delivered(client, "INBOX", "intake")


async def _acts(bus: Bus) -> None:
    """An acknowledgement, the same again, and one of a dispatch nobody issued."""
    issued = next(fact for fact in await read_stream(bus.client, "EVENTS") if fact.kind == "DispatchIssued")
    agency, desk = issued.subject.split(".")[-2:]
    for dispatch in (issued.data["dispatch"], issued.data["dispatch"], str(uuid.uuid4())):
        action = {"type": "acknowledge", "action": str(uuid.uuid4()), "space": "actual", "dispatch": dispatch}
        action |= {"incident": issued.data["incident"], "sent": "2026-11-22T00:00:00Z"}
        await _submit(bus.client, f"inbox.action.{agency}.{desk}", json.dumps(action).encode())


async def _submit(client: Client, subject: str, body: bytes) -> None:
    await client.jetstream().publish(subject, body, headers={"Phoihop-Submission": str(uuid.uuid4())})


async def _delivered(client: Client, stream: str, durable: str) -> list[Msg]:
    """All there is, delivered and never acknowledged."""
    pull = await client.jetstream().pull_subscribe_bind(durable, stream)
    waiting = (await client.jetstream().consumer_info(stream, durable)).num_pending
    messages = await pull.fetch(waiting or 1, timeout=10)
    assert len(messages) == waiting
    await pull.unsubscribe()
    return messages
