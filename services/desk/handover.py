"""What one shift hands over to the next: everything open at a desk, from the desk's own board and papers. Pure."""

from collections.abc import Iterable
from uuid import UUID

from contracts.presence import OpenDuty, OpenPaper, OwedThen, ProposeHandOver
from contracts.reporting import PeriodReportRequested
from services.desk.papers import Paper
from services.desk.row import Row


class TooMuchOpenError(Exception):
    """More is open than one note can say; settle or acknowledge some of it first."""


def open_duties(rows: Iterable[Row]) -> tuple[OpenDuty, ...]:
    """What is open of these, in their order, each with what it owes."""
    return tuple(
        OpenDuty(
            dispatch=row.issued.dispatch,
            incident=row.issued.incident,
            role=row.issued.role,
            state=row.state.value.replace("_", "-"),
            headline=row.issued.headline,
            owes=tuple(OwedThen(kind=owed.kind, due=owed.due) for owed in row.owes),
        )
        for row in rows
        if row.open
    )


def open_papers(papers: Iterable[Paper]) -> tuple[OpenPaper, ...]:
    """What of these nobody has acknowledged."""
    return tuple(
        OpenPaper(
            paper=paper.issued.paper,
            agency=paper.issued.agency,
            title=paper.issued.title_vi,
            send_by=paper.issued.send_by if isinstance(paper.issued, PeriodReportRequested) else None,
        )
        for paper in papers
        if paper.acknowledged is None
    )


def fitted(act: ProposeHandOver, most: int) -> ProposeHandOver:
    """The note in at most so many bytes: headlines go first, the record of each dispatch has them.

    Raises `TooMuchOpenError` where even that is not enough: nothing that is open is ever left out.
    """
    if _size(act) <= most:
        return act
    shorter = tuple(duty.model_copy(update={"headline": None}) for duty in act.duties)
    if _size(act := act.model_copy(update={"duties": shorter})) > most:
        raise TooMuchOpenError(f"{len(act.duties)} dispatches and {len(act.papers)} papers")
    return act


def arrived_since(noted: Iterable[UUID], now_open: Iterable[OpenDuty]) -> tuple[OpenDuty, ...]:
    """What has become open after the outgoing officer signed."""
    known = set(noted)
    return tuple(duty for duty in now_open if duty.dispatch not in known)


def _size(act: ProposeHandOver) -> int:
    return len(act.model_dump_json(exclude_none=True).encode())
