"""The edge of routing: reads a batch, decides purely, records all of it or nothing, answers the desks."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import DispatchEscalated, ReportAccepted
from contracts.receipts import ActionReceipt
from contracts.streams import EVENTS
from services.routing.draft import Draft, IncidentBook
from services.routing.drafting import Drafting, DueHint, Gone, Submission
from services.routing.incident.diverting import Noticed
from services.routing.presence.signs import went
from services.runtime.broker import Bus
from services.runtime.failures import INFRASTRUCTURE
from services.runtime.jetstream import stream_clock
from services.runtime.logs import logger
from services.runtime.messages import stored_at, submission
from services.runtime.publishing import EVENT_TYPE_HEADER, Deadline, Stale
from services.runtime.telemetry import ESCALATED, SILENCE_ALARMS, outcomes

SWEEP_GRACE: Final = timedelta(seconds=3)
"""How long past its time an obligation may stay unanswered before the sweep takes it up."""
AT_MOST_SWEPT: Final = 1000
ENOUGH_FACTS: Final = 400
"""A commit is made once so many facts are drafted: one more input must still fit under the thousand of a batch."""

InputT = TypeVar("InputT")
ResultT = TypeVar("ResultT")


class Routing:
    """Decides about reports, actions and deadlines, one batch at a time.

    A crash before the commit decides again; after it, the same input yields nothing new. Nothing is lost either way.
    """

    def __init__(self, bus: Bus, incidents: IncidentBook, drafting: Drafting) -> None:
        self._bus = bus
        self._incidents = incidents
        self._drafting = drafting
        self._writing = asyncio.Lock()

    async def on_reports(self, messages: Sequence[Msg]) -> None:
        """Accepted reports: each opens an incident or joins one, and brings in whoever the regulation names."""
        await self._settle(self._drafting.report, [_accepted(m) for m in messages if _is_accepted(m)])

    async def on_actions(self, messages: Sequence[Msg]) -> None:
        """What duty desks did: each act is recorded or refused with its reason, and answered."""
        acts = [_submission(message) for message in messages]
        for act, (space, receipt) in zip(acts, await self._settle(self._drafting.act, acts), strict=True):
            outcomes(space).labels("action", receipt.outcome.value).inc()
            await self._answer(act.origin, receipt)

    async def on_due(self, messages: Sequence[Msg]) -> None:
        """Deadlines that came: silence is escalated. The message is a hint; the incident's own facts decide."""
        hints = [DueHint(*subjects.due_of(message.subject), stored_at(message)) for message in messages]
        await self._settle(self._drafting.due, hints)

    async def on_absences(self, messages: Sequence[Msg]) -> None:
        """Desks that came or went: what waits for one that went is told to another too, once."""
        for event, at in ((read(message.data), stored_at(message)) for message in messages):
            if (gone := went(event.data)) is not None:
                async with self._writing:  # what is being recorded just now may be waiting for this desk too
                    await self._incidents.start()
                    waiting = self._incidents.waiting(*gone)
                hints = [Gone(space, incident, gone[1], Noticed(event.id, at)) for space, incident in waiting]
                await self._settle(self._drafting.gone, hints)

    async def sweep(self, running: Callable[[], bool], every: float) -> None:
        """The backstop behind the scheduled messages: takes up obligations whose message never came.

        By the stream's clock, as everything else about time: one of ours that jumps ahead would end the time of
        everybody for whom it has only begun.
        """
        missed: Sequence[Deadline] = ()
        while running():
            if len(missed) < AT_MOST_SWEPT:  # otherwise there are more: thousands may be due at one instant
                await asyncio.sleep(every)
            missed = ()
            try:
                now = await stream_clock(self._bus.client, EVENTS.name)
                missed = self._incidents.overdue(now - SWEEP_GRACE, AT_MOST_SWEPT)
                hints = [DueHint(one.space, one.incident, one.obligation, now) for one in missed]
                await self._settle(self._drafting.due, hints)
            except INFRASTRUCTURE:
                self._incidents.put_back(missed)
                missed = ()
            if missed:
                logger().warning("deadlines_swept", count=len(missed))

    async def _settle(self, decide: Callable[[Draft, InputT], ResultT], inputs: Sequence[InputT]) -> Sequence[ResultT]:
        """Decides and records, in as many commits as it takes; when somebody was first, reads and decides again."""
        results: list[ResultT] = []
        while len(results) < len(inputs):
            # let go after each commit: a report that comes in a burst of deadlines waits for one of them, not for all
            async with self._writing:
                results += await self._commit_next(decide, inputs[len(results) :])
        return results

    async def _commit_next(
        self, decide: Callable[[Draft, InputT], ResultT], inputs: Sequence[InputT]
    ) -> Sequence[ResultT]:
        """The results of as many inputs as one commit takes; none where somebody was first."""
        draft, results = await self._incidents.start(), []
        for one in inputs:
            results.append(decide(draft, one))
            if len(draft.events) >= ENOUGH_FACTS:
                break
        if isinstance(await self._incidents.commit(draft), Stale):
            await self._drafting.forget_recorded_refusals(draft)
            return ()
        _raise_alarms(draft)
        return results

    async def _answer(self, origin: subjects.Origin, receipt: ActionReceipt) -> None:
        await self._bus.publisher.announce(subjects.receipts(*origin), receipt.model_dump_json().encode())


def _raise_alarms(draft: Draft) -> None:
    """What silence came to, for whoever watches the measures; an exercise never counts there."""
    for event in draft.events:
        if isinstance(event.data, DispatchEscalated) and subjects.space_of_fact(event.subject) is Space.ACTUAL:
            ESCALATED.inc()
            if event.data.alarm:
                SILENCE_ALARMS.inc()
                logger().error("silence_alarm", incident=str(event.data.incident), dispatch=str(event.data.dispatch))


def _is_accepted(message: Msg) -> bool:
    kind = (message.headers or {}).get(EVENT_TYPE_HEADER, "")
    return kind.startswith("phoihop.ReportAccepted.")


def _accepted(message: Msg) -> tuple[Event[ReportAccepted], datetime]:
    return read(message.data), stored_at(message)


def _submission(message: Msg) -> Submission:
    return Submission(subjects.origin_of(message.subject), submission(message), message.data, stored_at(message))
