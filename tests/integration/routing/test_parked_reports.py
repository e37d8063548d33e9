"""A report that a defect parked: the real routing decides it later as it would have at once, byte for byte."""

from collections.abc import Sequence

from nats.aio.msg import Msg

from contracts import subjects
from contracts.envelope import read
from contracts.retrying import RetryOutcome
from contracts.streams import ROUTING_REPORTS
from services.routing.drafting import Drafting
from services.routing.handlers import Routing
from services.runtime.broker import Bus
from services.runtime.failures import BatchHandler, FailurePolicy, RetryLaterError
from services.runtime.messages import stored_at
from services.runtime.retrying import Retrying
from services.runtime.sending import connection
from services.stack.parking import parked
from services.stack.retrying import try_again
from tests.integration.http.hub import Hub
from tests.integration.routing.instances import Instance, instance
from tests.integration.routing.records import accept


async def test_a_report_that_was_parked_is_routed_as_it_would_have_been_at_once(hub: Hub) -> None:
    """Breaks when a defect of an hour leaves an acknowledged report without anybody who is told of it, for ever."""
    await accept(hub)
    async with instance(hub) as routing:
        bus, drafting = routing.incidents._bus, Drafting(routing.incidents, routing.regulations)
        work: list[BatchHandler] = [_broken]

        async def handler(messages: Sequence[Msg]) -> None:
            await work[0](messages)

        delivered = await _parked_by(bus, handler)
        at_once = await _drafted(routing, drafting, delivered)
        assert await hub.facts(subjects.ALL_INCIDENTS) == []

        work[0] = Routing(bus, routing.incidents, drafting).on_reports
        async with connection(hub.nats.url) as client:
            (answer,) = await try_again(client, await parked(client))
            assert await parked(client) == []

    assert answer.outcome is RetryOutcome.DONE, answer.reason
    assert at_once
    assert [stored.body for stored in await hub.facts(subjects.ALL_INCIDENTS)] == at_once


async def _broken(_: Sequence[Msg]) -> None:
    raise KeyError("a defect")


async def _parked_by(bus: Bus, handler: BatchHandler) -> Msg:
    """The message, after it was delivered to a handler with a defect."""
    policy = FailurePolicy(ROUTING_REPORTS, handler, lambda: bus.publisher)
    bus.policies.append(policy)
    await Retrying(bus, "routing").listen()
    await bus.client.flush()
    feed = await bus.client.jetstream().pull_subscribe_bind(ROUTING_REPORTS.durable, ROUTING_REPORTS.stream)
    (message,) = await feed.fetch(1, timeout=30)
    await policy.handle([message])
    return message


async def _drafted(routing: Instance, drafting: Drafting, message: Msg) -> list[bytes]:
    """What would be recorded of it now, without recording it."""
    while True:
        draft = await routing.incidents.start()
        try:
            drafting.report(draft, (read(message.data), stored_at(message)))
        except RetryLaterError:  # texts that are not at hand are read first
            continue
        return [event.to_bytes() for event in draft.events]
