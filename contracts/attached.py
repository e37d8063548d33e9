"""What became of the photographs that reports name: the fact that one arrived, and what a desk is shown of them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.attachments import Attachment
from contracts.codes import Space
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from contracts.reports import ReportRef
from contracts.subjects import Origin
from contracts.text import Digest


class AttachmentStored(Contract):
    """The bytes of an attachment arrived from the unit that named it, and are on disk under their digest."""

    report: ReportRef
    attachment: Attachment
    """As the report names it; the bytes were found to be that."""


class Attached(Contract):
    """One attachment of a report of an incident."""

    report: ReportRef
    attachment: Attachment
    stored_at: AwareDatetime | None = None
    """When the bytes arrived, by the hub's clock; None: the unit still owes them."""


class AttachmentsAsked(Contract):
    """What a desk asks about one incident that it names in the subject: the list, or the bytes of one."""

    sha256: Digest | None = None


class ObjectDescription(Contract):
    """The description of an object, as every client of NATS's object store reads it (ADR-20)."""

    name: str
    bucket: str
    nuid: str
    """Under which its pieces stand."""
    size: Annotated[int, Field(ge=0)]
    chunks: Annotated[int, Field(ge=0)]
    digest: str


def stored_id(space: Space, origin: Origin, report: UUID, sha256: str) -> UUID:
    """The id of the one `AttachmentStored` of an attachment of a report."""
    return derived_id("AttachmentStored", space, origin.agency, origin.point, report, sha256)
