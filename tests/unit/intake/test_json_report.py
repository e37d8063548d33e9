"""What our own JSON may look like, and in whose words a refusal speaks."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings

from contracts.codes import SourceFormat
from contracts.reports import IncidentReport, SituationReport
from services.intake.formats import ReportDraft, read
from services.intake.formats.json_report import REPORT
from tests.strategies import reports
from tests.unit.intake.samples import ORIGIN, REPORT_ID, as_json, draft_of, found, refusal_of, report


def test_a_plain_report_is_read_and_its_bytes_need_not_be_kept() -> None:
    draft = draft_of(as_json(report()))
    assert draft.report.headline == "Lũ quét tại A Lưới"
    assert draft.original.format is SourceFormat.JSON
    assert draft.original.content is None
    assert draft.original.size == len(as_json(report()))


@pytest.mark.parametrize(
    "body",
    [
        as_json(report(headline=unicodedata.normalize("NFD", "Lũ quét"))),
        as_json(report(headline="  Lũ quét ")),
        as_json(report(sent="2026-11-22T07:30:00.000+07:00")),
        as_json(report(report=REPORT_ID.upper())),
    ],
)
def test_bytes_that_the_report_does_not_repeat_are_kept(body: bytes) -> None:
    """Breaks if evidence of what the unit really sent were thrown away after we normalised it."""
    assert draft_of(body).original.content == body


def test_text_is_stored_composed() -> None:
    draft = draft_of(as_json(report(headline=unicodedata.normalize("NFD", "Lũ quét ở xã Quảng Tân"))))
    assert draft.report.headline == "Lũ quét ở xã Quảng Tân"


def test_a_byte_order_mark_is_ignored() -> None:
    assert draft_of(b"\xef\xbb\xbf" + as_json(report())).report.headline == "Lũ quét tại A Lưới"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"x": 1}, ("field.unknown", "x")),
        ({"category": "NAT-FOO"}, ("category.unknown", "category")),
        ({"category": 3}, ("category.unknown", "category")),
        ({"sent": "2026-11-22T07:30:00"}, ("time.invalid", "sent")),
        ({"sent": "yesterday"}, ("time.invalid", "sent")),
        ({"sent": 1700000000}, ("time.invalid", "sent")),
        ({"headline": "x" * 201}, ("field.too_long", "headline")),
        ({"headline": ""}, ("field.missing", "headline")),
        ({"headline": "  "}, ("field.missing", "headline")),
        ({"headline": "a\u202eb"}, ("text.forbidden_character", "headline")),
        ({"headline": "a\nb"}, ("text.forbidden_character", "headline")),
        ({"headline": "\u0958" * 200}, ("field.too_long", "headline")),
        ({"places": [{"kind": "point", "lat": "1", "lon": 2}]}, ("field.invalid", "places.0.lat")),
        ({"places": [{"kind": "area", "valid_on": "2026-01-01"}]}, ("field.missing", "places.0.code")),
        ({"places": [{"kind": "planet"}]}, ("field.invalid", "places.0.kind")),
        ({"places": [{}]}, ("field.missing", "places.0.kind")),
        ({"places": [{"kind": "area", "code": "1", "valid_on": "x"}]}, ("time.invalid", "places.0.valid_on")),
        ({"type": "rumour"}, ("field.invalid", "type")),
        ({"msg_type": "Update"}, ("references.missing", "references")),
        ({"handling": "x"}, ("field.invalid", "handling")),
        ({"report": "12"}, ("field.invalid", "report")),
        ({"status": "Live"}, ("field.invalid", "status")),
        ({"scales": {"disaster_risk": 6}}, ("field.invalid", "scales.disaster_risk")),
    ],
)
def test_a_fault_is_named_by_code_and_field_as_the_sender_wrote_it(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert found(as_json(report(**changes))) == [expected]


def test_missing_fields_are_each_named() -> None:
    body = report()
    del body["headline"], body["sent"]
    assert found(as_json(body)) == [("field.missing", "sent"), ("field.missing", "headline")]


def test_a_thousand_faults_give_at_most_twenty_problems() -> None:
    """Breaks if a small message could make a large event: error text amplification."""
    part = refusal_of(as_json(report(**{f"x{number}": 1 for number in range(1000)})))
    assert len(part.problems) == 20


def test_a_long_field_name_is_not_repeated_in_full() -> None:
    part = refusal_of(as_json(report(**{"x" * 5000 + "\x1b[31m": 1})))
    assert len(part.problems[0].field) <= 120


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"report":"a","report":"b"}', "field.invalid"),
        (b'{"report":"a","\\u0072eport":"b"}', "field.invalid"),
        (b"{", "json.malformed"),
        (b'{"a":NaN}', "json.malformed"),
        (b'{"a":"\\ud800"}', "json.malformed"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json.too_deep"),
        (b'{"a":' + b"[" * 60_000, "json.too_deep"),
        (b'{"a":"\xff"}', "encoding.unsupported"),
        (b"[]", "format.unknown"),
        (b"hello", "format.unknown"),
        (b"", "payload.empty"),
        (b" \n ", "payload.empty"),
        (b" " * 70_000, "payload.too_large"),
    ],
)
def test_bytes_that_are_no_report_are_refused_with_their_code(body: bytes, code: str) -> None:
    assert [problem.code.value for problem in refusal_of(body).problems] == [code]


def test_what_an_unreadable_report_claims_about_itself_is_kept() -> None:
    part = refusal_of(as_json(report(status="Exercise", category="X")))
    assert str(part.claimed_report) == REPORT_ID
    assert part.status == "Exercise"


@settings(max_examples=60, deadline=None)
@given(reports())
def test_a_report_survives_the_wire(sent: IncidentReport | SituationReport) -> None:
    """Breaks if a unit's report could reach the record other than as the unit meant it."""
    body = REPORT.dump_json(sent, exclude_none=True)
    (part,) = read(body, ORIGIN)
    assert isinstance(part, ReportDraft), part
    assert part.report == sent
    assert part.original.content is None
