"""What the timeline tells of an event, whatever the event is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.evidence.gist import Told, gist

PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(
    [
        "addressee",
        "role",
        "obligations",
        "obligation",
        "next",
        "due",
        "decision",
        "late",
        "citation",
        "sentence_vi",
        "signature",
        "by",
        "report",
        "counts",
        "scene",
        "scales",
        "methane",
        "access",
        "of",
    ]
)
ODD = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))


def told(**data: Any) -> tuple[Told, ...]:
    return gist(json.dumps({"data": data}).encode())


def test_a_dispatch_is_told_with_its_desk_its_role_its_reason_and_its_deadline() -> None:
    lines = told(
        headline="Sạt lở",
        addressee={"agency": "xa-a", "desk": "truc"},
        role="lead",
        sentence_vi="Xã chủ trì.",
        sentence_en="The commune leads.",
        citation={"text": "Luật 1, Điều 2"},
        obligations=[{"kind": "acknowledge", "due": "2026-11-22T03:00:00Z"}],
    )
    assert lines == (
        Told("Sạt lở", "Sạt lở"),
        Told("Gửi xa-a/truc: chủ trì", "To xa-a/truc: lead"),
        Told("Xã chủ trì.", "The commune leads."),
        Told("Căn cứ: Luật 1, Điều 2", "Basis: Luật 1, Điều 2"),
        Told("Hạn xác nhận đã nhận tin: 22/11/2026 10:00:00", "Due by 22/11/2026 10:00:00: acknowledge"),
    )


def test_a_report_and_a_dispatch_are_told_with_their_figures_and_the_scene() -> None:
    """An auditor asks what the desk was told, not only that it was told something."""
    counts = [{"of": "missing", "value": 3.0, "unit": "person", "source": "Trạm"}]
    methane = {"access": "Quốc lộ 49", "services_present": ["Dân quân"], "services_required": []}
    report = {"headline": "Vỡ đê", "description": "20 m", "methane": methane, "counts": counts}
    filed = told(report=report | {"scales": {"river_alert": 3}})
    assert [one.vi for one in filed] == [
        "Vỡ đê",
        "20 m",
        "mất tích: 3 người (Trạm)",
        "Đường tiếp cận: Quốc lộ 49",
        "Lực lượng có mặt: Dân quân",
        "mức báo động lũ 3",
    ]
    issued = told(text="20 m", counts=counts, scene={"hazards": "Điện"})
    assert [one.en for one in issued] == ["20 m", "missing: 3 people (Trạm)", "Hazards: Điện"]


def test_a_signed_report_names_who_signed_and_who_only_carried_it() -> None:
    author, carrier = {"agency": "xa-a", "unit": "to-1"}, {"agency": "xa-b", "unit": "to-2"}
    own = Told("Ký bởi xa-a/to-1, khóa UABC", "Signed by xa-a/to-1, key UABC")

    assert told(sender=author, signature={"by": author, "key": "UABC"}) == (own,)
    assert told(sender=carrier, signature={"by": author, "key": "UABC"}) == (
        own,
        Told("Chuyển hộ bởi xa-b/to-2", "Carried by xa-b/to-2"),
    )


def test_a_decision_names_its_set_its_register_and_everybody_it_sent_for() -> None:
    desk = {"agency": "xa-a", "desk": "truc"}
    assigned = [{"addressee": desk, "role": "coordinate", "rule": "r1"}]
    made = {"set": "vn", "set_version": "v1", "register_version": "r9", "assignments": assigned}
    assert told(decision=made) == (
        Told("Theo bộ quy tắc vn v1, danh bạ r9", "By regulations vn v1, register r9"),
        Told("xa-a/truc: phối hợp (r1)", "xa-a/truc: coordinate (r1)"),
    )


@pytest.mark.parametrize(("late", "expected"), [(True, "trễ hạn"), (False, "đúng hạn")])
def test_late_is_said(*, late: bool, expected: str) -> None:
    assert told(late=late)[0].vi == expected


@given(ODD)
def test_no_event_however_odd_keeps_the_page_from_being_drawn(data: Any) -> None:
    """Breaks if one odd body could spoil the pages of a whole evidence file."""
    lines = gist(json.dumps({"data": data}).encode())
    assert {type(word) for line in lines for word in line} <= {str}


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"7", b'{"data":7}', b"{}", b"\xff"])
def test_what_is_no_event_tells_nothing(body: bytes) -> None:
    assert gist(body) == ()
