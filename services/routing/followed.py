"""A copy, in memory, of what the stream tells under one filter, and the way to add to it: all facts or none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from contracts.envelope import Event, read
from contracts.events import ActionRefused
from contracts.streams import EVENTS
from services.runtime.broker import Bus
from services.runtime.jetstream import read_subject
from services.runtime.publishing import Expectation, Fact, Recorded, Stale

KeyT = TypeVar("KeyT")
StateT = TypeVar("StateT")


class Followed(Generic[KeyT, StateT]):
    """What is here is only ever a copy: the stream decides whether a commit holds."""

    def __init__(
        self,
        bus: Bus,
        followed: str,
        key_of: Callable[[Any], KeyT],
        after: Callable[[StateT | None, Event[Any]], StateT],
    ) -> None:
        self._bus = bus
        self._followed = followed
        self._key_of = key_of
        self._after = after
        self._held: dict[KeyT, StateT] = {}
        self._last: dict[str, int] = {}
        """Subject -> sequence of its newest fact."""
        self._read = 0

    @property
    def all(self) -> Mapping[KeyT, StateT]:
        """Everything of which something is on record."""
        return self._held

    async def follow(self) -> None:
        """Reads what is new, also what another instance recorded."""
        async for stored in read_subject(self._bus.client, EVENTS.name, self._followed, self._read + 1):
            self._keep(read(stored.body), stored.sequence)
            self._read = stored.sequence

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        """Records all events or none. What a lost answer leaves in doubt, the next `follow` reads."""
        if not events:
            return None
        outcome = await self._bus.publisher.record([self._fact(event) for event in events])
        if isinstance(outcome, Recorded):
            for sequence, event in enumerate(events, start=outcome.first_sequence):
                if not isinstance(event.data, ActionRefused):
                    self._keep(event, sequence)
        return outcome

    def _fact(self, event: Event[Any]) -> Fact:
        last = self._last.get(event.subject, 0)
        return Fact(event.subject, event.to_bytes(), event.type, Expectation(event.subject, last))

    def _keep(self, event: Event[Any], sequence: int) -> None:
        """A fact that was kept before, because this instance recorded it, changes nothing."""
        if sequence > self._last.get(event.subject, 0):
            self._last[event.subject] = sequence
            key = self._key_of(event.data)
            self._held[key] = self._after(self._held.get(key), event)
