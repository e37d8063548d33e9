"""What one desk has before it, folded from its own dispatch events. Shows; never decides, counts time or reads a clock.

A desk's feed may repeat events and bring a repeated one late. Each row therefore keeps its rungs apart and is the same
whatever the order in which they came; a rung whose dispatch has not come yet waits unseen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.codes import Severity
from contracts.decisions import ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchAcknowledged, DispatchDelivered, DispatchEscalated, DispatchIssued

DispatchEvent = (
    Event[DispatchIssued] | Event[DispatchDelivered] | Event[DispatchAcknowledged] | Event[DispatchEscalated]
)

_GRAVITY: Final = {
    Severity.EXTREME: 0,
    Severity.SEVERE: 1,
    Severity.MODERATE: 2,
    Severity.UNKNOWN: 3,
    Severity.MINOR: 4,
}
"""Most severe first; what nobody has judged yet comes before what somebody judged to be minor."""


class RowState(StrEnum):
    """How far a dispatch is, as the desk sees it."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    ESCALATED = "escalated"
    """Nobody acknowledged in time and the next desk was asked; acknowledging is still possible and wanted."""
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Row:
    """One dispatch of the desk with the rungs it has reached."""

    issued: DispatchIssued
    issued_at: datetime
    delivered: datetime | None = None
    acknowledged: datetime | None = None
    officer: str | None = None
    late: bool = False
    """Acknowledged after its time."""
    escalated: datetime | None = None

    @property
    def state(self) -> RowState:
        """The highest rung; silence that was escalated shows until somebody acknowledges."""
        if self.acknowledged:
            return RowState.ACKNOWLEDGED
        if self.escalated:
            return RowState.ESCALATED
        return RowState.DELIVERED if self.delivered else RowState.ISSUED

    @property
    def due(self) -> datetime | None:
        """By when to acknowledge; None for a dispatch that only informs."""
        kinds = {owed.kind: owed.due for owed in self.issued.obligations}
        return kinds.get(ObligationKind.ACKNOWLEDGE)

    def overdue(self, now: datetime) -> bool:
        """Whether it waits for an acknowledgement that is past its time."""
        return self.acknowledged is None and self.due is not None and now > self.due

    def as_json(self, now: datetime) -> dict[str, object]:
        """The row as `phoihop desk list --json` and `desk watch --json` print it; times in UTC."""
        issued = self.issued
        return {
            "space": issued.space.value,
            "incident": str(issued.incident),
            "dispatch": str(issued.dispatch),
            "role": issued.role.value,
            "state": self.state.value,
            "due": _iso(self.due),
            "overdue": self.overdue(now),
            "late": self.late,
            "category": issued.category.value,
            "severity": issued.severity.value,
            "headline": issued.headline,
            "place": issued.place,
            "rule": issued.rule,
            "citation": issued.citation.text,
            "citation_status": issued.citation.status.value,
            "sentence_vi": issued.sentence_vi,
            "sentence_en": issued.sentence_en,
            "issued_at": _iso(self.issued_at),
            "delivered_at": _iso(self.delivered),
            "acknowledged_at": _iso(self.acknowledged),
            "officer": self.officer,
            "escalated_at": _iso(self.escalated),
            "escalated_from": str(issued.escalated_from) if issued.escalated_from else None,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """All dispatches of one desk that its feed has brought."""

    rows: Mapping[UUID, Row] = field(default_factory=dict)
    waiting: Mapping[UUID, tuple[DispatchEvent, ...]] = field(default_factory=dict)
    """Rungs of dispatches whose issue has not come yet."""

    def apply(self, event: DispatchEvent) -> "Board":
        """The board after one more event; a repeated one changes nothing."""
        return self.apply_all((event,))

    def apply_all(self, events: Iterable[DispatchEvent]) -> "Board":
        """The board after many events, for catching up: it is copied once, not once per event."""
        rows, waiting = dict(self.rows), dict(self.waiting)
        for event in events:
            _take(rows, waiting, event)
        return Board(rows, waiting)

    def ordered(self, now: datetime) -> tuple[Row, ...]:
        """What needs somebody first: unacknowledged, overdue, most severe, due soonest; the rest newest first."""
        return tuple(sorted(self.rows.values(), key=lambda row: _urgency(row, now)))

    def change(self, event: DispatchEvent, now: datetime) -> dict[str, object] | None:
        """What this event changes on the board, as one line of `desk watch --json`; None when nobody sees a change."""
        dispatch = event.data.dispatch
        before, after = self.rows.get(dispatch), self.apply(event).rows.get(dispatch)
        if after is None or after == before:
            return None
        return {"change": _named(event), "at": _iso(event.time), "event": str(event.id), **after.as_json(now)}


def _take(rows: dict[UUID, Row], waiting: dict[UUID, tuple[DispatchEvent, ...]], event: DispatchEvent) -> None:
    dispatch = event.data.dispatch
    if isinstance(event.data, DispatchIssued):
        row = rows.get(dispatch, Row(event.data, event.time))
        for rung in waiting.pop(dispatch, ()):
            row = _climbed(row, rung)
        rows[dispatch] = row
    elif dispatch in rows:
        rows[dispatch] = _climbed(rows[dispatch], event)
    elif event not in (early := waiting.get(dispatch, ())):
        waiting[dispatch] = (*early, event)


def _climbed(row: Row, event: DispatchEvent) -> Row:
    match event.data:
        case DispatchIssued():
            return row
        case DispatchDelivered():
            return replace(row, delivered=event.time)
        case DispatchAcknowledged() as data:
            return replace(row, acknowledged=event.time, officer=data.officer, late=data.late)
        case DispatchEscalated():
            return replace(row, escalated=event.time)


def _named(event: DispatchEvent) -> str:
    match event.data:
        case DispatchIssued():
            return "issued"
        case DispatchDelivered():
            return "delivered"
        case DispatchAcknowledged():
            return "acknowledged"
        case DispatchEscalated():
            return "escalated"


def _urgency(row: Row, now: datetime) -> tuple[object, ...]:
    due = row.due.timestamp() if row.due else float("inf")
    waits = row.acknowledged is None
    newest = -row.issued_at.timestamp()
    order = (_GRAVITY[row.issued.severity], due) if waits else (0, 0.0)
    return not waits, not row.overdue(now), *order, newest, str(row.issued.dispatch)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
