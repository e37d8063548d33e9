"""Finds the few open incidents a report could be about without looking at the others; it decides nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import floor
from typing import Final, NamedTuple
from uuid import UUID

from contracts.codes import Space, space_of
from contracts.course import IncidentClosed, IncidentMerged, IncidentReopened, IncidentSplit
from contracts.events import IncidentOpened, IncidentUpdated, Sighting
from contracts.places import AreaCode
from contracts.reports import IncidentReport, Report, ReportRef, Sender, SituationReport
from contracts.taxonomy import Category
from services.routing.correlation.correlate import LONGEST_PERIOD, Candidate, ReportKey
from services.routing.correlation.likeness import like
from services.routing.correlation.scoring import WINDOW, anchor
from services.routing.incident.recording import IncidentEvent

REMEMBERED: Final = 16
"""How many sightings of one incident are compared: the first and the newest."""

_CELL_DEGREES: Final = 0.05
"""Wider than the two kilometres that count as near, up to 68° of latitude: neighbouring cells are always enough."""

Cell = tuple[int, int]
Key = tuple[Space, Category | None, AreaCode | Cell, int]
"""Where and when something was seen, in slots of the time window; category None: whatever the category."""


class Remembered(NamedTuple):
    """By what an incident is recognised, at one moment."""

    candidate: Candidate | None
    """None where nothing is known of it."""
    reports: tuple[ReportKey, ...]
    closed: bool
    into: UUID | None


@dataclass(slots=True)
class OpenIncidents:
    """The open incidents, indexed by space, category, place and time; a fold over their recorded events.

    Not shared between tasks; `put_back` makes incidents again what they were before something was assumed of them.
    """

    _candidates: dict[UUID, Candidate] = field(default_factory=dict)
    _index: dict[Key, dict[UUID, None]] = field(default_factory=dict)
    _by_report: dict[ReportKey, UUID] = field(default_factory=dict)
    _reports: dict[UUID, list[ReportKey]] = field(default_factory=dict)
    _closed: set[UUID] = field(default_factory=set)
    """A report that names a closed incident still belongs to it; no other report is taken to be about it."""
    _into: dict[UUID, UUID] = field(default_factory=dict)
    """Merged incidents keep what they are recognised by; what is found belongs to the one they are part of."""

    def __len__(self) -> int:
        return len(self._candidates)

    def apply(self, event: IncidentEvent) -> None:
        """Takes in one recorded event; the same event again changes nothing."""
        match event.data:
            case IncidentOpened() as opened:
                candidate = Candidate(opened.incident, opened.space, opened.category, ())
                self._candidates.setdefault(opened.incident, candidate)
                self._join(opened.incident, opened.report, opened.sighting)
            case IncidentUpdated() as updated:
                if updated.incident in self._candidates:
                    self._join(updated.incident, updated.report, updated.sighting)
            case IncidentClosed() as closed:
                self._closed.add(closed.incident)
            case IncidentReopened() as reopened:
                self._closed.discard(reopened.incident)
            case IncidentMerged() as merged:
                self._into[merged.incident] = merged.into
            case IncidentSplit() as split:
                self._into.pop(split.incident, None)
            case _:
                pass

    def current(self, incident: UUID) -> UUID:
        """The incident that it is part of now: itself, unless it was merged."""
        while (into := self._into.get(incident)) is not None:
            incident = into
        return incident

    def candidate(self, incident: UUID) -> Candidate | None:
        """By what an incident is recognised."""
        return self._candidates.get(incident)

    def standing(self) -> tuple[Candidate, ...]:
        """Every incident that is neither closed nor, as part of another one, over."""
        return tuple(one for one in self._candidates.values() if self.current(one.incident) not in self._closed)

    def remove(self, incident: UUID) -> None:
        """Forgets an incident: it is closed, or what was assumed of it was never recorded."""
        self._closed.discard(incident)
        self._into.pop(incident, None)
        if candidate := self._candidates.pop(incident, None):
            self._drop(incident, _keys(candidate))
            for key in self._reports.pop(incident, ()):
                del self._by_report[key]

    def remembered(self, incident: UUID) -> Remembered:
        """What is known of it now, for `put_back`."""
        reports, closed = tuple(self._reports.get(incident, ())), incident in self._closed
        return Remembered(self._candidates.get(incident), reports, closed, self._into.get(incident))

    def put_back(self, before: Mapping[UUID, Remembered]) -> None:
        """These incidents as they were, whatever was assumed since; one of which nothing was known is forgotten."""
        for incident in before:
            self.remove(incident)
        for incident, known in before.items():
            if known.closed:
                self._closed.add(incident)
            if known.into is not None:
                self._into[incident] = known.into
            if known.candidate is not None:
                self._candidates[incident] = known.candidate
                self._reports[incident] = list(known.reports)
                self._by_report.update(dict.fromkeys(known.reports, incident))
                for key in _keys(known.candidate):
                    self._index.setdefault(key, {})[incident] = None

    def named_by(self, report: Report, sender: Sender) -> Candidate | None:
        """The open incident the report names: by its id, otherwise by an earlier report of the same sender."""
        named = [report.incident] if report.incident else []
        keys = ((sender.agency, sender.unit, earlier) for earlier in report.references)
        named += [self._by_report[key] for key in keys if key in self._by_report]
        return next((self._candidates[incident] for incident in named if incident in self._candidates), None)

    def near(self, report: Report, sighting: Sighting) -> tuple[Candidate, ...]:
        """Open incidents of the same space that share a place and time slot with the report, in a stable order."""
        found: dict[UUID, None] = {}
        for key in _asked(report, sighting):
            found.update(self._index.get(key, {}))
        return tuple(self._candidates[i] for i in sorted(found) if self.current(i) not in self._closed)

    def _join(self, incident: UUID, ref: ReportRef, sighting: Sighting | None) -> None:
        key = (ref.sender.agency, ref.sender.unit, ref.report)
        if key in self._by_report:
            return
        self._by_report[key] = incident
        self._reports.setdefault(incident, []).append(key)
        if sighting is not None:
            self._see(self._candidates[incident], sighting)

    def _see(self, before: Candidate, sighting: Sighting) -> None:
        known = before.sightings
        kept = known if len(known) < REMEMBERED else (known[0], *known[2:])
        after = replace(before, sightings=(*kept, sighting))
        self._candidates[before.incident] = after
        self._drop(before.incident, _keys(before) - _keys(after))
        for key in _keys(after):
            self._index.setdefault(key, {})[before.incident] = None

    def _drop(self, incident: UUID, keys: Iterable[Key]) -> None:
        for key in keys:
            bucket = self._index[key]
            del bucket[incident]
            if not bucket:
                del self._index[key]


def _keys(candidate: Candidate) -> set[Key]:
    """Where an incident is found: its communes or the one area that stands for it, and the cells of its positions."""
    keys: set[Key] = set()
    for seen in candidate.sightings:
        slot, area = _slot(seen.occurred_at), anchor(seen)
        places = (*seen.communes, *([area] if area else []), *map(_coded, seen.codes))
        keys |= {(candidate.space, category, p, slot) for p in places for category in (candidate.category, None)}
        keys |= {(candidate.space, candidate.category, _cell(*point), slot) for point in seen.points}
    return keys


def _asked(report: Report, sighting: Sighting) -> Iterator[Key]:
    """Where to look for the incidents a report could be about."""
    if (space := space_of(report.status)) is None:
        return
    areas = dict.fromkeys((*sighting.communes, *sighting.areas))
    if isinstance(report, IncidentReport):
        slot = _slot(sighting.occurred_at)
        cells = {cell: None for point in sighting.points for cell in _around(_cell(*point))}
        places: list[AreaCode | Cell] = [*areas, *cells]
        slots = (slot - 1, slot, slot + 1)
        for category in like(report.category):
            yield from ((space, category, place, s) for place in places for s in slots)
        yield from ((space, None, _coded(code), s) for code in sighting.codes for s in slots)
    else:
        yield from ((space, None, area, s) for area in areas for s in _period(report))


def _period(report: SituationReport) -> range:
    window = report.window
    if window is None or window.until - window.since > LONGEST_PERIOD:
        return range(0)
    return range(_slot(window.since), _slot(window.until) + 1)


def _coded(code: str) -> str:
    """A code of another system as a place to look in: no area has such a name."""
    return f"#{code}"


def _slot(at: datetime) -> int:
    return floor(at.timestamp() / WINDOW.total_seconds())


def _cell(lat: float, lon: float) -> Cell:
    return floor(lat / _CELL_DEGREES), floor(lon / _CELL_DEGREES)


def _around(cell: Cell) -> tuple[Cell, ...]:
    row, column = cell
    return tuple((row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1))
