"""Decides who is enrolled after somebody was created, got another key or was revoked. Pure: keys, times are given."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import AwareDatetime

from contracts.frozen import Contract
from contracts.identity import Identity, IdentityChange, IdentityChanged, IdentityKind, PublicKey
from contracts.register import Register
from services.stack.identity.grants import HUB_GRANTS
from services.stack.identity.pace import Excess, Suspension, remembered, suspension

_SUSPENDABLE: Final = (IdentityKind.UNIT, IdentityKind.DESK, IdentityKind.OWNER)


class NewKey(NamedTuple):
    """A key that was made, and how long it is good for."""

    public: str
    until: datetime | None = None
    """None: until it is rotated or revoked."""
    certified_until: datetime | None = None
    """When the certificate beside it ends."""


class Member(Contract):
    """One identity that may connect."""

    identity: Identity
    key: PublicKey
    since: AwareDatetime
    """When it got this key."""
    until: AwareDatetime | None = None
    """From then on the key admits nobody; None: until it is rotated or revoked."""
    certified_until: AwareDatetime | None = None
    """When the certificate that was made with the key ends."""


class Book(Contract):
    """Who may connect, and what happened that the hub has not been told yet. It holds no secrets."""

    version: int = 1
    members: tuple[Member, ...] = ()
    unrecorded: tuple[IdentityChanged, ...] = ()
    ended_keys: dict[PublicKey, AwareDatetime] = {}  # noqa: RUF012  # pydantic copies it
    """Keys that were given up, and when: signed files of theirs may still be about."""
    suspended: dict[PublicKey, Suspension] = {}  # noqa: RUF012  # pydantic copies it
    """Keys that took too much of the bus, also those whose time is over but not forgotten."""

    def member(self, who: Identity) -> Member | None:
        """The entry of an identity; None where it is not enrolled."""
        return next((member for member in self.members if member.identity == who), None)

    @property
    def keys(self) -> dict[Identity, str]:
        """Identity -> public key."""
        return {member.identity: member.key for member in self.members}

    def admitted(self, at: datetime) -> dict[Identity, str]:
        """The same without those that are left out at this time."""
        out = {key for key, one in self.suspended.items() if one.until > at}
        return {who: key for who, key in self.keys.items() if key not in out}

    def ended(self, at: datetime) -> tuple[Identity, ...]:
        """Whose time is over, and who is to be revoked for it."""
        return tuple(one.identity for one in self.members if one.until is not None and one.until <= at)

    def ending(self, before: datetime) -> tuple[Member, ...]:
        """Whose key or certificate ends before this time, the earliest first."""
        early = [(min(filter(None, (one.until, one.certified_until)), default=None), one) for one in self.members]
        found = [(end, one) for end, one in early if end is not None and end <= before]
        return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].identity.name)))

    def certified(self, who: Identity, until: datetime) -> "Book":
        """The same with another certificate for this member."""
        members = (
            one.model_copy(update={"certified_until": until}) if one.identity == who else one for one in self.members
        )
        return self.model_copy(update={"members": tuple(members)})

    def recorded(self, changes: Collection[IdentityChanged]) -> "Book":
        """The same when these changes are on record."""
        return self.model_copy(update={"unrecorded": tuple(one for one in self.unrecorded if one not in changes)})


class EnrolledAlreadyError(ValueError):
    """The identity has a key. Next: `phoihop identity rotate`."""


class NotEnrolledError(ValueError):
    """Nobody connects under this name. Next: `phoihop identity list`."""


class UnknownPartyError(ValueError):
    """The register knows no such unit or desk, and the hub no such service or role."""


def known(register: Register, who: Identity) -> None:
    """Raises `UnknownPartyError` for whoever neither the register nor the hub knows."""
    match who.kind:
        case IdentityKind.WITNESS:
            return
        case IdentityKind.OWNER:
            there = any(agency.code == who.agency for agency in register.agencies)
        case IdentityKind.SERVICE | IdentityKind.ROLE:
            there = who.name in HUB_GRANTS
        case IdentityKind.UNIT | IdentityKind.DESK:
            agencies = [agency for agency in register.agencies if agency.code == who.agency]
            points = [agency.units if who.kind is IdentityKind.UNIT else agency.desks for agency in agencies]
            there = any(point.code == who.point for each in points for point in each)
    if not there:
        raise UnknownPartyError(who.name)


def created(book: Book, who: Identity, key: NewKey, at: datetime, by: str) -> Book:
    """Enrolled. Raises `EnrolledAlreadyError`."""
    if book.member(who):
        raise EnrolledAlreadyError(who.name)
    change = IdentityChanged(
        identity=who, change=IdentityChange.CREATED, key=key.public, until=key.until, by=by, changed_at=at
    )
    return _after(book, change, _member(who, key, at))


def rotated(book: Book, who: Identity, key: NewKey, at: datetime, by: str) -> Book:
    """The same under another key, which may end at another time. Raises `NotEnrolledError`."""
    if (member := book.member(who)) is None:
        raise NotEnrolledError(who.name)
    change = IdentityChanged(
        identity=who,
        change=IdentityChange.ROTATED,
        key=key.public,
        previous=member.key,
        until=key.until,
        by=by,
        changed_at=at,
    )
    return _after(book, change, _member(who, key, at))


def revoked(book: Book, who: Identity, at: datetime, by: str, reason: str | None = None) -> Book:
    """Enrolled no more. Raises `NotEnrolledError`."""
    if (member := book.member(who)) is None:
        raise NotEnrolledError(who.name)
    change = IdentityChanged(
        identity=who, change=IdentityChange.REVOKED, previous=member.key, by=by, reason=reason, changed_at=at
    )
    return _after(book, change, None)


def suspended(book: Book, over: Mapping[str, Excess], at: datetime) -> tuple[Book, tuple[Identity, ...]]:
    """With those left out for a while that took too much, and who they are. Our own services never are."""
    admitted = book.admitted(at)
    found = {who: over[key] for who, key in admitted.items() if key in over and who.kind in _SUSPENDABLE}
    new = {admitted[who]: suspension(what, book.suspended.get(admitted[who]), at) for who, what in found.items()}
    return book.model_copy(update={"suspended": remembered(book.suspended, at) | new}), tuple(found)


def _member(who: Identity, key: NewKey, since: datetime) -> Member:
    return Member(identity=who, key=key.public, since=since, until=key.until, certified_until=key.certified_until)


def _after(book: Book, change: IdentityChanged, member: Member | None) -> Book:
    others = tuple(one for one in book.members if one.identity != change.identity)
    ended = {change.previous: change.changed_at} if change.previous else {}
    return book.model_copy(
        update={
            "members": (*others, *((member,) if member else ())),
            "unrecorded": (*book.unrecorded, change),
            "ended_keys": book.ended_keys | ended,
        }
    )
