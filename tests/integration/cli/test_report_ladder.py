"""`phoihop report status` on real servers: a unit sees how far its own report got, and nobody else's."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.ladders import ReportLadder
from contracts.streams import LADDERS
from contracts.subjects import Origin
from services.intake.ladders import follow
from services.runtime.jetstream import api
from services.runtime.sending import connection
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.cli.test_desk_commands import fire, within
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, report


@pytest.fixture
def filed(phoihop: Phoihop, tmp_path: Path) -> str:
    """The id of a report that opened an incident of an exercise."""
    body = fire()
    phoihop("report", written(tmp_path, body), "--as", UNIT)
    return str(body["report"])


def status(phoihop: Phoihop, filed: str) -> dict[str, Any]:
    """What the command prints; nothing while there is nothing yet."""
    ran = phoihop("report", "status", filed, "--as", UNIT, "--json")
    document: dict[str, Any] = ran.document if ran.code == 0 else {}
    return document


def test_a_unit_sees_who_got_its_report_and_who_acknowledged_it(phoihop: Phoihop, filed: str) -> None:
    shown = within(lambda: status(phoihop, filed))
    lead = next(line for line in shown["lines"] if line["role"] == "lead")
    assert (shown["report"], shown["space"], lead["stands"]) == (filed, "exercise", "issued")

    incident = phoihop("incident", "show", shown["incident"], "--json").document
    held = next(one for one in incident["dispatches"] if one["role"] == "lead")
    desk = f"{held['agency']}/{held['desk']}"
    assert phoihop("desk", "acknowledge", desk, held["dispatch"], "--exercise", "--json").code == 0

    def acknowledged() -> dict[str, Any]:
        now = status(phoihop, filed)
        return now if any(line["stands"] == "acknowledged" for line in now["lines"]) else {}

    later = within(acknowledged)
    assert later["sequence"] > shown["sequence"]
    assert held["desk"] not in {line["agency"] for line in later["lines"]}


def test_people_read_it_with_the_exercise_named(phoihop: Phoihop, filed: str) -> None:
    within(lambda: status(phoihop, filed))

    vietnamese = phoihop("report", "status", filed, "--as", UNIT)
    english = phoihop("report", "status", filed, "--as", UNIT, "--lang", "en")

    assert "DIỄN TẬP" in vietnamese.out
    assert "CHỦ TRÌ" in vietnamese.out
    assert "LEAD" in english.out


def test_another_unit_sees_nothing_of_it(phoihop: Phoihop, filed: str) -> None:
    within(lambda: status(phoihop, filed))

    ran = phoihop("report", "status", filed, "--as", f"{UNIT.split('/')[0]}/ai-do", "--json")

    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("arguments", [[], ["no-id"], ["a", "b"]])
def test_bad_usage_is_said(offline: Phoihop, arguments: list[str]) -> None:
    ran = offline("report", "status", *arguments, "--as", UNIT, "--json")

    assert (ran.code, ran.out) == (2, "")


def test_without_a_server_that_is_said(offline: Phoihop) -> None:
    assert offline("report", "status", report()["report"], "--as", UNIT, "--json").code == 3


def test_a_unit_that_follows_is_told_what_happened_before_and_since(hub: Hub, phoihop: Phoihop, filed: str) -> None:
    """Breaks when following starts with silence, or a change is told twice or out of order."""
    first = within(lambda: status(phoihop, filed))
    desk = next(one for one in phoihop("incident", "show", first["incident"], "--json").document["dispatches"])

    async def followed() -> list[ReportLadder]:
        seen: list[ReportLadder] = []
        async with connection(hub.nats.url) as client:
            async for ladder in follow(client, Origin(*UNIT.split("/")), ladder_id):
                seen.append(ladder)
                if len(seen) > 1:
                    return seen
                await asyncio.to_thread(
                    phoihop, "desk", "open", f"{desk['agency']}/{desk['desk']}", desk["dispatch"], "--exercise"
                )
        return seen

    ladder_id = UUID(first["report"])
    before, since = asyncio.run(asyncio.wait_for(followed(), 30))
    assert before.sequence < since.sequence
    assert any(line.opened for line in since.lines)


def test_a_ladder_is_kept_once_for_each_report(hub: Hub, phoihop: Phoihop, filed: str) -> None:
    """Breaks when every fact of an incident adds to the stream for ever."""
    shown = within(lambda: status(phoihop, filed))
    subject = subjects.ladder(Space.EXERCISE, Origin(*UNIT.split("/")), UUID(shown["report"]))

    async def kept() -> dict[str, int]:
        async with connection(hub.nats.url) as client:
            info = await api(client, f"STREAM.INFO.{LADDERS.name}", {"subjects_filter": subject})
        found: dict[str, int] = info["state"]["subjects"]
        return found

    assert asyncio.run(kept()) == {subject: 1}
