"""Attacks that have somebody else do it: replies that name a victim, headers, ids, and doors asked in a crooked way."""

import json
from typing import Final
from uuid import uuid4

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.desk_doors import desk_record
from contracts.identity import OPERATOR, Identity
from contracts.streams import DeskRecord
from services.runtime.publishing import Publisher
from tests.integration.attacks.arena import (
    DESK,
    INTAKE,
    OTHER_DESK,
    OTHER_UNIT,
    ROUTING,
    UNIT,
    Arena,
    dispatch_to,
    durable,
    ladder_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("written", "signed")

MINE: Final = subjects.report_inbox("alpha", "u1")
THEIRS: Final = subjects.report_inbox("beta", "u2")
VICTIMS: Final = {
    "another-units-inbox": THEIRS,
    "a-desks-inbox": subjects.action_inbox("beta", "d2"),
    "a-fact": subjects.course(Space.ACTUAL, uuid4()),
    "a-dispatch": dispatch_to(OTHER_DESK),
    "a-deadline": subjects.schedule(Space.ACTUAL, uuid4(), uuid4()),
    "a-ladder": ladder_of(OTHER_UNIT),
    "a-checkpoint": subjects.kept_checkpoint("example/log"),
    "parked": subjects.parked("INBOX", "intake"),
    "the-servers-purge": "$JS.API.STREAM.PURGE.LADDERS",
    "the-servers-delete": "$JS.API.STREAM.DELETE.LADDERS",
    "anothers-acknowledgement": f"$JS.ACK.EVENTS.{durable(OTHER_DESK)}.1.1.1.1700000000000000000.0",
    "a-heartbeat": subjects.heartbeat(Space.ACTUAL, "beta", "d2"),
}
"""Where a reply could do harm."""


@pytest.mark.parametrize("reply", VICTIMS.values(), ids=list(VICTIMS))
async def test_the_answer_to_a_units_own_report_does_nothing_elsewhere(arena: Arena, reply: str) -> None:
    """With one account the server itself would publish the answer there, in nobody's name and with all its rights."""
    unit = await arena.line(UNIT)
    before = await arena.world()

    await unit.client.publish(MINE, b"{}", reply=reply)
    await unit.settled()

    after = await arena.world()
    stored = after.pop("INBOX")[1][2] - before.pop("INBOX")[1][2]
    assert stored == (0 if reply.startswith("$JS.ACK") else 1)  # such a reply the server does not take at all
    assert after == before


@pytest.mark.parametrize("reply", VICTIMS.values(), ids=list(VICTIMS))
async def test_a_dispatch_pulled_by_a_desk_lands_nowhere_else(arena: Arena, reply: str) -> None:
    """Otherwise a desk would have the server store facts of its choice as another's report or action."""
    desk = await arena.line(DESK)
    await desk.client.request(f"$JS.API.CONSUMER.RESET.EVENTS.{durable(DESK)}", b"{}")
    before = await arena.world()

    await desk.client.publish(
        f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{durable(DESK)}", b'{"batch": 1, "no_wait": true}', reply=reply
    )
    await desk.settled()

    after = await arena.world()
    for world in (before, after):
        world["EVENTS"][2].pop(durable(DESK))  # its own durable handed its own dispatch out, to nobody
    assert after == before


@pytest.mark.parametrize("reply", VICTIMS.values(), ids=list(VICTIMS))
async def test_the_hubs_door_answers_nowhere_but_where_the_asker_listens(arena: Arena, reply: str) -> None:
    """Otherwise routing would publish, with routing's rights, what a desk asks for where that desk may not."""
    desk = await arena.line(DESK)
    before = await arena.world()

    await desk.client.publish(desk_record(Space.ACTUAL, "alpha", "d1", DeskRecord.FEED), b'{"first": 1}', reply=reply)
    await desk.settled()

    assert await arena.world() == before


async def test_a_desk_that_asks_the_door_for_more_is_read_its_own_record_only(arena: Arena) -> None:
    """Otherwise the body of the question would say what may be read, and the server cannot look into bodies."""
    desk = await arena.line(DESK)
    await desk.hear(inbox := desk.client.new_inbox())
    crooked = {"first": 1, "seq": 1, "next_by_subj": ">", "multi_last": [">"], "batch": 1000, "last_by_subj": ">"}

    await desk.client.publish(
        desk_record(Space.ACTUAL, "alpha", "d1", DeskRecord.FEED), json.dumps(crooked).encode(), reply=inbox
    )
    await desk.settled()

    *found, end = desk.heard
    assert {(message.headers or {})["Nats-Subject"] for message in found} == {dispatch_to(DESK)}
    assert (end.headers or {})["Status"] == "204"


@pytest.mark.parametrize(
    ("who", "allowed", "secret"),
    [
        (UNIT, f"$JS.API.DIRECT.GET.LADDERS.{ladder_of(UNIT)}", ladder_of(OTHER_UNIT)),
        (OPERATOR, f"$JS.API.DIRECT.GET.EVENTS.{subjects.identity('alpha')}", dispatch_to(OTHER_DESK)),
    ],
    ids=["unit", "operator"],
)
@pytest.mark.parametrize("field", ["seq", "last_by_subj", "next_by_subj", "multi_last"])
async def test_a_body_widens_no_reading_that_its_subject_names(
    arena: Arena, who: Identity, allowed: str, secret: str, field: str
) -> None:
    """Otherwise the right to read the last message of one subject would be the right to read a whole stream."""
    line = await arena.line(who)
    await line.hear(inbox := line.client.new_inbox())
    asked = (
        {"seq": 1} if field == "seq" else {"seq": 1, "batch": 9, field: [secret] if field == "multi_last" else secret}
    )

    await line.client.publish(allowed, json.dumps(asked).encode(), reply=inbox)
    await line.settled()

    assert [(message.headers or {}).get("Nats-Subject") for message in line.heard if message.data] == []


async def test_a_message_id_claimed_beforehand_takes_nobodys_report_away(arena: Arena) -> None:
    """The server forgets a second message of one id, whoever sent the first: so no report of ours carries one."""
    submission = uuid4()
    attacker, victim = await arena.line(UNIT), await arena.line(OTHER_UNIT)
    claimed = json.loads((await attacker.client.request(MINE, b"{}", headers={"Nats-Msg-Id": str(submission)})).data)

    stored = await Publisher(victim.client).submit(THEIRS, b"the real one", submission)

    assert stored == claimed["seq"] + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Nats-Rollup": "all"},
        {"Nats-Rollup": "sub"},
        {"Nats-TTL": "1s"},
        {"Nats-Schedule": "@at 2026-11-22T00:00:00Z", "Nats-Schedule-Target": THEIRS},
        {"Nats-Batch-Id": "mine", "Nats-Batch-Sequence": "1"},
        {"Nats-Incr": "+1"},
        {"Nats-Expected-Stream": "EVENTS"},
        {"Nats-Expected-Last-Sequence": "4000000000"},  # one that INBOX never stands at, whatever ran before
    ],
    ids="-".join,
)
async def test_headers_that_command_the_server_wipe_and_schedule_nothing(arena: Arena, headers: dict[str, str]) -> None:
    """Otherwise one unit's message could empty INBOX, or be put out later as another's."""
    unit = await arena.line(UNIT)
    before = await arena.world()

    answer = json.loads((await unit.client.request(MINE, b"{}", headers=headers)).data)

    assert "error" in answer
    assert await arena.world() == before


async def test_a_forged_header_of_who_asked_does_not_reach_the_hub(arena: Arena) -> None:
    """The server alone says where a request came from; and the sender is read from the subject in any case."""
    forged = json.dumps({"acc": "CORE", "svc": "x"})
    unit, intake = await arena.line(UNIT), await arena.line(INTAKE)

    await unit.client.request(MINE, b"forged", headers={"Nats-Request-Info": forged})

    feed = await intake.client.jetstream().pull_subscribe_bind("intake", "INBOX")
    found = [message for message in await feed.fetch(100, timeout=1) if message.data == b"forged"]
    assert [(message.subject, (message.headers or {}).get("Nats-Request-Info") == forged) for message in found] == [
        (MINE, False)
    ]
    for message in found:
        await message.ack()


async def test_a_reply_that_names_another_units_receipts_is_no_receipt(arena: Arena) -> None:
    """Units share an account: an answer can be sent to another's ears, but what it says is only that it was stored."""
    attacker, victim = await arena.line(UNIT), await arena.line(OTHER_UNIT)
    await victim.hear(subjects.receipts("beta", "u2"))
    await victim.settled()

    await attacker.client.publish(MINE, b'{"submission": "forged"}', reply=subjects.receipts("beta", "u2"))
    await attacker.settled()

    assert all(set(json.loads(message.data)) <= {"stream", "seq", "domain", "duplicate"} for message in victim.heard)


async def test_a_service_cannot_have_the_server_answer_for_another(arena: Arena) -> None:
    """Otherwise whoever hears requests from other accounts could have anything sent to whoever asked."""
    routing = await arena.line(ROUTING)
    await routing.hear(inbox := routing.client.new_inbox())

    await routing.client.publish("$JS.API.DIRECT.GET.EVENTS", b'{"seq": 1}', reply="_R_.abcdef.ghijkl")
    await routing.settled()

    assert routing.heard == []
    assert inbox
    assert [error for error in routing.errors if "reply" in error or "permissions" in error]
