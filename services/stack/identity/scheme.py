"""Decides the accounts of the bus and what may pass between them, from who is enrolled. Pure: no keys are made here.

Accounts see nothing of each other but what is written here: requests into CORE, answers back on replies the server
makes, and receipts out of CORE. A reply that names a subject of another account reaches nobody there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from contracts import desk_doors, subjects
from contracts import server_api as api
from contracts.identity import Identity, IdentityKind
from contracts.streams import EVENTS, LADDERS, MAX_MESSAGE
from services.stack.identity.grants import ANY, Grant, desk_requests, grant_of

CORE: Final = "CORE"
FIELD: Final = "FIELD"
SYS: Final = "SYS"
CONNECTIONS_PER_POINT: Final = 8
"""A desk's console, its commands, one that reconnects while its old connection is still thought alive."""
SUBSCRIPTIONS: Final = 64
"""On one connection of a unit or desk: inboxes and receipts need about ten."""
_LEAST_FIELD_CONNECTIONS: Final = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account may take of the server; None: no limit but the server's."""

    connections: int | None = None
    subscriptions: int | None = None
    payload: int | None = None
    """In bytes."""


@dataclass(frozen=True, slots=True)
class User:
    """One public key and what whoever proves to hold it may do."""

    name: str
    key: str
    grant: Grant

    @property
    def subscribe(self) -> tuple[str, ...]:
        """Its own inbox, and what its work needs."""
        return (f"{api.inbox_prefix(self.key)}.>", *self.grant.subscribe)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Subjects that pass between CORE and another account: requests into it, or messages out of it."""

    kind: Literal["service", "stream"]
    subject: str
    many: bool = False
    """A request may be answered more than once."""


@dataclass(frozen=True, slots=True)
class Account:
    """One closed space of subjects. What CORE offers, others have to take explicitly."""

    name: str
    users: tuple[User, ...] = ()
    offers: tuple[Crossing, ...] = ()
    takes: tuple[Crossing, ...] = ()
    limits: Limits = Limits()
    jetstream: bool = False


OFFERS: Final = (
    Crossing("service", subjects.REPORT_INBOX),
    Crossing("service", subjects.ACTION_INBOX),
    Crossing("service", subjects.REPORTING_INBOX),
    Crossing("service", subjects.DESK_INBOX),
    Crossing("service", subjects.EXERCISE_INBOX),
    Crossing("service", subjects.ALL_HEARTBEATS),
    Crossing("service", desk_doors.ALL_DURABLES_ASKED),
    Crossing("service", desk_doors.ALL_RECORDS_ASKED, many=True),
    Crossing("service", desk_doors.ALL_ATTACHMENTS_ASKED, many=True),
    Crossing("service", api.consumer_info(EVENTS.name, ANY)),
    Crossing("service", api.consumer_reset(EVENTS.name, ANY)),
    Crossing("service", api.next_messages(EVENTS.name, ANY), many=True),
    Crossing("service", api.acknowledgements(EVENTS.name, ANY)),
    Crossing("service", api.last_message(LADDERS.name, subjects.ALL_LADDERS)),
    Crossing("stream", subjects.receipts(ANY, ANY)),
    Crossing("stream", subjects.ALL_LADDERS),
)
"""What CORE lets in and out at all. Which of it an account gets is said by what that account takes."""


def scheme(keys: Mapping[Identity, str]) -> tuple[Account, ...]:
    """Every account with its users, always in the same order; `keys` are the public keys of those enrolled."""
    members = sorted(keys, key=lambda who: who.name)
    desks = [who for who in members if who.kind is IdentityKind.DESK]
    units = [who for who in members if who.kind is IdentityKind.UNIT]
    hub = [who for who in members if account_of(who) == CORE]
    by_agency = groupby(desks, key=lambda who: who.agency or "")
    return (
        Account(CORE, _users(hub, keys), offers=OFFERS, jetstream=True),
        _field(units, keys),
        *(_agency(agency, tuple(its), keys) for agency, its in by_agency),
        Account(SYS),
    )


def account_of(who: Identity) -> str:
    """The account an identity connects to."""
    match who.kind:
        case IdentityKind.UNIT:
            return FIELD
        case IdentityKind.DESK:
            return f"AGENCY-{who.agency}"
        case _:
            return CORE


def _field(units: Iterable[Identity], keys: Mapping[Identity, str]) -> Account:
    users = _users(units, keys)
    return Account(
        FIELD,
        users,
        takes=(
            Crossing("service", subjects.REPORT_INBOX),
            Crossing("service", api.last_message(LADDERS.name, subjects.ALL_LADDERS)),
            Crossing("stream", subjects.receipts(ANY, ANY)),
            Crossing("stream", subjects.ALL_LADDERS),
        ),
        limits=Limits(max(_LEAST_FIELD_CONNECTIONS, CONNECTIONS_PER_POINT * len(users)), SUBSCRIPTIONS, MAX_MESSAGE),
    )


def _agency(agency: str, desks: tuple[Identity, ...], keys: Mapping[Identity, str]) -> Account:
    return Account(
        account_of(desks[0]),
        _users(desks, keys),
        takes=(
            *(Crossing("service", subject) for who in desks for subject in desk_requests(agency, who.point)),
            *(Crossing("stream", subjects.receipts(agency, who.point)) for who in desks),
        ),
        limits=Limits(CONNECTIONS_PER_POINT * len(desks), SUBSCRIPTIONS, MAX_MESSAGE),
    )


def _users(members: Iterable[Identity], keys: Mapping[Identity, str]) -> tuple[User, ...]:
    return tuple(User(who.name, keys[who], grant_of(who)) for who in members)
