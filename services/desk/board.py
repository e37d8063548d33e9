"""What one desk has before it, folded from its own dispatch events. Shows; never decides, counts time or reads a clock.

A desk's feed may repeat events and bring a repeated one late. Each row therefore keeps its rungs apart and is the same
whatever the order in which they came; a rung whose dispatch has not come yet waits unseen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from contracts.codes import Severity
from contracts.events import DispatchIssued
from services.desk.row import DispatchEvent, Row, RowState

__all__ = ["Board", "DispatchEvent", "Row", "RowState"]

Urgency = tuple[bool, bool, bool, int, float, float, str]

_GRAVITY: Final = {
    Severity.EXTREME: 0,
    Severity.SEVERE: 1,
    Severity.MODERATE: 2,
    Severity.UNKNOWN: 3,
    Severity.MINOR: 4,
}
"""Most severe first; what nobody has judged yet comes before what somebody judged to be minor."""


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

    def has(self, event: DispatchEvent) -> bool:
        """Whether this event is on the board already, seen or waiting."""
        row = self.rows.get(event.data.dispatch)
        if row is None:
            return event in self.waiting.get(event.data.dispatch, ())
        return isinstance(event.data, DispatchIssued) or event.id in row.facts

    def ordered(self, now: datetime) -> tuple[Row, ...]:
        """What needs somebody first: unacknowledged, overdue, most severe, due soonest; the rest newest first."""
        return tuple(sorted(self.rows.values(), key=lambda row: urgency(row, now)))

    def change(self, event: DispatchEvent, now: datetime) -> dict[str, object] | None:
        """What this event changes on the board, as one line of `desk watch --json`; None when nobody sees a change."""
        dispatch = event.data.dispatch
        before, after = self.rows.get(dispatch), self.apply(event).rows.get(dispatch)
        if after is None or after == before:
            return None
        at = event.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return {"change": _named(event), "at": at, "event": str(event.id), **after.as_json(now)}


def _take(rows: dict[UUID, Row], waiting: dict[UUID, tuple[DispatchEvent, ...]], event: DispatchEvent) -> None:
    dispatch = event.data.dispatch
    if isinstance(event.data, DispatchIssued):
        row = rows.get(dispatch, Row(event.data, event.time))
        for rung in waiting.pop(dispatch, ()):
            row = row.with_fact(rung)
        rows[dispatch] = row
    elif dispatch in rows:
        rows[dispatch] = rows[dispatch].with_fact(event)
    elif event not in (early := waiting.get(dispatch, ())):
        waiting[dispatch] = (*early, event)


def _named(event: DispatchEvent) -> str:
    """`DispatchAcknowledged` -> `acknowledged`, `ObligationMet` -> `obligation_met`."""
    words = re.findall(r"[A-Z][a-z]+", type(event.data).__name__)
    return "_".join(words[1:] if words[0] == "Dispatch" else words).lower()


def urgency(row: Row, now: datetime) -> Urgency:
    """What orders a board; the smallest comes first."""
    due = row.due.timestamp() if row.due else float("inf")
    newest = -row.issued_at.timestamp()
    gravity, soonest = (_GRAVITY[row.severity], due) if row.waits else (0, 0.0)
    return not row.waits, not row.overdue(now), not row.open, gravity, soonest, newest, str(row.issued.dispatch)
