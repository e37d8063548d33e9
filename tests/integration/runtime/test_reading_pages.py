"""A subject is read in pages: complete and in order however many; a silent server is not taken for an empty stream."""

import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from nats.aio.client import Client

from services.runtime import jetstream
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import PAGE, BusUnavailableError, api, read_subject
from services.runtime.sending import connection

STREAM = "PAGES"


@pytest_asyncio.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    """Connected to a server with one stream that may be read directly."""
    async with connection(fresh_nats.url) as connected:
        config = {"name": STREAM, "subjects": ["page.*"], "storage": "memory", "allow_direct": True}
        await api(connected, f"STREAM.CREATE.{STREAM}", config)
        yield connected


async def fill(client: Client, count: int) -> None:
    """So many messages under one subject, and as many under another one, in turn."""
    for number in range(count):
        await client.publish("page.wanted", str(number).encode())
        await client.publish("page.other", b"")
    await client.request("page.last", timeout=10)  # answered when it is stored, and so are all before it


def freeze(pid: int) -> None:
    """When it returns, every thread of this child stands still."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 7])
async def test_every_message_is_read_once_and_in_order_whatever_the_pages(client: Client, count: int) -> None:
    """A message lost between two pages would be a fact that routing decides without."""
    await fill(client, count)

    found = [stored async for stored in read_subject(client, STREAM, "page.wanted")]

    assert [stored.body for stored in found] == [str(number).encode() for number in range(count)]
    assert [stored.sequence for stored in found] == [2 * number + 1 for number in range(count)]


async def test_reading_begins_where_it_is_told_and_may_stop_in_the_middle(client: Client) -> None:
    await fill(client, PAGE + 10)

    found = []
    async for stored in read_subject(client, STREAM, "page.wanted", first=8):
        found.append(stored.body)
        if len(found) == 3:
            break

    assert found == [b"4", b"5", b"6"]
    again = [stored.body async for stored in read_subject(client, STREAM, "page.wanted", first=2 * PAGE)]
    assert again == [str(number).encode() for number in range(PAGE, PAGE + 10)]


async def test_a_frozen_server_is_not_taken_for_an_empty_stream(
    client: Client, fresh_nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a restart at the wrong moment would forget every incident there is."""
    await fill(client, 3)
    monkeypatch.setattr(jetstream, "REQUEST_TIMEOUT", 0.3)
    freeze(fresh_nats.pid)
    try:
        with pytest.raises(BusUnavailableError, match=r"page\.wanted of PAGES"):
            assert [stored async for stored in read_subject(client, STREAM, "page.wanted")]
    finally:
        os.kill(fresh_nats.pid, signal.SIGCONT)
