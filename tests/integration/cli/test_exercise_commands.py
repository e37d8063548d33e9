"""`phoihop exercise` on real servers: planned, filed once at its time over a restart, called off, never live."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import DispatchIssued, ReportAccepted
from contracts.exercises import ExerciseStarted
from services.runtime.clock import now
from tests.integration.cli.conftest import Phoihop
from tests.integration.cli.test_desk_commands import within
from tests.integration.http.hub import Hub

DESK = "ptds-qg/truc-ban"
SCENARIO = """
code: thu
title_vi: "Diễn tập thử"
title_en: "A trial"
label_vi: "Bịa"
label_en: "Invented"
starts: "06:30"
ends: PT1M
speed: 60
filings:
  - key: nuoc-len
    at: PT0S
    by: ubnd-x-phong-thai/van-phong
    areas: ["19858"]
    report: {category: NAT-FLOOD, headline: "Nước lên", severity: Moderate, status: Actual}
  - key: them
    at: PT2S
    by: ubnd-x-phong-thai/van-phong
    areas: ["19858"]
    refers_to: [nuoc-len]
    report: {category: NAT-FLOOD, headline: "Nước vẫn lên", severity: Moderate, msg_type: Update}
  - key: cap
    at: PT3S
    by: nnmt-t-hue/thuy-loi
    cap: "<alert/>"
  - key: mai
    at: PT1H
    by: ubnd-x-phong-thai/van-phong
    report: {category: NAT-FLOOD, headline: "Mai mới báo", severity: Moderate}
desks: []
"""


@pytest.fixture(autouse=True)
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference register with a scenario of its own."""
    folder, given = tmp_path / "reference", Path("deploy/reference").absolute()
    (folder / "scenarios").mkdir(parents=True)
    for name in ("register.yaml", "admin-units.tsv"):
        (folder / name).symlink_to(given / name)
    (folder / "scenarios" / "thu.yaml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(folder))


def facts(hub: Hub) -> list[Event[Any]]:
    return [read(stored.body) for stored in asyncio.run(hub.facts(subjects.EVERY_FACT))]


def filed(hub: Hub, headline: str) -> list[Event[Any]]:
    return [
        fact for fact in facts(hub) if isinstance(fact.data, ReportAccepted) and fact.data.report.headline == headline
    ]


def test_an_exercise_runs_at_its_time_on_the_production_path_and_never_live(hub: Hub, phoihop: Phoihop) -> None:
    """Breaks when a plan's reports come late, twice, or in the live space, or open nothing."""
    ran = phoihop("exercise", "start", "--as", DESK, "--scenario", "thu", "--name", "Thử", "--json")
    assert (ran.code, ran.document["reports"], ran.document["left_out"]) == (0, 3, ["cap"])

    within(lambda: filed(hub, "Nước vẫn lên"), 30)
    accepted = filed(hub, "Nước lên") + filed(hub, "Nước vẫn lên")
    assert [subjects.space_of_fact(fact.subject) for fact in accepted] == [Space.EXERCISE, Space.EXERCISE]
    assert accepted[1].data.report.references == (accepted[0].data.report.report,)
    within(lambda: [one for one in facts(hub) if isinstance(one.data, DispatchIssued)])
    assert {subjects.space_of_fact(one.subject) for one in facts(hub)} == {Space.EXERCISE} | _law(hub)
    started = [fact.data.drill for fact in facts(hub) if isinstance(fact.data, ExerciseStarted)]
    assert started.count(UUID(ran.document["drill"])) == 1

    drill = ran.document["drill"]
    listed = _listed(phoihop, drill)
    assert (listed["state"], listed["name"]) == ("running", "Thử")
    assert "DIỄN TẬP" in phoihop("exercise", "list").out

    cancelled = phoihop("exercise", "cancel", drill, "--as", DESK, "--reason", "Mưa thật", "--json")
    assert (cancelled.code, cancelled.document["outcome"]) == (0, "accepted")
    listed = _listed(phoihop, drill)
    assert (listed["state"], listed["reason"]) == ("cancelled", "Mưa thật")


def _listed(phoihop: Phoihop, drill: str) -> dict[str, Any]:
    (found,) = [one for one in phoihop("exercise", "list", "--json").document["exercises"] if one["drill"] == drill]
    return dict(found)


def _law(hub: Hub) -> set[Space]:
    """The texts of regulations and register are of the hub, which has one law: exercises go by the same."""
    kinds = {"ReferenceRecorded", "RegulationActivated"}
    return {subjects.space_of_fact(one.subject) for one in facts(hub) if type(one.data).__name__ in kinds}


def test_who_is_not_above_the_units_is_refused_and_told_why(phoihop: Phoihop) -> None:
    ran = phoihop("exercise", "start", "--as", "ca-t-hue/truc-ban", "--scenario", "thu", "--json")

    assert (ran.code, ran.document["errors"][0]["code"]) == (2, "action.role")


def test_a_plan_waits_for_its_time(phoihop: Phoihop) -> None:
    at = f"{now().year + 1}-03-01T08:00"
    ran = phoihop("exercise", "plan", "--as", DESK, "--scenario", "thu", "--at", at, "--json", "--lang", "en")

    assert ran.code == 0
    assert _listed(phoihop, ran.document["drill"])["state"] == "planned"


@pytest.mark.parametrize(
    "arguments",
    [
        ["start", "--scenario", "no-such"],
        ["plan", "--scenario", "thu", "--at", "morgen"],
        ["cancel", "no-id", "--reason", "x"],
    ],
)
def test_bad_usage_is_said(phoihop: Phoihop, arguments: list[str]) -> None:
    ran = phoihop("exercise", *arguments, "--as", DESK, "--json")

    assert (ran.code, ran.out) == (2, "")
