"""The auditors' pages say what vouches for the ledger, whatever does or does not; templates are strict about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.audit.web.course import page_of
from services.audit.web.names import Names
from services.audit.web.seal import Covered, Seal
from services.audit.web.telling import Words
from services.runtime.terminal import Language
from services.runtime.web import catalogues, rendering
from services.runtime.web.jobs import Job
from services.runtime.web.shell import OWN
from tests.ledgers import INCIDENT
from tests.reviews import entries_of_story

PAGES = Path(__file__).resolve().parents[3] / "services" / "audit" / "pages"
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
FINDINGS = [
    {"flaw": "content_changed", "first": 1, "last": 1},
    {"flaw": "not_settled", "first": 0, "last": 7},
    {"flaw": "history_rewritten", "first": 2, "last": 3, "checkpoint": "7"},
    {"flaw": "checkpoint_unreadable", "first": None, "last": None, "checkpoint": "x"},
]
VERDICT = {
    "entries": 8,
    "verified": False,
    "root": "ab",
    "kept": 2,
    "kept_at": {"folder": 2, "witness a": "unreachable"},
    "signatures_checked": False,
    "findings": FINDINGS,
}


def drawn(template: str, language: Language = Language.VI, **context: Any) -> str:
    texts = catalogues.catalogues((OWN / "locale", PAGES / "locale"))
    folders = (PAGES / "templates", OWN / "templates")
    found = rendering.environments(folders, texts, lambda name: f"/{name}")[language].get_template(template)
    frame = {"section": "review", "lang": language.value, "theme": "auto", "now": NOW, "visitor": None}
    switched = {"switches": {"language": [], "theme": []}, "path": "/review", "words": Words(language, Names())}
    return found.render({**frame, **switched, "seal": None, **context})


def seal(covered: Covered | None, wanted: int = 0) -> Seal:
    return Seal(12, "ab", NOW, covered, wanted)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "Không thấy được sổ"),
        (seal(None), "Chưa có điểm chốt"),
        (seal(Covered(9, NOW, agrees=False, witnesses=(), settled=False)), "Sổ mâu thuẫn với điểm chốt"),
        (seal(Covered(9, NOW, agrees=True, witnesses=(), settled=False)), "Không yêu cầu nhân chứng"),
        (seal(Covered(9, NOW, agrees=True, witnesses=("a",), settled=False), 2), "Chưa đủ nhân chứng"),
        (seal(Covered(9, None, agrees=True, witnesses=("a", "b"), settled=True), 2), "Đồng ký: a, b"),
    ],
)
def test_the_badge_says_who_vouches_and_never_more(found: Seal | None, told: str) -> None:
    """Breaks if a ledger that contradicts its checkpoint, or that too few vouch for, looked like a sound one."""
    shown = drawn("ledger.html", seal=found, job=None)
    assert told in shown
    if told == "Sổ mâu thuẫn với điểm chốt":
        assert "có đúng gốc này" not in shown


@pytest.mark.parametrize("language", Language)
def test_a_verdict_names_every_finding_and_what_did_not_answer(language: Language) -> None:
    job = Job("1", {}, "Kiểm tra viên 1", NOW, 8, 8, NOW, VERDICT)
    shown = drawn("ledger.html", language, job=job)
    assert shown.count("<li>") >= len(FINDINGS)
    assert language.pick("không trả lời", "does not answer") in shown
    assert language.pick("đã bị thay đổi", "was changed") in shown


def test_a_verification_under_way_is_followed_with_a_script_or_without_one() -> None:
    shown = drawn("ledger.html", job=Job("1", {}, "a", NOW, 3, 12, changes=4))
    assert 'id="job" data-running="yes" data-changes="4" data-events="/review/ledger/events"' in shown
    assert 'src="/job.js"' in shown
    assert '<meta http-equiv="refresh" content="3">' in shown
    assert 'id="progress" max="12" value="3"' in shown
    assert "job.js" not in drawn("ledger.html", job=Job("1", {}, "a", NOW, 8, 8, NOW, VERDICT))


@pytest.mark.parametrize("failed", ["unavailable", "failed"])
def test_a_verification_without_an_end_is_no_verdict(failed: str) -> None:
    shown = drawn("ledger.html", job=Job("1", {}, "a", NOW, ended=NOW, failed=failed))
    assert "Chưa có kết luận" in shown
    assert "Sổ nguyên vẹn" not in shown


@pytest.mark.parametrize("language", Language)
def test_an_incident_is_told_whole_or_for_one_desk(language: Language) -> None:
    entries = entries_of_story()
    whole = drawn("incident.html", language, page=page_of(INCIDENT, entries))
    assert whole.count("<tr id=") == len(entries)
    assert "marker-end" in whole
    one = drawn("incident.html", language, page=page_of(INCIDENT, entries, ("qs-hue", "truc")))
    assert 0 < one.count("<tr id=") < len(entries)


@pytest.mark.parametrize("why", ["not_covered", "no_keys", "contradicted", "self_check", "unavailable"])
def test_why_there_is_no_evidence_is_told(why: str) -> None:
    assert "<h1>" in drawn("no-evidence.html", why=why, incident=INCIDENT)
