"""Offers ways in over HTTP, lists what was used and ends it: what the operator does on the hub's stream for it.

A code is shown once, to whoever made it, and kept nowhere: the hub holds its hash.
"""

import getpass
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from nats.aio.client import Client

from contracts import access_subjects
from contracts.access import SECTIONS, Ended, Holder, Offered, Opened, Role
from contracts.register import Register
from contracts.streams import ACCESS
from services.runtime.clock import now
from services.runtime.jetstream import last_on_subject, read_subject
from services.runtime.publishing import Expectation, Publisher
from services.runtime.web import codes
from services.stack.identity.membership import UnknownPartyError

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
    """A fresh code for this holder's section. Raises `BusUnavailableError`, `JetStreamRefusedError`."""
    section, code = SECTIONS[holder.role], codes.drawn()
    access = codes.id_of(code) or ""
    offered = Offered(holder=holder, device=device, expires_at=now() + valid, by=getpass.getuser())
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
        for subject in (access_subjects.opened(section, access), access_subjects.offered(section, access)):
            if await last_on_subject(client, ACCESS.name, subject) is not None:
                await _end(client, section, access, reason)
                return section
    raise UnknownAccessError(access)


async def _end(client: Client, section: str, access: str, reason: str | None) -> None:
    ended = Ended(by=getpass.getuser(), reason=reason, at=now())
    subject = access_subjects.ended(section, access)
    await Publisher(client).keep(ended.model_dump_json(exclude_none=True).encode(), Expectation(subject, 0))


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
