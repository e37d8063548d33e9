"""A service as far as parking goes, inside the test: its consumers' policies, handlers with a defect, its ear."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from nats.aio.msg import Msg
from structlog.testing import capture_logs

from contracts import subjects
from contracts.streams import INTAKE, ROUTING_ACTIONS, ROUTING_REPORTS, Consumer
from services.runtime.broker import Bus
from services.runtime.failures import FailurePolicy
from services.runtime.messages import sequence, stored_at, submission
from services.runtime.retrying import Retrying
from services.runtime.settings import RuntimeSettings
from services.stack.parking import Parked, parked
from tests.integration.http.hub import Hub

WHERE = subjects.action_inbox("ub", "d-1")
Told = tuple[str, int, datetime, UUID, bytes, str]


@dataclass(slots=True)
class Mended:
    """A handler with a defect, until it is mended."""

    defect: Exception | None = None
    told: list[Told] = field(default_factory=list)
    tries: int = 0

    async def __call__(self, messages: Sequence[Msg]) -> None:
        self.tries += 1
        for one in messages:
            if self.defect is not None:
                raise self.defect
            kind = (one.headers or {}).get("Phoihop-Type", "")
            self.told.append((one.subject, sequence(one), stored_at(one), submission(one), one.data, kind))


@dataclass(frozen=True, slots=True)
class Working:
    """A service with two consumers, as far as parking goes."""

    bus: Bus
    handlers: dict[str, Mended]

    async def deliver(self, consumer: Consumer) -> Msg:
        """The next message, through the failure policy as the broker does."""
        feed = await self.bus.client.jetstream().pull_subscribe_bind(consumer.durable, consumer.stream)
        (message,) = await feed.fetch(1, timeout=30)
        (policy,) = (one for one in self.bus.policies if one.consumer == consumer)
        await policy.handle([message])
        return message

    async def parks_an_action(self, body: bytes = b"{}") -> Parked:
        """An action that its handler refuses."""
        self.handlers[ROUTING_ACTIONS.durable].defect = ValueError("the defect")
        await self.bus.publisher.submit(WHERE, body, uuid4())
        await self.deliver(ROUTING_ACTIONS)
        return (await parked(self.bus.client))[-1]


@asynccontextmanager
async def working(hub: Hub) -> AsyncIterator[Working]:
    """Connected, and asked from now on."""
    bus = Bus(RuntimeSettings(nats_url=hub.nats.url))
    await bus.connect()
    consumers = (ROUTING_REPORTS, ROUTING_ACTIONS, INTAKE)
    handlers = {one.durable: Mended() for one in consumers}
    bus.policies += [FailurePolicy(one, handlers[one.durable], lambda: bus.publisher) for one in consumers]
    await Retrying(bus, "routing").listen()
    await bus.client.flush()
    try:
        with capture_logs():  # a command typed in this process prints its document alone
            yield Working(bus, handlers)
    finally:
        bus.stopping = True  # a closed connection otherwise ends the process
        await bus.client.close()
