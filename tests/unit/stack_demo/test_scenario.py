"""The reference scenario says what it must, and a scenario that contradicts itself is refused with the fix."""

from pathlib import Path

import pytest

from contracts.codes import Space
from contracts.receipts import Outcome
from contracts.register import Register
from services.runtime.documents import DocumentError
from services.runtime.register.loading import load_register
from services.stack.demo.scenario import Scenario, load_scenario, scenario_names

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"

STORY = """
code: story
title_vi: "Chuyện"
title_en: "Story"
label_vi: "Ví dụ"
label_en: "Example"
starts: "06:30"
ends: PT1M
speed: 60
filings:
  - {key: one, at: PT0S, by: ubnd-x-thuan-hoa/van-phong, report: {headline: "Ngập"}}
  - {key: again, at: PT5S, by: ubnd-x-thuan-hoa/van-phong, resends: one}
desks:
  - {desk: ubnd-x-thuan-hoa/truc-ban, acknowledges_after: PT30S}
"""


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(REFERENCE / "register.yaml")


@pytest.fixture(scope="module")
def flood(register: Register) -> Scenario:
    return load_scenario(REFERENCE, "flood-morning", register)


def test_the_flood_morning_shows_what_it_promises(flood: Scenario) -> None:
    families = {
        str(filing.report["category"])[:3] for filing in flood.filings if filing.report and "category" in filing.report
    }
    outcomes = [filing.expect.outcome for filing in flood.filings]
    assert len(flood.filings) >= 30
    assert len({filing.by for filing in flood.filings}) >= 8
    assert len(families) >= 4
    assert outcomes.count(Outcome.ACCEPTED) >= 25
    assert Outcome.DUPLICATE in outcomes
    assert Outcome.REJECTED in outcomes
    assert any(filing.expect.joins for filing in flood.filings)
    assert any(conduct.acknowledges_after is None for conduct in flood.desks)
    assert any(conduct.space is Space.EXERCISE for conduct in flood.desks)
    assert "hư cấu" in flood.label_vi


def test_the_reference_folder_lists_its_scenarios() -> None:
    assert "flood-morning" in scenario_names(REFERENCE)


def test_an_unknown_scenario_names_those_there_are(register: Register) -> None:
    with pytest.raises(LookupError, match="flood-morning"):
        load_scenario(REFERENCE, "storm", register)


def told(folder: Path, register: Register, old: str = "", new: str = "") -> Scenario:
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    assert old in STORY
    (scenarios / "story.yaml").write_text(STORY.replace(old, new, 1) if old else STORY, encoding="utf-8")
    return load_scenario(folder, "story", register)


def test_a_small_story_is_read(tmp_path: Path, register: Register) -> None:
    assert told(tmp_path, register).filing("again").resends == "one"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("by: ubnd-x-thuan-hoa/van-phong", "by: ubnd-x-thuan-hoa/nobody", "unit ubnd-x-thuan-hoa/nobody is not"),
        ("desk: ubnd-x-thuan-hoa/truc-ban", "desk: ubnd-x-thuan-hoa/nobody", "desk ubnd-x-thuan-hoa/nobody is not"),
        ('report: {headline: "Ngập"}', 'areas: [nowhere], report: {headline: "Ngập"}', "area nowhere is not"),
        ("key: again", "key: one", "one stands for two submissions"),
        ("resends: one", "resends: two", "does not come before"),
        ("at: PT5S", "at: -PT5S", "does not come before"),
        ("resends: one", 'resends: one, cap: "<alert/>"', "exactly one of report, cap and resends"),
        ("resends: one", "resends: one, tone: loud", "Extra inputs are not permitted"),
        ("speed: 60", "speed: 0", "greater than or equal to 1"),
    ],
)
def test_a_story_that_contradicts_itself_is_refused(
    tmp_path: Path, register: Register, old: str, new: str, problem: str
) -> None:
    with pytest.raises(DocumentError, match=problem):
        told(tmp_path, register, old, new)
