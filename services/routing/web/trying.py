"""Makes a report of what the form "who would get this?" says; nothing of it is filed. It reads no clock."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts.codes import Severity, UrgencyMark
from contracts.taxonomy import Category
from services.runtime.terminal import VIETNAM

HIGHEST_RISK: Final = 5
"""Of the scale of disaster risk."""
_DIGITS: Final = 10


def report_json(typed: Mapping[str, str], now: datetime, report: UUID) -> str:
    """The report in our own JSON; what is wrong with it the reader of reports says."""
    happened = _moment(typed.get("on", ""), now)
    document: dict[str, Any] = {
        "type": "incident",
        "report": str(report),
        "status": "Actual",
        "sent": happened.isoformat(),
        "observed_at": happened.isoformat(),
        "category": typed.get("category") or Category.NAT_FLOOD.value,
        "headline": "–",
        "severity": typed.get("severity") or Severity.UNKNOWN.value,
        "urgency_mark": typed.get("urgency_mark") or UrgencyMark.THUONG.value,
        "places": [],
        "position_unknown": True,
    }
    if code := typed.get("place", "").strip():
        on = happened.astimezone(VIETNAM).date().isoformat()
        document |= {"places": [{"kind": "area", "code": code, "valid_on": on}], "position_unknown": False}
    if risk := typed.get("disaster_risk", "").strip():
        document["scales"] = {"disaster_risk": _number(risk)}
    if dead := typed.get("dead", "").strip():
        document["counts"] = [{"of": "dead", "value": _number(dead), "unit": "person", "source": "–"}]
    return json.dumps(document, ensure_ascii=False)


def _number(text: str) -> int | str:
    """The number; what is none stays as typed, for the reader of reports to refuse."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else text


def _moment(text: str, now: datetime) -> datetime:
    """A day or time of Việt Nam; now where it is none."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return now
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
