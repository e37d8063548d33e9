"""`phoihop regulations activate, approve, cancel, active, replay` as typed: two people, exit codes, effects."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from contracts import subjects
from contracts.activation import RegulationActivationRefused
from contracts.envelope import read
from contracts.taxonomy import Category
from services.routing.commands import asking
from services.routing.regulations.proof.proving import prove
from tests.integration.cli.commands import Ran
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.hub import Hub
from tests.integration.routing.drafts import RENAMED, SHORTER, VERSION, draft
from tests.integration.routing.records import accept, decided, told

LEGAL: Final = ("--by", "phap-che@ubnd-t-hue")
CHIEF: Final = ("--by", "chanh-van-phong@ubnd-t-hue")
Draft = Callable[..., Path]
CONCERNED: Final = (Category.CBR_RAD,)
"""What the faulty rule is about: the real proof, of this only."""
SECOND_LEAD: Final = """
  - code: t-second
    law: special
    valid_from: 2025-07-01
    citation: {instrument: t, text: t, status: unverified}
    when: {category: [CBR-RAD]}
    assign:
      - {role: lead, to: {agency: bca}}
  - code: e4-radiation"""


@pytest.fixture
def edited(tmp_path: Path) -> Draft:
    """The reference set under another version, edited."""
    numbers: Iterator[int] = iter(range(99))

    def edit(version: str, *edits: tuple[str, str, str]) -> Path:
        (folder := tmp_path / str(next(numbers))).mkdir()
        return draft(folder, version, *edits)

    return edit


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the proof, which takes long and has tests of its own; one test here runs a part of it."""
    monkeypatch.setattr(asking, "prove", lambda *_args, **_names: iter(()))


def typed(phoihop: Phoihop, *words: object) -> Any:
    """A command that succeeds; its document."""
    ran = phoihop("regulations", *words, "--json")
    assert ran.code == 0, (ran.out, ran.err)
    return ran.document


def refused(ran: Ran, code: int, *reasons: str) -> None:
    assert ran.code == code, (ran.out, ran.err)
    assert [reason["code"] for reason in ran.document["reasons"]] == list(reasons)


@pytest.mark.usefixtures("quick")
def test_two_people_put_a_set_in_force_and_every_command_sees_it(phoihop: Phoihop, edited: Draft) -> None:
    assert typed(phoihop, "active")["active"]["basis"] == "reference"
    assert typed(phoihop, "test")["source"] == "active"
    rules = edited("reference-2026-12")
    proposal = typed(phoihop, "activate", rules, *LEGAL)
    assert proposal["outcome"] == "proposed"
    assert [one["proposal"] for one in typed(phoihop, "active")["proposals"]] == [proposal["proposal"]]

    refused(phoihop("regulations", "approve", proposal["proposal"], *LEGAL, "--json"), 2, "same_approver")
    other = edited("reference-2026-12", RENAMED)
    own = phoihop("regulations", "approve", proposal["proposal"], *CHIEF, "--regulations", other, "--json")
    refused(own, 2, "other_text")
    assert typed(phoihop, "active")["active"]["set_version"] == VERSION

    activated = typed(phoihop, "approve", proposal["proposal"][:20], *CHIEF, "--regulations", rules)
    assert activated["approvers"] == ["phap-che@ubnd-t-hue", "chanh-van-phong@ubnd-t-hue"]
    now = typed(phoihop, "active")
    assert (now["active"]["set_version"], now["active"]["basis"]) == ("reference-2026-12", "approved")
    assert typed(phoihop, "test")["set_version"] == "reference-2026-12"

    refused(phoihop("regulations", "activate", rules, *LEGAL, "--json"), 2, "not_newer")
    refused(phoihop("regulations", "cancel", proposal["proposal"], *CHIEF, "--json"), 2, "not_open")


@pytest.mark.usefixtures("quick")
def test_an_activation_for_later_is_shown_and_can_be_cancelled(phoihop: Phoihop, edited: Draft) -> None:
    proposal = typed(phoihop, "activate", edited("reference-2099-1"), *LEGAL, "--at", "2099-01-01")["proposal"]
    typed(phoihop, "approve", proposal, *CHIEF)
    (waiting,) = typed(phoihop, "active")["to_follow"]
    assert waiting["since"] == "2098-12-31T17:00:00+00:00", "a time without a zone is Vietnam's"

    assert typed(phoihop, "cancel", proposal, *CHIEF, "--reason", "chờ văn bản")["outcome"] == "cancelled"

    assert typed(phoihop, "active")["to_follow"] == []
    people = phoihop("regulations", "active", "--lang", "en")
    assert "in force" in people.out


@pytest.mark.timeout(240)
def test_a_set_with_a_gap_or_a_failing_case_is_refused_and_the_refusal_is_on_record(
    phoihop: Phoihop, edited: Draft, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad set never replaces a good one: neither one that the proof rejects nor one that a named case rejects."""
    second_lead = ("70-health-environment-works.yaml", "\n  - code: e4-radiation", SECOND_LEAD)
    monkeypatch.setattr(
        asking, "prove", lambda rules, register, _every, **bar: prove(rules, register, CONCERNED, **bar)
    )
    two_leads = phoihop("regulations", "activate", edited("reference-2098-1", second_lead), *LEGAL, "--json")
    assert two_leads.code == 1, (two_leads.out, two_leads.err)
    assert "not_clean" in {reason["code"] for reason in two_leads.document["reasons"]}
    monkeypatch.setattr(asking, "prove", lambda *_args, **_names: iter(()))
    late = phoihop("regulations", "activate", edited("reference-2098-2", SHORTER), *LEGAL, "--json")
    refused(late, 1, "cases_fail")

    recorded = [data for _, data in asyncio.run(told(hub)) if isinstance(data, RegulationActivationRefused)]
    versions = [one.version for one in recorded if one.version.startswith("reference-2098")]
    assert versions == ["reference-2098-1", "reference-2098-2"]
    assert not any(one["set_version"].startswith("reference-2098") for one in typed(phoihop, "active")["proposals"])


def test_who_is_nobody_and_what_is_nothing_is_bad_usage(phoihop: Phoihop, edited: Draft, tmp_path: Path) -> None:
    rules = edited("reference-2097-1")
    for words in (
        ("activate", tmp_path / "nowhere", *LEGAL),
        ("activate", rules, "--by", "Trần Văn A"),
        ("approve", "ffffffff", *CHIEF),
        ("cancel", "", *CHIEF),
        ("replay", tmp_path / "nowhere"),
    ):
        ran = phoihop("regulations", *words)
        assert (ran.code, ran.out) == (2, ""), words


@pytest.mark.usefixtures("quick")
def test_an_agency_that_is_not_in_the_register_approves_nothing(phoihop: Phoihop, edited: Draft) -> None:
    ran = phoihop("regulations", "activate", edited("reference-2096-1"), "--by", "phap-che@nobody", "--json")

    refused(ran, 2, "unknown_agency")


def test_without_a_server_nothing_is_activated_and_the_reference_is_explained(offline: Phoihop, edited: Draft) -> None:
    rules = edited("reference-2026-12")
    for words in (("activate", rules, *LEGAL), ("active",), ("replay", rules)):
        assert offline("regulations", *words).code == 3

    ran = offline("regulations", "test", "--json")
    assert (ran.code, ran.document["source"]) == (0, "reference")
    assert "bộ tham khảo" in ran.err


async def _decided(hub: Hub, number: int) -> list[str]:
    reports = await accept(hub, number)
    found = await decided(hub, number)
    return [str(json.loads(one.body)["incidentid"]) for one in found if one.report in reports]


def test_replay_lists_exactly_what_an_edited_draft_changes_and_nothing_for_the_set_itself(
    phoihop: Phoihop, edited: Draft, hub: Hub
) -> None:
    incidents = asyncio.run(_decided(hub, 3))
    stored = asyncio.run(hub.facts(subjects.ALL_COURSES))
    opened = [read(one.body) for one in stored if str(read(one.body).incidentid) in incidents]
    (lead,) = {f"{e.data.decision.assignments[0].addressee.agency}" for e in opened}
    (rule,) = {e.data.decision.assignments[0].rule for e in opened}

    same = typed(phoihop, "replay", edited("draft-same"))
    assert (same["incidents"] >= 3, same["affected"], same["differs_from_record"]) == (True, [], [])

    code = f"code: {rule}\n"
    changed = typed(phoihop, "replay", _with_a_later_start(edited, code), "--from", "2026-01-01")
    affected = {one["incident"]: one for one in changed["affected"]}
    assert set(incidents) <= set(affected)
    assert any(effect["desk"].startswith(lead) for effect in affected[incidents[0]]["effects"])
    kinds = {effect["kind"] for effect in affected[incidents[0]]["effects"]}
    assert kinds & {"loses", "role", "lead_by", "fallback", "gains"}
    assert typed(phoihop, "replay", edited("draft-past"), "--to", "2026-01-01")["incidents"] == 0


def _with_a_later_start(edited: Draft, code: str) -> Path:
    """A draft in which the rule is not in force yet."""
    for file in sorted(Path("deploy/reference/regulations").glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if (start := text.find(code)) >= 0:
            end = text.index("valid_from: ", start) + len("valid_from: 2025-07-01")
            passage = text[start:end]
            return edited("draft-later", (file.name, passage, passage[:-10] + "2099-01-01"))
    raise AssertionError(code)
