"""What happens when handling fails: infrastructure errors are retried for ever, hopeless messages are parked, visibly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.streams import Consumer
from services.runtime.jetstream import BusUnavailableError
from services.runtime.logs import logger
from services.runtime.publishing import Publisher
from services.runtime.pulling import half_of_ack_wait
from services.runtime.telemetry import PARKED, RETRIES

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0

BatchHandler = Callable[[Sequence[Msg]], Awaitable[None]]


class RetryLaterError(Exception):
    """Something this service depends on is away; the same messages will succeed later. Never counts as a failure."""


INFRASTRUCTURE: Final = (BusUnavailableError, RetryLaterError, NatsError, ConnectionError, TimeoutError)


class FailurePolicy:
    """Runs a handler over batches of one consumer and acknowledges only what it finished.

    A crash at any point loses nothing: the acknowledgement comes after the handler returned.
    """

    def __init__(self, consumer: Consumer, handler: BatchHandler, publisher: Callable[[], Publisher]) -> None:
        self._consumer = consumer
        self._handler = handler
        self._publisher = publisher
        self._log = logger().bind(consumer=consumer.durable)

    async def handle(self, batch: list[Msg]) -> None:
        """Handles a whole batch; a message that cannot succeed is parked and blocks nobody."""
        try:
            await self._until_infrastructure_holds(batch)
        except Exception as error:  # noqa: BLE001  # any other exception is a defect of one message or of our code
            await self._one_by_one(batch, error)
            return
        await self._acknowledge(batch)

    async def _one_by_one(self, batch: list[Msg], error: Exception) -> None:
        """Finds the messages that fail alone; an ordered consumer parks nothing, it stops and says so."""
        if self._consumer.ack_policy == "all":
            self._log.error("ordered_batch_failed", reason=repr(error), size=len(batch), exc_info=error)
            raise error
        for message in batch:
            try:
                await self._until_infrastructure_holds([message])
            except Exception as reason:  # noqa: BLE001
                await self._park(message, reason)
            await self._acknowledge([message])

    async def _until_infrastructure_holds(self, batch: list[Msg]) -> None:
        pause = FIRST_PAUSE
        keep_alive = asyncio.create_task(self._announce_progress(batch))
        try:
            while True:
                try:
                    return await self._handler(batch)
                except INFRASTRUCTURE as error:
                    RETRIES.labels(self._consumer.durable).inc()
                    self._log.warning("retry_later", reason=repr(error), pause=pause, size=len(batch))
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            keep_alive.cancel()

    async def _announce_progress(self, batch: list[Msg]) -> None:
        while True:
            await asyncio.sleep(half_of_ack_wait(self._consumer))
            for message in batch:
                with suppress(Exception):
                    await message.in_progress()

    async def _acknowledge(self, batch: list[Msg]) -> None:
        """Fire and forget: a lost acknowledgement means a redelivery, which yields nothing new."""
        with suppress(*INFRASTRUCTURE):
            if self._consumer.ack_policy == "all":
                await batch[-1].ack()
                return
            for message in batch:
                await message.ack()

    async def _park(self, message: Msg, reason: Exception) -> None:
        original = {
            "Phoihop-Subject": message.subject,
            "Phoihop-Sequence": str(message.metadata.sequence.stream),
            "Phoihop-Reason": f"{type(reason).__name__}: {reason}"[:500].replace("\n", " "),
        }
        PARKED.labels(self._consumer.durable).inc()
        self._log.error("parked", subject=message.subject, reason=original["Phoihop-Reason"], exc_info=reason)
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._publisher().park(
                    self._consumer.stream, self._consumer.durable, original, message.data
                )
            except INFRASTRUCTURE:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
