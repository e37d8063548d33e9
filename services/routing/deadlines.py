"""Turns obligations into scheduled messages. A due message is only a hint; the incident's own facts decide."""

from collections.abc import Sequence
from typing import Final

from nats.aio.msg import Msg

from contracts import subjects
from contracts.envelope import read
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchDeferred, DispatchRepeated, ObligationBreached, ObligationMet
from services.routing.incident.owing import owed_by
from services.runtime.broker import Bus
from services.runtime.publishing import EVENT_TYPE_HEADER, Deadline

_OWING: Final = frozenset(
    model.__name__
    for model in (
        DispatchIssued,
        DispatchDeferred,
        DispatchRepeated,
        ObligationMet,
        ObligationBreached,
    )
)


class Scheduling:
    """Schedules one message per obligation; doing it again changes nothing."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_dispatches(self, messages: Sequence[Msg]) -> None:
        """Asks the server for a message at the due time of every obligation that these facts bring."""
        deadlines = [deadline for message in messages for deadline in deadlines_of(message)]
        await self._bus.publisher.schedule(deadlines)


def deadlines_of(message: Msg) -> tuple[Deadline, ...]:
    """The deadlines that one dispatch fact brings; most bring none, which their type says without reading them."""
    if _name(message) not in _OWING:
        return ()
    data = read(message.data).data
    space = subjects.space_of_fact(message.subject)
    return tuple(Deadline(space, data.incident, owed.obligation, owed.due) for owed in owed_by(data))


def _name(message: Msg) -> str:
    return (message.headers or {}).get(EVENT_TYPE_HEADER, "").split(".")[1]
