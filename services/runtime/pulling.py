"""One continuous pull: a standing request refilled at half, watched by heartbeats, handing over what is there."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from contracts.streams import Consumer
from services.runtime.clock import monotonic
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.topology import nanoseconds, rewind
from services.runtime.turns import Turns, Waiting

IDLE_HEARTBEAT: Final = 2.0
"""Seconds; the server says at least this often that the standing request lives."""
EXPIRES: Final = 30.0
START_OVER_PAUSE: Final = 0.1

ACK_PREFIX: Final = "$JS.ACK."
"""Where every delivery of a consumer is answered."""
_REQUEST_ENDED: Final = frozenset({"404", "408", "409", "503"})


class ContinuousPull:
    """Takes messages of one durable consumer for as long as it runs.

    A crash loses nothing: whatever was not acknowledged is delivered again. So is, at once and not after ack_wait, what
    was on its way when the connection broke.
    """

    def __init__(  # noqa: PLR0913  # what is pulled, how much of it, for whom, and from how many servers
        self,
        client: Client,
        consumer: Consumer,
        *,
        window: int,
        limit: int,
        turns: Turns | None = None,
        replicated: bool = False,
    ) -> None:
        """`replicated`: another server may take the consumer over while our own connection stays as it is."""
        self._client = client
        self._replicated = replicated
        self._left_alone = False
        self._consumer = consumer
        self._window = window
        self._limit = limit
        self._waiting = Waiting(turns)
        self._arrived = asyncio.Event()
        self._outstanding = 0
        self._heard = monotonic()
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._connection = 0
        """Which connection, counted from 0, the subscription was made on."""

    async def run(self, hand_over: Callable[[list[Msg]], Awaitable[None]], running: Callable[[], bool]) -> None:
        """Hands over batches of at most `limit`, one after the other, while `running()`.

        In the order received; where senders take `turns`, that order holds for each of them.
        """
        self._connection = self._client.stats["reconnects"]
        await self._listen()
        watch = asyncio.create_task(self._watch(running))
        try:
            while running():
                if self._left_alone or self._connection != self._client.stats["reconnects"]:
                    await self._start_over()
                elif batch := self._waiting.take(self._limit):
                    await self._refill()
                    await hand_over(batch)
                else:
                    await self._wait(self._waiting.pause())
        finally:
            watch.cancel()
            await self._stop_listening()

    async def _listen(self) -> None:
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(
            self._inbox, cb=self._on_message, pending_msgs_limit=0, pending_bytes_limit=0
        )

    async def _stop_listening(self) -> None:
        if self._subscription is not None:
            subscription, self._subscription = self._subscription, None
            with suppress(NatsError):  # the connection may be draining or gone, and the subscription with it
                await subscription.unsubscribe()

    async def _start_over(self) -> None:
        """After a lost connection: forgets what was handed out before and has it delivered again, from the first gap.

        Only between two batches and under a new inbox: an acknowledgement, or a copy, from before the rewind counts
        deliveries that no longer exist and would confuse a consumer that acknowledges all up to a message.
        """
        await self._stop_listening()
        self._waiting.clear()
        connection = self._client.stats["reconnects"]
        try:
            await rewind(self._client, self._consumer)
            await self._listen()
        except (BusUnavailableError, JetStreamRefusedError, NatsError):
            # readiness tells why it cannot be done now; the next round tries again. Where the connection is gone again
            # this fails without a wait: with no pause the loop would let nothing else run, nor the reconnection
            await asyncio.sleep(START_OVER_PAUSE)
            return
        self._outstanding = 0
        self._left_alone = False
        self._connection = connection

    async def _on_message(self, message: Msg) -> None:
        self._heard = monotonic()
        if message.reply.startswith(ACK_PREFIX):
            self._outstanding = max(0, self._outstanding - 1)
            self._waiting.append(message)
            self._arrived.set()
        elif (message.headers or {}).get("Status") in _REQUEST_ENDED:
            # Only without a reply is it the server's word: a sender may put any header on a message without a body.
            self._outstanding = 0

    async def _wait(self, seconds: float) -> None:
        self._arrived.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), seconds)

    async def _watch(self, running: Callable[[], bool]) -> None:
        """Asks again when the standing request is used up, and when the server has fallen silent."""
        while running():
            if monotonic() - self._heard > 2 * IDLE_HEARTBEAT:
                # who led the consumer is gone, and with it what it had sent us and what we had acknowledged to it alone
                self._left_alone = self._left_alone or (self._replicated and self._outstanding > 0)
                self._outstanding = 0
            await self._refill()
            await asyncio.sleep(0.1)

    async def _refill(self) -> None:
        free = self._window - len(self._waiting)
        if self._connection != self._client.stats["reconnects"] or not self._client.is_connected:
            return
        if self._outstanding >= free / 2 or free <= 0:
            return
        wanted = free - self._outstanding
        self._outstanding += wanted
        self._heard = monotonic()
        ask = {
            "batch": wanted,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(IDLE_HEARTBEAT * 1e9),
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._consumer.stream}.{self._consumer.durable}"
        with suppress(NatsError, OSError):  # the connection is going: the request is made anew after it is back
            await self._client.publish(subject, json.dumps(ask).encode(), reply=self._inbox)


def half_of_ack_wait(consumer: Consumer) -> float:
    """Seconds after which work in hand must be announced, lest it be delivered again."""
    return nanoseconds(consumer.ack_wait) / 2e9
