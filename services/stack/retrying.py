"""Asks services to handle once more what they parked, and hears what came of it. It handles nothing itself."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from contracts.retry_subjects import retried, retry
from contracts.retrying import RetryAnswer, RetryAsked, RetryOutcome
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import Publisher
from services.stack.parking import Again, Parked

ANSWER_SECONDS: Final = 15.0
CUSTODIANS_COMMAND: Final = "phoihop ledger personal parked --retry"
_NOBODY: Final = "nobody answers for {}"
_NOT_ASKED: Final = {
    Again.CUSTODIAN: f"sealed: {CUSTODIANS_COMMAND}",
    Again.NOBODY: "a note of the server, not a message",
}


async def try_again(client: Client, rows: Sequence[Parked]) -> list[RetryAnswer]:
    """What came of each, asked one after the other in the order given: what was parked first was sent first.

    Whose service stays silent is not asked for its further rows. Raises `BusUnavailableError`.
    """
    answers: list[RetryAnswer] = []
    silent: set[str] = set()
    for row in rows:
        if row.again is not Again.SERVICE:
            answers.append(_said(row, RetryOutcome.NOT_OURS, _NOT_ASKED[row.again]))
            continue
        answer = None if row.consumer in silent else await _asked(client, row)
        if answer is None:
            silent.add(row.consumer)
        answers.append(answer or _said(row, RetryOutcome.LATER, _NOBODY.format(row.consumer)))
    return answers


def nothing_there(number: int) -> RetryAnswer:
    """For a number under which nothing is parked."""
    return RetryAnswer(sequence=number, outcome=RetryOutcome.GONE, reason="nothing is parked under this number")


def _said(row: Parked, outcome: RetryOutcome, reason: str) -> RetryAnswer:
    return RetryAnswer(sequence=row.sequence, outcome=outcome, reason=reason)


async def _asked(client: Client, row: Parked) -> RetryAnswer | None:
    """None where nobody listens, which the server says at once, or no answer comes in time."""
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    unheard = client.new_inbox()
    try:
        answers = [
            await client.subscribe(where, cb=heard.put) for where in (retried(row.stream, row.consumer), unheard)
        ]
    except (NatsError, OSError) as error:
        raise BusUnavailableError(f"not connected: {type(error).__name__}") from error
    try:
        asked = RetryAsked(sequence=row.sequence).model_dump_json().encode()
        await Publisher(client).ask(retry(row.stream, row.consumer), asked, unheard)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _answer(heard, unheard, row.sequence)
    except TimeoutError:
        return None
    finally:
        for subscription in answers:
            with suppress(NatsError):  # the connection may be going, and the subscription with it
                await subscription.unsubscribe()


async def _answer(heard: "asyncio.Queue[Msg]", unheard: str, number: int) -> RetryAnswer | None:
    while (message := await heard.get()).subject != unheard:
        with suppress(ValidationError):
            answer = RetryAnswer.model_validate_json(message.data)
            if answer.sequence == number:
                return answer
    return None
