"""Tells from an incident how far its reports got, in what their units may see. Pure; it decides nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.ladders import LadderLine, ReportLadder, Rung
from contracts.subjects import Origin
from services.routing.incident.state import Dispatch, Incident, Mark, Standing

Names = Callable[[str], tuple[str, str]]
"""What people call an agency, in Vietnamese and English."""


class Told(NamedTuple):
    """One ladder, and the subject only its unit reads."""

    subject: str
    ladder: ReportLadder


class Moment(NamedTuple):
    """The newest fact that is told: its place in the stream and when it was stored."""

    sequence: int
    at: datetime


def ladders(state: Incident, moment: Moment, names: Names, tells: Callable[[UUID], bool]) -> Iterator[Told]:
    """The ladder of every report for which this incident speaks; `tells` knows it of a `ReportAccepted` event."""
    if state.merged_into is not None:
        return
    lines = tuple(_line(held, names) for held in state.dispatches.values() if held.issued.objects_to is None)
    for (agency, unit, report), event in state.filed.items():
        if tells(event):
            ladder = ReportLadder(
                report=report,
                space=state.space,
                incident=state.incident,
                lead=state.lead.agency if state.lead else None,
                over=state.closed,
                as_of=moment.at,
                sequence=moment.sequence,
                lines=lines,
            )
            yield Told(subjects.ladder(state.space, Origin(agency, unit), report), ladder)


def _line(held: Dispatch, names: Names) -> LadderLine:
    vi, en = names(held.desk.agency)
    return LadderLine(
        agency=held.desk.agency,
        name_vi=vi,
        name_en=en,
        role=held.issued.role,
        stands=_STANDS.get(held.standing) or _climbed(held),
        silence="escalated" if held.escalated else "asked_again" if held.repeated else None,
        issued=held.at,
        delivered=_at(held.delivered),
        opened=_at(held.opened),
        acknowledged=_at(held.acknowledged),
        decided=_at(held.decided),
    )


def _at(mark: Mark | None) -> datetime | None:
    return None if mark is None else mark.at


def _climbed(held: Dispatch) -> Rung:
    """The highest rung of a desk that has not decided."""
    rungs = ((held.acknowledged, Rung.ACKNOWLEDGED), (held.opened, Rung.OPENED), (held.delivered, Rung.DELIVERED))
    return next((rung for mark, rung in rungs if mark is not None), Rung.ISSUED)


_STANDS: Final[dict[Standing, Rung]] = {
    standing: Rung(standing.value) for standing in Standing if standing is not Standing.OPEN
}
