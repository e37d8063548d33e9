"""Who connects to the bus: the names of identities, and the fact that one was made, changed or ended. No secrets."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, model_validator

from contracts.frozen import Contract
from contracts.text import Line, Token

HUB: Final = "_hub"
"""Stands for the agency where an identity belongs to the hub itself; no agency can be named so."""

PublicKey = Annotated[str, Field(pattern=r"^U[A-Z2-7]{55}$")]
"""The public half of a user's nkey."""


class IdentityKind(StrEnum):
    """What connects."""

    UNIT = "unit"
    DESK = "desk"
    SERVICE = "service"
    ROLE = "role"
    """A kind of work at the hub, done by people with commands: auditor, operator."""
    OWNER = "owner"
    """Who answers for regulations, in one role of an agency: proposes, approves, cancels."""
    WITNESS = "witness"
    """Another agency's witness of the ledger."""


_OF_AGENCIES: Final = (IdentityKind.UNIT, IdentityKind.DESK, IdentityKind.OWNER)


class Identity(Contract):
    """One name under which somebody connects."""

    kind: IdentityKind
    agency: Token | None = None
    """For units, desks and owners of regulations."""
    point: Token
    """Code of the unit or desk, or the owner's role, in its agency, else the name of the service, role or witness."""

    @model_validator(mode="after")
    def _agency_where_there_is_one(self) -> "Identity":
        if (self.agency is not None) != (self.kind in _OF_AGENCIES):
            raise ValueError("units, desks and owners of regulations have an agency, nothing else has one")
        return self

    @property
    def name(self) -> str:
        """As files and listings name it: `unit.AGENCY.CODE`, `service.intake`."""
        return ".".join(part for part in (self.kind.value, self.agency, self.point) if part)

    @classmethod
    def named(cls, name: str) -> "Identity":
        """The identity of a name. Raises `ValueError`."""
        kind, *agency, point = name.split(".")
        return cls(kind=IdentityKind(kind), agency=".".join(agency) or None, point=point)


def unit(agency: str, code: str) -> Identity:
    """The identity of a field unit."""
    return Identity(kind=IdentityKind.UNIT, agency=agency, point=code)


def desk(agency: str, code: str) -> Identity:
    """The identity of a duty desk."""
    return Identity(kind=IdentityKind.DESK, agency=agency, point=code)


def owner(agency: str, name: str) -> Identity:
    """The identity of an approver of regulations."""
    return Identity(kind=IdentityKind.OWNER, agency=agency, point=name)


def service(name: str) -> Identity:
    """The identity of one of our services."""
    return Identity(kind=IdentityKind.SERVICE, point=name)


def role(name: str) -> Identity:
    """The identity of a kind of work at the hub."""
    return Identity(kind=IdentityKind.ROLE, point=name)


def witness(name: str) -> Identity:
    """The identity of a witness on the bus."""
    return Identity(kind=IdentityKind.WITNESS, point=name)


AUDITOR: Final = role("auditor")
"""Reads every fact, and writes nothing but that it read."""
OPERATOR: Final = role("operator")
"""Sees how everything runs, and says who may connect; reads no facts."""
CUSTODIAN: Final = role("custodian")
"""Shows and erases personal values; each is a fact before it happens."""
PROVISION: Final = role("provision")
"""Makes streams and consumers as the contracts say. Only at installation and upgrades."""
RESTORER: Final = role("restorer")
"""Reads EVENTS the way the audit does, to fill a restored ledger."""
ROLES: Final = (AUDITOR, OPERATOR, CUSTODIAN, PROVISION, RESTORER)


class IdentityChange(StrEnum):
    """What became of an identity."""

    CREATED = "created"
    ROTATED = "rotated"
    """It has another key; the one before admits nobody any more."""
    REVOKED = "revoked"
    """It has no key: whoever was connected under it was cut off."""


class IdentityChanged(Contract):
    """Somebody may connect, or may no longer. Recorded when the servers have been told."""

    identity: Identity
    change: IdentityChange
    key: PublicKey | None = None
    """The key from now on; none after a revocation."""
    previous: PublicKey | None = None
    """The key that ended."""
    until: AwareDatetime | None = None
    """From then on the key admits nobody, whatever happens; none: it has no end of its own."""
    by: Line
    """The account on the operator's machine."""
    reason: Line | None = None
    changed_at: AwareDatetime
    """The clock of the operator's machine."""

    @model_validator(mode="after")
    def _keys_fit_the_change(self) -> "IdentityChanged":
        wanted = {
            IdentityChange.CREATED: (True, False),
            IdentityChange.ROTATED: (True, True),
            IdentityChange.REVOKED: (False, True),
        }[self.change]
        if (self.key is not None, self.previous is not None) != wanted:
            raise ValueError(f"these keys do not fit an identity that was {self.change.value}")
        if self.until is not None and self.key is None:
            raise ValueError("without a key there is nothing that could end")
        return self
