"""Reads what was parked: copies of messages that could not succeed, with where they came from and why."""

from dataclasses import asdict, dataclass
from typing import Any

from nats.aio.client import Client

from contracts.streams import PARKED
from contracts.subjects import EVERYTHING, PARKED_PREFIX
from services.runtime.failures import REASON, SUBJECT
from services.runtime.jetstream import Stored, api, read_subject


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked message or server advisory."""

    parked_at: str
    stream: str
    consumer: str
    subject: str
    reason: str
    sequence: int
    """In PARKED; `phoihop parked replay` will name it by this."""

    def document(self) -> dict[str, Any]:
        """The promised JSON."""
        return asdict(self)


async def parked(client: Client) -> list[Parked]:
    """Everything in PARKED, oldest first; raises `JetStreamRefusedError` where there is no such stream."""
    await api(client, f"STREAM.INFO.{PARKED.name}")
    return [_parked(stored) async for stored in read_subject(client, PARKED.name, EVERYTHING)]


def _parked(stored: Stored) -> Parked:
    """Our own copies say where they came from; what the server adds are its advisories."""
    parked_at = stored.stored_at.isoformat()
    if stored.subject.startswith(PARKED_PREFIX):
        _, stream, consumer = stored.subject.split(".")
        headers = stored.headers
        return Parked(parked_at, stream, consumer, headers.get(SUBJECT, ""), headers.get(REASON, ""), stored.sequence)
    *_, advisory, stream, consumer = stored.subject.split(".")
    return Parked(parked_at, stream, consumer, stored.subject, advisory.lower(), stored.sequence)
