"""What nats-server and its client do alone: publishing in five ways, delivering in two, each with its processor time.

Every way uses the client's plain calls; only the atomic batch is our own publisher, which is a loop around them.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Final, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from benchmarks.whole import spent_seconds
from services.runtime.publishing import Fact, Publisher, Recorded

BODY: Final = os.urandom(350).hex().encode() + b" " * 300
"""A kilobyte, of which part could be compressed."""
WINDOW: Final = 1024
STREAM: Final = "LIMITS"
SUBJECT: Final = "limits.fact"


class Spent(NamedTuple):
    """What one way came to in one round."""

    per_second: float
    client: float
    """CPU microseconds of one, of this process."""
    server: float
    """CPU microseconds of one, of the server and all below it."""

    @property
    def together(self) -> float:
        """CPU microseconds of one, wherever they were spent."""
        return self.client + self.server


async def measured(work: Callable[[], Awaitable[object]], count: int, server: int) -> Spent:
    """How long so many took, here and in the server's process."""
    cpu, theirs, began = process_time(), spent_seconds(server), perf_counter()
    await work()
    took = perf_counter() - began
    client, serving = process_time() - cpu, spent_seconds(server) - theirs
    return Spent(count / took, client / count * 1e6, serving / count * 1e6)


@dataclass(slots=True)
class Pipeline:
    """Publishes without waiting for each answer: one inbox for all of them, a number for each, a window."""

    client: Client
    window: int = WINDOW
    _open: int = 0
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _inbox: str = ""

    async def listen(self) -> None:
        """Hears every answer from now on."""
        self._inbox = self.client.new_inbox()
        await self.client.subscribe(f"{self._inbox}.*", cb=self._on_answer)

    async def publish(self, count: int) -> None:
        """So many; returns when all of them are acknowledged."""
        for number in range(count):
            while self._open >= self.window:
                await self._changed()
            self._open += 1
            headers = {"Nats-Msg-Id": f"{self._inbox}.{number}"}
            await self.client.publish(SUBJECT, BODY, reply=f"{self._inbox}.{number}", headers=headers)
        while self._open:
            await self._changed()

    async def _changed(self) -> None:
        self._room.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._room.wait(), 10)

    async def _on_answer(self, message: Msg) -> None:
        answer = json.loads(message.data)
        assert "error" not in answer, answer
        self._open -= 1
        if self._open <= self.window // 2:
            self._room.set()


@dataclass(slots=True)
class Bare:
    """One connection to one server with a stream of its own, and every way to use it."""

    client: Client
    server: int
    """Process id."""

    async def prepare(self) -> None:
        """The stream, empty."""
        js = self.client.jetstream()
        with suppress(Exception):
            await js.delete_stream(STREAM)
        config = StreamConfig(name=STREAM, subjects=["limits.>"], allow_atomic=True, duplicate_window=120)
        await js.add_stream(config)

    async def one_by_one(self, count: int) -> Spent:
        """Each acknowledged before the next is sent."""
        js = self.client.jetstream()

        async def work() -> None:
            for _ in range(count):
                await js.publish(SUBJECT, BODY)

        return await measured(work, count, self.server)

    async def publish_async(self, count: int, window: int = WINDOW) -> Spent:
        """As the client library offers it, each with an id of its own."""
        js = self.client.jetstream(publish_async_max_pending=window)
        mark = os.urandom(8).hex()

        async def work() -> None:
            for number in range(count):
                await js.publish_async(SUBJECT, BODY, headers={"Nats-Msg-Id": f"{mark}.{number}"})
            await js.publish_async_completed()

        return await measured(work, count, self.server)

    async def pipelined(self, count: int, window: int = WINDOW) -> Spent:
        """The same without the library's future and timer for each."""
        pipeline = Pipeline(self.client, window)
        await pipeline.listen()
        return await measured(lambda: pipeline.publish(count), count, self.server)

    async def atomic(self, count: int, size: int) -> Spent:
        """In batches stored whole or not at all, one after the other."""
        publisher, batch = Publisher(self.client), [Fact(SUBJECT, BODY, "limits") for _ in range(size)]

        async def work() -> None:
            for _ in range(count // size):
                assert isinstance(await publisher.record(batch), Recorded)

        return await measured(work, count // size * size, self.server)

    async def fetch(self, count: int) -> Spent:
        """As the client library offers it, 500 at a time, each acknowledged."""
        config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=20_000)
        reader = await self.client.jetstream().pull_subscribe("limits.>", stream=STREAM, config=config)

        async def work() -> None:
            left = count
            while left:
                messages = await reader.fetch(min(500, left), timeout=5)
                for message in messages:
                    await message.ack()
                left -= len(messages)
            await self.client.flush()

        return await measured(work, count, self.server)

    async def pull(self, count: int) -> Spent:
        """One request that stands, a callback, each acknowledged."""
        config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=20_000, name="limits-pull")
        await self.client.jetstream().add_consumer(STREAM, config)
        left, done = count, asyncio.Event()

        async def on_message(message: Msg) -> None:
            nonlocal left
            await self.client.publish(message.reply, b"+ACK")
            left -= 1
            if not left:
                done.set()

        inbox = self.client.new_inbox()
        subscription = await self.client.subscribe(inbox, cb=on_message, pending_msgs_limit=0, pending_bytes_limit=0)

        async def work() -> None:
            ask = json.dumps({"batch": count, "expires": 30_000_000_000}).encode()
            await self.client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.limits-pull", ask, reply=inbox)
            await asyncio.wait_for(done.wait(), 60)
            await self.client.flush()

        spent = await measured(work, count, self.server)
        await subscription.unsubscribe()
        await self.client.jetstream().delete_consumer(STREAM, "limits-pull")
        return spent
