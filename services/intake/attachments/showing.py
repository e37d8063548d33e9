"""The door through which a desk sees photographs: those of an incident that was dispatched to it, and no others.

The desk is named in the subject, which the server vouches for; whether it has a dispatch is read from the record each
time. A desk from which the exact position is kept back sees none: a photograph may show what the words leave out.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts import attachment_subjects, desk_doors, subjects
from contracts.attached import Attached, AttachmentsAsked
from contracts.attachments import Attachment
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import DispatchIssued, IncidentOpened, IncidentUpdated, ReportAccepted
from contracts.reports import ReportRef
from contracts.streams import ATTACHMENT_PIECE, EVENTS
from contracts.subjects import Origin
from services.runtime.broker import Bus
from services.runtime.doors import tell
from services.runtime.jetstream import BusUnavailableError, last_on_subject, read_subject
from services.runtime.logs import logger
from services.runtime.objects import SpoiltObjectError, read_object
from services.runtime.publishing import ANSWERED

AT_ONCE: Final = 4
"""Questions of one desk that are answered side by side; its pages ask again for what is left."""
_LOOK_UPS: Final = 16
"""Side by side, for one question."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a desk asks; the server vouches for the first three."""

    space: Space
    desk: Origin
    incident: UUID
    sha256: str | None


class AttachmentDoor:
    """Answers desks while intake runs. It keeps nothing: a crash loses an answer only."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._answering: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Answers from now on; processes of one intake share the questions."""
        await self._bus.client.subscribe(desk_doors.ALL_ATTACHMENTS_ASKED, queue="intake", cb=self._on_question)

    async def _on_question(self, message: Msg) -> None:
        desk = ".".join(message.subject.split(".")[2:5])
        if not message.reply.startswith(ANSWERED) or self._answering[desk] >= AT_ONCE:
            return
        self._answering[desk] += 1
        task = asyncio.create_task(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, desk))

    async def _answer(self, message: Msg) -> None:
        """What the desk may not see is answered as what is not there."""
        with suppress(BusUnavailableError):
            await tell(self._bus.client, message.reply, await self._parts(message))

    async def _parts(self, message: Msg) -> Sequence[bytes]:
        try:
            question = _question(message)
            shown = await self._attached(question) if await self._may_see(question) else []
            if question.sha256 is None:
                return [one.model_dump_json().encode() for one in shown]
            return await self._bytes(shown, question.sha256)
        except ValueError:
            return []
        except SpoiltObjectError as error:
            logger().error("attachment_spoilt", object=str(error))
            return []

    async def _may_see(self, question: _Question) -> bool:
        """Whether the incident was ever dispatched to the desk, and its place was not kept back from it."""
        wanted = subjects.dispatch(question.space, question.incident, *question.desk)
        facts = [read(one.body).data async for one in read_subject(self._bus.client, EVENTS.name, wanted)]
        issued = [fact for fact in facts if isinstance(fact, DispatchIssued)]
        return bool(issued) and not any(one.withheld for one in issued)

    async def _attached(self, question: _Question) -> list[Attached]:
        """Of every report of the incident, in the order in which they joined it."""
        wanted = subjects.course(question.space, question.incident)
        facts = [read(one.body).data async for one in read_subject(self._bus.client, EVENTS.name, wanted)]
        reports = {one.report.event: one.report for one in facts if isinstance(one, IncidentOpened | IncidentUpdated)}
        limit = asyncio.Semaphore(_LOOK_UPS)

        async def of(report: ReportRef) -> list[Attached]:
            async with limit:
                return await self._of_report(question.space, report)

        return [one for found in await asyncio.gather(*map(of, reports.values())) for one in found]

    async def _of_report(self, space: Space, report: ReportRef) -> list[Attached]:
        origin = Origin(report.sender.agency, report.sender.unit)
        found = await last_on_subject(self._bus.client, EVENTS.name, subjects.report(space, origin, report.report))
        event = read(found.body) if found else None
        if event is None or not isinstance(event.data, ReportAccepted):
            return []
        named = event.data.report.attachments or ()
        return [await self._state(space, origin, report, one) for one in named]

    async def _state(self, space: Space, origin: Origin, report: ReportRef, named: Attachment) -> Attached:
        wanted = attachment_subjects.stored(space, origin, report.report, named.sha256)
        fact = await last_on_subject(self._bus.client, EVENTS.name, wanted)
        return Attached(report=report, attachment=named, stored_at=fact.stored_at if fact else None)

    async def _bytes(self, shown: Iterable[Attached], sha256: str) -> list[bytes]:
        """What it is, then its pieces."""
        for one in shown:
            if one.attachment.sha256 == sha256 and one.stored_at is not None:
                body = await read_object(self._bus.client, one.report.sender.agency, sha256)
                return [] if body is None else [one.model_dump_json().encode(), *_pieces(body)]
        return []

    def _ended(self, task: asyncio.Task[None], desk: str) -> None:
        self._tasks.discard(task)
        self._answering -= Counter([desk])


def _question(message: Msg) -> _Question:
    """Raises `ValueError` for what is none."""
    _, _, space, agency, desk, incident = message.subject.split(".")
    try:
        asked = AttachmentsAsked.model_validate_json(message.data or b"{}")
    except ValidationError as error:
        raise ValueError(str(error)) from error
    return _Question(Space(space), Origin(agency, desk), UUID(incident), asked.sha256)


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[at : at + ATTACHMENT_PIECE] for at in range(0, len(body), ATTACHMENT_PIECE))
