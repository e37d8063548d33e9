"""Where photographs of reports stand: their bytes and names in the object store, and the facts that they arrived."""

import base64
from typing import Final
from uuid import UUID

from contracts.codes import Space
from contracts.subjects import Origin

BUCKET: Final = "ATTACHMENTS"
ALL_PIECES: Final = f"$O.{BUCKET}.C.>"
ALL_DESCRIPTIONS: Final = f"$O.{BUCKET}.M.>"
"""What NATS's object store calls them (ADR-20): pieces of objects, and the descriptions that name them."""


def stored(space: Space, origin: Origin, report: UUID, sha256: str) -> str:
    """The one fact that the bytes of an attachment of a report arrived."""
    return f"{space.value}.attachment.{origin.agency}.{origin.point}.{report}.{sha256}"


def pieces(agency: str, sha256: str) -> str:
    """Where the bytes of one attachment of one agency stand, in order; `*` for all of the agency's."""
    return pieces_of(key(agency, sha256))


def pieces_of(object_key: str) -> str:
    """The same by what stands for the object."""
    return f"$O.{BUCKET}.C.{object_key}"


def key(agency: str, sha256: str) -> str:
    """What stands for an object in the subject of its pieces."""
    return f"{agency}.{sha256}"


def description(name: str) -> str:
    """Where an object is described, by its name, written so that a subject can hold it."""
    return f"$O.{BUCKET}.M.{base64.urlsafe_b64encode(name.encode()).decode()}"
