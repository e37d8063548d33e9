"""Reads one incident's entries back in the order they were recorded, with the reports that led to it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts import subjects
from contracts.attached import stored_id
from contracts.envelope import Event, UnreadableEventError, read
from contracts.events import IncidentOpened, IncidentUpdated, ReportAccepted
from contracts.subjects import Origin
from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.roles import READER
from services.audit.tables import Entry

_BEFORE: Final = timedelta(days=1)
_SKEW: Final = timedelta(minutes=5)
"""By how much clocks of two of the hub's machines may differ."""


async def trail(dsn: str, incident: UUID) -> Sequence[Entry]:
    """Every entry of the incident, of its reports and of their photographs, by `idx`; empty where there is no such one.

    Raises `LedgerUnavailableError`.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(connect, dsn, READER), poolclass=NullPool
    )
    try:
        with unavailable():
            async with AsyncSession(engine) as session:
                own = (await session.exec(select(Entry).where(Entry.incident_id == incident))).all()
                reports = await _led_to(session, own)
                return sorted((*own, *reports, *await _brought(session, reports)), key=lambda entry: entry.idx)
    finally:
        await engine.dispose()


async def _led_to(session: AsyncSession, own: Sequence[Entry]) -> Sequence[Entry]:
    """The reports these entries name. Events are indexed by time first: near these, and all over only if need be."""
    ids, times = {found for entry in own for found in _reports(entry)}, [entry.occurred_at for entry in own]
    if not ids:
        return ()
    named = select(Entry).where(col(Entry.event_id).in_(ids))
    near = col(Entry.occurred_at).between(min(times) - _BEFORE, max(times) + _SKEW)
    found = (await session.exec(named.where(near))).all()
    return found if {entry.event_id for entry in found} == ids else (await session.exec(named)).all()


async def _brought(session: AsyncSession, reports: Sequence[Entry]) -> Sequence[Entry]:
    """That photographs of these reports arrived; none can before its report, and some phones find a net days later."""
    ids = {found for entry in reports for found in _photographs(entry)}
    if not ids:
        return ()
    since = min(entry.occurred_at for entry in reports)
    named = select(Entry).where(col(Entry.event_id).in_(ids), col(Entry.occurred_at) >= since)
    return (await session.exec(named)).all()


def event_of(entry: Entry) -> Event[Any] | None:
    """The event in the body as today's program reads it; None where it cannot. The bytes remain the evidence."""
    try:
        return read(entry.body)
    except (UnreadableEventError, ValidationError):
        return None


def _reports(entry: Entry) -> tuple[UUID, ...]:
    event = event_of(entry)
    if event is not None and isinstance(event.data, IncidentOpened | IncidentUpdated):
        return (event.data.report.event,)
    return ()


def _photographs(entry: Entry) -> tuple[UUID, ...]:
    """The ids of the facts that the photographs named in a report arrived, if they did."""
    event = event_of(entry)
    if event is None or not isinstance(event.data, ReportAccepted):
        return ()
    sender, report = event.data.sender, event.data.report
    space, origin = subjects.space_of_fact(entry.subject), Origin(sender.agency, sender.unit)
    return tuple(stored_id(space, origin, report.report, one.sha256) for one in report.attachments or ())
