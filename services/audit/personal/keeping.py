"""Shows or erases the personal values of one incident's reports; either is a fact in EVENTS before it happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from nats.aio.client import Client

from contracts import subjects
from contracts.envelope import Event, schema_of, type_of
from contracts.identifiers import new_id
from contracts.identity import CUSTODIAN
from contracts.personal import PersonalDataErased
from contracts.reading import AuditRead
from services.audit.personal.commitments import Answer, Holdings, answers
from services.audit.personal.keys import KeyRing, unlock
from services.audit.personal.values import locked_values
from services.audit.reading import login_of
from services.audit.settings import AuditSettings
from services.runtime import clock
from services.runtime.addresses import bus_creds, bus_url
from services.runtime.publishing import Fact, Publisher
from services.runtime.sending import connection

SOURCE = "/phoihop/audit"


@dataclass(frozen=True, slots=True)
class Order:
    """Who asked, and why: both go into the record."""

    incident: UUID
    by: str
    basis: str


async def show(settings: AuditSettings, dsn: str, held: Holdings, order: Order) -> list[Answer]:
    """Every value that can be shown; the reading is on record before the first is opened.

    Raises `BusUnavailableError`, `LedgerUnavailableError`, `UnusableSecretError`.
    """
    locked = await locked_values(dsn, held.readable)
    await _record(settings, _reading(order, await login_of(dsn)))
    ring = KeyRing(settings.personal_keys)
    keys = {event: key for event in held.readable if (key := ring.to_unlock(event))}
    opened = {
        sealed.commitment: text
        for holding in held.reports
        for sealed in holding.sealed
        if holding.event in keys
        and sealed.commitment in locked
        and (text := _opened(keys[holding.event], locked[sealed.commitment], sealed.commitment, holding.event))
    }
    return list(answers(held, keys, opened, locked))


async def erase(settings: AuditSettings, held: Holdings, order: Order) -> int:
    """Destroys the keys of all these reports; how many there were. Doing it again is safe, and recorded again.

    The fact comes first: a crash in between leaves keys that `show` refuses to use and the next `erase` destroys.
    Raises `BusUnavailableError`, `UnusableSecretError`.
    """
    await _record(settings, _erasure(held, order))
    ring = KeyRing(settings.personal_keys)
    return sum(ring.destroy(holding.event) for holding in held.reports)


@asynccontextmanager
async def custodian(settings: AuditSettings) -> AsyncIterator[Client]:
    """The connection of whoever keeps personal values. Raises `BusUnavailableError`."""
    async with connection(bus_url(settings), bus_creds(settings, CUSTODIAN)) as client:
        yield client


async def _record(settings: AuditSettings, event: Event[AuditRead] | Event[PersonalDataErased]) -> None:
    async with custodian(settings) as client:
        await Publisher(client).record([Fact(event.subject, event.to_bytes(), event.type)])


def _opened(key: bytes, locked: bytes, commitment: str, event: UUID) -> bytes | None:
    return unlock(key, locked, bytes.fromhex(commitment), event)


def _reading(order: Order, login: str) -> Event[AuditRead]:
    reading, now = new_id(), clock.now()
    return Event[AuditRead](
        id=reading,
        source=SOURCE,
        type=type_of(AuditRead),
        subject=subjects.reading(reading),
        time=now,
        dataschema=schema_of(AuditRead),
        incidentid=order.incident,
        correlationid=reading,
        causationid=reading,
        data=AuditRead(
            login=login,
            reader=order.by,
            command="ledger personal show",
            sought=(f"incident={order.incident}", f"basis={order.basis}"[:200]),
            read_at=now,
        ),
    )


def _erasure(held: Holdings, order: Order) -> Event[PersonalDataErased]:
    erasure, now = new_id(), clock.now()
    return Event[PersonalDataErased](
        id=erasure,
        source=SOURCE,
        type=type_of(PersonalDataErased),
        subject=subjects.erasure(held.space, order.incident),
        time=now,
        dataschema=schema_of(PersonalDataErased),
        incidentid=order.incident,
        correlationid=erasure,
        causationid=erasure,
        data=PersonalDataErased(
            incident=order.incident,
            reports=tuple(holding.event for holding in held.reports),
            basis=order.basis,
            by=order.by,
            erased_at=now,
        ),
    )
