"""Turns obligations into scheduled messages. A due message is only a hint; the incident's own facts decide."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from nats.aio.msg import Msg

from contracts import subjects
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchDeferred, DispatchRepeated, ObligationBreached, ObligationMet
from services.routing.incident.owing import owed_by
from services.runtime.broker import Bus
from services.runtime.publishing import EVENT_TYPE_HEADER, Deadline

OWING: Final = (DispatchIssued, DispatchDeferred, DispatchRepeated, ObligationMet, ObligationBreached)
"""The dispatch facts that may bring a deadline."""
_NAMES: Final = frozenset(model.__name__ for model in OWING)

Reads = Callable[[bytes], Event[Any]]


class Scheduling:
    """Schedules one message per obligation; doing it again changes nothing."""

    def __init__(self, bus: Bus, read: Reads) -> None:
        """`read` is asked once for each fact that may bring a deadline."""
        self._bus = bus
        self._read = read

    async def on_dispatches(self, messages: Sequence[Msg]) -> None:
        """Asks the server for a message at the due time of every obligation that these facts bring."""
        deadlines = [deadline for message in messages for deadline in deadlines_of(message, self._read)]
        await self._bus.publisher.schedule(deadlines)


def deadlines_of(message: Msg, read: Reads) -> tuple[Deadline, ...]:
    """The deadlines that one dispatch fact brings; most bring none, which their type says without reading them."""
    if _name(message) not in _NAMES:
        return ()
    data = read(message.data).data
    space = subjects.space_of_fact(message.subject)
    return tuple(Deadline(space, data.incident, owed.obligation, owed.due) for owed in owed_by(data))


def _name(message: Msg) -> str:
    return (message.headers or {}).get(EVENT_TYPE_HEADER, "").split(".")[1]
