"""Photographs that belong to a report: named in it by digest, sent after it, kept under that digest."""

import base64
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from contracts.frozen import Contract
from contracts.text import Digest, Line

MOST_ATTACHMENTS: Final = 8
"""Of one report."""
MOST_BYTES: Final = 2 * 1024 * 1024
"""Of one attachment."""


class MediaType(StrEnum):
    """What an attachment may be: pictures without anything a program would run. PDF and SVG can hold that."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def suffix(self) -> str:
        """How the name of such a file ends."""
        return {MediaType.JPEG: ".jpg", MediaType.PNG: ".png", MediaType.WEBP: ".webp"}[self]


class Attachment(Contract):
    """One photograph as the report names it. The bytes come later, by themselves."""

    sha256: Digest
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    """In bytes."""
    caption: Line | None = None


def object_name(agency: str, sha256: str) -> str:
    """The name of an object in the store: each agency keeps its own copy, so that none learns what another has."""
    return f"{agency}/{sha256}"


def digest_told(sha256: str) -> str:
    """The digest as the description of an object gives it (NATS ADR-20)."""
    return f"SHA-256={base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode()}"
