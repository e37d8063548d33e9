"""A small CAP alert, a JSON report and a register that the tests of intake change one thing at a time in."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.register import Agency, FieldUnit, Register
from contracts.subjects import Origin
from services.intake.acceptance import Arrival
from services.intake.formats import ReportDraft, Unreadable, read

ORIGIN = Origin("cax-a-luoi", "to-1")
RECEIVED_AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ARRIVAL = Arrival(ORIGIN, UUID(int=7), RECEIVED_AT)
REPORT_ID = "0190f3a2-7c3e-7000-8000-000000000001"

CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>A-1</identifier><sender>to1@aluoi.vn</sender><sent>2026-11-22T07:30:00+07:00</sent>
<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><language>vi-VN</language><category>Geo</category><event>Lũ quét</event>
<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
<headline>Lũ quét tại A Lưới</headline><description>Nước lên nhanh.</description>
<area><areaDesc>Xã A Lưới 2</areaDesc><circle>16.27,107.23 5</circle></area></info></alert>"""


def report(**changes: Any) -> dict[str, Any]:
    """A valid incident report in our own JSON."""
    return {
        "type": "incident",
        "report": REPORT_ID,
        "status": "Actual",
        "sent": "2026-11-22T07:30:00+07:00",
        "observed_at": "2026-11-22T07:10:00+07:00",
        "category": "NAT-SLIDE",
        "headline": "Lũ quét tại A Lưới",
    } | changes


def as_json(value: object) -> bytes:
    """The bytes a unit's phone would send."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def cap(*swaps: tuple[str, str]) -> bytes:
    """The CAP alert with texts exchanged; every text to exchange must be there."""
    text = CAP
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def draft_of(body: bytes, media_type: str | None = None) -> ReportDraft:
    """The one report of a submission that must be readable."""
    (part,) = read(body, ORIGIN, media_type)
    assert isinstance(part, ReportDraft), part
    return part


def refusal_of(body: bytes, media_type: str | None = None) -> Unreadable:
    """The one part of a submission that must be unreadable."""
    (part,) = read(body, ORIGIN, media_type)
    assert isinstance(part, Unreadable), part
    assert part.original.content is None
    return part


def found(body: bytes, media_type: str | None = None) -> list[tuple[str, str]]:
    """Code and field of every problem."""
    return [(problem.code.value, problem.field) for problem in refusal_of(body, media_type).problems]


def register(**validity: date) -> Register:
    """One agency with one unit; `validity` is the unit's."""
    unit = FieldUnit(code=ORIGIN.point, name_vi="Tổ 1", name_en="Team 1", **validity)
    agency = Agency(
        id=UUID(int=1), code=ORIGIN.agency, type="CA-X", name_vi="Công an xã", name_en="Commune police", units=(unit,)
    )
    return Register(
        version="t1", as_of=date(2026, 11, 1), label_vi="Thử", label_en="Test", areas=(), agencies=(agency,)
    )
