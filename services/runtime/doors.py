"""Reading EVENTS through a door of the hub, from both sides: who may read only some subjects asks, the hub passes on.

Rejected: having the server answer the asker itself. It refuses a client's request whose reply is another account's.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final, cast

from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.jetstream import REQUEST_TIMEOUT, BusUnavailableError, Stored, _is_end, _stored, read_subject
from services.runtime.publishing import Publisher

_PAGE: Final = 512
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
    await publisher.answer(reply, b"", {"Status": "204"})
