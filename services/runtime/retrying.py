"""Has a service handle once more what it parked, when somebody asks; what may be asked by whom is not decided here.

Whoever asks sends a number and nothing else: the service reads the copy itself, finds the message, and lets its own
handler decide. So asking needs no right to speak in anybody's name, and asking twice yields nothing new.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts import subjects
from contracts.retry_subjects import retried, retry
from contracts.retrying import RetryAnswer, RetryAsked, RetryOutcome
from contracts.streams import EVENTS, PARKED
from services.runtime.broker import Bus
from services.runtime.failures import INFRASTRUCTURE, KEPT, STORED, SUBJECT, AbandonBatchError, FailurePolicy
from services.runtime.jetstream import (
    BusUnavailableError,
    JetStreamRefusedError,
    Stored,
    at_sequence,
    erase,
)
from services.runtime.logs import logger
from services.runtime.messages import as_delivered
from services.runtime.publishing import SEQUENCE

_AWAY: Final = (AbandonBatchError, *INFRASTRUCTURE)


class LostOriginalError(Exception):
    """What was parked is not where its copy says it is, so there is nothing to handle."""


class Retrying:
    """Answers while the service works. A crash loses an answer; what was to be tried is parked until it is handled."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service

    async def listen(self) -> None:
        """Hears from now on, for each consumer one question after the other; processes of one service share them."""
        for policy in self._bus.policies:
            if policy.tries_again:
                where = retry(policy.consumer.stream, policy.consumer.durable)
                await self._bus.client.subscribe(where, queue=self._service, cb=_Consumer(self._bus, policy).on_asked)


class _Consumer:
    """Tries again what one consumer parked."""

    def __init__(self, bus: Bus, policy: FailurePolicy) -> None:
        self._bus = bus
        self._policy = policy
        self._named = policy.consumer.stream, policy.consumer.durable

    async def on_asked(self, message: Msg) -> None:
        """Never raises: whatever is asked is answered, and the next question comes to its turn."""
        answer = await self._tried(message.data)
        outcome = answer.outcome.value
        logger().info("tried_again", consumer=self._named[1], number=answer.sequence, outcome=outcome)
        with suppress(BusUnavailableError):
            await self._bus.publisher.announce(retried(*self._named), answer.model_dump_json().encode())

    async def _tried(self, body: bytes) -> RetryAnswer:
        try:
            number = RetryAsked.model_validate_json(body).sequence
        except ValidationError:
            return RetryAnswer(sequence=0, outcome=RetryOutcome.NOT_OURS, reason="this is no number of a message")
        try:
            outcome, reason = await self._try(number)
        except _AWAY as error:
            outcome, reason = RetryOutcome.LATER, f"{type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001  # a defect that is not mended yet, or another one
            outcome, reason = RetryOutcome.FAILED, self._policy.told(error)
        return RetryAnswer(sequence=number, outcome=outcome, reason=reason)

    async def _try(self, number: int) -> tuple[RetryOutcome, str]:
        """Handled first and taken out after it: a crash in between leaves it parked, and handled twice is once."""
        copy = await at_sequence(self._bus.client, PARKED.name, number)
        if copy is None:
            return RetryOutcome.GONE, "nothing is parked under this number"
        if copy.subject != subjects.parked(*self._named):
            return RetryOutcome.NOT_OURS, f"parked under {copy.subject}"
        original = await self._original(copy)
        await self._policy.again(as_delivered(self._bus.client, self._policy.consumer, original))
        try:
            await erase(self._bus.client, PARKED.name, number)
        except (BusUnavailableError, JetStreamRefusedError) as error:
            return RetryOutcome.LATER, f"handled, but its copy is still there: {error}"
        return RetryOutcome.DONE, ""

    async def _original(self, copy: Stored) -> Stored:
        """The message as it was: a fact from EVENTS, where it stays; any other from its copy.

        A copy from before the time was kept has only its own.
        """
        subject, number = copy.headers[SUBJECT], int(copy.headers[SEQUENCE])
        kept = copy.headers.get(STORED)
        stored = datetime.fromisoformat(kept) if kept else None
        if self._named[0] == EVENTS.name:
            fact = await at_sequence(self._bus.client, EVENTS.name, number)
            if fact is None or fact.subject != subject:
                raise LostOriginalError
            return replace(fact, stored_at=stored or fact.stored_at)
        own = {name: copy.headers[name] for name in KEPT if name in copy.headers}
        return Stored(subject, number, stored or copy.stored_at, copy.body, own)
