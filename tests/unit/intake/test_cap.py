"""What a CAP alert becomes, and what each rule of the standard says when it is broken."""

from datetime import UTC, datetime

import pytest

from contracts.codes import Handling, MsgType, Severity, SourceFormat, UrgencyMark
from contracts.places import AdminArea, Circle, Described, Point, Polygon
from contracts.reports import IncidentReport
from contracts.subjects import Origin
from contracts.taxonomy import Category
from services.intake.formats import read
from services.intake.formats.cap_mapping import report_id
from services.intake.formats.event_terms import category_of_event
from tests.unit.intake.samples import ORIGIN, cap, draft_of, found, refusal_of

SENT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
TRIPLE = "to1@aluoi.vn,A-0,2026-11-22T06:00:00+07:00"


def mapped(*swaps: tuple[str, str]) -> IncidentReport:
    report = draft_of(cap(*swaps)).report
    assert isinstance(report, IncidentReport)
    return report


def test_an_alert_becomes_an_incident_report() -> None:
    draft = draft_of(cap())
    report = mapped()
    assert report.report == report_id(ORIGIN, "to1@aluoi.vn", "A-1", SENT)
    assert (report.category, report.severity) == (Category.NAT_SLIDE, Severity.SEVERE)
    assert (report.headline, report.description) == ("Lũ quét tại A Lưới", "Nước lên nhanh.")
    assert (report.sent, report.observed_at) == (SENT, SENT)
    assert report.places == (Circle(lat=16.27, lon=107.23, radius_km=5.0), Described(text="Xã A Lưới 2"))
    assert draft.original.format is SourceFormat.CAP_1_2
    assert draft.original.content == cap()
    assert draft.claimed_sender == "to1@aluoi.vn"


def test_another_unit_sending_the_same_alert_files_another_report() -> None:
    """Breaks if one unit could take or overwrite the identifiers of another."""
    (own,), (other,) = read(cap(), ORIGIN), read(cap(), Origin("other", "to-1"))
    assert own != other
    assert report_id(ORIGIN, "a", "b", SENT) != report_id(Origin("other", "to-1"), "a", "b", SENT)


def test_an_update_refers_to_the_report_that_the_earlier_alert_became() -> None:
    report = mapped(("Alert</msg", "Update</msg"), ("</scope>", f"</scope><references>{TRIPLE}</references>"))
    earlier = mapped((">A-1<", ">A-0<"), ("07:30:00+07:00", "06:00:00+07:00"))
    assert report.msg_type is MsgType.UPDATE
    assert report.references == (earlier.report,)


def test_the_incidents_an_alert_names_are_kept_as_codes_of_another_system() -> None:
    """Breaks if a name that is no line of ours refused the report, or a quoted name with a blank fell apart."""
    named = 'SC-7 "Cháy rừng 12" SC-7 ""'
    report = mapped(("<scope>Public</scope>", f"<scope>Public</scope><incidents>{named} {'x' * 300}</incidents>"))
    assert report.incident_codes == ("SC-7", "Cháy rừng 12")
    assert mapped().incident_codes is None


def test_onset_counts_as_seen_only_when_it_was_not_still_to_come() -> None:
    past = mapped(("</certainty>", "</certainty><onset>2026-11-22T05:00:00+07:00</onset>"))
    future = mapped(("</certainty>", "</certainty><onset>2026-11-23T05:00:00+07:00</onset>"))
    assert past.observed_at == datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
    assert (future.observed_at, future.forecast) == (SENT, "2026-11-23T05:00:00+07:00")


def test_a_declared_category_wins_over_the_words() -> None:
    code = "<eventCode><valueName>phoihop:category</valueName><value>INF-DAM</value></eventCode>"
    assert mapped(("</certainty>", f"</certainty>{code}")).category is Category.INF_DAM


def test_scales_and_marks_come_from_our_parameters() -> None:
    parameters = "".join(
        f"<parameter><valueName>phoihop:{name}</valueName><value>{value}</value></parameter>"
        for name, value in (("disaster_risk", "3"), ("urgency_mark", "hoa_toc"), ("position_unknown", "true"))
    )
    report = mapped(("<area>", f"{parameters}<area>"))
    assert (report.scales.disaster_risk, report.urgency_mark, report.position_unknown) == (3, UrgencyMark.HOA_TOC, True)


def test_places_are_geometry_and_our_codes_first_and_words_last() -> None:
    area = "<polygon>16,107 16,108 17,108 16,107</polygon><circle>16.5,107.5 0</circle>"
    code = "<geocode><valueName>phoihop:area</valueName><value>19774</value></geocode>"
    report = mapped(("<circle>16.27,107.23 5</circle>", area + code))
    assert [type(place) for place in report.places] == [AdminArea, Polygon, Point, Described]
    assert report.places[0].model_dump()["valid_on"].isoformat() == "2026-11-22"


def test_a_long_area_description_is_parted_and_nothing_of_it_lost() -> None:
    text = "; ".join(f"thôn {number} xã A Lưới" for number in range(40))
    words = [place.text for place in mapped(("Xã A Lưới 2", text)).places if isinstance(place, Described)]
    assert "; ".join(words) == text


def test_the_vietnamese_block_is_the_one_people_read_and_the_gravest_counts() -> None:
    english = (
        "<info><category>Geo</category><event>Flash flood</event><urgency>Past</urgency><severity>Extreme</severity>"
        "<certainty>Likely</certainty><headline>Flash flood</headline></info><info><language>vi"
    )
    report = mapped(("<info><language>vi", english))
    assert (report.headline, report.severity) == ("Lũ quét tại A Lưới", Severity.EXTREME)


def test_a_restricted_alert_is_for_those_who_need_to_know() -> None:
    report = mapped(("Public</scope>", "Restricted</scope><restriction>nội bộ</restriction>"))
    assert report.handling is Handling.NEED_TO_KNOW


def test_cap_1_1_is_read_and_cap_1_0_is_not() -> None:
    assert draft_of(cap(("cap:1.2", "cap:1.1"))).original.format is SourceFormat.CAP_1_1
    assert found(cap(("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0"))) == [
        ("cap.version", "alert")
    ]
    assert found(cap((' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', ""))) == [("cap.version", "alert")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<scope>Public</scope>", "", ("cap.rule", "alert/scope")),
        (
            "<status>Actual</status><msgType>Alert</msgType>",
            "<msgType>Alert</msgType><status>Actual</status>",
            ("cap.rule", "alert/status"),
        ),
        (">Geo<", ">Weather<", ("cap.rule", "alert/info/category")),
        ("07:30:00+07:00", "07:30:00Z", ("time.invalid", "alert/sent")),
        ("2026-11-22T", "2026-11-31T", ("time.invalid", "alert/sent")),
        (">A-1<", ">A 1<", ("cap.rule", "alert/identifier")),
        ("to1@aluoi.vn", "to1,aluoi", ("cap.rule", "alert/sender")),
        ("to1@aluoi.vn", "to1&amp;aluoi", ("cap.rule", "alert/sender")),
        (">Public<", ">Restricted<", ("cap.rule", "alert/restriction")),
        (">Public<", ">Private<", ("cap.rule", "alert/addresses")),
        ("</scope>", "</scope><references>A-0</references>", ("cap.rule", "alert/references")),
        ("16.27,107.23 5", "16.27 107.23 5", ("cap.rule", "alert/info/area/circle")),
        ("16.27,107.23 5", "96.27,107.23 5", ("cap.rule", "alert/info/area/circle")),
        ("16.27,107.23 5", "16.27,107.23 -5", ("cap.rule", "alert/info/area/circle")),
        ("</circle>", "</circle><ceiling>9</ceiling>", ("cap.rule", "alert/info/area/ceiling")),
        ("<circle>", "<polygon>1,2 1,3 1,2</polygon><circle>", ("cap.rule", "alert/info/area/polygon")),
        ("<circle>", "<polygon>1,2 1,3 2,3 1,4</polygon><circle>", ("cap.rule", "alert/info/area/polygon")),
        ("<circle>", "<polygon>1,2 1,3 2,3 1;2</polygon><circle>", ("cap.rule", "alert/info/area/polygon")),
        ("<area>", "<web>page.html</web><area>", ("cap.rule", "alert/info/web")),
        (
            "<area>",
            "<resource><resourceDesc>a</resourceDesc></resource><area>",
            ("cap.rule", "alert/info/resource/mimeType"),
        ),
        (
            "<area>",
            "<parameter><valueName> </valueName><value>1</value></parameter><area>",
            ("cap.rule", "alert/info/parameter/valueName"),
        ),
        ("<info>", "stray<info>", ("cap.rule", "alert")),
        ("<info>", '<info id="1">', ("cap.rule", "alert/info")),
        (">Alert<", ">Ack<", ("cap.msg_type", "alert/msgType")),
        (">Alert<", ">Error<", ("cap.msg_type", "alert/msgType")),
        (">Actual<", ">System<", ("status.not_accepted", "alert/status")),
        (">Actual<", ">Draft<", ("status.not_accepted", "alert/status")),
        (">Alert<", ">Cancel<", ("references.missing", "alert/references")),
        (">Lũ quét<", ">Thông báo<", ("category.unknown", "alert/info/event")),
        (">Lũ quét<", ">Lũ quét và bão<", ("category.unknown", "alert/info/event")),
        ("Lũ quét tại A Lưới", "x" * 201, ("field.too_long", "alert/info/headline")),
        ("Nước lên nhanh.", "a\u202eb", ("text.forbidden_character", "alert/info/description")),
        (
            "<area>",
            "<parameter><valueName>phoihop:level</valueName><value>1</value></parameter><area>",
            ("field.unknown", "alert/info/parameter/valueName"),
        ),
        (
            "<area>",
            "<parameter><valueName>phoihop:river_alert</valueName><value>9</value></parameter><area>",
            ("field.invalid", "alert/info/parameter"),
        ),
    ],
)
def test_a_breach_is_named_by_code_and_element(old: str, new: str, expected: tuple[str, str]) -> None:
    assert found(cap((old, new))) == [expected]


def test_an_alert_without_info_says_what_is_missing() -> None:
    body = cap()
    start, end = body.index(b"<info>"), body.index(b"</info>") + 7
    assert found(body[:start] + body[end:]) == [("field.missing", "alert/info")]


def test_blocks_that_disagree_are_told_apart_by_number() -> None:
    second = (
        "</info><info><category>Met</category><event>Bão</event><urgency>Past</urgency><severity>Minor</severity>"
        "<certainty>Likely</certainty></info></alert>"
    )
    part = refusal_of(cap(("</info></alert>", second)))
    assert part.problems[0].field == "alert/info[1]/event"
    assert "NAT-SLIDE, NAT-STORM" in (part.problems[0].detail or "")


def test_twenty_one_places_are_too_many() -> None:
    circles = "".join(f"<circle>16,{number} 5</circle>" for number in range(21))
    assert found(cap(("<circle>16.27,107.23 5</circle>", circles))) == [("field.too_long", "alert/info/area")]


@pytest.mark.parametrize(
    ("event", "category"),
    [
        ("Flash Flood Watch", Category.NAT_SLIDE),
        ("SEVERE THUNDERSTORM", Category.NAT_WX),
        ("Coastal flood", Category.NAT_FLOOD),
        ("Cảnh báo bão", Category.NAT_STORM),
        ("Cảnh báo cháy rừng", Category.FOR_WARN),
        ("Cháy rừng", Category.FOR_FIRE),
        ("Canh bao lu quet", Category.NAT_SLIDE),
        ("Bao", Category.NAT_STORM),
        ("canh bao", None),
        ("Thông cáo báo chí", None),
        ("Lũ và sạt lở đất", None),
        ("Homeland Security Advisory System Update", None),
        ("", None),
    ],
)
def test_the_words_of_an_event_decide_only_when_they_are_clear(event: str, category: Category | None) -> None:
    assert category_of_event(event) is category
