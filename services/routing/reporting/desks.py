"""The edge to desks: takes what they do about reports, records or refuses it, and answers each."""

from collections.abc import Callable, Sequence
from typing import Any

from nats.aio.msg import Msg

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ActionRefused
from contracts.receipts import Outcome
from contracts.reporting import REPORTING_ACTION, AcknowledgePaper, ReportingAct
from services.routing.desk_acts import DeskActs
from services.routing.reporting.handlers import Reporting, ReportingBooks
from services.routing.reporting.regime.acting import Law, Verdict, acknowledged, switched
from services.routing.reporting.regime.telling import Cause
from services.runtime import clock
from services.runtime.broker import Bus
from services.runtime.telemetry import outcomes


class ReportingDesks:
    """Takes acts one by one: each is on record before it is answered."""

    def __init__(self, bus: Bus, books: ReportingBooks, reporting: Reporting, law: Callable[[], Law]) -> None:
        self._acts = DeskActs(bus, REPORTING_ACTION, self)
        self._books = books
        self._reporting = reporting
        self._law = law

    async def on_actions(self, messages: Sequence[Msg]) -> None:
        """What desks do about reports: each act is recorded or refused with its reason, and answered."""
        for message in messages:
            await self._acts.take(message)
        await self._reporting.open(clock.now())

    def verdict(self, act: ReportingAct, desk: Addressee, cause: Cause) -> Verdict:
        """What becomes of an act as the books stand now."""
        if isinstance(act, AcknowledgePaper):
            return acknowledged(act, desk, self._books.papers(act.space, desk), cause)
        return switched(act, desk, self._books.orders(act.space, act.area), self._law(), cause)

    async def settle(self, decide: Callable[[], Sequence[Event[Any]]]) -> None:
        """Decides and records; when somebody was first, reads and decides again."""
        await self._reporting.settle(decide)

    def count(self, space: Space, outcome: Outcome) -> None:
        """Measures what became of an act."""
        outcomes(space).labels("reporting-action", outcome.value).inc()

    async def refuse(self, refusal: Event[ActionRefused]) -> None:
        """Once for each submission."""
        if not await self._books.is_recorded(refusal.subject):
            await self._books.commit([refusal])
