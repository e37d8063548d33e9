"""Many requests on one inbox, sent without waiting in between; decides nothing about what the answers mean."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from services.runtime.jetstream import REQUEST_TIMEOUT, BusUnavailableError

_NO_RESPONDERS = "503"


@dataclass(frozen=True, slots=True)
class Request:
    """One message that the server answers."""

    subject: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def request_all(client: Client, requests: Sequence[Request]) -> list[Msg]:
    """All answers, in no particular order; anything short of an answer to each is `BusUnavailableError`."""
    if not requests:
        return []
    answers: list[Msg] = []
    complete = asyncio.Event()

    async def take(answer: Msg) -> None:
        answers.append(answer)
        if len(answers) >= len(requests):
            complete.set()

    inbox = client.new_inbox()
    try:
        subscription = await client.subscribe(inbox, cb=take, pending_msgs_limit=0, pending_bytes_limit=0)
        try:
            for one in requests:
                await client.publish(one.subject, one.body, reply=inbox, headers=one.headers)
            await asyncio.wait_for(complete.wait(), REQUEST_TIMEOUT)
        finally:
            await subscription.unsubscribe()
    except (NatsError, TimeoutError, OSError) as error:
        msg = f"{len(answers)} answers to {len(requests)} requests: {type(error).__name__}"
        raise BusUnavailableError(msg) from error
    if any((answer.headers or {}).get("Status") == _NO_RESPONDERS for answer in answers):
        msg = "nobody answers requests"
        raise BusUnavailableError(msg)
    return answers
