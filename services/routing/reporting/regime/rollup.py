"""Puts the figures of many reports side by side, per source: the newest of each, conflicts shown, nothing added up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from contracts.codes import CountOf, MsgType, Unit
from contracts.decisions import Citation
from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.places import AdminArea
from contracts.reports import Count, ReportingWindow, SituationReport
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.reporting.regime.calendars import Authority
from services.routing.reporting.regime.filing import reporter

NO_TYPES: Final[Mapping[str, str]] = MappingProxyType({})
"""Where no type of any agency is known."""


class Source(NamedTuple):
    """Who gave a figure: the reporting agency, and whom it names as the source."""

    agency: str
    named: str


class Given(NamedTuple):
    """One figure of one report."""

    value: float
    as_of: datetime
    """When the figure held: as the report says, else when its window ended or it was observed."""
    received_at: datetime
    report: UUID
    window: ReportingWindow | None


@dataclass(frozen=True, slots=True)
class SourceFigure:
    """The newest figure of one source, and the earlier ones that it stands instead of."""

    source: Source
    newest: Given
    earlier: tuple[Given, ...]

    @property
    def overlapping(self) -> bool:
        """Whether an earlier figure is about some of the same time: adding them would count twice."""
        new = self.newest.window
        return any(_share(new, one.window) for one in self.earlier)


@dataclass(frozen=True, slots=True)
class Figure:
    """What all sources say about one thing."""

    of: CountOf
    unit: Unit
    sources: tuple[SourceFigure, ...]
    authority: Source | None
    """Whose figure stands by the data, where one that has authority gave one."""
    basis: Citation | None

    @property
    def conflict(self) -> bool:
        """Whether sources differ."""
        return len({one.newest.value for one in self.sources}) > 1

    @property
    def stands(self) -> float | None:
        """The figure of the authority, or the one all sources agree on; None where they differ and nobody decides."""
        if self.authority is not None:
            return next(one.newest.value for one in self.sources if one.source == self.authority)
        return None if self.conflict else self.sources[0].newest.value


class Asked(NamedTuple):
    """Which reports count: those about the area, with a moment between `since` and `until`."""

    area: str
    since: datetime
    until: datetime


def rollup(
    reports: Iterable[Event[ReportAccepted]], asked: Asked, register: RegisterIndex, authorities: Iterable[Authority]
) -> tuple[Figure, ...]:
    """Every figure given for the area and time, each with all its sources, in the order of the code list."""
    everything = tuple(reports)
    gone = replaced(everything)
    counted = (
        event
        for event in everything
        if event.id not in gone and _in_time(event.data, asked) and _in_area(event.data, asked.area, register)
    )
    return side_by_side(counted, authorities, {agency.code: agency.type for agency in register.register.agencies})


def side_by_side(
    reports: Iterable[Event[ReportAccepted]], authorities: Iterable[Authority] = (), types: Mapping[str, str] = NO_TYPES
) -> tuple[Figure, ...]:
    """Every figure of these reports with all its sources; without authorities none of several that differ stands."""
    given: defaultdict[tuple[CountOf, Unit], defaultdict[Source, list[Given]]] = defaultdict(lambda: defaultdict(list))
    for event in reports:
        data = event.data
        for count in data.report.counts:
            given[count.of, count.unit][Source(reporter(data).agency, count.source)].append(_given(data, count))
    power = {one.of: one for one in authorities}
    order = list(CountOf)
    keys = sorted(given, key=lambda key: (order.index(key[0]), key[1].value))
    return tuple(_figure(key, given[key], power.get(key[0]), types) for key in keys)


def replaced(reports: Collection[Event[ReportAccepted]]) -> frozenset[UUID]:
    """The accepted events whose figures no longer count, and those that only take something back.

    Corrected or withdrawn by the same sender, or an entry logged for a unit that has reported itself since.
    """
    by_report = {(e.data.sender, e.data.report.report): e for e in reports}
    entries = {(e.data.report.on_behalf_of, e.data.report.report): e for e in reports if e.data.report.on_behalf_of}
    gone: set[UUID] = set()
    for event in reports:
        report, sender = event.data.report, event.data.sender
        if report.msg_type is MsgType.CANCEL:
            gone.add(event.id)
        for reference in report.references:
            if report.msg_type is not MsgType.ALERT and (earlier := by_report.get((sender, reference))):
                gone.add(earlier.id)
            if report.on_behalf_of is None and (entry := entries.get((sender, reference))):
                gone.add(entry.id)
    return frozenset(gone)


def _given(data: ReportAccepted, count: Count) -> Given:
    window = data.report.window if isinstance(data.report, SituationReport) else None
    at = count.as_of or (window.until if window else data.report.observed_at)
    return Given(count.value, at, data.received_at, data.report.report, window)


def _figure(
    key: tuple[CountOf, Unit],
    by_source: Mapping[Source, list[Given]],
    power: Authority | None,
    types: Mapping[str, str],
) -> Figure:
    sources = tuple(_newest(source, by_source[source]) for source in sorted(by_source))
    chosen = [
        s.source for kind in (power.types if power else ()) for s in sources if types.get(s.source.agency) == kind
    ]
    # two bodies of the same standing that differ decide nothing
    first = [one for one in chosen if types.get(one.agency) == types.get(chosen[0].agency)]
    authority = first[0] if len(first) == 1 else None
    return Figure(*key, sources, authority, power.citation if power and authority else None)


def _newest(source: Source, given: Iterable[Given]) -> SourceFigure:
    ordered = sorted(given, key=lambda one: (one.as_of, one.received_at, one.report), reverse=True)
    return SourceFigure(source, ordered[0], tuple(ordered[1:]))


def _in_time(data: ReportAccepted, asked: Asked) -> bool:
    report = data.report
    if isinstance(report, SituationReport) and report.window is not None:
        return report.window.since < asked.until and asked.since < report.window.until
    return asked.since <= report.observed_at < asked.until


def _in_area(data: ReportAccepted, area: str, register: RegisterIndex) -> bool:
    """By the areas it names; one that names none is about what its agency answers for."""
    named = [place for place in data.report.places if isinstance(place, AdminArea)]
    if named:
        return any(area in register.on(place.valid_on).surroundings(place.code) for place in named)
    day = register.on(day_of(data.received_at))
    agency = day.agencies.get(reporter(data).agency)
    return agency is not None and any(area in day.surroundings(covered) for covered in agency.covers)


def _share(one: ReportingWindow | None, other: ReportingWindow | None) -> bool:
    return one is not None and other is not None and one.since < other.until and other.since < one.until
