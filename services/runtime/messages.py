"""What a delivered message tells about itself: where it came from, when the hub stored it, whose submission it is."""

from datetime import UTC, datetime
from uuid import UUID

from nats.aio.msg import Msg

from contracts.identifiers import derived_id
from services.runtime.publishing import SUBMISSION_HEADER


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
