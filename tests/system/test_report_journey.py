"""One report through every door and every service: filed, decided, dispatched, acknowledged, escalated, on record."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from nats.aio.client import Client

from tests.system.checker import verdict
from tests.system.conftest import StartSystem, System, ledger_verify, put_report
from tests.system.desks import Desk
from tests.system.evidence import Fact, gather, read_stream, settled
from tests.system.load import Units

UNIT = "kl-h-yen-the/tram-xuan-luong"
RANGERS, COMMUNE = ("kl-h-yen-the", "truc-ban"), ("ubnd-x-xuan-luong", "truc-ban")
LATE = timedelta(seconds=4)
"""Most that an escalation may come after its time on a busy machine; the sweep alone would take longer."""


@pytest.mark.timeout(120)
async def test_report_journey(start_system: StartSystem) -> None:
    """Broken when any step of the walk of one report fails, is unproved, or reaches somebody else."""
    async with start_system(TIME_SCALE="0.01") as system, system.client() as client:
        units = Units(client, random.randrange(2**32))
        await units.listen()
        report = await _the_http_door_keeps_its_promises(system, units)
        await _the_bus_gives_the_same_receipt(units, report)
        rangers, commune = Desk(client, *RANGERS), Desk(client, *COMMUNE)
        await _the_rangers_acknowledge(client, rangers)
        heir = await _the_silent_commune_is_escalated(client)
        await settled(client)
        evidence = await gather(client, system.state.postgres_dsn, [rangers, commune, heir])
        assert not (flaws := verdict(evidence)), flaws
        assert not evidence.parked
        assert {desk.subject.split(".")[4] for desk in evidence.desks["actual/ubnd-x-xuan-luong/truc-ban"]} == {
            COMMUNE[0]
        }
        found = await ledger_verify(system)
        assert (found["verified"], found["unreadable"], found["repeated"]) == (True, 0, 0)
        assert found["entries"] >= len(evidence.facts) > 8


async def _the_http_door_keeps_its_promises(system: System, units: Units) -> dict[str, Any]:
    """201 once, then 200; other content 409; unreadable 422 with code and field; nobody 401."""
    url = system.url("intake")
    area = {"kind": "area", "code": "07246", "valid_on": "2026-11-01"}
    report = units.report(category="FOR-FIRE", urgency_mark="hoa_toc", places=[area])
    first, again = [await put_report(url, UNIT, report) for _ in range(2)]
    other = await put_report(url, UNIT, report | {"headline": "Một vụ khác"})
    wrong = await put_report(url, UNIT, units.report(category="NO-SUCH"))
    nobody = await put_report(url, "", report)
    assert [answer.status for answer in (first, again, other, wrong, nobody)] == [201, 200, 409, 422, 401]
    assert first.json["event"] == again.json["event"]
    assert [(one["code"], one["field"]) for one in wrong.json["problems"]] == [("category.unknown", "category")]
    assert (await _facts(units.client, "ReportAccepted"))[0].id == first.json["event"]
    return report


async def _the_bus_gives_the_same_receipt(units: Units, report: dict[str, Any]) -> None:
    """The other door leads to the same record."""
    agency, unit = UNIT.split("/")
    one = units.next()
    one.agency, one.unit, one.kind, one.report = agency, unit, "repeat", report["report"]
    one.body = json.dumps(report).encode()
    await units.send(one)
    assert [told["outcome"] for told in one.told] == ["duplicate"]


async def _the_rangers_acknowledge(client: Client, rangers: Desk) -> None:
    """They get the dispatch by their own durable; what they do becomes facts that they see too."""
    issued = await _first(lambda: rangers.take(1.0), "DispatchIssued")
    assert issued["data"]["role"] == "command"
    assert issued["data"]["citation"]
    await rangers.listen()
    for kind in ("deliver", "acknowledge", "acknowledge"):
        await rangers.act(issued["data"], kind)
    outcomes = [told["outcome"] for act in rangers.acted for told in act.told]
    assert outcomes == ["accepted", "accepted", "rejected"]
    for kind in ("DispatchDelivered", "DispatchAcknowledged"):
        (fact,) = await _facts(client, kind)
        assert fact.data["dispatch"] == issued["data"]["dispatch"]
    assert fact.data["late"] is False


async def _the_silent_commune_is_escalated(client: Client) -> Desk:
    """Nobody there acknowledges: the next desk of the chain gets it, in time, by its own durable."""
    silent, *_further_along_the_chain = await _until(lambda: _escalated(client, ".".join(COMMUNE)))
    due = datetime.fromisoformat(silent.data["due"])
    assert due <= silent.stored_at <= due + LATE
    (following,) = [
        fact for fact in await _facts(client, "DispatchIssued") if fact.data["dispatch"] == silent.data["next"]
    ]
    agency, desk = following.subject.split(".")[-2:]
    heir = Desk(client, agency, desk)
    assert (await _first(lambda: heir.take(1.0), "DispatchIssued"))["id"] == following.id
    assert following.data["escalated_from"] == silent.data["dispatch"]
    return heir


async def _escalated(client: Client, desk: str) -> list[Fact]:
    return [fact for fact in await _facts(client, "DispatchEscalated") if fact.subject.endswith(desk)]


async def _facts(client: Client, kind: str) -> list[Fact]:
    return [fact for fact in await read_stream(client, "EVENTS") if fact.kind == kind]


async def _until(look: Callable[[], Awaitable[list[Fact]]]) -> list[Fact]:
    async with asyncio.timeout(60):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.1)


async def _first(take: Callable[[], Awaitable[list[dict[str, Any]]]], kind: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            for event in await take():
                if event["type"].startswith(f"phoihop.{kind}."):
                    return event
