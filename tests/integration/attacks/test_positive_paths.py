"""Beside every attack: what each party is there for works over the same accounts, with nothing more than its own."""

import json
from uuid import uuid4

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.streams import DeskRecord
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.intake.ladders import ladder_of as shown
from services.runtime.jetstream import last_on_subject
from services.runtime.publishing import Publisher
from tests.integration.attacks import arena as parties
from tests.integration.attacks.arena import DESK, INTAKE, OTHER_DESK, OTHER_UNIT, ROUTING, UNIT, Arena, dispatch_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("written", "signed")


async def test_a_unit_hands_in_a_report_and_hears_its_own_receipt(arena: Arena) -> None:
    who = Origin("alpha", "u1")
    unit, intake = await arena.line(UNIT), await arena.line(INTAKE)
    await unit.hear(subjects.receipts(*who))
    await unit.settled()

    assert await Publisher(unit.client).submit(subjects.report_inbox(*who), b"{}", uuid4()) > 0
    await intake.client.publish(subjects.receipts(*who), b"taken")
    await intake.settled()
    await unit.settled()

    assert [message.data for message in unit.heard] == [b"taken"]
    assert unit.violations == intake.violations == []


async def test_a_unit_reads_how_far_its_own_report_got(arena: Arena) -> None:
    unit = await arena.line(OTHER_UNIT)

    found = await last_on_subject(unit.client, "LADDERS", parties.ladder_of(OTHER_UNIT))

    assert found is not None
    assert found.body == b"how far it got"
    assert await shown(unit.client, Origin("beta", "u2"), uuid4()) is None


async def test_a_desk_is_handed_its_dispatch_acknowledges_it_and_is_not_handed_it_again(arena: Arena) -> None:
    desk = await arena.line(OTHER_DESK)
    feed = await desk.client.jetstream().pull_subscribe_bind(parties.durable(OTHER_DESK), "EVENTS")

    [message] = await feed.fetch(5, timeout=20)
    await message.ack_sync()

    assert message.subject == dispatch_to(OTHER_DESK)
    assert message.data == b"secret of desk.beta.d2"
    assert await arena.pending(OTHER_DESK) == 0
    assert desk.violations == []


async def test_a_desk_reads_its_record_and_gets_its_durable_through_the_hubs_door(arena: Arena) -> None:
    desk = await arena.line(DESK)
    client = DeskClient(desk.client, Space.ACTUAL, Origin("alpha", "d1"))

    found = [stored.body async for stored in client._record(DeskRecord.FEED)]
    consumer = await client._consumer()

    assert found == [b"secret of desk.alpha.d1"]
    assert consumer.durable == parties.durable(DESK)
    assert desk.violations == []


async def test_routing_records_a_fact_that_the_audit_is_handed(arena: Arena) -> None:
    routing = await arena.line(ROUTING)
    course = subjects.course(Space.ACTUAL, uuid4())

    answer = json.loads((await routing.client.request(course, b"{}")).data)

    assert answer["stream"] == "EVENTS"
    audit = await arena.line(parties.AUDIT)
    feed = await audit.client.jetstream().pull_subscribe_bind("audit", "EVENTS")
    assert course in [message.subject for message in await feed.fetch(20, timeout=20)]
