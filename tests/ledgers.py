"""Material for tests of the ledger: messages as EVENTS would deliver them, and logins with nothing but their role."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from services.audit.entries import Received

STORED = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
RECORDED = datetime(2026, 11, 22, 1, 2, 4, tzinfo=UTC)
INCIDENT = UUID("0190a1b2-0000-7000-8000-000000000002")


def event_body(number: int, **changed: Any) -> bytes:
    """A small event; the same number is the same event."""
    attributes = {
        "specversion": "1.0",
        "id": str(UUID(int=number)),
        "type": "phoihop.DispatchDelivered.v1",
        "time": "2026-11-22T01:02:03Z",
        "incidentid": str(INCIDENT),
        "data": {"note": f"Lũ quét {number}"},
    }
    return json.dumps(attributes | changed, ensure_ascii=False).encode()


def message(seq: int, body: bytes | None = None) -> Received:
    """What the stream delivers at this sequence."""
    subject = subjects.dispatch(Space.ACTUAL, INCIDENT, "ca-hue", "truc")
    return Received(seq, subject, event_body(seq) if body is None else body, STORED)


def messages(first: int, last: int) -> list[Received]:
    """The messages of these sequences, both ends included."""
    return [message(seq) for seq in range(first, last + 1)]


def as_login(dsn: str, role: str) -> str:
    """The same database for another login; the test server asks nobody for a password."""
    return dsn.replace("//postgres@", f"//{role}@")
