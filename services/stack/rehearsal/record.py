"""Keeps the facts of one rehearsal apart from everything else in EVENTS, in the order of the stream. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.envelope import Event
from contracts.events import ActionRefused, CourseData, DispatchIssued, IncidentOpened, ReportAccepted
from contracts.lifecycle import DispatchUpdated
from services.stack.rehearsal.checking import Watch
from services.stack.rehearsal.steps import Brought, party


@dataclass(slots=True)
class Record:
    """What EVENTS holds about the incidents of this rehearsal."""

    opens: dict[UUID, str] = field(default_factory=dict)
    """Report -> the letter of the incident it is to open."""
    filed: set[UUID] = field(default_factory=set)
    acted: set[UUID] = field(default_factory=set)
    reports: list[Event[ReportAccepted]] = field(default_factory=list)
    facts: list[Event[Any]] = field(default_factory=list)
    refused: list[Event[ActionRefused]] = field(default_factory=list)
    incidents: dict[str, UUID] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)

    def take(self, event: Event[Any]) -> None:
        """One fact of the stream; what belongs to others is passed over."""
        match event.data:
            case ReportAccepted() as data if data.report.report in self.filed:
                self.reports.append(event)
            case ActionRefused() as data if data.action in self.acted:
                self.refused.append(event)
            case IncidentOpened() as data if data.report.report in self.opens:
                self.incidents[self.opens[data.report.report]] = data.incident
                self._add(event)
            case _ if event.incidentid in self.incidents.values():
                self._add(event)
            case _:
                pass

    def letter(self, incident: UUID) -> str:
        """What the script calls the incident."""
        return next(letter for letter, known in self.incidents.items() if known == incident)

    def desk(self, event: Event[Any]) -> str | None:
        """Whose fact it is; None for a fact about the incident as a whole."""
        if isinstance(event.data, CourseData):
            return None
        return party(self.watch.issued[event.data.dispatch].addressee)

    def brought(self, first: int = 0) -> Iterator[Brought]:
        """The facts from the `first` on, in the words of a script."""
        for event in self.facts[first:]:
            yield Brought(kind_of(event), self.letter(event.data.incident), self.desk(event))

    def story(self) -> dict[str, list[str]]:
        """For each desk in each incident, and each incident as a whole: what happened, in order; no id and no time."""
        told: dict[str, list[str]] = {}
        for kind, incident, desk in self.brought():
            told.setdefault(f"{incident} {desk or 'course'}", []).append(kind)
        return dict(sorted(told.items()))

    def dispatches(self) -> Iterator[DispatchIssued]:
        """Every dispatch in the order it was issued."""
        yield from self.watch.issued.values()

    def _add(self, event: Event[Any]) -> None:
        self.facts.append(event)
        self.watch.take(event)


def kind_of(event: Event[Any]) -> str:
    """The name of a fact's type; after a colon the role it was issued in, or what a desk was told of."""
    name = type(event.data).__name__
    match event.data:
        case DispatchIssued(role=role):
            return f"{name}:{role.value}"
        case DispatchUpdated(change=change):
            return f"{name}:{change.value}"
        case _:
            return name
