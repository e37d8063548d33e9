"""What people at the hub are there for works with the rights of their role alone; the attacks show what does not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from nats.aio.msg import Msg

from contracts import subjects
from contracts.identity import AUDITOR, CUSTODIAN, OPERATOR, PROVISION, RESTORER, Identity, service
from contracts.retrying import RetryOutcome
from contracts.streams import CONSUMERS, ROUTING_ACTIONS, STREAMS
from contracts.subjects import EVERYTHING
from services.audit.refilling import _messages
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.failures import REASON, SUBJECT, BatchHandler, FailurePolicy
from services.runtime.jetstream import read_subject
from services.runtime.publishing import SEQUENCE
from services.runtime.retrying import Retrying
from services.runtime.settings import RuntimeSettings
from services.stack.identity.telling import record
from services.stack.inspection import _lag, _streams
from services.stack.parking import parked
from services.stack.retrying import try_again
from tests.integration.attacks.arena import PARTIES, ROUTING, Arena

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("written", "signed")


async def test_an_operator_sees_how_everything_runs_and_records_who_may_connect(arena: Arena) -> None:
    operator = await arena.line(OPERATOR)

    assert {stream.name for stream in await _streams(operator.client)} == {stream.name for stream in STREAMS}
    lag = await _lag(operator.client, {stream.name for stream in STREAMS})
    assert set(lag) == {consumer.durable for consumer in CONSUMERS}
    assert await parked(operator.client) == []
    assert await record(operator.client, arena.keeping) >= len(PARTIES)
    assert await record(operator.client, arena.keeping) == 0
    assert operator.violations == []


@pytest.mark.parametrize("who", [OPERATOR, service("console")], ids=lambda who: who.name)
async def test_an_operator_has_a_parked_action_tried_again_by_routing(arena: Arena, who: Identity) -> None:
    """Everything that takes part does it with its own rights: asking, reading the copy, taking it out, answering."""
    handled: list[bytes] = []

    async def handler(messages: Sequence[Msg]) -> None:
        handled.extend(message.data for message in messages)

    operator = await arena.line(who)
    async with _routing(arena, handler) as bus:
        told = {SUBJECT: subjects.action_inbox("alpha", "d1"), SEQUENCE: str(len(who.name)), REASON: "a defect"}
        await bus.publisher.park(ROUTING_ACTIONS.stream, ROUTING_ACTIONS.durable, told, b"the act")
        (row,) = await parked(operator.client)

        (answer,) = await try_again(operator.client, [row])

        assert (answer.outcome, handled) == (RetryOutcome.DONE, [b"the act"])
        assert await parked(operator.client) == []
    assert operator.violations == []


@asynccontextmanager
async def _routing(arena: Arena, handler: BatchHandler) -> AsyncIterator[Bus]:
    """Routing's connection, and its ear for what is to be tried again."""
    bus = Bus(RuntimeSettings(nats_url=arena.server.url, nats_creds=arena.proof(ROUTING)))
    await bus.connect()
    bus.policies.append(FailurePolicy(ROUTING_ACTIONS, handler, lambda: bus.publisher))
    await Retrying(bus, "routing").listen()
    await bus.client.flush()
    try:
        yield bus
    finally:
        bus.stopping = True  # its connection ends with the test, not the test with its connection
        await bus.broker.stop()


async def test_who_provides_sees_that_the_server_is_as_the_contracts_say(arena: Arena) -> None:
    provision = await arena.line(PROVISION)

    assert await topology.apply(provision.client, STREAMS, CONSUMERS) == []
    assert provision.violations == []


async def test_an_auditor_and_a_restorer_read_every_fact(arena: Arena) -> None:
    auditor, restorer = await arena.line(AUDITOR), await arena.line(RESTORER)

    read = [stored.sequence async for stored in read_subject(auditor.client, "EVENTS", EVERYTHING)]
    again = [message.stream_seq async for message in _messages(restorer.client, read[0], read[-1])]

    assert read == again
    assert auditor.violations == restorer.violations == []


async def test_a_custodian_looks_for_what_was_sealed_and_could_not_be_taken(arena: Arena) -> None:
    custodian = await arena.line(CUSTODIAN)

    for stream in ("SEALED", "PARKED"):
        assert [stored async for stored in read_subject(custodian.client, stream, EVERYTHING)] == []
    assert custodian.violations == []
