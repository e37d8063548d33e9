"""Reads the facts of incidents and their reports from the stream, for people who look at them. It decides nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import ReportAccepted
from contracts.reports import ReportRef
from contracts.subjects import Origin
from services.routing.draft import Key
from services.routing.incident.history import Recorded
from services.runtime.jetstream import read_subject

EVENTS: Final = "EVENTS"


async def named(client: Client, text: str) -> tuple[Key, ...]:
    """The incidents of all spaces whose id is this, or begins like it."""
    if (whole := _whole(text)) is not None:
        return tuple([(space, whole) for space in Space if await _exists(client, space, whole)])
    found: dict[Key, None] = {}
    async for stored in read_subject(client, EVENTS, subjects.ALL_COURSES):
        key = subjects.course_of(stored.subject)
        if str(key[1]).startswith(text.lower()):
            found[key] = None
    return tuple(found)


async def facts_of(client: Client, key: Key) -> list[Recorded]:
    """Every fact of one incident, in stream order."""
    stream = read_subject(client, EVENTS, subjects.incident(*key))
    return [Recorded(read(stored.body), stored.stored_at) async for stored in stream]


async def courses(client: Client, space: Space, at: datetime | None) -> Mapping[UUID, list[Recorded]]:
    """The facts of the course of every incident of a space, as far as the stream held them at that instant."""
    found: defaultdict[UUID, list[Recorded]] = defaultdict(list)
    async for stored in read_subject(client, EVENTS, subjects.ALL_COURSES):
        if at is not None and stored.stored_at > at:
            break
        of, incident = subjects.course_of(stored.subject)
        if of is space:
            found[incident].append(Recorded(read(stored.body), stored.stored_at))
    return found


async def filed(client: Client, space: Space, refs: Iterable[ReportRef]) -> list[Event[ReportAccepted]]:
    """The reports as they were accepted."""
    found: list[Event[ReportAccepted]] = []
    for ref in refs:
        subject = subjects.report(space, Origin(ref.sender.agency, ref.sender.unit), ref.report)
        async for stored in read_subject(client, EVENTS, subject):
            event = read(stored.body)
            if event.id == ref.event:
                found.append(event)
    return found


async def _exists(client: Client, space: Space, incident: UUID) -> bool:
    async for _ in read_subject(client, EVENTS, subjects.course(space, incident)):
        return True
    return False


def _whole(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
