"""The door through which desks reach what is theirs in EVENTS: it makes their durables and has their record read out.

A desk may create no consumer and ask for no message by itself: the server looks at the subject of such a request, not
into its body, so whoever may send one may read everything. Here the desk is named in the subject, and the rest follows.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from nats.aio.msg import Msg

from contracts import desk_doors
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.streams import EVENTS, DeskRecord, desk_consumer
from services.runtime import clock, topology
from services.runtime.broker import Bus
from services.runtime.doors import read_out
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import ANSWERED

Knows = Callable[[Addressee, datetime], bool]
"""Whether the register has that desk at that time."""
AT_ONCE: Final = 4
"""Readings of one desk that run side by side."""
_UNKNOWN: Final = {"error": {"code": 404, "err_code": 0, "description": "the register has no such desk"}}
_MADE: Final[dict[str, Any]] = {}


class DeskDoor:
    """Answers desks while routing runs. What it answers is in EVENTS or on the server: a crash loses an answer only."""

    def __init__(self, bus: Bus, knows: Knows) -> None:
        self._bus = bus
        self._knows = knows
        self._reading: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Answers from now on; processes of one routing share the requests."""
        await self._bus.client.subscribe(desk_doors.ALL_DURABLES_ASKED, queue="routing", cb=self._on_durable)
        await self._bus.client.subscribe(desk_doors.ALL_RECORDS_ASKED, queue="routing", cb=self._on_record)

    async def _on_durable(self, message: Msg) -> None:
        """The desk's durable is there when this is answered."""
        with suppress(ValueError, BusUnavailableError):
            space, agency, desk, _ = _asked(message.subject)
            answer = _MADE if self._knows(Addressee(agency=agency, desk=desk), clock.now()) else _UNKNOWN
            if answer is _MADE:
                try:
                    await self._make(space, agency, desk)
                except JetStreamRefusedError as error:
                    answer = {"error": {"code": error.code, "err_code": error.err_code, "description": str(error)}}
            await self._bus.publisher.answer(message.reply, json.dumps(answer).encode())

    async def _on_record(self, message: Msg) -> None:
        """What is under the desk's own name is read out to it, beside whatever else is asked."""
        if not message.reply.startswith(ANSWERED):
            return  # whoever asks names where the answer goes; anywhere else we would put facts where they must not be
        desk = ".".join(message.subject.split(".")[2:5])
        if self._reading[desk] >= AT_ONCE:
            return  # no desk can keep the others waiting; its software asks again
        self._reading[desk] += 1
        task = asyncio.create_task(self._read_out(message))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, desk))

    async def _read_out(self, message: Msg) -> None:
        with suppress(ValueError, BusUnavailableError):
            space, agency, desk, part = _asked(message.subject)
            wanted = DeskRecord(part).filter(space, agency, desk)
            await read_out(self._bus.client, EVENTS.name, wanted, message.data, message.reply)

    def _ended(self, task: asyncio.Task[None], desk: str) -> None:
        self._tasks.discard(task)
        self._reading -= Counter([desk])

    async def _make(self, space: Space, agency: str, desk: str) -> None:
        await topology.apply(self._bus.client, (), (desk_consumer(space, agency, desk),))


def _asked(subject: str) -> tuple[Space, str, str, str]:
    """Space, agency and desk that the server vouches for, and the part asked for, empty where there is none."""
    _, _, space, agency, desk, *part = subject.split(".")
    return Space(space), agency, desk, next(iter(part), "")
