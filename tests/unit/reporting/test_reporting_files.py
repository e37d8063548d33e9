"""A calendar nobody could keep is refused when it is loaded, with file and line."""

from pathlib import Path

import pytest

from contracts.decisions import CitationStatus
from services.routing.reporting.files import NAME, load_reporting
from services.runtime.documents import DocumentError

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference" / NAME


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ('due: {at: "17:00"}', 'due: {at: "15:00"}', "calendars.0.due", "before its end"),
        ("code: daily-province", "code: daily-commune", "calendars.1.code", "stands for two"),
        ("{of: missing,", "{of: dead,", "authorities.1.of", "two authorities"),
        ("owed_by: [PTDS-X]", "owed_by: [PTDS-Z]", "calendars.0.owed_by.0", "PTDS-Z"),
        ('period: {daily_at: "16:00"}', "period: {often: 3}", "calendars.0.period", "a period needs"),
        ('due: {at: "17:00"}', "due: {soon: true}", "calendars.0.due", "a due rule needs"),
        ("ask_again_within: PT1H", "ask_again_within: PT0S", "calendars.0", "longer than nothing"),
        ("kind: daily\n", "kind: hourly\n", "calendars.0.kind", "'daily'"),
    ],
    ids=[
        "due before the end",
        "two of a name",
        "two authorities",
        "no type",
        "no period",
        "no due",
        "no time",
        "no kind",
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, path: str, problem: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / NAME).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DocumentError) as refused:
        load_reporting(tmp_path)

    (found, *_) = refused.value.findings
    assert found.path.startswith(path)
    assert problem in found.problem
    assert found.file == tmp_path / NAME
    assert found.line > 1


def test_what_has_no_law_behind_it_says_so() -> None:
    reporting = load_reporting(REFERENCE.parent)

    unchecked = [one.code for one in reporting.calendars if one.citation.status is CitationStatus.DESIGN_DEFAULT]
    assert unchecked == ["weekly"]
    assert all(one.citation.status is CitationStatus.DESIGN_DEFAULT for one in reporting.authorities)
    assert reporting.work_calendar.status is CitationStatus.UNVERIFIED
