"""Turns obligations into scheduled messages. A due message is only a hint; the incident's own facts decide."""

import asyncio
from collections.abc import Sequence

from nats.aio.msg import Msg

from contracts.envelope import read
from contracts.events import DispatchIssued
from services.runtime.broker import Bus
from services.runtime.publishing import EVENT_TYPE_HEADER, Deadline


class Scheduling:
    """Schedules one message per obligation of every dispatch; doing it again changes nothing."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_dispatches(self, messages: Sequence[Msg]) -> None:
        """Asks the server for a message at the due time of every obligation of newly issued dispatches."""
        deadlines = [deadline for message in messages for deadline in deadlines_of(message)]
        await asyncio.gather(*(self._bus.publisher.schedule(deadline) for deadline in deadlines))


def deadlines_of(message: Msg) -> tuple[Deadline, ...]:
    """The deadlines in one dispatch fact; none unless it issues a dispatch."""
    if not (message.headers or {}).get(EVENT_TYPE_HEADER, "").startswith("phoihop.DispatchIssued."):
        return ()
    issued = read(message.data).data
    if not isinstance(issued, DispatchIssued):
        return ()
    return tuple(Deadline(issued.space, issued.incident, owed.obligation, owed.due) for owed in issued.obligations)
