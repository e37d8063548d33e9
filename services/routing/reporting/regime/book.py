"""How one report that is owed stands, folded from its own facts. It decides nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.reporting import (
    OwedData,
    PeriodReportExcused,
    PeriodReportFiled,
    PeriodReportMissing,
    PeriodReportWithdrawn,
    ReportOwed,
)
from contracts.reports import ReportRef


class Status(StrEnum):
    """What became of a report that is owed."""

    OPEN = "open"
    MET = "met"
    NIL = "nil"
    """Met by a report that says that nothing happened."""
    LATE = "late"
    MISSING = "missing"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Standing:
    """One report that is owed."""

    owed: ReportOwed
    due: datetime | None
    """The time that runs now; None: nothing is waited for any more."""
    limit: datetime
    """After this a report is late: the first time set, or that of a report taken back."""
    asked: int = 0
    filed: PeriodReportFiled | None = None
    """The report that stands, the newest correction."""
    excused: bool = False
    reopened: datetime | None = None
    """When the report that stood was taken back: only one that came after that can meet it."""
    seen: frozenset[UUID] = frozenset()
    """Events of the reports that have met it or taken one back: one that is delivered again counts once."""

    @property
    def settled(self) -> bool:
        """Whether nothing is owed any more."""
        return self.filed is not None or self.excused

    @property
    def report(self) -> ReportRef | None:
        """The report that stands."""
        return self.filed.report if self.filed else None

    def status(self, now: datetime) -> Status:
        """How it stands at that moment."""
        if self.excused:
            return Status.EXCUSED
        if self.filed is not None:
            return Status.LATE if self.filed.late else Status.NIL if self.filed.nil else Status.MET
        return Status.MISSING if self.asked or self.due is None or now > self.due else Status.OPEN


def after(standing: Standing | None, data: OwedData) -> Standing | None:
    """How it stands after one more fact; a fact about something never owed changes nothing."""
    if isinstance(data, ReportOwed):
        return standing or Standing(data, data.due, data.due)
    if standing is None:
        return None
    match data:
        case PeriodReportFiled():
            return replace(standing, filed=data, due=None, seen=standing.seen | {data.report.event})
        case PeriodReportWithdrawn():
            seen = standing.seen | {data.report.event}
            return replace(standing, filed=None, due=data.due, limit=data.due, reopened=data.received_at, seen=seen)
        case PeriodReportMissing():
            return replace(standing, asked=data.asked, due=data.send_by)
        case PeriodReportExcused():
            return replace(standing, excused=True, due=None)
