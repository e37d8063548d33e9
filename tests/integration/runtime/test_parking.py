"""What cannot succeed is parked in a real stream with its origin and the reason; `phoihop parked list` shows it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from contracts import subjects
from contracts.identifiers import new_id
from contracts.streams import INTAKE
from services.runtime.failures import FailurePolicy
from services.runtime.jetstream import api
from services.runtime.publishing import Publisher
from services.runtime.sending import connection
from services.stack.parking import Again, parked
from tests.integration.cli.commands import Ran, run
from tests.integration.http.hub import Hub, running_hub

WHERE = subjects.report_inbox("ub", "u-1")


@pytest_asyncio.fixture
async def hub(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A hub without services: the test parks by itself."""
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    async with running_hub(server_folder) as running:
        monkeypatch.setenv("PHOIHOP_NATS_URL", running.nats.url)
        yield running


async def test_a_parked_message_says_where_it_came_from_and_why(hub: Hub) -> None:
    await _park(hub, 7, ValueError("chỗ này\nsai"))

    async with connection(hub.nats.url) as client:
        (found,) = await parked(client)

    assert (found.stream, found.consumer, found.subject) == ("INBOX", "intake", WHERE)
    assert found.reason == "ValueError: chỗ này sai"


async def test_parking_the_same_message_again_keeps_one_copy(hub: Hub) -> None:
    """A crash between the copy and the acknowledgement parks again after the redelivery."""
    for _ in range(3):
        await _park(hub, 7, ValueError("x"))
    await _park(hub, 8, ValueError("x"))

    async with connection(hub.nats.url) as client:
        assert len(await parked(client)) == 2


async def test_the_command_lists_what_is_parked_and_fails_for_it(hub: Hub) -> None:
    """Something parked is somebody's report that nobody handled: the exit code must say so."""
    empty = await _phoihop("parked", "list", "--json")
    await _park(hub, 7, ValueError("[bold]x[/]"))

    listed = await _phoihop("parked", "list", "--json")
    shown = await _phoihop("parked", "list")

    assert (empty.code, empty.document) == (0, {"parked": []})
    assert listed.code == shown.code == 1
    (row,) = listed.document["parked"]
    promised = {"parked_at", "stream", "consumer", "subject", "reason", "sequence"}
    assert row.keys() == promised | {"again", "origin", "stored_at"}
    assert (row["consumer"], row["sequence"], row["again"]) == ("intake", 1, "custodian")
    assert "ValueError: [bold]x[/]" in shown.out


async def test_what_the_server_gives_up_is_listed_too(hub: Hub) -> None:
    """The server's own advisory lands in the same stream: a terminated message is as lost as a parked one."""
    async with connection(hub.nats.url) as client:
        await Publisher(client).submit(WHERE, b"x", new_id())
        pull = await client.jetstream().pull_subscribe_bind("intake", "INBOX")
        (message,) = await pull.fetch(1)
        await message.term()
        await client.flush()
        async with asyncio.timeout(40):
            while not (found := await parked(client)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    told = [(one.stream, one.consumer, one.reason, one.again) for one in found]
    assert told == [("INBOX", "intake", "msg_terminated", Again.NOBODY)]


async def test_a_server_without_the_stream_is_told_from_one_with_nothing_parked(hub: Hub) -> None:
    """An empty list would say that all is well."""
    async with connection(hub.nats.url) as client:
        await api(client, "STREAM.DELETE.PARKED")

    ran = await _phoihop("parked", "list", "--json", "--lang", "en")

    assert ran.code == 1
    assert ran.out == ""
    assert "phoihop topology apply" in ran.err


async def _park(hub: Hub, sequence: int, reason: Exception) -> None:
    """Through the failure policy, as a service does."""

    async def fails(_: object) -> None:
        raise reason

    async def done() -> None:
        return

    message: Any = SimpleNamespace(
        subject=WHERE,
        data=b"body",
        ack=done,
        in_progress=done,
        metadata=SimpleNamespace(sequence=SimpleNamespace(stream=sequence)),
    )
    async with connection(hub.nats.url) as client:
        await FailurePolicy(INTAKE, fails, lambda: Publisher(client)).handle([message])


async def _phoihop(*arguments: object) -> Ran:
    return await asyncio.to_thread(run, *arguments)
