"""Reads photographs of reports out of the object store, and says what one is that is to be stored. Writes nothing."""

from typing import Final

from nats.aio.client import Client

from contracts import attachment_subjects
from contracts.attached import ObjectDescription
from contracts.attachments import digest_told, object_name
from contracts.canonical import sha256_hex
from contracts.streams import ATTACHMENT_PIECE, ATTACHMENTS
from services.runtime.jetstream import Stored, api, last_on_subject, read_subject

STORE_FULL: Final = 10077
"""What the server answers when a stream has no room left."""


class SpoiltObjectError(Exception):
    """What is stored under a digest is not what the digest says. Next: restore the object store from its copy."""


def described(agency: str, sha256: str, size: int) -> ObjectDescription:
    """The description of one object; its digest is in its name."""
    return ObjectDescription(
        name=object_name(agency, sha256),
        bucket=attachment_subjects.BUCKET,
        nuid=attachment_subjects.key(agency, sha256),
        size=size,
        chunks=-(-size // ATTACHMENT_PIECE),
        digest=digest_told(sha256),
    )


async def stored_description(client: Client, agency: str, sha256: str) -> Stored | None:
    """The description on disk; None where the agency has no such object. Raises `BusUnavailableError`."""
    subject = attachment_subjects.description(object_name(agency, sha256))
    return await last_on_subject(client, ATTACHMENTS.name, subject)


async def read_object(client: Client, agency: str, sha256: str) -> bytes | None:
    """The bytes, found to be what the digest says; None where there is no such object.

    Raises `BusUnavailableError`, `SpoiltObjectError`.
    """
    pieces = attachment_subjects.pieces(agency, sha256)
    body = b"".join([piece.body async for piece in read_subject(client, ATTACHMENTS.name, pieces)])
    if not body:
        return None
    if sha256_hex(body) != sha256:
        raise SpoiltObjectError(f"{agency}/{sha256}")
    return body


async def room_taken(client: Client, agency: str) -> int:
    """Bytes that an agency's objects take, each piece counted whole. Raises `BusUnavailableError`."""
    asked = {"subjects_filter": attachment_subjects.pieces(agency, "*")}
    info = await api(client, f"STREAM.INFO.{ATTACHMENTS.name}", asked)
    counts: dict[str, int] = info["state"].get("subjects") or {}
    return ATTACHMENT_PIECE * sum(counts.values())
