"""Reads one incident's entries back in the order they were recorded, with the reports that led to it."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.envelope import Event, UnreadableEventError, read
from contracts.events import IncidentOpened, IncidentUpdated
from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.roles import READER
from services.audit.tables import Entry


async def trail(dsn: str, incident: UUID) -> Sequence[Entry]:
    """Every entry of the incident and of its reports, by `idx`; empty when the ledger knows no such incident.

    Raises `LedgerUnavailableError`.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(connect, dsn, READER), poolclass=NullPool
    )
    try:
        with unavailable():
            async with AsyncSession(engine) as session:
                own = (await session.exec(select(Entry).where(Entry.incident_id == incident))).all()
                ids = {found for entry in own for found in _reports(entry)}
                reports = (await session.exec(select(Entry).where(col(Entry.event_id).in_(ids)))).all() if ids else ()
                return sorted((*own, *reports), key=lambda entry: entry.idx)
    finally:
        await engine.dispose()


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
