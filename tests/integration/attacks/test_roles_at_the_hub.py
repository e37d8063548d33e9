"""What people at the hub are there for works with the rights of their role alone; the attacks show what does not."""

import pytest

from contracts.identity import AUDITOR, CUSTODIAN, OPERATOR, PROVISION, RESTORER
from contracts.streams import CONSUMERS, STREAMS
from contracts.subjects import EVERYTHING
from services.audit.refilling import _messages
from services.runtime import topology
from services.runtime.jetstream import read_subject
from services.stack.identity.telling import record
from services.stack.inspection import _lag, _streams
from services.stack.parking import parked
from tests.integration.attacks.arena import PARTIES, Arena

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
