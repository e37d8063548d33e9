"""What one batch decides before it is recorded, and what the deciding side may ask of the incidents kept for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee, Facts
from contracts.envelope import Event
from contracts.events import ActionRefused
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.incident.recording import IncidentEvent
from services.routing.incident.state import Incident
from services.runtime.publishing import Deadline, Expectation, Fact, Recorded, Stale

Key = tuple[Space, UUID]
"""An incident in its status space."""


@dataclass(frozen=True, slots=True)
class Held:
    """An incident and the stream sequence of its newest fact; 0 before the first."""

    state: Incident | None
    last_sequence: int
    facts: Facts | None = None
    """What its latest decision looked at."""


NOTHING: Final = Held(None, 0)


@dataclass(slots=True)
class Draft:
    """What one batch of messages decides, before any of it is recorded."""

    touched: dict[Key, Held] = field(default_factory=dict)
    """Incidents as decided so far; the sequence stays that of the stream, so it is what must still be true."""
    events: list[IncidentEvent | Event[ActionRefused]] = field(default_factory=list)

    reports: set[UUID] = field(default_factory=set)
    """The report events decided about: one may stand in a batch twice."""

    def facts(self, newest: int | None = None) -> list[Fact]:
        """The events as facts; the first of each incident carries what must still be true of it.

        With `newest` the very first of an incident says instead that nothing was recorded of any incident since.
        """
        expected: set[UUID] = set()
        facts = [self._fact(event, expected) for event in self.events]
        if newest is not None and (place := self._first_of_an_incident()) is not None:
            facts[place] = replace(facts[place], expect=Expectation(subjects.ALL_INCIDENTS, newest))
        return facts

    @property
    def only_refuses(self) -> bool:
        """Whether nothing of it is about an incident."""
        return self._first_of_an_incident() is None

    def _first_of_an_incident(self) -> int | None:
        return next((place for place, event in enumerate(self.events) if event.incidentid is not None), None)

    def _fact(self, event: IncidentEvent | Event[ActionRefused], expected: set[UUID]) -> Fact:
        incident = event.incidentid
        if incident is None:
            expect: Expectation | None = Expectation(event.subject, 0)
        elif incident in expected:
            expect = None
        else:
            expected.add(incident)
            space = subjects.space_of_fact(event.subject)
            expect = Expectation(subjects.incident(space, incident), self.touched[space, incident].last_sequence)
        return Fact(event.subject, event.to_bytes(), event.type, expect)


class IncidentBook(Protocol):
    """The incidents as the stream has them; `store.Incidents` is the real one."""

    open: OpenIncidents
    """Where a report looks for the incident it is about."""

    async def start(self) -> Draft:
        """A fresh draft over incidents that are certain."""

    async def commit(self, draft: Draft) -> Recorded | Stale | None:
        """All of the draft or nothing."""

    async def is_recorded(self, subject: str) -> bool:
        """Whether the stream holds a fact under exactly this subject."""

    def propose(self, draft: Draft, key: Key, events: Sequence[IncidentEvent]) -> None:
        """Adds events to the draft."""

    def get(self, space: Space, incident: UUID) -> Held:
        """The incident as recorded."""

    def of_report(self, report_event: UUID) -> Key | None:
        """The incident that a recorded report was joined to."""

    def waiting(self, space: Space, desk: Addressee) -> Sequence[Key]:
        """The incidents in which a dispatch waits for this desk."""

    def overdue(self, at: datetime, most: int) -> Sequence[Deadline]:
        """Obligations due before `at` that nothing answered, at most so many."""

    def put_back(self, deadlines: Sequence[Deadline]) -> None:
        """Deadlines to be named again."""
