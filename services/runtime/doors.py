"""Reading EVENTS through a door of the hub, from both sides: who may read only some subjects asks, the hub passes on.

Rejected: having the server answer the asker itself. It refuses a client's request whose reply is another account's.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Final, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from services.runtime.jetstream import REQUEST_TIMEOUT, BusUnavailableError, Stored, _is_end, _stored, read_subject
from services.runtime.publishing import Publisher

_PAGE: Final = 512
_END: Final = {"Status": "204"}
_TOLD: Final = ("Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending")


async def read_through(client: Client, door: str, first: int = 1) -> AsyncIterator[Stored]:
    """Every stored message that the door shows, in stream order. Raises `BusUnavailableError` where nobody answers."""
    inbox = client.new_inbox()
    try:
        subscription = await client.subscribe(inbox, pending_msgs_limit=0, pending_bytes_limit=0)
        try:
            more = True
            while more:
                await client.publish(door, json.dumps({"first": first}).encode(), reply=inbox)
                more = False
                while not _is_end(answer := await subscription.next_msg(timeout=REQUEST_TIMEOUT)):
                    found = _stored(answer)
                    first, more = found.sequence + 1, found.headers.get("Nats-Num-Pending") != "0"
                    yield found
        finally:
            await subscription.unsubscribe()
    except (NatsError, TimeoutError, OSError) as error:
        raise BusUnavailableError(f"reading at {door} stopped: {type(error).__name__}") from error


async def ask_through(client: Client, door: str, question: bytes) -> list[bytes]:
    """Everything that `tell` answers at a door, in order. Raises `BusUnavailableError` where nobody answers."""
    inbox, told = client.new_inbox(), []
    try:
        subscription = await client.subscribe(inbox)
        try:
            await client.publish(door, question, reply=inbox)
            while (status := _status(answer := await subscription.next_msg(timeout=REQUEST_TIMEOUT))) is None:
                told.append(answer.data)
        finally:
            await subscription.unsubscribe()
    except (NatsError, TimeoutError, OSError) as error:
        raise BusUnavailableError(f"asking at {door} stopped: {type(error).__name__}") from error
    if status != _END["Status"]:
        raise BusUnavailableError(f"{door} answered {status}")
    return told


async def tell(client: Client, reply: str, parts: Iterable[bytes]) -> None:
    """Answers one question with these parts and a mark at their end. Raises `BusUnavailableError`."""
    publisher = Publisher(client)
    for part in parts:
        await publisher.answer(reply, part)
    await publisher.answer(reply, b"", dict(_END))


def _status(answer: Msg) -> str | None:
    return (answer.headers or {}).get("Status")


async def read_out(client: Client, stream: str, filter_subject: str, asked: bytes, reply: str) -> None:
    """Answers one question asked at a door with a page of what is under the filter, and a mark at its end.

    Raises `ValueError` for a question that is none, `BusUnavailableError`.
    """
    try:
        first = max(1, int(json.loads(asked)["first"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no sequence to read from") from error
    publisher, told = Publisher(client), 0
    reading = cast("AsyncGenerator[Stored, None]", read_subject(client, stream, filter_subject, first))
    async with aclosing(reading) as found:
        async for one in found:
            await publisher.answer(reply, one.body, {name: one.headers[name] for name in _TOLD if name in one.headers})
            if (told := told + 1) >= _PAGE:
                break
    await publisher.answer(reply, b"", dict(_END))
