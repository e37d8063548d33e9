"""Every published sample file is accepted or refused with a code, and which of the two it is stays the same."""

from typing import Final

import pytest

from contracts.reports import IncidentReport
from contracts.subjects import Origin
from services.intake.formats import ReportDraft, read
from tests.conformance.real_data import REAL_DATA, needs_real_data

ORIGIN: Final = Origin("import", "samples")

ACCEPTED: Final = {
    "cap/amber.atom": ("atom", "PUB-MISS", "Amber Alert in Washington D.C."),
    "cap/earthquake.cap": ("cap-1.1", "NAT-QUAKE", "EQ 6.3 Neiafu, Tonga - PRELIMINARY REPORT"),
    "cap/earthquake-iso8859-1.cap": (
        "cap-1.2",
        "NAT-QUAKE",
        "EQ 4.6 Usulután, Usulután, El Salvador - PRELIMINARY REPORT",
    ),
    "cap/oasis_amber_KAR0-0306112239-SW.cap": ("cap-1.1", "PUB-MISS", "AMBER ALERT"),
    "cap/oasis_thunderstorm.cap": ("cap-1.2", "NAT-WX", "SEVERE THUNDERSTORM WARNING"),
    "cap/weather.cap": (
        "cap-1.1",
        "NAT-SLIDE",
        "Flash Flood Watch issued August 30 at 4:07AM MDT expiring August 30 at 12:00PM MDT by NWS GreatFalls",
    ),
}
REFUSED: Final = {
    "cap/cap12.xsd": ("format.unknown", ""),
    "cap/edxlde-1_0.xsd": ("format.unknown", ""),
    "cap/invalid.cap": ("cap.rule", "alert/scope"),
    "cap/no_optional_fields.cap": ("field.missing", "alert/info"),
    "cap/oasis_homeland_43b080713727.cap": ("category.unknown", "alert/info/event"),
    "cap/xee.cap": ("xml.unsafe", ""),
    "edxl-de/failing-missing-EDXL-required-field.json": ("edxl.rule", "distributionID"),
    "edxl-de/failing-unparsable-content.json": ("envelope.empty", "content"),
    "edxl-de/valid-EDXL-DE.json": ("envelope.empty", "content"),
    "edxl-de/valid-EDXL-DE.xml": ("envelope.empty", "edxlDistribution"),
}


@needs_real_data
@pytest.mark.parametrize("name", ACCEPTED)
def test_a_published_alert_becomes_a_report(name: str) -> None:
    (draft,) = read((REAL_DATA / name).read_bytes(), ORIGIN)
    assert isinstance(draft, ReportDraft)
    assert isinstance(draft.report, IncidentReport)
    assert (draft.original.format, draft.report.category, draft.report.headline) == ACCEPTED[name]
    # a file that names whom to call is kept sealed, and nothing of it in clear
    kept = draft.withheld if draft.report.personal else draft.original.content
    assert kept == (REAL_DATA / name).read_bytes()
    assert draft.report.places


@needs_real_data
@pytest.mark.parametrize("name", REFUSED)
def test_a_published_file_that_is_no_report_is_refused_with_its_code(name: str) -> None:
    (part,) = read((REAL_DATA / name).read_bytes(), ORIGIN)
    assert not isinstance(part, ReportDraft)
    assert [(problem.code.value, problem.field) for problem in part.problems] == [REFUSED[name]]


@needs_real_data
def test_no_published_file_is_left_out() -> None:
    """Breaks if a new sample came without anyone saying what should become of it."""
    there = {path.relative_to(REAL_DATA).as_posix() for path in REAL_DATA.glob("*/*") if path.is_file()}
    assert there == ACCEPTED.keys() | REFUSED.keys()
