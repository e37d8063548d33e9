"""The edge to desks for acts without a dispatch: reads each, has it decided and recorded, and answers the desk."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ActionRefused
from contracts.identifiers import derived_id
from contracts.markings import refusal_of_json
from contracts.problems import Problem, ProblemCode
from contracts.receipts import ActionReceipt, Outcome
from services.routing.reporting.regime.acting import Done, Known, Refused, Verdict
from services.routing.reporting.regime.telling import Cause, told
from services.runtime.broker import Bus
from services.runtime.messages import stored_at, submission

_MOST_PROBLEMS: Final = 20


class Act(Protocol):
    """What every such act states about itself."""

    @property
    def action(self) -> UUID:
        """Made once by the desk."""

    @property
    def space(self) -> Space:
        """Live work or exercise."""


ActT = TypeVar("ActT", bound=Act)
ActT_contra = TypeVar("ActT_contra", bound=Act, contravariant=True)


class Books(Protocol[ActT_contra]):
    """What is on record, and what it makes of an act."""

    def verdict(self, act: ActT_contra, desk: Addressee, cause: Cause) -> Verdict:
        """What becomes of the act as the books stand now."""

    def count(self, space: Space, outcome: Outcome) -> None:
        """Measures what became of an act."""

    async def settle(self, decide: Callable[[], Sequence[Event[Any]]]) -> None:
        """Decides and records; when somebody was first, reads and decides again."""

    async def refuse(self, refusal: Event[ActionRefused]) -> None:
        """Records a refusal; the same one again changes nothing."""


class DeskActs(Generic[ActT]):
    """Takes acts one by one: each is on record, or its refusal is, before it is answered."""

    def __init__(self, bus: Bus, acts: TypeAdapter[ActT], books: Books[ActT]) -> None:
        self._bus = bus
        self._acts = acts
        self._books = books

    async def take(self, message: Msg) -> None:
        """One message of a desk."""
        origin, sent = subjects.origin_of(message.subject), submission(message)
        desk, cause = Addressee(agency=origin.agency, desk=origin.point), Cause(sent, sent, stored_at(message))
        act = self._read(message.data)
        if isinstance(act, tuple):
            space, receipt = Space.ACTUAL, await self._refused(Space.ACTUAL, desk, act, cause)
        else:
            space, receipt = act.space, await self._settled(act, desk, cause)
        self._books.count(space, receipt.outcome)
        await self._bus.publisher.announce(subjects.receipts(*origin), receipt.model_dump_json().encode())

    def _read(self, body: bytes) -> ActT | tuple[Problem, ...]:
        """The act, or why it is none; what is marked secret is not looked at any further."""
        if marking := refusal_of_json(body):
            return (marking,)
        try:
            return self._acts.validate_json(body)
        except ValidationError as error:
            return _problems(error)

    async def _settled(self, act: ActT, desk: Addressee, cause: Cause) -> ActionReceipt:
        reached: list[Verdict] = []

        def decide() -> list[Event[Any]]:
            reached[:] = [self._books.verdict(act, desk, cause)]
            return [verdict.event for verdict in reached if isinstance(verdict, Done)]

        await self._books.settle(decide)
        match reached[0]:
            case Done(event):
                return _receipt(cause, act.action, Outcome.ACCEPTED, events=(event.id,))
            case Known(state):
                return _receipt(cause, act.action, Outcome.DUPLICATE, current_state=state)
            case Refused(problem):
                return await self._refused(act.space, desk, (problem,), cause, act.action)

    async def _refused(
        self, space: Space, desk: Addressee, problems: tuple[Problem, ...], cause: Cause, action: UUID | None = None
    ) -> ActionReceipt:
        """A refusal is on record too, once for each submission."""
        subject = subjects.refused_action(space, subjects.Origin(desk.agency, desk.desk), cause.id)
        refusal = told(subject, ActionRefused(sender=desk, action=action, problems=problems), cause, cause.id)
        await self._books.refuse(refusal)
        outcome = action or derived_id("unreadable", cause.id)
        return _receipt(cause, outcome, Outcome.REJECTED, events=(refusal.id,), problems=problems)


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    found = error.errors(include_input=False, include_url=False, include_context=False)[:_MOST_PROBLEMS]
    return tuple(
        Problem(code=ProblemCode.FIELD_INVALID, field=".".join(map(str, one["loc"]))[:120], detail=one["msg"][:300])
        for one in found
    )


def _receipt(cause: Cause, action: UUID, outcome: Outcome, **told_more: Any) -> ActionReceipt:
    return ActionReceipt(submission=cause.id, action=action, outcome=outcome, **told_more)
