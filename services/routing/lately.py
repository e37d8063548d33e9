"""Remembers the facts just decided here until they come back from the stream, so that they are not parsed again."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final

from contracts.envelope import Event, read

MOST: Final = 5000
"""What comes back later than so many others is parsed, as are the facts of other instances and of earlier runs."""


class Lately:
    """Events by their very bytes: whatever the stream tells, equal bytes are the same fact."""

    def __init__(self) -> None:
        self._events: OrderedDict[bytes, Event[Any]] = OrderedDict()

    def keep(self, facts: Iterable[tuple[bytes, Event[Any]]]) -> None:
        """Facts as they were encoded; the oldest beyond the most that are kept are forgotten."""
        self._events.update(facts)
        while len(self._events) > MOST:
            self._events.popitem(last=False)

    def read(self, body: bytes) -> Event[Any]:
        """The event in these bytes, as `contracts.envelope.read` has it; remembered no longer."""
        return self._events.pop(body, None) or read(body)
