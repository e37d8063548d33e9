"""The photographs that an incident's entries name: which arrived by the record, and their bytes for evidence files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nats.aio.client import Client

from contracts.attached import AttachmentStored
from contracts.attachments import Attachment
from contracts.events import ReportAccepted
from services.audit.evidence.trail import event_of
from services.audit.notary.gathering import bus
from services.audit.settings import AuditSettings
from services.audit.tables import Entry
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.objects import SpoiltObjectError, read_object

_NOT_THERE: Final = (BusUnavailableError, JetStreamRefusedError, SpoiltObjectError)


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph of one report."""

    attachment: Attachment
    agency: str
    unit: str
    named_in: int
    """The entry of the report that names it."""
    stored_in: int | None = None
    """The entry that says it arrived; None: it is awaited."""
    stored_at: datetime | None = None

    @property
    def document(self) -> str:
        """Its name in an evidence file."""
        return f"documents/{self.attachment.sha256}{self.attachment.media_type.suffix}"


def photographs_of(entries: Iterable[Entry]) -> tuple[Photograph, ...]:
    """In the order of the reports; nothing of it is taken from anywhere but the record."""
    named: list[tuple[Entry, ReportAccepted]] = []
    arrived: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        data = event.data if (event := event_of(entry)) else None
        if isinstance(data, ReportAccepted):
            named.append((entry, data))
        elif isinstance(data, AttachmentStored):
            arrived[str(data.report.event), data.attachment.sha256] = entry
    return tuple(
        _photograph(entry, accepted, one, arrived.get((str(entry.event_id), one.sha256)))
        for entry, accepted in named
        for one in accepted.report.attachments or ()
    )


def _photograph(entry: Entry, accepted: ReportAccepted, named: Attachment, arrived: Entry | None) -> Photograph:
    return Photograph(
        attachment=named,
        agency=accepted.sender.agency,
        unit=accepted.sender.unit,
        named_in=entry.idx,
        stored_in=arrived.idx if arrived else None,
        stored_at=arrived.stored_at if arrived else None,
    )


async def bytes_of(client: Client, photograph: Photograph) -> bytes | None:
    """What arrived, found to be what the digest says; None where it cannot be had."""
    if photograph.stored_in is None:
        return None
    try:
        return await read_object(client, photograph.agency, photograph.attachment.sha256)
    except _NOT_THERE:
        return None


async def documents(settings: AuditSettings, photographs: Sequence[Photograph]) -> dict[str, bytes]:
    """Those that can be enclosed in an evidence file, by their names in it."""
    found: dict[str, bytes] = {}
    async with bus(settings) as client:
        for one in photographs if client else ():
            if client and (body := await bytes_of(client, one)) is not None:
                found[one.document] = body
    return found
