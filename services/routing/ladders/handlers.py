"""The edge of ladders: hears what happened to incidents, and shows each unit anew how far its reports got."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol
from uuid import UUID

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.streams import EVENTS
from services.routing.draft import Held, Key
from services.routing.incident.evolve import evolve
from services.routing.incident.state import Incident
from services.routing.ladders.telling import Moment, Names, Told, ladders
from services.runtime.broker import Bus
from services.runtime.jetstream import read_subject
from services.runtime.messages import sequence, stored_at

GATHER_SECONDS: Final = 0.2
"""What happens to an incident within so long is shown at once."""
SHOWN_A_SECOND: Final = 2000
"""So many ladders at most: deciding about reports comes first in the same process."""
BYTES_A_SECOND: Final = 4_000_000
"""So much at most: the ladder of a wide incident is long, and there is one for each of its reports."""


class Book(Protocol):
    """The incidents as routing knows them; `store.Incidents` is the real one."""

    def get(self, space: Space, incident: UUID) -> Held:
        """The incident as recorded."""

    def of_report(self, report_event: UUID) -> Key | None:
        """The incident that a recorded report was joined to."""


class Ladders:
    """Shows ladders. A crash before the acknowledgement shows them once more, to the same end."""

    def __init__(self, bus: Bus, incidents: Book, names: Callable[[], Names]) -> None:
        self._bus = bus
        self._incidents = incidents
        self._names = names
        self._pause = GATHER_SECONDS

    async def on_incidents(self, messages: Sequence[Msg]) -> None:
        """What happened to incidents: the units that reported them see who got it and how far each is."""
        await asyncio.sleep(self._pause)
        newest = {subjects.incident_of(m.subject): Moment(sequence(m), stored_at(m)) for m in messages}
        shown: list[Told] = []
        for key, moment in newest.items():
            shown += await self._of(key, moment)
        told = [(one.subject, one.ladder.model_dump_json().encode()) for one in shown]
        await self._bus.publisher.show(told)
        self._pause = pause_after([len(body) for _, body in told])

    async def _of(self, key: Key, moment: Moment) -> list[Told]:
        held = self._incidents.get(*key)
        # What was just recorded may not be known here yet, and what ended long ago may be known no longer.
        current = held if held.last_sequence >= moment.sequence else await self._read(key)
        if current.state is None:
            return []
        until = Moment(max(moment.sequence, current.last_sequence), moment.at)
        return list(ladders(current.state, until, self._names(), lambda event: self._speaks_for(key, event)))

    async def _read(self, key: Key) -> Held:
        """The incident from the stream."""
        state: Incident | None = None
        last = 0
        async for stored in read_subject(self._bus.client, EVENTS.name, subjects.incident(*key)):
            state, last = evolve(state, read(stored.body)), stored.sequence
        return Held(state, last)

    def _speaks_for(self, key: Key, report_event: UUID) -> bool:
        """Whether a report joined elsewhere and taken over in a merge has not gone its own way since."""
        own = self._incidents.of_report(report_event)
        if own is None or own == key:
            return True
        state = self._incidents.get(*own).state
        return state is None or state.merged_into is not None


def pause_after(sizes: Sequence[int]) -> float:
    """Seconds to gather in, after ladders of so many bytes were shown: what happens meanwhile is shown at once."""
    return max(GATHER_SECONDS, len(sizes) / SHOWN_A_SECOND, sum(sizes) / BYTES_A_SECOND)
