"""Reading EVENTS through a door of the hub, from both sides: who may read only some subjects asks, the hub passes on.

The server answers the asker itself: what is read never runs through the process behind the door.
"""

import json
from collections.abc import AsyncIterator
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.jetstream import REQUEST_TIMEOUT, BusUnavailableError, Stored, _is_end, _stored

_PAGE: Final = 512


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


async def pass_on(client: Client, stream: str, filter_subject: str, asked: bytes, reply: str) -> None:
    """Has the server answer what somebody asked at a door. Raises `ValueError` for a question that is none."""
    try:
        first = max(1, int(json.loads(asked)["first"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no sequence to read from") from error
    ask = {"seq": first, "next_by_subj": filter_subject, "batch": _PAGE}
    await client.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(ask).encode(), reply=reply)
