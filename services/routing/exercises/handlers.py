"""The edge of exercises: takes plans, schedules their reports at the server, files each when its time has come."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, read
from contracts.events import ActionRefused
from contracts.exercises import EXERCISE_ACTION, ExerciseAct, ExercisePlanned
from contracts.identifiers import derived_id
from contracts.receipts import Outcome
from services.routing.desk_acts import DeskActs
from services.routing.exercises.planning import Drill, Law, filing, started, verdict
from services.routing.reporting.regime.acting import Verdict
from services.routing.reporting.regime.telling import Cause
from services.runtime.broker import Bus
from services.runtime.failures import RetryLaterError
from services.runtime.messages import stored_at
from services.runtime.publishing import InboxFullError, Recorded, Stale
from services.runtime.telemetry import outcomes

MEDIA_TYPE: Final = "application/json"


class DrillBook(Protocol):
    """Planned exercises as the stream has them; `store.Drills` is the real one."""

    @property
    def all(self) -> Mapping[UUID, Drill]:
        """Every exercise on record."""

    async def follow(self) -> None:
        """Reads what is new."""

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        """All or nothing."""


class Exercises:
    """Plans, schedules, files. A crash anywhere repeats a step, and every step repeated comes to the same."""

    def __init__(self, bus: Bus, drills: DrillBook, law: Callable[[datetime], Law]) -> None:
        self._bus = bus
        self._acts: DeskActs[ExerciseAct] = DeskActs(bus, EXERCISE_ACTION, self)
        self._drills = drills
        self._law = law
        self._writing = asyncio.Lock()

    async def on_actions(self, messages: Sequence[Msg]) -> None:
        """Plans of exercises, and exercises called off: each is recorded or refused with its reason, and answered."""
        for message in messages:
            await self._acts.take(message)

    async def on_plans(self, messages: Sequence[Msg]) -> None:
        """Asks the server for a message at the time of every report of a planned exercise."""
        for message in messages:
            data = read(message.data).data
            if isinstance(data, ExercisePlanned):
                await self._bus.publisher.schedule_drill(data.drill, Drill(data).dues)

    async def on_due(self, messages: Sequence[Msg]) -> None:
        """The time of a report of an exercise has come: it is handed in as its unit would. Once, whatever is repeated.

        Report and submission have ids that follow from the plan, so the same report again is a duplicate at the door.
        """
        for message in messages:
            drill, number = subjects.drill_due_of(message.subject)
            await self._file(drill, number, stored_at(message))

    def count(self, space: Space, outcome: Outcome) -> None:
        """Measures what became of an act."""
        outcomes(space).labels("exercise-action", outcome.value).inc()

    def verdict(self, act: ExerciseAct, desk: Addressee, cause: Cause) -> Verdict:
        """What becomes of an act as things stand now."""
        return verdict(act, desk, self._drills.all, self._law(cause.at), cause)

    async def refuse(self, refusal: Event[ActionRefused]) -> None:
        """Its subject takes one fact, so the same again is stale and changes nothing."""
        await self._drills.commit([refusal])

    async def settle(self, decide: Callable[[], Sequence[Event[Any]]]) -> None:
        """Decides and records; when somebody was first, reads and decides again."""
        async with self._writing:
            while True:
                await self._drills.follow()
                if not isinstance(await self._drills.commit(decide()), Stale):
                    return

    async def _file(self, drill: UUID, number: int, at: datetime) -> None:
        cause = derived_id(drill, "due")

        def begin() -> Sequence[Event[Any]]:
            known = self._drills.all.get(drill)
            begun = known and started(known, Cause(cause, drill, at))
            return [begun] if begun else []

        await self.settle(begin)
        known = self._drills.all.get(drill)
        if known is None or (one := filing(known, number)) is None:
            return
        try:
            inbox = subjects.report_inbox(*one.origin)
            await self._bus.publisher.submit(inbox, one.body, one.submission, MEDIA_TYPE)
        except InboxFullError as error:
            raise RetryLaterError(str(error)) from error
