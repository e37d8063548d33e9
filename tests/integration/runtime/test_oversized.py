"""What is more than one message of the server may hold is refused before it is sent, and harms nobody else."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from nats.aio.client import Client

from contracts.identifiers import new_id
from contracts.streams import EVENTS
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.failures import INFRASTRUCTURE
from services.runtime.jetstream import OversizedError, api
from services.runtime.publishing import Fact, Publisher, Recorded
from services.runtime.sending import connection


@pytest_asyncio.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    """Connected to a server with our streams."""
    async with connection(fresh_nats.url) as connected:
        await topology.apply(connected, [EVENTS], [])
        yield connected


def fact(size: int) -> Fact:
    return Fact(f"actual.incident.{new_id()}.course", b"x" * size, "phoihop.IncidentUpdated.v1")


@pytest.mark.parametrize("before", [0, 1, 5])
@pytest.mark.parametrize("short_of_it", [-1, 0, 100])
async def test_a_fact_that_is_too_large_with_its_headers_is_refused_and_the_connection_stays(
    client: Client, before: int, short_of_it: int
) -> None:
    """The server ends the connection of whoever sends more than it takes: the same would be tried for ever."""
    facts = [*(fact(100) for _ in range(before)), fact(client.max_payload - short_of_it), fact(100)]

    with pytest.raises(OversizedError):
        await Publisher(client).record(facts)

    assert (await api(client, "STREAM.INFO.EVENTS"))["state"]["messages"] == 0
    assert client.is_connected
    assert isinstance(await Publisher(client).record(facts[:before] or [fact(100)]), Recorded)


async def test_whatever_is_let_through_the_server_takes(client: Client) -> None:
    """Breaks if headers were counted as less than they are."""
    for several in ((), (fact(100), fact(100))):
        size = client.max_payload
        while True:
            try:
                recorded = await Publisher(client).record([*several, fact(size)])
            except OversizedError:
                size -= 1
            else:
                break
        assert isinstance(recorded, Recorded)
        assert client.max_payload - size < 500, "and not much less is taken than could be"


async def test_what_is_told_and_not_stored_is_held_against_the_same_bound(client: Client) -> None:
    with pytest.raises(OversizedError):
        await Publisher(client).announce("receipt.a.b", b"x" * (client.max_payload + 1))
    assert client.is_connected


def test_trying_again_is_for_what_can_succeed_later() -> None:
    """As infrastructure that is away it would be tried for ever, and everything behind it would wait."""
    assert not issubclass(OversizedError, INFRASTRUCTURE)
