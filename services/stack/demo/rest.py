"""Waits until nothing is under way: every message handled, every fact in the ledger. It proves this, never guesses."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from nats.aio.client import Client

from contracts.streams import CONSUMERS, EVENTS, INBOX, PARKED, Consumer
from services.runtime.jetstream import api

LOOK_SECONDS: Final = 0.2


class Look(NamedTuple):
    """What the server says at one moment."""

    events: int
    """Last sequence of EVENTS."""
    waiting: dict[str, int]
    """Consumer or stream -> messages not finished there; only those that have any."""
    parked: int


class NoRestError(TimeoutError):
    """Something was still under way when the time was up."""


async def at_rest(client: Client, desks: Sequence[Consumer], busy: Callable[[int], str | None], seconds: float) -> Look:
    """The server's state once nothing moves: two looks alike, no consumer behind, and nobody busy between them.

    What is under way always shows: as a message a consumer has not finished, or by `busy`, which
    is told how far the stream reaches, naming it. Raises
    `NoRestError` with what was still under way.
    """
    before = None
    why: str | None = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = await _look(client, (*CONSUMERS, *desks))
                why = (
                    busy(found.events) or ", ".join(f"{name} {count}" for name, count in found.waiting.items()) or None
                )
                if why is None and found == before:
                    return found
                before = found if why is None else None
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise NoRestError(why or "the stream kept growing") from None


async def _look(client: Client, consumers: Sequence[Consumer]) -> Look:
    streams = {
        name: (await api(client, f"STREAM.INFO.{name}"))["state"] for name in (EVENTS.name, INBOX.name, PARKED.name)
    }
    counts = await asyncio.gather(*(_behind(client, consumer) for consumer in consumers))
    waiting = dict(zip((consumer.durable for consumer in consumers), counts, strict=True))
    waiting[INBOX.name] = streams[INBOX.name]["messages"]
    return Look(
        streams[EVENTS.name]["last_seq"],
        {name: count for name, count in waiting.items() if count},
        streams[PARKED.name]["messages"],
    )


async def _behind(client: Client, consumer: Consumer) -> int:
    info = await api(client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
    return int(info["num_pending"] + info["num_ack_pending"])
