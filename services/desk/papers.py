"""Copies of reports about periods, and requests for them, folded from one desk's own facts. Shows; never decides."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from contracts.envelope import Event
from contracts.reporting import PaperAcknowledged, PeriodReportCopied, PeriodReportRequested
from contracts.reports import ReportingWindow

PaperEvent = Event[PeriodReportCopied] | Event[PeriodReportRequested] | Event[PaperAcknowledged]
PAPERS = (PeriodReportCopied, PeriodReportRequested, PaperAcknowledged)
"""What a desk's feed brings beside its dispatches."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One copy or request."""

    issued: PeriodReportCopied | PeriodReportRequested
    at: datetime
    acknowledged: datetime | None = None
    officer: str | None = None

    def as_json(self) -> dict[str, object]:
        """The paper as `phoihop desk papers --json` prints it; times in UTC."""
        issued = self.issued
        told = {
            "paper": str(issued.paper),
            "agency": issued.agency,
            "obligation": str(issued.obligation) if issued.obligation else None,
            "title_vi": issued.title_vi,
            "title_en": issued.title_en,
            "window": _window(issued.window),
            "at": _iso(self.at),
            "acknowledged_at": _iso(self.acknowledged),
            "officer": self.officer,
        }
        return told | (_copy(issued) if isinstance(issued, PeriodReportCopied) else _request(issued))


def papers(events: Iterable[PaperEvent]) -> tuple[Paper, ...]:
    """All papers of a desk, newest last; a fact that comes twice or late changes nothing."""
    held: dict[UUID, Paper] = {}
    done: dict[UUID, tuple[datetime, str | None]] = {}
    for event in events:
        match event.data:
            case PaperAcknowledged() as data:
                done.setdefault(data.paper, (event.time, data.officer))
            case data:
                held.setdefault(data.paper, Paper(data, event.time))
    return tuple(
        replace(paper, acknowledged=done[key][0], officer=done[key][1]) if key in done else paper
        for key, paper in held.items()
    )


def _copy(copy: PeriodReportCopied) -> dict[str, object]:
    return {
        "kind": "copy",
        "channel": copy.channel.value,
        "headline": copy.headline,
        "nil": copy.nil,
        "late": copy.late,
        "counts": [count.model_dump(mode="json", exclude_none=True) for count in copy.counts],
        "measures_taken": copy.measures_taken,
        "requests": list(copy.requests),
        "service_note": copy.service_note,
        "replaces": str(copy.replaces) if copy.replaces else None,
        "withdrawn": copy.withdrawn,
    }


def _request(request: PeriodReportRequested) -> dict[str, object]:
    return {
        "kind": "told" if request.only_told else "request",
        "due": _iso(request.due),
        "send_by": _iso(request.send_by),
        "asked": request.asked,
    }


def _window(window: ReportingWindow | None) -> dict[str, str | None] | None:
    return {"since": _iso(window.since), "until": _iso(window.until)} if window else None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
