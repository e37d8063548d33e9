"""Messages that no handler can digest: set aside with the reason, while everything before and after them goes on."""

import asyncio
import json
import os
import random
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from tests.system.checker import verdict
from tests.system.conftest import StartSystem, System, ledger_verify
from tests.system.desks import Desk
from tests.system.evidence import gather, settled
from tests.system.evidence import parked as still_parked
from tests.system.load import Units

BROKEN = b'{"specversion":"1.0","type":"phoihop.ReportAccepted.v1","data":'
RECEIPT_SECONDS = 10.0
XUAN_LUONG = {"kind": "area", "code": "07246", "valid_on": "2026-11-01"}


@pytest.mark.timeout(120)
async def test_poison_message_is_parked_and_blocks_nobody(start_system: StartSystem) -> None:
    """Broken when one message that crashes a handler takes its batch with it, is retried for ever, or disappears.

    The services stand still while the messages are sent, so that the poison shares its batch with good ones.
    """
    async with start_system() as system, system.client() as client:
        units, desk = Units(client, random.randrange(2**32)), Desk(client, "ubnd-x-xuan-luong", "truc-ban")
        await units.listen()
        await desk.listen()
        await _a_broken_fact(system, units)
        await _broken_submissions(system, units)
        await _broken_actions(system, client, desk)
        await settled(client)
        evidence = await gather(client, system.state.postgres_dsn, [desk])
        assert not (flaws := verdict(evidence, units.sent)), flaws
        parked = {one.headers["Phoihop-Subject"]: one for one in evidence.parked}
        assert {subject: one.subject for subject, one in parked.items()} == {
            BROKEN_FACT: "parked.EVENTS.routing-reports",
            "inbox.report.Not-A-Token.x": "parked.INBOX.intake",
            "inbox.action.Not-A-Token.x": "parked.INBOX.routing-actions",
        }
        assert parked[BROKEN_FACT].body == b"", "it stays in EVENTS, and an operator reads no facts"
        assert all(one.headers["Phoihop-Reason"] and one.headers["Phoihop-Sequence"] for one in evidence.parked)
        assert await _tried_again(system) == (1, ["failed", "failed", "not_ours"])
        assert len(await still_parked(client)) == 3
        found = await ledger_verify(system)
        assert (found["verified"], found["unreadable"], found["repeated"]) == (True, 1, 0)


BROKEN_FACT = f"actual.report.ubnd-x-phong-dien.van-phong.{uuid.UUID(int=4)}"


async def _tried_again(system: System) -> tuple[int | None, list[str]]:
    """What an operator hears who has all of it handled once more while nothing was mended: exit code and outcomes."""
    told = os.environ | {"PHOIHOP_HOME": str(system.home), "PHOIHOP_NATS_URL": system.state.nats_url}
    command = (sys.executable, "-m", "services.cli", "parked", "replay", "--all", "--json")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=told)
    output, _ = await process.communicate()
    return process.returncode, sorted(row["outcome"] for row in json.loads(output)["parked"])


async def _a_broken_fact(system: System, units: Units) -> None:
    """A fact that says it is an accepted report and is none, between two that are."""
    async with _standing_still(system, "routing"):
        await units.send(units.fresh(category="FOR-FIRE", places=[XUAN_LUONG]))
        headers = {"Phoihop-Type": "phoihop.ReportAccepted.v1"}
        await units.client.jetstream().publish(BROKEN_FACT, BROKEN, headers=headers)
        await units.send(units.fresh())


async def _broken_submissions(system: System, units: Units) -> None:
    """A sender no register can hold; an empty body that calls itself a server's status; good ones around them."""
    js = units.client.jetstream()
    async with asyncio.TaskGroup() as tasks, _standing_still(system, "intake"):
        tasks.create_task(units.send(units.fresh()))
        await js.publish("inbox.report.Not-A-Token.x", b"{}")
        empty = units.fresh()
        empty.body, empty.kind, empty.report = b"", "bad", None
        tasks.create_task(units.send(empty, {"Status": "404", "Description": "No Messages"}))
        tasks.create_task(units.send(units.fresh()))
        await asyncio.sleep(0.2)
    assert [told["problems"][0]["code"] for told in empty.told] == ["payload.empty"]


async def _broken_actions(system: System, client: Client, desk: Desk) -> None:
    """Bytes that are no action are refused with a receipt; the same refused act twice in a batch is one refusal."""
    js, inbox = client.jetstream(), f"inbox.action.{desk.agency}.{desk.desk}"
    issued = (await desk.take(2.0))[0]
    unknown = json.dumps(_acknowledgement(issued["data"] | {"dispatch": str(uuid.uuid4())})).encode()
    heard = await client.subscribe(f"receipt.{desk.agency}.{desk.desk}")
    async with _standing_still(system, "routing"):
        await js.publish("inbox.action.Not-A-Token.x", unknown)
        await js.publish(inbox, b"\xff{", headers={"Phoihop-Submission": str(uuid.UUID(int=1))})
        for _ in range(2):
            await js.publish(inbox, unknown, headers={"Phoihop-Submission": str(uuid.UUID(int=2))})
    act = await desk.act(issued["data"], "acknowledge")
    assert [told["outcome"] for told in act.told] == ["accepted"]
    told = [json.loads((await heard.next_msg(RECEIPT_SECONDS)).data) for _ in range(4)]
    assert [(one["submission"][-1], one["outcome"]) for one in told[:3]] == [
        ("1", "rejected"),
        ("2", "rejected"),
        ("2", "rejected"),
    ]
    await heard.unsubscribe()


def _acknowledgement(dispatch: dict[str, str]) -> dict[str, str]:
    return {
        "type": "acknowledge",
        "action": str(uuid.uuid4()),
        "space": "actual",
        "incident": dispatch["incident"],
        "dispatch": dispatch["dispatch"],
        "sent": "2026-11-22T00:00:00Z",
    }


@asynccontextmanager
async def _standing_still(system: System, name: str) -> AsyncIterator[None]:
    pid = system.process(name).pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
