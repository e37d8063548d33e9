"""Offers ways in over HTTP, lists what was used and ends it: what the operator does on the hub's stream for it.

A code is shown once, to whoever made it, and kept nowhere: the hub holds its hash.
"""

import getpass
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from nats.aio.client import Client

from contracts import access_subjects
from contracts.access import SECTIONS, AccessChange, AccessChanged, Ended, Holder, Offered, Opened, Role
from contracts.envelope import Event, schema_of, type_of
from contracts.identifiers import derived_id
from contracts.register import Register
from contracts.streams import ACCESS, EVENTS
from contracts.subjects import Origin
from services.runtime.clock import now
from services.runtime.jetstream import Stored, last_on_subject, read_subject
from services.runtime.publishing import Expectation, Fact, Publisher
from services.runtime.web import codes
from services.stack.identity.membership import UnknownPartyError
from services.stack.identity.telling import SOURCE

_SECTION: Final = 2


class UnknownAccessError(ValueError):
    """Nothing was opened or offered under this id. Next: `phoihop identity sessions`."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be handed over."""

    code: str
    access: str
    section: str
    offered: Offered


@dataclass(frozen=True, slots=True)
class Way:
    """A code that was used: a session or a device."""

    access: str
    section: str
    opened: Opened
    ended: Ended | None


def known_holder(register: Register, holder: Holder) -> None:
    """Raises `UnknownPartyError` for a unit or desk that the register does not know."""
    agency = next((one for one in register.agencies if one.code == holder.agency), None)
    match holder.role:
        case Role.UNIT:
            there = agency is not None and any(unit.code == holder.point for unit in agency.units)
        case Role.OFFICER:
            there = agency is not None and any(desk.code == holder.point for desk in agency.desks)
        case Role.OWNER:
            there = agency is not None or holder.agency is None
        case Role.AUDITOR | Role.OPERATOR:
            there = True
    if not there:
        raise UnknownPartyError(f"{holder.role.value} {holder.agency}/{holder.point}")


async def offer(client: Client, holder: Holder, valid: timedelta, *, device: bool) -> Code:
    """A fresh code for the holder's section, on record first. Raises `BusUnavailableError`, `JetStreamRefusedError`."""
    section, code, at = SECTIONS[holder.role], codes.drawn(), now()
    access = codes.id_of(code) or ""
    offered = Offered(holder=holder, device=device, expires_at=at + valid, by=getpass.getuser())
    await _record(
        client,
        AccessChanged(
            access=access,
            section=section,
            holder=holder,
            change=AccessChange.OFFERED,
            device=device,
            expires_at=offered.expires_at,
            by=offered.by,
            changed_at=at,
        ),
    )
    subject = access_subjects.offered(section, access)
    await Publisher(client).keep(offered.model_dump_json(exclude_none=True).encode(), Expectation(subject, 0))
    return Code(code, access, section, offered)


async def ways(client: Client) -> list[Way]:
    """Every code that was used, in the order of use. Raises `BusUnavailableError`."""
    ended = {
        tuple(one.subject.split(".")[_SECTION:]): Ended.model_validate_json(one.body)
        async for one in read_subject(client, ACCESS.name, access_subjects.ended("*", "*"))
    }
    return [
        Way(access, section, Opened.model_validate_json(one.body), ended.get((section, access)))
        async for one in read_subject(client, ACCESS.name, access_subjects.opened("*", "*"))
        for section, access in [tuple(one.subject.split(".")[_SECTION:])]
    ]


async def end(client: Client, access: str, reason: str | None) -> str:
    """Lets nobody in under this id any more, also where its code was not used yet; the section it was for.

    Raises `UnknownAccessError`, `BusUnavailableError`.
    """
    for section in SECTIONS.values():
        for kind, subject in ((Opened, access_subjects.opened), (Offered, access_subjects.offered)):
            if (found := await last_on_subject(client, ACCESS.name, subject(section, access))) is not None:
                await _end(client, section, access, kind.model_validate_json(found.body).holder, reason)
                return section
    raise UnknownAccessError(access)


async def end_all_of(client: Client, origin: Origin, reason: str | None) -> list[str]:
    """Ends every session, device and waiting code of one unit or desk; their ids. Raises `BusUnavailableError`."""
    ended = {one.subject.split(".", 2)[-1] async for one in _kept(client, access_subjects.ended)}
    found = {
        one.subject.split(".", 2)[-1]: kind.model_validate_json(one.body).holder
        for kind, subject in ((Offered, access_subjects.offered), (Opened, access_subjects.opened))
        async for one in _kept(client, subject)
    }
    mine = {name: holder for name, holder in found.items() if holder.origin == origin and name not in ended}
    for name, holder in mine.items():
        section, _, access = name.partition(".")
        await _end(client, section, access, holder, reason)
    return sorted(name.partition(".")[2] for name in mine)


def _kept(client: Client, subject: Callable[[str, str], str]) -> AsyncIterator[Stored]:
    """Everything of one kind, of every section."""
    return read_subject(client, ACCESS.name, subject("*", "*"))


async def _end(client: Client, section: str, access: str, holder: Holder, reason: str | None) -> None:
    """Cut off first, on record then: doing it again ends nothing twice and records what was not recorded yet."""
    ended = Ended(by=getpass.getuser(), reason=reason, at=now())
    subject = access_subjects.ended(section, access)
    await Publisher(client).keep(ended.model_dump_json(exclude_none=True).encode(), Expectation(subject, 0))
    await _record(
        client,
        AccessChanged(
            access=access,
            section=section,
            holder=holder,
            change=AccessChange.ENDED,
            by=ended.by,
            reason=reason,
            changed_at=ended.at,
        ),
    )


async def _record(client: Client, change: AccessChanged) -> None:
    """Once, however often it is asked for: the id follows from what changed, and is looked for first."""
    subject = access_subjects.changes(change.access)
    cause = derived_id("access", change.access, change.change.value)
    last = await last_on_subject(client, EVENTS.name, subject)
    if last is not None and json.loads(last.body)["causationid"] == str(cause):
        return
    event = Event[AccessChanged](
        id=derived_id(cause, "recorded"),
        source=SOURCE,
        type=type_of(AccessChanged),
        subject=subject,
        time=change.changed_at,
        dataschema=schema_of(AccessChanged),
        correlationid=cause,
        causationid=cause,
        data=change,
    )
    expect = Expectation(subject, last.sequence if last else 0)
    await Publisher(client).record([Fact(subject, event.to_bytes(), event.type, expect)])


def document(way: Way) -> dict[str, Any]:
    """One used code as a command shows it."""
    holder = way.opened.holder
    return {
        "session": way.access,
        "section": way.section,
        "role": holder.role.value,
        "of": "/".join(holder.origin) if holder.origin else None,
        "name": holder.name,
        "device": way.opened.credential is not None,
        "since": way.opened.at.isoformat(),
        "ended": way.ended.at.isoformat() if way.ended else None,
    }
