"""FastStream as the shell around our own pull and publishing: builds the broker with settings that lose nothing."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.usecases.stream_pull_subscriber import BatchPullStreamSubscriber
from nats.aio.client import DEFAULT_INBOX_PREFIX, Client
from nats.aio.msg import Msg

from contracts.streams import Consumer
from services.runtime.clock import monotonic
from services.runtime.credentials import credentials
from services.runtime.failures import BatchHandler, FailurePolicy
from services.runtime.logs import logger
from services.runtime.message_headers import read_quickly
from services.runtime.publishing import Publisher
from services.runtime.pulling import ContinuousPull
from services.runtime.settings import RuntimeSettings, ping_seconds
from services.runtime.telemetry import BATCH_SECONDS, BATCH_SIZE, HANDLED
from services.runtime.turns import Turns

EXIT_CONNECTION_GONE: Final = 70


class NotConnectedError(RuntimeError):
    """The bus was used before the service had connected."""


@dataclass(frozen=True, slots=True)
class Consumes:
    """One row of a service's wiring: which durable, what it carries, who handles it."""

    consumer: Consumer
    payload: Any
    """The type of one message's body, for the published description."""
    handler: BatchHandler
    limit: int = 200
    """Most messages handled at once."""
    turns: Turns | None = None
    """What one sender gets; None: all are handled in the order received."""
    conceal: Callable[[bytes], bytes] | None = None
    """For messages that may name people: what a parked copy holds instead of the body."""


class PreparedBroker(NatsBroker):
    """A broker that lets the service prepare itself after connecting and before the first message."""

    prepare: Callable[[], Awaitable[None]] | None = None
    finish: Callable[[], Awaitable[None]] | None = None
    """Runs after the last message was handled and before the connection goes."""

    async def start(self) -> None:
        """Prepares, then starts the subscribers. HTTP answers meanwhile, so that health can say `starting`."""
        if self.prepare is not None:
            await self.prepare()
        await super().start()

    async def stop(self, *reason: Any) -> None:
        """Ends the subscribers, whose work in hand is done then, finishes and disconnects."""
        if self.finish is not None:
            await asyncio.gather(*(subscriber.stop() for subscriber in self.subscribers))
            await self.finish()
        await super().stop(*reason)


class Bus:
    """The one connection of a process, and the publisher on it."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self.stopping = False
        self.replicated = settings.replicas > 1
        proof = credentials(settings.nats_creds) if settings.nats_creds else None
        self.broker = PreparedBroker(
            settings.nats_servers,
            security=proof.security if proof else None,
            inbox_prefix=proof.inbox_prefix if proof else DEFAULT_INBOX_PREFIX,
            apply_types=False,
            logger=None,
            graceful_timeout=settings.graceful_timeout,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.5,  # type: ignore[arg-type]  # it sleeps that long; the annotation is too narrow
            ping_interval=ping_seconds(settings.nats_servers),
            max_outstanding_pings=2,
            pending_size=0,
            closed_cb=self._die,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
        )
        self.policies: list[FailurePolicy] = []
        self._client: Client | None = None
        self._publisher: Publisher | None = None

    @property
    def client(self) -> Client:
        """The connection; raises `NotConnectedError` before `connect`."""
        if self._client is None:
            msg = "not connected yet"
            raise NotConnectedError(msg)
        return self._client

    @property
    def publisher(self) -> Publisher:
        """The publisher on this connection."""
        if self._publisher is None:
            msg = "not connected yet"
            raise NotConnectedError(msg)
        return self._publisher

    async def connect(self) -> None:
        """Connects, waiting for the server for as long as it takes."""
        self._client = await self.broker.connect()
        read_quickly(self._client)
        self._publisher = Publisher(self._client)

    async def _die(self) -> None:
        """A connection closed for good cannot be revived by the library: end, and let the supervisor restart us."""
        if not self.stopping:
            logger().error("connection_closed_for_good")
            os._exit(EXIT_CONNECTION_GONE)

    async def _on_disconnect(self) -> None:
        if not self.stopping:
            logger().warning("bus_disconnected")

    async def _on_reconnect(self) -> None:
        logger().info("bus_reconnected")


class ContinuousPullSubscriber(BatchPullStreamSubscriber):
    """FastStream's batch subscriber over our own pull.

    The stock loop strands a fetched batch until ack_wait when a fetch times out between two probes.
    """

    phoihop_consumer: Consumer
    phoihop_turns: Turns | None
    phoihop_replicated: bool

    async def _create_subscription(self) -> None:
        """Binds to the durable that `topology` made; never declares or rewrites anything."""
        self.add_task(self._consume_pull)

    async def _consume_pull(self) -> None:
        limit = self.pull_sub.batch_size or 1
        most, turns = self.phoihop_consumer.max_ack_pending, self.phoihop_turns
        # who is to take turns has to be seen: one sender's crowd must not fill the window
        window = most if turns else min(2 * limit, most)
        pull = ContinuousPull(
            self.connection,
            self.phoihop_consumer,
            window=window,
            limit=limit,
            turns=turns,
            replicated=self.phoihop_replicated,
        )
        await pull.run(self._hand_over, lambda: self.running)

    async def _hand_over(self, batch: list[Msg]) -> None:
        await self.process_message(batch)


def subscribe(bus: Bus, row: Consumes) -> None:
    """Registers one row of the wiring with the broker."""
    subscriber = bus.broker.subscriber(
        row.consumer.filters[0] if len(row.consumer.filters) == 1 else "*.>",
        stream=JStream(row.consumer.stream, declare=False),
        durable=row.consumer.durable,
        pull_sub=PullSub(batch=True, batch_size=row.limit),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        decoder=_raw,
        title=row.consumer.durable,
        description=(row.handler.__doc__ or "").strip(),
    )
    # The broker offers no way to name an own subscriber class; the layout is the same, only two methods differ.
    subscriber.__class__ = ContinuousPullSubscriber
    subscriber.phoihop_consumer = row.consumer  # type: ignore[attr-defined]
    subscriber.phoihop_turns = row.turns  # type: ignore[attr-defined]
    subscriber.phoihop_replicated = bus.replicated  # type: ignore[attr-defined]
    policy = FailurePolicy(row.consumer, row.handler, lambda: bus.publisher, row.conceal)
    bus.policies.append(policy)
    subscriber(_described(row, _observed(row, policy)))


async def _raw(message: Any) -> list[Msg]:  # noqa: ANN401  # FastStream's own message
    """Hands the messages on as they are: validation is the handler's, once."""
    raw: list[Msg] = message.raw_message
    return raw


def _observed(row: Consumes, policy: FailurePolicy) -> Callable[[list[Msg]], Awaitable[None]]:
    """Measures per batch, not per message."""
    size = BATCH_SIZE.labels(row.consumer.durable)
    seconds = BATCH_SECONDS.labels(row.consumer.durable)
    handled = HANDLED.labels(row.consumer.durable)

    async def consume(messages: list[Msg]) -> None:
        started = monotonic()
        await policy.handle(messages)
        seconds.observe(monotonic() - started)
        size.observe(len(messages))
        handled.inc(len(messages))

    return consume


def _described(row: Consumes, consume: Callable[[list[Msg]], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Gives the wrapper the name and payload type that the published description shows."""
    consume.__name__ = row.handler.__name__
    consume.__qualname__ = row.handler.__name__
    consume.__annotations__ = {"messages": row.payload, "return": None}
    return consume


def describe_publisher(bus: Bus, subject: str, payload: Any, title: str) -> None:  # noqa: ANN401  # any type
    """Names a subject this service publishes, for the published description only."""
    bus.broker.publisher(subject, schema=payload, title=title)


def durables(rows: Sequence[Consumes]) -> tuple[Consumer, ...]:
    """The consumers a wiring needs."""
    return tuple(row.consumer for row in rows)
