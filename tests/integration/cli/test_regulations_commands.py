"""`phoihop regulations …` as typed: output, JSON, exit codes; seeded faults are found, explained and saved."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from services.cli import app

REFERENCE: Final = Path(__file__).parents[3] / "deploy" / "reference"

SECOND_LEAD: Final = """lead, to: {agency: bo-khcn}}
  - code: t-second
    law: special
    valid_from: 2025-07-01
    citation: {instrument: t, text: t, status: unverified}
    when: {category: [CBR-RAD]}
    assign:
      - {role: lead, to: {agency: bca}}"""
UNSIGNED: Final = json.dumps(
    {
        "type": "incident",
        "report": "019c0000-0000-7000-8000-000000000001",
        "status": "Test",
        "sent": "2026-11-22T05:00:00Z",
        "observed_at": "2026-11-22T05:00:00Z",
        "category": "NAT-FLOOD",
        "headline": "x",
    }
)


def typed(*words: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["regulations", *map(str, words)], input=stdin)


def document(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def _reference_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(REFERENCE))


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the reference in which some text of one file is replaced."""

    def edit(file: str, pattern: str, replacement: str) -> Path:
        folder = tmp_path / "draft"
        shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("scenarios"))
        path = folder / file
        text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.DOTALL)
        assert count == 1
        path.write_text(text, encoding="utf-8")
        return folder

    return edit


def test_check_of_the_reference_is_clean_and_quick() -> None:
    """Whoever edits the law proves it after every change only if that takes no time, whatever else the machine does."""
    started = time.process_time()
    result = typed("check", "--json")
    assert time.process_time() - started < 60  # 12 when nothing else runs; processors that are shared count more
    assert result.exit_code == 0
    found = document(result)
    assert (found["clean"], found["faults"]) == (True, 0)
    assert all(not finding["fault"] for finding in found["findings"])


def test_check_speaks_both_languages() -> None:
    """One category is proved in a moment; the whole set in the test above."""
    assert "0 faults" in typed("check", "--category", "CYB-SYS", "--lang", "en").stdout
    assert "0 lỗi" in typed("check", "--category", "CYB-SYS", "--lang", "vi").stdout


def a_rule(code: str) -> str:
    """The text of one rule in its file, for a pattern."""
    return rf"\n  - code: {code}\n.*?(?=\n\n|\n  #|\Z)"


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "category", "kind"),
    [
        ("regulations/30-fire-and-forest.yaml", a_rule("w6-forest-fire-directed"), "", "FOR-FIRE", "gap"),
        (
            "regulations/70-health-environment-works.yaml",
            r"lead, to: \{agency: bo-khcn\}, acknowledge_within: PT5M\}",
            SECOND_LEAD,
            "CBR-RAD",
            "conflict",
        ),
        (
            "regulations/90-left-to-fallback.yaml",
            r"  - \{code: qd-04-2026-ttg, valid_from: 2026-01-23\}",
            "  - {code: qd-04-2026-ttg, valid_from: 2026-01-23, valid_to: 2026-06-30}",
            "ENV-OIL",
            "expired",
        ),
        (
            "register.yaml",
            r"(code: bqp\n.*?relations:\n)",
            r"\1      - {tree: border_guard, superior: bp-tw}\n",
            "BOR-MARK",
            "escalation_loop",
        ),
    ],
)
def test_a_seeded_fault_is_found_with_a_counter_example_that_explain_accepts(  # noqa: PLR0913, PLR0917  # one fault
    file: str, pattern: str, replacement: str, category: str, kind: str, edited: Callable[..., Path]
) -> None:
    """A deleted rule, a second lead, an expired citation, a loop: what an editor of the law gets wrong."""
    draft = edited(file, pattern, replacement)
    result = typed("check", draft, "--category", category, "--json")
    assert result.exit_code == 1
    finding = next(finding for finding in document(result)["findings"] if finding["kind"] == kind)
    assert finding["fault"]
    assert finding["fix"]["vi"]
    assert finding["fix"]["en"]
    report = json.dumps(finding["counterexample"])
    assert typed("explain", "-", "--json", stdin=report).exit_code == 0
    assert typed("explain", "-", "--regulations", draft, "--json", stdin=report).exit_code == 0


def test_a_counter_example_saved_as_a_case_fails_until_the_set_is_corrected(
    edited: Callable[..., Path], tmp_path: Path
) -> None:
    draft = edited("regulations/30-fire-and-forest.yaml", a_rule("w6-forest-fire-directed"), "")
    saved = tmp_path / "found.yaml"
    checked = typed("check", draft, "--category", "FOR-FIRE", "--save", saved, "--lang", "en")
    assert checked.exit_code == 1
    assert f"explain - --regulations {draft}" in checked.stdout
    assert typed("test", saved, "--regulations", draft, "--json").exit_code == 1
    assert typed("test", saved).exit_code == 0
    assert typed("explain", saved, "--json").exit_code == 0
    assert typed("check", draft, "--save", saved).exit_code == 2


def test_explain_tells_the_way_of_a_report_through_the_rules() -> None:
    result = typed("explain", "forest-fire-at-xuan-luong", "--json")
    assert result.exit_code == 0
    found = document(result)
    assert found["lead"] == "ubnd-x-xuan-luong/truc-ban"
    rule = next(rule for rule in found["matched"] if rule["rule"] == "w6-forest-fire-directed")
    assert rule["citation"]["instrument"] == "tt-25-2019-bnnptnt"
    assert all(met["holds"] for met in rule["conditions"])
    assert any(not met["holds"] for rule in found["not_matched"] for met in rule["conditions"])
    assert found["recipients"][0]["escalation"] == ["ubnd-t-bac-ninh/truc-ban", "ptds-qg/truc-ban"]


def test_explain_for_people_names_agencies_and_conditions() -> None:
    said = typed("explain", "boat-with-unknown-position", "--lang", "vi").stdout
    assert "Ban Chỉ đạo Phòng thủ dân sự quốc gia – Trực ban" in said
    assert "chưa rõ vị trí" in said
    assert "Rules that match" in typed("explain", "boat-with-unknown-position", "--lang", "en").stdout


def test_explain_at_another_time_asks_the_register_of_that_time() -> None:
    then = document(typed("explain", "g1-casualties-112", "--at", "2025-08-22T12:00:00", "--json"))
    now = document(typed("explain", "g1-casualties-112", "--json"))
    desks = [{recipient["desk"] for recipient in found["recipients"]} for found in (then, now)]
    assert "qs-t-lam-dong/112" not in desks[0]
    assert "qs-t-lam-dong/112" in desks[1]
    assert then["at"] == "2025-08-22T12:00:00+07:00"


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("<alert/>", "no valid JSON of ours"),
        ('{"type": "incident"}', "incident.report"),
        (UNSIGNED, "--as AGENCY"),
    ],
)
def test_a_report_that_cannot_be_explained_is_refused_with_the_next_step(stdin: str, said: str) -> None:
    result = typed("explain", "-", "--lang", "en", stdin=stdin)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_unknown_case_is_refused() -> None:
    result = typed("explain", "no-such-case", "--lang", "en")
    assert (result.exit_code, "no case" in result.stderr) == (2, True)


def test_the_reference_cases_pass() -> None:
    result = typed("test", "--json")
    assert result.exit_code == 0
    found = document(result)
    assert found["cases"] == found["passed"] >= 120


def test_a_case_decided_otherwise_is_shown_line_by_line(edited: Callable[..., Path]) -> None:
    draft = edited("regulations/40-rescue.yaml", a_rule("s6-position-unknown"), "")
    result = typed("test", "--regulations", draft, "--lang", "en")
    assert result.exit_code == 1
    assert "boat-with-unknown-position" in result.stdout
    assert "- s6-position-unknown" in result.stdout


def test_diff_tells_the_edit_and_whom_it_changes(edited: Callable[..., Path]) -> None:
    draft = edited("regulations/60-public-safety.yaml", r"(code: p3-disorder\n.*?)PT5M", r"\1PT3M")
    result = typed("diff", REFERENCE, draft, "--json")
    assert result.exit_code == 0
    found = document(result)
    assert [(rule["rule"], rule["change"]) for rule in found["rules"]] == [("p3-disorder", "changed")]
    assert "5 minutes → 3 minutes" in found["rules"][0]["details"][0]["en"]
    assert [case["name"] for case in found["affected"]] == ["p3-disorder"]
    assert found["affected"][0]["effects"][0]["kind"] == "deadline"
    assert "1 quy tắc khác nhau" in typed("diff", REFERENCE, draft, "--lang", "vi").stdout


def test_a_document_that_cannot_be_read_names_file_and_line(edited: Callable[..., Path]) -> None:
    draft = edited("regulations/40-rescue.yaml", "code: s1-land\n", "code: S1 LAND\n")
    for command in (("check", draft), ("test", "--regulations", draft), ("diff", REFERENCE, draft)):
        result = typed(*command, "--lang", "en")
        assert result.exit_code == 2
        assert "40-rescue.yaml:5" in result.stderr


def test_what_the_loader_refuses_fails_the_check_with_its_line(edited: Callable[..., Path]) -> None:
    national = r"to: \{agency: bqp\}\}\n(?=      - \{role: coordinate, to: \{agency_type: BP-T)"
    draft = edited("regulations/40-rescue.yaml", national, "to: {agency: bo-ma}}\n")
    result = typed("check", draft, "--category", "SAR-AIR", "--json")
    assert result.exit_code == 1
    assert any("bo-ma is not in the register" in refused for refused in document(result)["refused"])
