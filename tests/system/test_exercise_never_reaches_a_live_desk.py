"""Exercises run beside the real thing: same code, same rules, other subjects, and no way from one to the other."""

import json
import random
import uuid
from typing import Any

import pytest
from nats.aio.client import Client

from tests.system.checker import verdict
from tests.system.conftest import StartSystem
from tests.system.desks import Desk
from tests.system.evidence import Evidence, Fact, gather, settled
from tests.system.load import AREAS, CATEGORIES, Sent, Units

SPACE_OF = {"Actual": "actual", "Exercise": "exercise"}


@pytest.mark.timeout(120)
async def test_exercise_never_reaches_a_live_desk(start_system: StartSystem) -> None:
    """Broken when an exercise report is joined to a live incident, or a desk sees, acts on or is escalated the other.

    Every report is sent twice, word for word but for its status: only the status can keep them apart.
    """
    async with start_system(TIME_SCALE="0.005") as system, system.client() as client:
        units = Units(client, random.randrange(2**32))
        await units.listen()
        for category in CATEGORIES:
            for area in AREAS[:2]:
                await _both(units, category, area)
        await settled(client)
        live, drilling = _desk_of(client, "actual"), _desk_of(client, "exercise")
        await _neither_may_act_on_the_other(live, drilling)
        await settled(client)
        evidence = await gather(client, system.state.postgres_dsn, [live, drilling])
        assert not (flaws := verdict(evidence, units.sent)), flaws
        assert not evidence.parked
        _nothing_crossed(evidence)


async def _both(units: Units, category: str, area: str) -> None:
    place = {"kind": "area", "code": area, "valid_on": "2026-11-01"}
    report = units.report(category=category, places=[place], urgency_mark="hoa_toc")
    for status in SPACE_OF:
        again = report | {"report": str(uuid.uuid4()), "status": status}
        one = Sent("ubnd-x-phong-dien", "van-phong", "new", json.dumps(again).encode(), again["report"])
        units.sent.append(one)
        await units.send(one)
        assert [told["outcome"] for told in one.told] == ["accepted"]


def _desk_of(client: Client, space: str) -> Desk:
    return Desk(client, "ubnd-x-phong-dien", "truc-ban", space)


async def _neither_may_act_on_the_other(live: Desk, drilling: Desk) -> None:
    """A dispatch is known only in its own space: the same act under the other's name is refused."""
    await live.listen()
    for desk, other in ((live, drilling), (drilling, live)):
        issued = await _an_issued(desk)
        other.client = live.client
        stranger = Desk(desk.client, desk.agency, desk.desk, other.space)
        stranger.acted = []
        await stranger.listen()
        act = await stranger.act(issued["data"], "acknowledge")
        assert [told["outcome"] for told in act.told] == ["rejected"]
        assert act.told[0]["problems"][0]["code"] == "action.unknown_dispatch"


async def _an_issued(desk: Desk) -> dict[str, Any]:
    events = await desk.take(2.0)
    return next(event for event in events if event["type"].startswith("phoihop.DispatchIssued."))


def _nothing_crossed(evidence: Evidence) -> None:
    """Every fact says the space its subject says, and follows only from facts of that space."""
    space_of = {fact.id: fact.subject.split(".")[0] for fact in evidence.facts}
    for fact in evidence.facts:
        assert _said(fact) in {None, space_of[fact.id]}, fact
        cause = str(fact.event["causationid"])
        assert space_of.get(cause, space_of[fact.id]) == space_of[fact.id], fact
    for desk, received in evidence.desks.items():
        assert {one.subject.split(".")[0] for one in received} <= {desk.split("/")[0]}
    for space in SPACE_OF.values():
        kinds = {fact.kind for fact in evidence.facts if space_of[fact.id] == space}
        assert kinds >= {"ReportAccepted", "IncidentOpened", "DispatchIssued", "DispatchEscalated", "ActionRefused"}
    assert _shape(evidence, "actual") == _shape(evidence, "exercise")


def _said(fact: Fact) -> str | None:
    if fact.kind == "ReportAccepted":
        return SPACE_OF[fact.data["report"]["status"]]
    return fact.data.get("space")


def _shape(evidence: Evidence, space: str) -> list[tuple[Any, ...]]:
    """Who was told what when the incidents opened: the rules are the same for both."""
    return sorted(
        (fact.data["category"], fact.data["role"], *fact.subject.split(".")[-2:])
        for fact in evidence.of("DispatchIssued")
        if fact.subject.startswith(f"{space}.") and "escalated_from" not in fact.data
    )
