"""What the pages about regulations make of forms, of work that is under way, and of rules."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contracts.decisions import CitationStatus
from contracts.taxonomy import Category
from services.routing.commands.regulation_files import UnreadableReportError, load_rules, read_report
from services.routing.regulations.rules.model import RegulationSet
from services.routing.web.shelf import Shelf, UnknownSetError
from services.routing.web.telling import Words, shown
from services.routing.web.trying import report_json
from services.runtime.register.loading import load_register
from services.runtime.terminal import Language

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
REPORT = UUID(int=1)
REFERENCE = Path(__file__).resolve().parents[3] / "deploy" / "reference"


@pytest.fixture(scope="module")
def reference() -> RegulationSet:
    return load_rules(REFERENCE / "regulations", load_register(REFERENCE / "register.yaml"))


def test_the_form_makes_a_report_that_every_door_would_take() -> None:
    typed = {"category": "NAT-FLOOD", "place": " 19819 ", "disaster_risk": "3", "dead": "2", "on": "2026-11-22T08:30"}
    report = read_report(report_json(typed, NOW, REPORT))
    assert report.sent == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    told = json.loads(report.model_dump_json(exclude_none=True))
    assert told["places"] == [{"kind": "area", "code": "19819", "valid_on": "2026-11-22"}]
    assert (told["scales"]["disaster_risk"], told["counts"][0]["value"]) == (3, 2.0)


def test_without_a_place_nobody_knows_where_and_without_a_time_it_is_now() -> None:
    report = json.loads(read_report(report_json({"category": "SAR-SEA", "on": "soon"}, NOW, REPORT)).model_dump_json())
    assert (report["position_unknown"], report["places"], report["sent"]) == (True, [], "2026-11-22T01:00:00Z")


@pytest.mark.parametrize("typed", [{"disaster_risk": "9"}, {"dead": "many"}, {"category": "X"}, {"dead": "²"}])
def test_what_the_form_cannot_mean_is_refused_by_the_reader_of_reports(typed: dict[str, str]) -> None:
    with pytest.raises(UnreadableReportError):
        read_report(report_json({"category": "NAT-FLOOD", **typed}, NOW, REPORT))


def test_rules_are_listed_by_category_and_by_how_far_their_basis_was_checked(reference: RegulationSet) -> None:
    words = Words(Language.VI)
    everything = list(shown(reference.rules, words, "", ""))
    assert len(everything) == len(reference.rules)
    about = list(shown(reference.rules, words, Category.FOR_FIRE.value, ""))
    assert 0 < len(about) < len(everything)
    confirmed = list(shown(reference.rules, words, "", "confirmed"))
    assert {rule.status for rule in confirmed} == {CitationStatus.CONFIRMED}
    assert all(rule.sentence and rule.citation for rule in everything)


def test_only_drafts_that_are_listed_can_be_named(tmp_path: Path) -> None:
    """Breaks if a name on a page could lead out of the folder of drafts."""
    (tmp_path / "drafts" / "one").mkdir(parents=True)
    (tmp_path / "drafts" / ".hidden").mkdir()
    (tmp_path / "drafts" / "a-file.yaml").touch()
    (tmp_path / "secret").mkdir()
    shelf = Shelf(lambda: pytest.fail("nothing is asked"), tmp_path / "drafts")
    assert shelf.draft_names() == ["one"]
    for name in ("../secret", "", ".", ".hidden", "a-file.yaml", str(tmp_path / "secret")):
        with pytest.raises(UnknownSetError):
            shelf.draft(name)
    assert Shelf(lambda: pytest.fail("nothing is asked"), tmp_path / "none").draft_names() == []
