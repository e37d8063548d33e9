"""What a hub has on record about texts, activations and decisions; and reports accepted into it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from nats.aio.client import Client

from contracts import subjects
from contracts.activation import ActivationData, ReferenceRecorded
from contracts.approvals import EVERY_STEP
from contracts.canonical import content_digest
from contracts.codes import Severity, SourceFormat, Space, Status
from contracts.decisions import Decision
from contracts.envelope import Event, read, schema_of, type_of
from contracts.events import IncidentOpened, IncidentUpdated, Original, ReportAccepted
from contracts.identifiers import new_id
from contracts.reports import IncidentReport, Sender
from contracts.taxonomy import Category
from services.runtime import clock
from services.runtime.publishing import Fact, Publisher
from services.runtime.sending import connection
from tests.integration.http.hub import Hub

AnswerT = TypeVar("AnswerT")
SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision as it stands in the stream."""

    sequence: int
    report: UUID
    """The accepted report that caused it."""
    at: datetime
    """When that was stored."""
    body: bytes
    decision: Decision


async def told(hub: Hub) -> list[tuple[int, ActivationData]]:
    """Every fact about texts and activations with its sequence, texts of the register too."""
    stored = [*await hub.facts(EVERY_STEP), *await hub.facts(subjects.REGISTER)]
    return sorted(((one.sequence, read(one.body).data) for one in stored), key=lambda pair: pair[0])


async def texts(hub: Hub) -> list[ReferenceRecorded]:
    """The recorded parts, in order."""
    return [data for _, data in await told(hub) if isinstance(data, ReferenceRecorded)]


async def decided(hub: Hub, at_least: int) -> list[Decided]:
    """Every decision in the order of the stream, once there are so many."""
    async with asyncio.timeout(SECONDS):
        while True:
            if len(found := await _decided(hub)) >= at_least:
                return found
            await asyncio.sleep(0.1)


async def _decided(hub: Hub) -> list[Decided]:
    found = []
    for stored in await hub.facts(subjects.ALL_COURSES):
        event = read(stored.body)
        data = event.data
        if isinstance(data, IncidentOpened | IncidentUpdated) and data.decision is not None:
            found.append(Decided(stored.sequence, data.report.event, event.time, stored.body, data.decision))
    return found


async def on(hub: Hub, work: Callable[[Client], Awaitable[AnswerT]]) -> AnswerT:
    """What the work answers on a connection to the hub."""
    async with connection(hub.nats.url) as client:
        return await work(client)


async def accept(hub: Hub, number: int = 1, *, about: tuple[UUID, ...] = (), **said: object) -> list[UUID]:
    """Puts reports on record as intake does, one after the other; each opens an incident of its own.

    Unless it is `about` earlier reports: then it joins theirs. `said` are further fields of the reports.
    """

    async def record(client: Client) -> list[UUID]:
        publisher = Publisher(client)
        events = [_accepted(about, said) for _ in range(number)]
        for event in events:
            await publisher.record([Fact(event.subject, event.to_bytes(), event.type)])
        return [event.id for event in events]

    return await on(hub, record)


def _accepted(about: tuple[UUID, ...], changes: Mapping[str, object]) -> Event[ReportAccepted]:
    """A boat in distress of which nobody knows the position, unless said otherwise."""
    report, now = new_id(), clock.now()
    origin = subjects.Origin("vmrcc-kv2", "tau-sar")
    boat = {
        "report": report,
        "status": Status.ACTUAL,
        "sent": now,
        "observed_at": now,
        "category": Category.SAR_SEA,
        "headline": "Tàu cá mất liên lạc",
        "severity": Severity.SEVERE,
        "position_unknown": True,
        "references": about,
    }
    said = IncidentReport.model_validate(boat | dict(changes))
    return Event[ReportAccepted](
        id=new_id(),
        source="/phoihop/intake",
        type=type_of(ReportAccepted),
        subject=subjects.report(Space.ACTUAL, origin, report),
        time=now,
        dataschema=schema_of(ReportAccepted),
        correlationid=report,
        causationid=report,
        data=ReportAccepted(
            sender=Sender(agency=origin.agency, unit=origin.point),
            received_at=now,
            content=content_digest(said),
            original=Original(format=SourceFormat.JSON, sha256="0" * 64, size=2),
            report=said,
        ),
    )
