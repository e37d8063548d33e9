"""A duty desk's side of the bus: reads its own dispatches, follows them live, sends its actions."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from contracts import subjects
from contracts.actions import Acknowledge, Action, Deliver
from contracts.attached import Attached, AttachmentsAsked
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.desk_doors import desk_attachments, desk_durable, desk_record
from contracts.envelope import Event, read
from contracts.events import DispatchIssued
from contracts.exercises import ExerciseAct
from contracts.identifiers import new_id
from contracts.presence import HEARTBEAT_EVERY, PresenceAct, PresenceData, ProposeHandOver
from contracts.receipts import ActionReceipt
from contracts.reporting import AcknowledgePaper, ReportingAct, SwitchRegime
from contracts.streams import MAX_BODY, Consumer, DeskRecord, desk_consumer
from contracts.subjects import Origin
from services.desk.board import Board, DispatchEvent
from services.desk.handover import fitted
from services.desk.papers import PAPERS, Paper, PaperEvent, papers
from services.runtime import topology
from services.runtime.clock import monotonic, now
from services.runtime.doors import ask_through, read_through
from services.runtime.jetstream import BusUnavailableError, Stored, api, raise_for_error, request
from services.runtime.publishing import InboxFullError, Publisher
from services.runtime.pulling import ContinuousPull
from services.runtime.sending import Sender, action_sender

PAUSE: Final = 0.5
"""Seconds before trying again while the bus is away."""
PATIENCE: Final = 15.0
"""Seconds until a door of the hub that nobody answers is given up: routing is back within a few after a crash."""

AT_ONCE: Final = 3
"""Photographs asked for side by side; the hub answers one desk no more than a few."""

ActionT = TypeVar("ActionT", bound=Action)
Seen = Callable[[DispatchEvent], Awaitable[None]]
PaperSeen = Callable[[PaperEvent], Awaitable[None]]


class DeskClient:
    """One desk in one status space."""

    def __init__(self, client: Client, space: Space, origin: Origin, officer: str | None = None) -> None:
        self._client = client
        self._space = space
        self._origin = origin
        self._officer = officer
        self._actions: Sender[ActionReceipt] = action_sender(client)
        self._few = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """Hears the receipts of this desk from now on."""
        await self._actions.listen(self._origin)

    async def board(self) -> Board:
        """What is addressed to this desk and where it stands, from the desk's own facts."""
        return Board().apply_all([event async for event in self.history()])

    async def seen_before(self) -> Board:
        """What this desk had been shown when it last stopped watching."""
        consumer = await self._consumer()
        info = await api(self._client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
        return Board().apply_all([event async for event in self.history(info["ack_floor"]["stream_seq"])])

    async def history(self, until: int | None = None) -> AsyncIterator[DispatchEvent]:
        """Every fact addressed to this desk, in order, up to a sequence of the stream."""
        async for sequence, event in self.since():
            if until is not None and sequence > until:
                return
            yield event

    async def since(self, first: int = 1) -> AsyncIterator[tuple[int, DispatchEvent]]:
        """The same from a sequence of the stream on, each fact with its own."""
        async for stored in self._record(DeskRecord.FEED, first):
            yield stored.sequence, read(stored.body)

    async def papers(self) -> tuple[Paper, ...]:
        """Copies of reports and requests for reports, oldest first."""
        return papers([read(stored.body) async for stored in self._record(DeskRecord.PAPERS)])

    async def watch(self, seen: Seen, running: Callable[[], bool], paper_seen: PaperSeen | None = None) -> None:
        """Hands every fact over once, resuming where this desk stopped; a new dispatch is reported as delivered.

        Meanwhile the hub hears that somebody's software watches.

        A fact is acknowledged to the bus only after `seen` returned, and before the next one is shown: a crash shows
        at most one again.
        """
        consumer = await self._consumer()
        await topology.rewind(self._client, consumer)
        beating = asyncio.create_task(self._beat())

        async def hand_over(batch: list[Msg]) -> None:
            for message in batch:
                event = read(message.data)
                if not isinstance(event.data, PAPERS):
                    await seen(event)
                elif paper_seen is not None:
                    await paper_seen(event)
                if isinstance(event.data, DispatchIssued):
                    await self._send_delivered(event.data)
                with suppress(NatsError, TimeoutError):  # a lost acknowledgement shows the fact again, no more
                    await message.ack_sync()

        try:
            await ContinuousPull(self._client, consumer, window=100, limit=50).run(hand_over, running)
        finally:
            beating.cancel()

    async def acknowledge(self, incident: UUID, dispatch: UUID, note: str | None = None) -> ActionReceipt:
        """Tells that the desk has it. Safe to repeat; raises `NoReceiptError` when nobody answers."""
        return await self.act(Acknowledge, incident, dispatch, note=note)

    async def act(
        self,
        kind: type[ActionT],
        incident: UUID,
        dispatch: UUID,
        **details: Any,  # the fields of the kind
    ) -> ActionReceipt:
        """One act of the officer on duty.

        Raises `pydantic.ValidationError` for details the kind does not have, `NoReceiptError` when nobody answers.
        """
        stated = {
            "action": new_id(),
            "space": self._space,
            "incident": incident,
            "dispatch": dispatch,
            "sent": now(),
            "officer": self._officer,
        }
        action = kind.model_validate(stated | details)
        return await self._actions.send(self._origin, action.model_dump_json(exclude_none=True).encode())

    async def acknowledge_paper(
        self, paper: UUID, note: str | None = None, officer: str | None = None
    ) -> ActionReceipt:
        """Tells that the desk has a copy or a request. Safe to repeat; raises `NoReceiptError` when nobody answers."""
        who = officer or self._officer
        act = AcknowledgePaper(action=new_id(), space=self._space, sent=now(), officer=who, paper=paper, note=note)
        return await self._about_reports(act)

    async def switch_regime(self, area: str, calendars: tuple[str, ...], reason: str, *, on: bool) -> ActionReceipt:
        """Orders reporting calendars on or off for an area; raises as `acknowledge_paper`."""
        act = SwitchRegime(
            action=new_id(),
            space=self._space,
            sent=now(),
            officer=self._officer,
            area=area,
            calendars=calendars,
            on=on,
            reason=reason,
        )
        return await self._about_reports(act)

    async def _about_reports(self, act: ReportingAct) -> ActionReceipt:
        sender = Sender(self._client, subjects.reporting_inbox, ActionReceipt)
        await sender.listen(self._origin)
        return await sender.send(self._origin, act.model_dump_json(exclude_none=True).encode())

    async def attachments(self, incident: UUID) -> tuple[Attached, ...]:
        """The photographs of an incident dispatched to this desk, stored or awaited. Raises `BusUnavailableError`."""
        return tuple(map(Attached.model_validate_json, await self._ask_for_attachments(incident, AttachmentsAsked())))

    async def attachment(self, incident: UUID, sha256: str) -> tuple[Attached, bytes] | None:
        """One of them; None where this desk may not see it or it is not there. Raises `BusUnavailableError`."""
        try:
            asked = AttachmentsAsked(sha256=sha256)
        except ValidationError:
            return None
        told = await self._ask_for_attachments(incident, asked)
        body = b"".join(told[1:])
        return (Attached.model_validate_json(told[0]), body) if sha256_hex(body) == sha256 else None

    async def presence(self) -> tuple[Event[PresenceData], ...]:
        """Every fact about this desk's presence and shifts, in order."""
        return tuple([read(stored.body) async for stored in self._record(DeskRecord.PRESENCE)])

    async def declare(self, kind: type[PresenceAct], **details: Any) -> ActionReceipt:  # the fields of the kind
        """Says something about the desk itself; raises as `act`, and `TooMuchOpenError` for a note too long to send."""
        stated = {"action": new_id(), "space": self._space, "sent": now()}
        act = kind.model_validate(stated | details)
        if isinstance(act, ProposeHandOver):
            act = fitted(act, MAX_BODY)
        sender = Sender(self._client, subjects.desk_inbox, ActionReceipt)
        await sender.listen(self._origin)
        return await sender.send(self._origin, act.model_dump_json(exclude_none=True).encode())

    async def exercise(self, kind: type[ExerciseAct], **details: Any) -> ActionReceipt:  # the fields of the kind
        """Plans an exercise or calls one off; raises as `act`."""
        stated = {"action": new_id(), "space": Space.EXERCISE, "sent": now(), "officer": self._officer}
        act = kind.model_validate(stated | details)
        sender = Sender(self._client, subjects.exercise_inbox, ActionReceipt)
        await sender.listen(self._origin)
        return await sender.send(self._origin, act.model_dump_json(exclude_none=True).encode())

    async def _beat(self) -> None:
        """A sign of life again and again. While the bus is away nobody hears one, and none is kept for later."""
        subject = subjects.heartbeat(self._space, *self._origin)
        while True:
            if self._client.is_connected:
                with suppress(BusUnavailableError):
                    await Publisher(self._client).announce(subject, b"")
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())

    async def _record(self, part: DeskRecord, first: int = 1) -> AsyncIterator[Stored]:
        """What the hub's door shows this desk; while nobody is behind the door, it waits a little for somebody."""
        door, end = desk_record(self._space, *self._origin, part.value), monotonic() + PATIENCE
        while True:
            try:
                async for stored in read_through(self._client, door, first):
                    yield stored
                    first, end = stored.sequence + 1, monotonic() + PATIENCE
            except BusUnavailableError:
                if monotonic() > end:
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _ask_for_attachments(self, incident: UUID, asked: AttachmentsAsked) -> list[bytes]:
        door = desk_attachments(self._space, *self._origin, str(incident))
        async with self._few:
            return await ask_through(self._client, door, asked.model_dump_json().encode())

    async def _consumer(self) -> Consumer:
        """This desk's own durable. The hub makes it when it is asked: whoever could make one could read everything."""
        door, end = desk_durable(self._space, *self._origin), monotonic() + PATIENCE
        while True:
            try:
                raise_for_error(json.loads((await request(self._client, door, b"")).data))
            except BusUnavailableError:
                if monotonic() > end:
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return desk_consumer(self._space, *self._origin)

    async def _send_delivered(self, issued: DispatchIssued) -> None:
        """Proof of delivery: handed over to the hub before the fact counts as seen, however long that takes."""
        action = Deliver(
            action=new_id(),
            space=self._space,
            incident=issued.incident,
            dispatch=issued.dispatch,
            sent=now(),
            officer=self._officer,
        )
        inbox, body, submission = subjects.action_inbox(*self._origin), action.model_dump_json().encode(), new_id()
        while True:
            try:
                await Publisher(self._client).submit(inbox, body, submission)
            except (BusUnavailableError, InboxFullError):
                await asyncio.sleep(PAUSE)
            else:
                return
