"""Keeps photographs of reports: only what a report on record names, only from its unit, on disk before it is said so.

What a crash loses: nothing that was answered. The bytes are stored first, whole or not at all, then the fact that they
arrived; sending again does what is missing of the two and changes nothing else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts import attachment_subjects, subjects
from contracts.attached import AttachmentStored, stored_id
from contracts.attachments import Attachment
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.envelope import Event, read, schema_of, type_of
from contracts.events import ReportAccepted
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome
from contracts.reports import ReportRef, Sender
from contracts.streams import ATTACHMENT_PIECE, EVENTS
from contracts.subjects import Origin
from services.intake.acceptance import SOURCE
from services.intake.attachments.images import flaw
from services.runtime.broker import Bus
from services.runtime.jetstream import BusUnavailableError, JetStreamBusyError, last_on_subject
from services.runtime.objects import STORE_FULL, described, read_object, room_taken, stored_description
from services.runtime.publishing import Expectation, Fact, Recorded

Body = Callable[[int], Awaitable[bytes]]
"""Reads what is sent, at most so many bytes; asked for only when the photograph is awaited."""


@dataclass(frozen=True, slots=True)
class Named:
    """An attachment as a report on record names it."""

    space: Space
    report: ReportRef
    attachment: Attachment
    correlation: UUID
    reported_at: datetime

    @property
    def origin(self) -> Origin:
        """The unit that reported it."""
        return Origin(self.report.sender.agency, self.report.sender.unit)

    @property
    def fact(self) -> str:
        """Where it is recorded that the bytes arrived."""
        return attachment_subjects.stored(self.space, self.origin, self.report.report, self.attachment.sha256)


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes and the fact are on disk."""

    outcome: Outcome
    event: UUID


@dataclass(frozen=True, slots=True)
class NotKept:
    """Nothing was stored, for this reason."""

    problem: Problem


class Attachments:
    """The photographs of all reports."""

    def __init__(self, bus: Bus, room: int) -> None:
        """`room` is how many bytes one agency's photographs may take."""
        self._bus = bus
        self._room = room
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def keep(self, origin: Origin, report: UUID, sha256: str, body: Body) -> Kept | NotKept:
        """What became of one photograph. Raises `BusUnavailableError`, and what `body` raises."""
        if (named := await self._named(origin, report, sha256)) is None:
            return _not_kept(ProblemCode.ATTACHMENT_UNNAMED)
        if await last_on_subject(self._bus.client, EVENTS.name, named.fact):
            return Kept(Outcome.DUPLICATE, _id(named))
        content = await body(named.attachment.size)
        if problem := _unfit(content, named.attachment):
            return NotKept(problem)
        async with self._one_by_one[origin.agency]:
            if not await self._store(named, content):
                return _not_kept(ProblemCode.ATTACHMENT_QUOTA)
        return await self._record(named)

    async def show(self, origin: Origin, report: UUID, sha256: str) -> tuple[Attachment, bytes] | None:
        """A photograph to the unit that sent it; None where it did not, whoever else has."""
        named = await self._named(origin, report, sha256)
        if named is None or await last_on_subject(self._bus.client, EVENTS.name, named.fact) is None:
            return None
        body = await read_object(self._bus.client, origin.agency, sha256)
        return None if body is None else (named.attachment, body)

    async def _named(self, origin: Origin, report: UUID, sha256: str) -> Named | None:
        """In whichever space the unit filed the report."""
        for space in Space:
            found = await last_on_subject(self._bus.client, EVENTS.name, subjects.report(space, origin, report))
            event = read(found.body) if found else None
            if event is not None and isinstance(event.data, ReportAccepted):
                return _name_in(space, event, sha256)
        return None

    async def _store(self, named: Named, content: bytes) -> bool:
        """Whether there was room for it; the bytes are on disk then."""
        agency, digest = named.origin.agency, named.attachment.sha256
        if await stored_description(self._bus.client, agency, digest):
            return True
        pieces = -(-len(content) // ATTACHMENT_PIECE)
        if await room_taken(self._bus.client, agency) + pieces * ATTACHMENT_PIECE > self._room:
            return False
        try:
            await self._bus.publisher.attach(described(agency, digest, len(content)), content)
        except JetStreamBusyError as error:
            if error.err_code == STORE_FULL:
                return False
            raise
        return True

    async def _record(self, named: Named) -> Kept:
        """The time is the store's, so that repeating it after a crash gives the same fact.

        An earlier report of the agency may have brought the same bytes; for this one they count from the report on.
        """
        stored = await stored_description(self._bus.client, named.origin.agency, named.attachment.sha256)
        if stored is None:
            raise BusUnavailableError("what was just stored is not there yet")
        event = Event[AttachmentStored](
            id=_id(named),
            source=SOURCE,
            type=type_of(AttachmentStored),
            subject=named.fact,
            time=max(stored.stored_at, named.reported_at),
            dataschema=schema_of(AttachmentStored),
            correlationid=named.correlation,
            causationid=named.report.event,
            data=AttachmentStored(report=named.report, attachment=named.attachment),
        )
        fact = Fact(event.subject, event.to_bytes(), event.type, Expectation(event.subject, 0))
        recorded = isinstance(await self._bus.publisher.record([fact]), Recorded)
        return Kept(Outcome.ACCEPTED if recorded else Outcome.DUPLICATE, event.id)


def _name_in(space: Space, event: Event[ReportAccepted], sha256: str) -> Named | None:
    accepted = event.data
    for one in accepted.report.attachments or ():
        if one.sha256 == sha256:
            sender = Sender(agency=accepted.sender.agency, unit=accepted.sender.unit)
            ref = ReportRef(report=accepted.report.report, sender=sender, event=event.id)
            return Named(space, ref, one, event.correlationid, accepted.received_at)
    return None


def _unfit(content: bytes, named: Attachment) -> Problem | None:
    """Why these are not the bytes that were named, or not to be kept."""
    if len(content) != named.size:
        detail = f"{len(content)} bytes came, {named.size} were named"
        return Problem(code=ProblemCode.ATTACHMENT_SIZE, field="", detail=detail)
    if sha256_hex(content) != named.sha256:
        return Problem(code=ProblemCode.ATTACHMENT_DIGEST, field="sha256")
    return flaw(content, named.media_type)


def _id(named: Named) -> UUID:
    return stored_id(named.space, named.origin, named.report.report, named.attachment.sha256)


def _not_kept(code: ProblemCode) -> NotKept:
    return NotKept(Problem(code=code, field=""))
