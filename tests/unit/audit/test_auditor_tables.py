"""What an auditor reads fits a screen of eighty columns: no name is cut, no number broken."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from services.audit.commands.auditor_texts import known_tables, obligations_shown
from services.audit.reports.auditing import ObligationsReport
from services.audit.reports.knowing import FeedFact, Knowledge, Known
from services.audit.reports.obligations import Line
from services.runtime.terminal import Language

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
LONGEST = "a" * 32
INCIDENT = "0190a1b2-0000-7000-8000-000000000002"
KINDS = ("acknowledge", "decide", "first_report", "follow_up", "answer", "period")


def on_eighty_columns(shown: list[object]) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=False).print(*shown, sep="\n")
    return out.getvalue().splitlines()


@pytest.mark.parametrize("lang", Language)
def test_a_report_shows_each_obligation_on_one_line(lang: Language) -> None:
    lines = [Line(agency, "2026-11", kind, 12345, 4, 3, 2, 1) for agency in (LONGEST, "b") for kind in KINDS]
    shown = on_eighty_columns(list(obligations_shown(lang, ObligationsReport(tuple(lines), AT, 9, b"r" * 32, 0))))
    assert max(map(len, shown)) <= 80
    assert shown.count(LONGEST) == 1
    rows = [row.split() for row in shown if row.startswith("  2026-11")]
    assert len(rows) == len(lines)
    assert all(row[-6:] == ["12355", "12345", "4", "3", "2", "1"] for row in rows)


@pytest.mark.parametrize("lang", Language)
def test_what_a_desk_knew_is_told_by_incident_without_breaking_its_name(lang: Language) -> None:
    names = ("DispatchIssued", "DispatchDiverted", "DispatchReleased")
    facts = [FeedFact(1234567 + at, name, AT, INCIDENT, {}) for at, name in enumerate(names)]
    known = [Known(fact, knowledge, facts[-1]) for fact in facts for knowledge in Knowledge]
    shown = on_eighty_columns(list(known_tables(lang, known, known[:1])))
    assert max(map(len, shown)) <= 80
    assert sum(row.endswith(INCIDENT) for row in shown) == 2
    assert sum("22/11/2026 08:02:03" in row or "2026-11-22 08:02:03" in row for row in shown) == len(known) + 1
