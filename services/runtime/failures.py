"""What happens when handling fails: what was away is retried for ever, what is hopeless is parked, visibly."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.streams import EVENTS, Consumer, is_tried_again
from services.runtime.clock import monotonic
from services.runtime.jetstream import BusUnavailableError
from services.runtime.logs import logger
from services.runtime.messages import stored_at
from services.runtime.publishing import EVENT_TYPE_HEADER, SEQUENCE, SUBMISSION_HEADER, Publisher
from services.runtime.pulling import half_of_ack_wait
from services.runtime.telemetry import PARKED, RETRIES

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
TURN_SECONDS: Final = 5.0
"""So long one more try waits for a batch that is in hand."""

SUBJECT: Final = "Phoihop-Subject"
REASON: Final = "Phoihop-Reason"
STORED: Final = "Phoihop-Stored"
"""When the original was stored, by the hub's clock: what is decided on a later try is decided for that time."""
KEPT: Final = (SUBMISSION_HEADER, EVENT_TYPE_HEADER, "Content-Type")
"""Headers of the original that its handler reads."""
_LONGEST_KEPT: Final = 200

BatchHandler = Callable[[Sequence[Msg]], Awaitable[None]]


class RetryLaterError(Exception):
    """Something this service depends on is away; the same messages will succeed later. Never counts as a failure."""


class AbandonBatchError(Exception):
    """The handler gave the batch back: it will be delivered again from elsewhere. Nothing of it is acknowledged."""


INFRASTRUCTURE: Final = (BusUnavailableError, RetryLaterError, NatsError, ConnectionError, TimeoutError)


class FailurePolicy:
    """Runs a handler over batches of one consumer and acknowledges only what it finished.

    A crash at any point loses nothing: the acknowledgement comes after the handler returned.
    """

    def __init__(
        self,
        consumer: Consumer,
        handler: BatchHandler,
        publisher: Callable[[], Publisher],
        conceal: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._consumer = consumer
        self._handler = handler
        self._publisher = publisher
        self._conceal = conceal
        self._is_fact = consumer.stream == EVENTS.name
        """It stays in EVENTS for good, and whoever looks at what was parked may not read facts: no copy is needed."""
        self._log = logger().bind(consumer=consumer.durable)
        self._stuck_since: float | None = None
        self._called: float | None = None
        self._turn = asyncio.Lock()
        """A handler works at one batch, or at one message that is tried again, and never at both."""
        self.finished = 0
        """Batches that are no longer in hand, whatever came of them."""

    @property
    def consumer(self) -> Consumer:
        """Whose batches it handles."""
        return self._consumer

    @property
    def tries_again(self) -> bool:
        """Whether what it parked can be handled once more from what is kept of it."""
        return self._conceal is None and is_tried_again(self._consumer)

    @property
    def stuck_seconds(self) -> float:
        """For how long the batch in hand has been failing; 0 while work goes on."""
        return 0.0 if self._stuck_since is None else monotonic() - self._stuck_since

    @property
    def silent_seconds(self) -> float:
        """For how long the handler has neither returned nor raised; 0 while it is not called."""
        return 0.0 if self._called is None else monotonic() - self._called

    async def handle(self, batch: list[Msg]) -> None:
        """Handles a whole batch; a message that cannot succeed is parked and blocks nobody. Never raises."""
        try:
            await self._until_it_succeeds(batch)
        except AbandonBatchError as given_back:
            self._log.error("batch_abandoned", reason=str(given_back), size=len(batch))
        except Exception:  # noqa: BLE001  # any other exception is a defect of one message or of our code
            await self._one_by_one(batch)
        else:
            await self._acknowledge(batch)
        finally:
            self.finished += 1

    async def again(self, message: Msg) -> None:
        """Handles one message once more, apart from any delivery; raises whatever the handler does.

        Raises `TimeoutError` where a batch is in hand for too long. Nothing is acknowledged and nothing parked.
        """
        async with asyncio.timeout(TURN_SECONDS):
            await self._turn.acquire()
        try:
            self._called = monotonic()
            await self._handler([message])
        finally:
            self._called = None
            self._turn.release()

    def told(self, reason: Exception) -> str:
        """The reason in one line; only what it is and where, if its words could repeat a fact or what is concealed."""
        return " ".join(self._told(reason).split())[:500]

    async def _one_by_one(self, batch: list[Msg]) -> None:
        """Finds the messages that fail alone and parks them."""
        for message in batch:
            try:
                await self._until_it_succeeds([message])
            except Exception as reason:  # noqa: BLE001  # as above
                await self._park(message, reason)
            await self._acknowledge([message])

    async def _until_it_succeeds(self, batch: list[Msg]) -> None:
        """Tries for as long as infrastructure is away; an ordered consumer for as long as anything fails.

        Order is a promise: an ordered consumer cannot leave a message out, so it stands still, says so, turns red.
        """
        pause = FIRST_PAUSE
        keep_alive = asyncio.create_task(self._announce_progress(batch))
        try:
            while True:
                try:
                    async with self._turn:
                        self._called = monotonic()
                        await self._handler(batch)
                except AbandonBatchError:
                    raise
                except Exception as error:
                    if not isinstance(error, INFRASTRUCTURE) and self._consumer.ack_policy != "all":
                        raise
                    await self._wait(error, pause, len(batch))
                    pause = min(2 * pause, LONGEST_PAUSE)
                else:
                    return
        finally:
            keep_alive.cancel()
            self._stuck_since = self._called = None

    async def _wait(self, error: Exception, pause: float, size: int) -> None:
        # from when it was first tried: the wait for an answer that did not come is part of the standstill
        self._stuck_since = self._stuck_since or self._called or monotonic()
        self._called = None
        RETRIES.labels(self._consumer.durable).inc()
        if isinstance(error, INFRASTRUCTURE):
            self._log.warning("retry_later", reason=repr(error), pause=pause, size=size)
        else:
            self._log.error("ordered_batch_fails", reason=repr(error), pause=pause, size=size, exc_info=error)
        await asyncio.sleep(pause)

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
            SUBJECT: message.subject,
            SEQUENCE: str(message.metadata.sequence.stream),
            REASON: self.told(reason),
        } | self._kept(message)
        PARKED.labels(self._consumer.durable).inc()
        shown = None if self._conceal else reason
        self._log.error("parked", subject=message.subject, reason=original[REASON], exc_info=shown)
        pause = FIRST_PAUSE
        while True:
            try:
                body = b"" if self._is_fact else self._conceal(message.data) if self._conceal else message.data
                return await self._publisher().park(self._consumer.stream, self._consumer.durable, original, body)
            except INFRASTRUCTURE:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _kept(self, message: Msg) -> dict[str, str]:
        """What one more try needs beside the body: of a fact its time alone, as it brings its own headers."""
        if not self.tries_again:
            return {}
        found = {} if self._is_fact else {name: (message.headers or {}).get(name, "") for name in KEPT}
        own = {name: said for name, said in found.items() if 0 < len(said) <= _LONGEST_KEPT and said.isprintable()}
        return own | {STORED: stored_at(message).isoformat()}

    def _told(self, reason: Exception) -> str:
        if not self._conceal and not self._is_fact:
            return f"{type(reason).__name__}: {reason}"
        places = traceback.extract_tb(reason.__traceback__)
        return f"{type(reason).__name__} in {places[-1].name}" if places else type(reason).__name__
