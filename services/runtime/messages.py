"""What a delivered message tells about itself: where it came from, when the hub stored it, whose submission it is."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg

from contracts.identifiers import derived_id
from contracts.server_api import acknowledgements
from contracts.streams import Consumer
from services.runtime.jetstream import Stored
from services.runtime.publishing import SUBMISSION_HEADER

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def sequence(message: Msg) -> int:
    """Its sequence in the stream."""
    return message.metadata.sequence.stream


def stored_at(message: Msg) -> datetime:
    """The hub's clock when it was stored, UTC; the same on every redelivery."""
    return message.metadata.timestamp.astimezone(UTC)


def submission(message: Msg) -> UUID:
    """The sender's submission id; derived from where the message stands when the sender gave none."""
    try:
        return UUID((message.headers or {}).get(SUBMISSION_HEADER, ""))
    except ValueError:
        return derived_id("submission", message.metadata.stream, str(sequence(message)), message.subject)


def as_delivered(client: Client, consumer: Consumer, original: Stored) -> Msg:
    """A stored message as its consumer was given it, apart from any delivery; it cannot be acknowledged.

    A server takes an acknowledgement by its numbers alone, and this one would count for a delivery that never was.
    """
    nanoseconds = (original.stored_at - _EPOCH) // timedelta(microseconds=1) * 1000
    prefix = acknowledgements(consumer.stream, consumer.durable).removesuffix(">")
    return Msg(
        client,
        subject=original.subject,
        reply=f"{prefix}1.{original.sequence}.0.{nanoseconds}.0",
        data=original.body,
        headers=dict(original.headers) or None,
        _ackd=True,
    )
