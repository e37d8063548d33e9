"""Reads what was parked: copies of messages that could not succeed, with where they came from and why."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from nats.aio.client import Client

from contracts.streams import CONSUMERS, PARKED, THE_CUSTODIANS, is_tried_again
from contracts.subjects import EVERYTHING, PARKED_PREFIX
from services.runtime.failures import REASON, STORED, SUBJECT
from services.runtime.jetstream import Stored, api, at_sequence, read_subject
from services.runtime.publishing import SEQUENCE


class Again(StrEnum):
    """Who can have a parked message handled once more."""

    SERVICE = "service"
    """Whose consumer it was, once it is asked to."""
    CUSTODIAN = "custodian"
    """Only who keeps the vault's key: it is sealed, and is handed in again in its sender's name."""
    NOBODY = "nobody"
    """It is the server's own note, or of a consumer that we do not have."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked message or server advisory."""

    parked_at: str
    stream: str
    consumer: str
    subject: str
    reason: str
    sequence: int
    """In PARKED; `phoihop parked show` and `replay` name it by this."""
    again: Again = Again.NOBODY
    origin: int | None = None
    """Its number in the stream it came from."""
    stored_at: str | None = None
    """When it was stored there; unknown of copies from before this was kept."""

    def document(self) -> dict[str, Any]:
        """The promised JSON."""
        return asdict(self)


async def parked(client: Client) -> list[Parked]:
    """Everything in PARKED, oldest first; raises `JetStreamRefusedError` where there is no such stream."""
    await api(client, f"STREAM.INFO.{PARKED.name}")
    return [_parked(stored) async for stored in read_subject(client, PARKED.name, EVERYTHING)]


async def parked_as(client: Client, number: int) -> Parked | None:
    """What is parked under one number; raises as `parked`."""
    await api(client, f"STREAM.INFO.{PARKED.name}")
    stored = await at_sequence(client, PARKED.name, number)
    return None if stored is None else _parked(stored)


def _parked(stored: Stored) -> Parked:
    """Our own copies say where they came from; what the server adds are its advisories."""
    parked_at = stored.stored_at.isoformat()
    if stored.subject.startswith(PARKED_PREFIX):
        _, stream, consumer = stored.subject.split(".")
        headers, number = stored.headers, stored.sequence
        origin = headers.get(SEQUENCE, "")
        return Parked(
            parked_at,
            stream,
            consumer,
            headers.get(SUBJECT, ""),
            headers.get(REASON, ""),
            number,
            _again(stream, consumer),
            int(origin) if origin.isdecimal() else None,
            headers.get(STORED),
        )
    *_, advisory, stream, consumer = stored.subject.split(".")
    return Parked(parked_at, stream, consumer, stored.subject, advisory.lower(), stored.sequence)


def _again(stream: str, durable: str) -> Again:
    for consumer in CONSUMERS:
        if (consumer.stream, consumer.durable) == (stream, durable):
            if consumer in THE_CUSTODIANS:
                return Again.CUSTODIAN
            return Again.SERVICE if is_tried_again(consumer) else Again.NOBODY
    return Again.NOBODY
