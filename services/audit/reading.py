"""Records that somebody reads recorded content, before any of it is shown: in EVENTS, or in a journal until it can be.

The journal lies on the reader's own disk. A record is written there first and taken out once the hub holds it, so a
crash in between hands it in twice, and the second time changes nothing: each reading has a subject of its own.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from pydantic import ValidationError

from contracts import subjects
from contracts.envelope import Event, schema_of, type_of
from contracts.identifiers import new_id
from contracts.reading import AuditRead
from services.audit.connecting import connect
from services.audit.failures import unavailable
from services.audit.notary.gathering import bus
from services.audit.roles import READER
from services.audit.settings import AuditSettings
from services.runtime import clock
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import Expectation, Fact, Publisher

_SOURCE: Final = "/phoihop/audit"
_Reading: TypeAlias = Event[AuditRead]


class ReadingNotRecordedError(Exception):
    """Neither the hub nor the journal took the record of this reading, so nothing is shown."""


@dataclass(frozen=True, slots=True)
class Noted:
    """This reading is recorded: in EVENTS, or for the time being in the journal only."""

    id: UUID
    journaled: bool
    waiting: int = 0
    """How many readings, this one included, are still to be handed in."""


async def login_of(dsn: str) -> str:
    """Who the database says the reader is: the login, whatever role it works under. Raises `LedgerUnavailableError`."""
    with unavailable():
        database = await connect(dsn, READER)
        try:
            return str(await database.fetchval("SELECT session_user"))
        finally:
            await database.close()


async def note(
    settings: AuditSettings, login: str, command: str, sought: Sequence[str], reader: str | None = None
) -> Noted:
    """Record that this login is about to read; on disk when it returns. Raises `ReadingNotRecordedError`.

    `reader` is the duty role of who is signed in, where several read through one login.
    """
    who = reader or settings.auditor
    made = _event(AuditRead(login=login, reader=who, command=command, sought=tuple(sought), read_at=clock.now()))
    try:
        _write(settings.readings, made)
    except OSError as error:
        raise ReadingNotRecordedError(str(error)) from error
    waiting = await hand_in(settings, made.id)
    return Noted(made.id, made.id in waiting, len(waiting))


async def hand_in(settings: AuditSettings, current: UUID | None = None) -> tuple[UUID, ...]:
    """Give the hub every reading of the journal, oldest first; those it did not take.

    All but the `current` one are marked as having been kept in the journal.
    """
    waiting = dict(_journal(settings.readings))
    try:
        async with bus(settings) as client:
            if client is None:
                return tuple(event.id for event in waiting.values())
            for path, event in tuple(waiting.items()):
                await Publisher(client).record([_fact(event, late=event.id != current)])
                path.unlink(missing_ok=True)
                del waiting[path]
    except (BusUnavailableError, JetStreamRefusedError):
        pass  # what the hub did not take stays in the journal, and the caller says so
    return tuple(event.id for event in waiting.values())


def _event(data: AuditRead) -> _Reading:
    reading = new_id()
    return Event(
        id=reading,
        source=_SOURCE,
        type=type_of(AuditRead),
        subject=subjects.reading(reading),
        time=data.read_at,
        dataschema=schema_of(AuditRead),
        correlationid=reading,
        causationid=reading,
        data=data,
    )


def _fact(event: _Reading, *, late: bool) -> Fact:
    told = event.model_copy(update={"data": event.data.model_copy(update={"journaled": late})})
    return Fact(event.subject, told.to_bytes(), event.type, Expectation(event.subject, 0))


def _write(folder: Path, event: _Reading) -> None:
    """Under its name only when it is whole and on disk."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f".{event.id}"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(event.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / f"{event.id}.json")
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _journal(folder: Path) -> list[tuple[Path, _Reading]]:
    """The readings that wait; ids are ordered by time. A file that holds none is left where it is."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append((path, Event[AuditRead].model_validate_json(path.read_bytes())))
        except (OSError, ValidationError):
            continue
    return found
