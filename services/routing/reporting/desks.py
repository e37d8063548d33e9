"""The edge to desks: takes what they do about reports, records or refuses it, and answers each."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ActionRefused
from contracts.identifiers import derived_id
from contracts.problems import Problem, ProblemCode
from contracts.receipts import ActionReceipt, Outcome
from contracts.reporting import REPORTING_ACTION, AcknowledgePaper, ReportingAct
from services.routing.reporting.handlers import Reporting, ReportingBooks
from services.routing.reporting.regime.acting import Done, Known, Law, Refused, Verdict, acknowledged, switched
from services.routing.reporting.regime.telling import Cause, told
from services.runtime import clock
from services.runtime.broker import Bus
from services.runtime.messages import stored_at, submission
from services.runtime.telemetry import OUTCOMES

_MOST: Final = 20


class ReportingDesks:
    """Takes acts one by one: each is on record before it is answered."""

    def __init__(self, bus: Bus, books: ReportingBooks, reporting: Reporting, law: Callable[[], Law]) -> None:
        self._bus = bus
        self._books = books
        self._reporting = reporting
        self._law = law

    async def on_actions(self, messages: Sequence[Msg]) -> None:
        """What desks do about reports: each act is recorded or refused with its reason, and answered."""
        for message in messages:
            await self._take(message)
        await self._reporting.open(clock.now())

    async def _take(self, message: Msg) -> None:
        origin, sent = subjects.origin_of(message.subject), submission(message)
        desk, cause = Addressee(agency=origin.agency, desk=origin.point), Cause(sent, sent, stored_at(message))
        act = _read(message.data)
        if isinstance(act, tuple):
            receipt = await self._refused(Space.ACTUAL, desk, act, cause)
        else:
            receipt = await self._settled(act, desk, cause)
        OUTCOMES.labels("reporting-action", receipt.outcome.value).inc()
        await self._bus.publisher.announce(subjects.receipts(*origin), receipt.model_dump_json().encode())

    async def _settled(self, act: ReportingAct, desk: Addressee, cause: Cause) -> ActionReceipt:
        reached: list[Verdict] = []

        def decide() -> list[Event[Any]]:
            reached[:] = [self._verdict(act, desk, cause)]
            return [verdict.event for verdict in reached if isinstance(verdict, Done)]

        await self._reporting.settle(decide)
        match reached[0]:
            case Done(event):
                return _receipt(cause, act.action, Outcome.ACCEPTED, events=(event.id,))
            case Known(state):
                return _receipt(cause, act.action, Outcome.DUPLICATE, current_state=state)
            case Refused(problem):
                return await self._refused(act.space, desk, (problem,), cause, act.action)

    def _verdict(self, act: ReportingAct, desk: Addressee, cause: Cause) -> Verdict:
        if isinstance(act, AcknowledgePaper):
            return acknowledged(act, desk, self._books.papers(act.space, desk), cause)
        return switched(act, desk, self._books.orders(act.space, act.area), self._law(), cause)

    async def _refused(
        self, space: Space, desk: Addressee, problems: tuple[Problem, ...], cause: Cause, action: UUID | None = None
    ) -> ActionReceipt:
        """A refusal is on record too, once for each submission."""
        subject = subjects.refused_action(space, subjects.Origin(desk.agency, desk.desk), cause.id)
        refusal = told(subject, ActionRefused(sender=desk, action=action, problems=problems), cause, cause.id)
        if not await self._books.is_recorded(subject):
            await self._books.commit([refusal])
        outcome = action or derived_id("unreadable", cause.id)
        return _receipt(cause, outcome, Outcome.REJECTED, events=(refusal.id,), problems=problems)


def _read(body: bytes) -> ReportingAct | tuple[Problem, ...]:
    try:
        return REPORTING_ACTION.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[:_MOST]
        return tuple(
            Problem(code=ProblemCode.FIELD_INVALID, field=".".join(map(str, one["loc"]))[:120], detail=one["msg"][:300])
            for one in found
        )


def _receipt(cause: Cause, action: UUID, outcome: Outcome, **told_more: Any) -> ActionReceipt:
    return ActionReceipt(submission=cause.id, action=action, outcome=outcome, **told_more)
