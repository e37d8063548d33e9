"""Holds open incidents in memory as the stream has them, reloads them from the stream, and commits decisions to it."""

import heapq
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Final
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee, Decision, Facts
from contracts.envelope import read
from contracts.events import ActionRefused, DispatchIssued, IncidentOpened, IncidentUpdated
from services.routing.correlation.open_incidents import OpenIncidents, Remembered
from services.routing.deadlines import OWING
from services.routing.draft import NOTHING, Draft, Held, Key
from services.routing.incident.diverting import waiting
from services.routing.incident.evolve import evolve
from services.routing.incident.owing import owed_by
from services.routing.incident.recording import IncidentEvent
from services.routing.incident.state import Incident
from services.routing.lasting import Lasting
from services.routing.lately import Lately
from services.runtime.broker import Bus
from services.runtime.jetstream import BusUnavailableError, last_on_subject, read_subject
from services.runtime.publishing import Deadline, Recorded, Stale

EVENTS: Final = "EVENTS"


class Incidents:
    """All incidents of the hub. What is here is only ever a copy: the stream decides whether a commit holds."""

    def __init__(
        self,
        bus: Bus,
        look_first: Callable[[], Awaitable[None]] | None = None,
        certain: Callable[[], bool] | None = None,
    ) -> None:
        """Before every draft `look_first` reads what else deciding rests on, as far as the stream holds it by then.

        `certain` is given where several instances may decide: whether this one is sure to be the one that does.
        """
        self._look_first = look_first
        self._certain = certain
        self._newest = 0
        """Every fact of every incident up to this sequence is known here."""
        self._behind = False
        """Whether more may be on record: what another instance did, or a commit of ours whose answer was lost."""
        self._stale = 0
        """Commits in a row for which somebody was first."""
        self.open = OpenIncidents()
        self.lately = Lately()
        """Facts that may bring a deadline, until they come back to be scheduled."""
        self._bus = bus
        self._lasting = Lasting()
        self._held: dict[Key, Held] = {}
        self._by_report: dict[UUID, Key] = {}
        self._due: list[tuple[datetime, int, Deadline]] = []
        """A heap: thousands are due at one instant, and numbers are compared faster than identities."""
        self._numbers = count()
        self._asked: dict[tuple[Space, Addressee], dict[Key, None]] = {}
        """Desk -> incidents that asked it for something; what was answered is left out when it is next looked at."""
        self._doubtful: dict[Key, Remembered] = {}
        """Incidents of which something was proposed that is not known to be on record, and as what they were known."""

    async def load(self) -> None:
        """Reads every incident fact of the stream; runs before the first message is handled."""
        with self._lasting.loading():
            async for stored in read_subject(self._bus.client, EVENTS, subjects.ALL_INCIDENTS):
                self._keep(read(stored.body), stored.sequence)
                self._newest = stored.sequence

    async def reload(self, keys: Iterable[Key]) -> None:
        """Reads these incidents again, each by itself: the server looks through much of the stream for every one."""
        for space, incident in tuple(keys):
            before = self._held.pop((space, incident), NOTHING)
            self.open.remove(incident)
            async for stored in read_subject(self._bus.client, EVENTS, subjects.incident(space, incident)):
                self._keep(read(stored.body), stored.sequence)
            if self._certain is not None and self.get(space, incident).last_sequence < before.last_sequence:
                self._held[space, incident] = before
                raise BusUnavailableError("read from a server that lags behind")
            self._doubtful.pop((space, incident), None)

    async def is_recorded(self, subject: str) -> bool:
        """Whether the stream holds a fact under exactly this subject."""
        return await last_on_subject(self._bus.client, EVENTS, subject) is not None

    async def start(self) -> Draft:
        """A fresh draft, after what an interrupted attempt left in doubt is certain again.

        What is newer than all that is known is read at once, for every incident. It holds what somebody recorded who
        was first, and an attempt of ours whose answer was lost; unless that attempt came to be recorded so late that
        a later one passed it. Then the next commit finds somebody first once more, and its incidents are read whole.
        """
        self.open.put_back({incident: known for (_, incident), known in self._doubtful.items()})
        if self._stale > 1:
            await self.reload(self._doubtful)
        self._doubtful.clear()
        if self._behind:
            await self._catch_up()
        if self._look_first is not None:
            await self._look_first()
        return Draft()

    def propose(self, draft: Draft, key: Key, events: Sequence[IncidentEvent]) -> None:
        """Adds events to the draft; later messages of the same batch see the incident with them."""
        if key not in self._doubtful:
            self._doubtful[key] = self.open.remembered(key[1])
        held = draft.touched.get(key) or self.get(*key)
        state, facts = held.state, held.facts
        for event in events:
            state, facts = evolve(state, event), _facts_after(facts, event)
            self.open.apply(event)
        draft.touched[key] = Held(state, held.last_sequence, facts)
        draft.events.extend(events)

    async def commit(self, draft: Draft) -> Recorded | Stale | None:
        """Records the whole draft or nothing; None when there was nothing to record.

        Until the answer is here, every touched incident is in doubt, and nothing is drafted before that has an end.
        """
        if not draft.events:
            return None
        if self._certain is not None and draft.only_refuses and not self._certain():
            # a refusal is no fact of an incident, so nothing recorded meanwhile would stand in its way
            raise BusUnavailableError("another instance may decide by now")
        facts = draft.facts(None if self._certain is None else self._newest)
        told = zip(facts, draft.events, strict=True)
        # before they are recorded: they may come back from the stream sooner than the answer does
        self.lately.keep((fact.body, event) for fact, event in told if isinstance(event.data, OWING))
        self._behind = True
        outcome = await self._bus.publisher.record(facts)
        if isinstance(outcome, Stale):
            self._stale += 1
            return outcome
        self._take_over(draft, outcome.first_sequence)
        self._doubtful.clear()
        self._behind, self._stale = False, 0
        return outcome

    def get(self, space: Space, incident: UUID) -> Held:
        """The incident as known here."""
        return self._held.get((space, incident), NOTHING)

    def of_report(self, report_event: UUID) -> Key | None:
        """The incident that a recorded report was joined to."""
        return self._by_report.get(report_event)

    def all(self) -> Iterator[Incident]:
        """Every incident known here."""
        return (held.state for held in self._held.values() if held.state is not None)

    def waiting(self, space: Space, desk: Addressee) -> tuple[Key, ...]:
        """The incidents in which a dispatch waits for this desk, and for nobody told instead of it."""
        asked = self._asked.get((space, desk), {})
        for key in [key for key in asked if (state := self.get(*key).state) is None or not any(waiting(state, desk))]:
            del asked[key]
        return tuple(asked)

    def overdue(self, at: datetime, most: int) -> Sequence[Deadline]:
        """Obligations due before `at` that were never answered by anything; each is named once, the oldest first."""
        found: list[Deadline] = []
        while self._due and self._due[0][0] < at and len(found) < most:
            _, _, deadline = heapq.heappop(self._due)
            if _owes(self.get(deadline.space, deadline.incident).state, deadline.obligation):
                found.append(deadline)
        return found

    def put_back(self, deadlines: Sequence[Deadline]) -> None:
        """Deadlines that could not be handled now and must be named again."""
        for deadline in deadlines:
            heapq.heappush(self._due, (deadline.due, next(self._numbers), deadline))

    async def _catch_up(self) -> None:
        """Reads what was recorded since. What a lagging server does not tell yet, the next commit meets."""
        async for stored in read_subject(self._bus.client, EVENTS, subjects.ALL_INCIDENTS, self._newest + 1):
            event: IncidentEvent = read(stored.body)
            if stored.sequence > self.get(*_key(event)).last_sequence:
                self._keep(event, stored.sequence)
            self._newest = stored.sequence
        self._behind = False

    def _keep(self, event: IncidentEvent, sequence: int) -> None:
        key = _key(event)
        before = self._held.get(key, NOTHING)
        self._held[key] = Held(evolve(before.state, event), sequence, _facts_after(before.facts, event))
        self.open.apply(event)
        self._note(key, event)

    def _take_over(self, draft: Draft, first_sequence: int) -> None:
        """What was proposed is on record now: the incidents are as the draft has them, nothing is folded again."""
        newest: dict[Key, int] = {}
        for sequence, event in enumerate(draft.events, start=first_sequence):
            if not isinstance(event.data, ActionRefused):
                newest[_key(event)] = sequence
                self._note(_key(event), event)
        self._newest = max(self._newest, *newest.values(), 0)
        for key, sequence in newest.items():
            self._held[key] = replace(draft.touched[key], last_sequence=sequence)
        self._lasting.add(len(draft.events))

    def _note(self, key: Key, event: IncidentEvent) -> None:
        match event.data:
            case IncidentOpened() | IncidentUpdated():
                self._by_report[event.data.report.event] = key
            case DispatchIssued(obligations=owed) if owed:
                self._asked.setdefault((key[0], event.data.addressee), {})[key] = None
                self.put_back([Deadline(*key, o.obligation, o.due) for o in owed_by(event.data)])
            case _:
                self.put_back([Deadline(*key, o.obligation, o.due) for o in owed_by(event.data)])


def _key(event: IncidentEvent) -> Key:
    return subjects.space_of_fact(event.subject), event.data.incident


def _owes(state: Incident | None, obligation: UUID) -> bool:
    dispatch = state.obligations.get(obligation) if state else None
    return state is not None and dispatch is not None and obligation in state.dispatches[dispatch].owes


def _facts_after(facts: Facts | None, event: IncidentEvent) -> Facts | None:
    """What the latest decision looked at."""
    decision = vars(event.data).get("decision")  # a model takes long to say that it has no such field
    return decision.facts if isinstance(decision, Decision) else facts
