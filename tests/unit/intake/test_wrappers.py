"""Envelopes and feeds with several alerts: each stands for itself, and no envelope brings a drill to a live desk."""

import pytest

from contracts.codes import SourceFormat
from services.intake.formats import MAX_PARTS, ReportDraft, Unreadable, read
from tests.unit.intake.samples import CAP, ORIGIN, as_json, draft_of, found, refusal_of, report

ALERT = CAP.split("?>\n", 1)[1]
FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{}</feed>'
ENTRY = '<entry><title>x</title><content type="text/xml">{}</content></entry>'
ENVELOPE = """<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">
<distributionID>d-1</distributionID><senderID>x@y</senderID><dateTimeSent>2026-11-22T07:30:00+07:00</dateTimeSent>
<distributionStatus>Actual</distributionStatus><distributionType>Report</distributionType>
<combinedConfidentiality>UNCLASSIFIED</combinedConfidentiality>{}</EDXLDistribution>"""
CONTENT = "<contentObject><xmlContent><embeddedXMLContent>{}</embeddedXMLContent></xmlContent></contentObject>"
HUB = {
    "distributionID": "a",
    "senderID": "b",
    "dateTimeSent": "2026-11-22T07:30:00+07:00",
    "dateTimeExpires": "2026-11-23T07:30:00+07:00",
    "distributionStatus": "Actual",
    "distributionKind": "Report",
}


def alert(number: int, *, valid: bool = True) -> str:
    text = ALERT.replace(">A-1<", f">A-{number}<")
    return text if valid else text.replace("<scope>Public</scope>", "")


def envelope(*alerts: str) -> bytes:
    return ENVELOPE.format("".join(CONTENT.format(text) for text in alerts)).encode()


def feed(*alerts: str) -> bytes:
    return FEED.format("".join(ENTRY.format(text) for text in alerts)).encode()


@pytest.mark.parametrize(
    ("body", "source_format"),
    [
        (envelope(alert(1), alert(2, valid=False), alert(3)), SourceFormat.EDXL_DE_1_0),
        (feed(alert(1), alert(2, valid=False), alert(3)), SourceFormat.ATOM),
    ],
)
def test_a_bad_alert_holds_up_none_of_its_neighbours(body: bytes, source_format: SourceFormat) -> None:
    """Breaks if one broken alert of a feed could keep the others from the desks."""
    parts = read(body, ORIGIN)
    assert [type(part) for part in parts] == [ReportDraft, Unreadable, ReportDraft]
    assert [part.part for part in parts] == [0, 1, 2]
    assert {part.original.format for part in parts} == {source_format}
    assert isinstance(parts[1], Unreadable)
    assert parts[1].problems[0].field.endswith("/alert/scope")


def test_a_wrapped_alert_becomes_the_same_report_as_a_bare_one() -> None:
    bare = draft_of(CAP.encode()).report
    assert draft_of(envelope(ALERT)).report == bare
    assert draft_of(feed(ALERT)).report == bare
    entry = ENTRY.format(ALERT).replace("<entry>", '<entry xmlns="http://www.w3.org/2005/Atom">', 1)
    assert draft_of(entry.encode()).report == bare


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (envelope(), ("envelope.empty", "EDXLDistribution")),
        (feed("<p/>"), ("envelope.empty", "feed")),
        (FEED.format("").encode(), ("envelope.empty", "feed")),
        (envelope(*[ALERT] * (MAX_PARTS + 1)), ("payload.too_large", "EDXLDistribution")),
        (envelope(ALERT).replace(b"<senderID>x@y</senderID>", b""), ("edxl.rule", "EDXLDistribution/senderID")),
        (envelope(ALERT).replace(b">Report<", b">Gossip<"), ("edxl.rule", "EDXLDistribution/distributionType")),
        (
            envelope(ALERT).replace(b"00+07:00</dateTimeSent>", b"</dateTimeSent>"),
            ("time.invalid", "EDXLDistribution/dateTimeSent"),
        ),
        (
            envelope(ALERT).replace(b"UNCLASSIFIED", b"Top Secret"),
            ("secrecy.refused", "EDXLDistribution/combinedConfidentiality"),
        ),
        (b"<html/>", ("format.unknown", "")),
        (as_json(HUB), ("envelope.empty", "content")),
        (as_json(HUB | {"content": [{"jsonContent": 1}, 2]}), ("envelope.empty", "content")),
        (
            as_json({"distributionStatus": "Actual"} | {k: v for k, v in HUB.items() if k != "senderID"}),
            ("edxl.rule", "senderID"),
        ),
        (as_json(HUB | {"dateTimeSent": "x"}), ("time.invalid", "dateTimeSent")),
        (as_json(HUB | {"distributionStatus": ["x"]}), ("edxl.rule", "distributionStatus")),
        (as_json(HUB | {"note": "MẬT"}), ("secrecy.refused", "note")),
    ],
)
def test_a_wrapper_that_cannot_be_read_says_why(body: bytes, expected: tuple[str, str]) -> None:
    assert found(body) == [expected]


@pytest.mark.parametrize("label", ["Exercise", "Test", "System"])
def test_an_actual_alert_in_an_exercise_envelope_never_goes_live(label: str) -> None:
    """Breaks if a drill's envelope could bring an alert marked Actual to a live desk."""
    body = envelope(ALERT).replace(b">Actual</distributionStatus>", f">{label}</distributionStatus>".encode())
    part = refusal_of(body)
    assert part.problems[0].code.value == "edxl.rule"
    assert part.status == label


def test_an_exercise_alert_in_an_actual_envelope_stays_an_exercise() -> None:
    assert draft_of(envelope(ALERT.replace("Actual", "Exercise"))).report.status == "Exercise"


def test_one_classified_alert_refuses_the_whole_envelope() -> None:
    """Breaks if a neighbour's kept original would carry the classified bytes into the record."""
    (part,) = read(envelope(alert(1), alert(2).replace("Nước lên nhanh.", "TỐI MẬT")), ORIGIN)
    assert isinstance(part, Unreadable)
    assert [problem.code.value for problem in part.problems] == ["secrecy.refused"]
    assert part.original.content is None


def test_our_report_in_the_json_envelope_is_read() -> None:
    content = [{"jsonContent": {"embeddedJsonContent": {"message": report()}}}]
    draft = draft_of(as_json(HUB | {"content": content}))
    assert draft.report.headline == "Lũ quét tại A Lưới"
    assert draft.original.content is not None
    assert found(as_json(HUB | {"distributionStatus": "Test", "content": content}))[0][0] == "edxl.rule"
