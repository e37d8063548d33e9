"""One continuous pull: a standing request refilled at half, watched by heartbeats, handing over what is there."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from contracts.streams import Consumer
from services.runtime.clock import monotonic
from services.runtime.topology import nanoseconds

IDLE_HEARTBEAT: Final = 2.0
"""Seconds; the server says at least this often that the standing request lives."""
EXPIRES: Final = 30.0

_REQUEST_ENDED: Final = frozenset({"404", "408", "409", "503"})


class ContinuousPull:
    """Takes messages of one durable consumer for as long as it runs.

    A crash loses nothing: whatever was not acknowledged is delivered again.
    """

    def __init__(self, client: Client, consumer: Consumer, *, window: int, limit: int) -> None:
        self._client = client
        self._consumer = consumer
        self._window = window
        self._limit = limit
        self._waiting: deque[Msg] = deque()
        self._arrived = asyncio.Event()
        self._outstanding = 0
        self._heard = monotonic()
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None

    async def run(self, hand_over: Callable[[list[Msg]], Awaitable[None]], running: Callable[[], bool]) -> None:
        """Hands over batches of at most `limit`, one after the other, in the order received, while `running()`."""
        self._subscription = await self._client.subscribe(
            self._inbox, cb=self._on_message, pending_msgs_limit=0, pending_bytes_limit=0
        )
        watch = asyncio.create_task(self._watch(running))
        try:
            while running():
                await self._wait(1.0)
                if batch := self._take():
                    await self._refill()
                    await hand_over(batch)
        finally:
            watch.cancel()
            with suppress(NatsError):  # the connection may be draining or gone, and the subscription with it
                await self._subscription.unsubscribe()

    async def _on_message(self, message: Msg) -> None:
        self._heard = monotonic()
        status = (message.headers or {}).get("Status") if not message.data else None
        if status is None:
            self._outstanding = max(0, self._outstanding - 1)
            self._waiting.append(message)
            self._arrived.set()
        elif status in _REQUEST_ENDED:
            self._outstanding = 0

    async def _wait(self, seconds: float) -> None:
        if not self._waiting:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), seconds)
            except TimeoutError:
                return

    def _take(self) -> list[Msg]:
        return [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]

    async def _watch(self, running: Callable[[], bool]) -> None:
        """Asks again when the standing request is used up, and when the server has fallen silent."""
        reconnects = -1
        while running():
            silent = monotonic() - self._heard > 2 * IDLE_HEARTBEAT
            if silent or self._client.stats["reconnects"] != reconnects:
                reconnects = self._client.stats["reconnects"]
                self._outstanding = 0
            await self._refill()
            await asyncio.sleep(0.1)

    async def _refill(self) -> None:
        free = self._window - len(self._waiting)
        if not self._client.is_connected or self._outstanding >= free / 2 or free <= 0:
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
        await self._client.publish(subject, json.dumps(ask).encode(), reply=self._inbox)


def half_of_ack_wait(consumer: Consumer) -> float:
    """Seconds after which work in hand must be announced, lest it be delivered again."""
    return nanoseconds(consumer.ack_wait) / 2e9
