"""Material for tests of the auditors' pages: an incident whose desks answered in time, too late and not at all."""

import json
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from services.audit.entries import Received
from services.audit.tables import Entry
from tests.ledgers import INCIDENT, STORED, event_body

HEADLINE: Final = "Ngập <b>sâu</b> ở tổ 5"
IN_TIME, LATE, SILENT = ("ca-hue", "truc"), ("ubnd-hue", "truc"), ("qs-hue", "truc")
DUE: Final = STORED + timedelta(minutes=5)


def story() -> list[Received]:
    """What the stream delivers: opened, three dispatches, two acknowledgements, a silence and whom it led to."""
    return [
        told(1, "IncidentOpened", None, cause=100, **_opened()),
        *(told(2 + n, "DispatchIssued", desk, cause=100, **_issued(desk)) for n, desk in enumerate(DESKS)),
        told(5, "DispatchDelivered", IN_TIME, cause=201, action=str(UUID(int=201)), dispatch="d-ca-hue"),
        told(6, "DispatchAcknowledged", IN_TIME, cause=202, action=str(UUID(int=202)), dispatch="d-ca-hue", late=False),
        told(
            7, "DispatchEscalated", SILENT, cause=300, dispatch="d-qs-hue", obligation="o-qs-hue", due=DUE.isoformat()
        ),
        told(8, "DispatchAcknowledged", LATE, cause=203, action=str(UUID(int=203)), dispatch="d-ubnd-hue", late=True),
    ]


def entries_of_story() -> list[Entry]:
    """The same as the ledger would hold it, without a database."""
    return [
        Entry(
            idx=each.stream_seq - 1,
            stream_seq=each.stream_seq,
            occurred_at=each.stored_at,
            stored_at=each.stored_at,
            recorded_at=each.stored_at,
            event_id=UUID(int=each.stream_seq),
            incident_id=INCIDENT,
            event_type=json.loads(each.body)["type"],
            agency=each.subject.split(".")[4] if each.subject.count(".") > COURSE else None,
            subject=each.subject,
            leaf_hash=bytes(32),
            body=each.body,
        )
        for each in story()
    ]


COURSE: Final = 3
"""Dots in the subject of an incident's course."""
DESKS: Final = (IN_TIME, LATE, SILENT)


def told(seq: int, name: str, desk: tuple[str, str] | None, cause: int, **data: Any) -> Received:
    """One fact, a minute after the one before."""
    at = STORED + timedelta(minutes=seq)
    attributes = {
        "type": f"phoihop.{name}.v1",
        "time": at.isoformat(),
        "causationid": str(UUID(int=cause)),
        "data": {"incident": str(INCIDENT), **data},
    }
    place = subjects.course(Space.ACTUAL, INCIDENT)
    subject = subjects.dispatch(Space.ACTUAL, INCIDENT, *desk) if desk else place
    return Received(seq, subject, event_body(seq, **attributes), at)


def _opened() -> dict[str, Any]:
    assignment = {"addressee": _addressee(LATE), "role": "lead", "rule": "vn.flood"}
    return {
        "headline": HEADLINE,
        "category": "NAT-FLOOD",
        "severity": "Severe",
        "sighting": {"communes": ["19819"]},
        "decision": {"set": "vn", "set_version": "1", "register_version": "1", "assignments": [assignment]},
    }


def _issued(desk: tuple[str, str]) -> dict[str, Any]:
    agency, _ = desk
    return {
        "dispatch": f"d-{agency}",
        "addressee": _addressee(desk),
        "role": "lead" if desk == LATE else "coordinate",
        "sentence_vi": "Ngập lụt thì xã chủ trì.",
        "sentence_en": "The commune leads in a flood.",
        "citation": {"text": "Ví dụ, Điều 1"},
        "obligations": [{"obligation": f"o-{agency}", "kind": "acknowledge", "due": DUE.isoformat()}],
    }


def _addressee(desk: tuple[str, str]) -> dict[str, str]:
    return {"agency": desk[0], "desk": desk[1]}
