"""Makes of the entries of one incident what its page shows: lines with their causes, recipients, who led."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from contracts import subjects
from contracts.codes import Space
from services.audit.evidence.gist import Told, gist
from services.audit.evidence.photographs import Photograph, photographs_of
from services.audit.reports.auditing import data_of, name_of
from services.audit.reports.causes import Cause, Line, Strand, causes, strands
from services.audit.reports.leadership import CourseFact, Lead, Leadership
from services.audit.reports.recipients import LifeFact, Recipient, recipients
from services.audit.tables import Entry

Data = Mapping[str, Any]
Pair = tuple[str, str]
MOST_LINES: Final = 2000
"""Of one page; the evidence file holds everything."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry on the page."""

    idx: int
    at: datetime
    event_type: str
    agency: str | None
    desk: str | None
    told: tuple[Told, ...]
    cause: Cause | None
    strand: Strand


@dataclass(frozen=True, slots=True)
class Page:
    """One incident as the record tells it."""

    incident: UUID
    space: Space
    opened: Data
    """What the opening event says; nothing where it is not on record."""
    began: datetime
    rows: Sequence[Row]
    left_out: int
    entries: int
    recipients: Sequence[Recipient]
    leads: Sequence[Lead]
    into: str | None
    """The incident it has become part of."""
    flaws: int
    """Instants with no lead or with two."""
    closed: bool
    photographs: Sequence[Photograph]
    desk: Pair | None
    """The rows are those of this desk and of the incident as a whole."""

    @property
    def lanes(self) -> int:
        """How many arrows run side by side at most."""
        used = (lane for row in self.rows for lane in (*row.strand.passing, row.strand.begins, row.strand.arrives))
        return max((lane + 1 for lane in used if lane is not None), default=0)


def page_of(incident: UUID, entries: Sequence[Entry], desk: Pair | None = None) -> Page:
    """The page; `entries` are those of `trail`, at least one."""
    datas = {entry.idx: data_of(entry.body) for entry in entries}
    reached = recipients(_life(entries, datas), max(entry.recorded_at for entry in entries))
    desks = _desks(entries, datas, reached)
    shown = [entry for entry in entries if desk is None or desks.get(entry.idx) in (None, desk)]
    tied = causes([_line(entry, datas[entry.idx]) for entry in entries])
    lanes = strands([entry.idx for entry in shown[:MOST_LINES]], tied)
    led = _led(incident, entries, datas)
    course = led.courses.get(str(incident))
    return Page(
        incident=incident,
        space=_space(entries),
        opened=next((datas[e.idx] for e in entries if name_of(e.event_type) == "IncidentOpened"), {}),
        began=entries[0].occurred_at,
        rows=[_row(entry, strand, desks, tied) for entry, strand in zip(shown, lanes, strict=False)],
        left_out=max(0, len(shown) - MOST_LINES),
        entries=len(entries),
        recipients=reached,
        leads=course.leads if course else (),
        into=course.into if course else None,
        flaws=len(led.findings),
        closed=_closed(entries),
        photographs=photographs_of(entries),
        desk=desk,
    )


def _led(incident: UUID, entries: Sequence[Entry], datas: Mapping[int, Data]) -> Leadership:
    led = Leadership()
    for entry in entries:
        if entry.incident_id == incident and entry.agency is None:
            name = name_of(entry.event_type)
            led.take(CourseFact(entry.idx, name, str(incident), entry.stored_at, datas[entry.idx]))
    return led


def _row(entry: Entry, strand: Strand, desks: Mapping[int, Pair], tied: Mapping[int, Cause]) -> Row:
    desk = desks.get(entry.idx)
    return Row(
        idx=entry.idx,
        at=entry.occurred_at,
        event_type=entry.event_type,
        agency=desk[0] if desk else entry.agency,
        desk=desk[1] if desk else None,
        told=gist(entry.body),
        cause=tied.get(entry.idx),
        strand=strand,
    )


def _line(entry: Entry, data: Data) -> Line:
    return Line(entry.idx, str(entry.event_id), _cause(entry.body), name_of(entry.event_type), data)


def _cause(body: bytes) -> str:
    try:
        return str(from_json(body)["causationid"])
    except (ValueError, KeyError, TypeError):
        return ""


def _life(entries: Sequence[Entry], datas: Mapping[int, Data]) -> list[LifeFact]:
    return [
        LifeFact(e.idx, name_of(e.event_type), e.agency or "", e.occurred_at, datas[e.idx]) for e in entries if e.agency
    ]


def _desks(entries: Sequence[Entry], datas: Mapping[int, Data], reached: Sequence[Recipient]) -> dict[int, Pair]:
    """The desk whose dispatch an entry is about, by `idx`; nothing for the incident as a whole."""
    of_dispatch = {one.dispatch: one.desk for one in reached}
    named = ((e.idx, of_dispatch.get(str(datas[e.idx].get("dispatch")))) for e in entries if e.agency)
    return {idx: desk for idx, desk in named if desk is not None}


def _space(entries: Sequence[Entry]) -> Space:
    try:
        return subjects.space_of_fact(entries[0].subject)
    except ValueError:
        return Space.ACTUAL


def _closed(entries: Sequence[Entry]) -> bool:
    ends = [name_of(entry.event_type) for entry in entries]
    last = [name for name in ends if name in ("IncidentClosed", "IncidentReopened")]
    return bool(last) and last[-1] == "IncidentClosed"
