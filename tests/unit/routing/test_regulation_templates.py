"""Every outcome of work about regulations has a page, in both languages: templates are strict about what they get."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.routing.web.telling import Words
from services.runtime.terminal import Language
from services.runtime.web import catalogues, rendering
from services.runtime.web.jobs import Job
from services.runtime.web.shell import OWN

PAGES = Path(__file__).resolve().parents[3] / "services" / "routing" / "pages"
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
STEP = {"proposal": "p", "set": "s", "set_version": "v", "sha256": "x", "effective": "2098-12-31T17:00:00+00:00"}
BOTH = {"vi": "lời", "en": "words"}
REFUSED = {"set": "s", "set_version": "v", "sha256": "x", "proposal": None, "details": ["d"]}
FINDING = {
    "kind": "gap",
    "fault": True,
    "name": BOTH,
    "text": BOTH,
    "fix": BOTH,
    "cases": 2,
    "counterexample": {"a": 1},
}
FOUND: list[tuple[str, dict[str, Any]]] = [
    ("propose", STEP | {"outcome": "proposed", "by": "a@b", "cases": 3}),
    ("approve", STEP | {"outcome": "activated", "approvers": ["a@b", "c@d"]}),
    ("approve", REFUSED | {"outcome": "refused", "reasons": [{"code": "c", **BOTH}]}),
    ("cancel", STEP | {"outcome": "cancelled", "by": "a@b"}),
    ("check", STEP | {"clean": False, "faults": 1, "rules": 2, "findings": [FINDING]}),
    ("check", STEP | {"clean": True, "faults": 0, "rules": 2, "findings": []}),
    ("cases", STEP | {"cases": 2, "failed": []}),
]


def drawn(language: Language, job: Job) -> str:
    texts = catalogues.catalogues((OWN / "locale", PAGES / "locale"))
    folders = (PAGES / "templates", OWN / "templates")
    template = rendering.environments(folders, texts, lambda name: f"/{name}")[language].get_template("job.html")
    frame = {"section": "regulations", "lang": language.value, "theme": "auto", "now": NOW, "visitor": None}
    switched = {"switches": {"language": [], "theme": []}, "path": "/regulations/jobs/1"}
    return template.render({**frame, **switched, "words": Words(language), "job": job, "found": job.found})


@pytest.mark.parametrize(("work", "found"), FOUND, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("language", Language)
def test_what_was_found_is_told(work: str, found: dict[str, Any], language: Language) -> None:
    job = Job("1", {"work": work, "of": "active"}, "a@b", NOW, ended=NOW, found=found)
    assert 'id="verdict"' in drawn(language, job)


@pytest.mark.parametrize(
    "reason", ["document", "unknown", "no_key", "no_time", "unavailable", "nothing_stands", "failed"]
)
def test_why_nothing_was_found_is_told(reason: str) -> None:
    job = Job("1", {"work": "check", "of": "draft:x"}, "a@b", NOW, ended=NOW, failed=reason, said="line 1\nline 2")
    shown = drawn(Language.VI, job)
    assert 'data-state="overdue"' in shown
    assert ("line 1" in shown) is (reason == "document")


def test_work_under_way_is_followed_and_reloaded_without_scripts() -> None:
    shown = drawn(Language.EN, Job("1", {"work": "check", "of": "active"}, "a@b", NOW, done=2, total=5))
    assert 'data-running="yes"' in shown
    assert '<meta http-equiv="refresh" content="3">' in shown
    assert 'max="5" value="2"' in shown
