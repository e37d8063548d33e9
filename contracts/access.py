"""How somebody gets in over HTTP: roles, one-time codes by their hashes, what a code opened and that it ended."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, model_validator

from contracts.frozen import Contract
from contracts.subjects import Origin
from contracts.text import Digest, Line, Token

AccessId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""What a session, a device and the code that opened it are known by. It proves nothing."""


class Role(StrEnum):
    """What a visitor of our pages or of the HTTP interface is there for."""

    UNIT = "unit"
    OFFICER = "officer"
    """On duty at a desk."""
    AUDITOR = "auditor"
    OWNER = "owner"
    """Of regulations."""
    OPERATOR = "operator"

    @property
    def points(self) -> frozenset[bool]:
        """Whether it stands for one point of an agency: units and officers must, owners may."""
        return {Role.UNIT: _MUST, Role.OFFICER: _MUST, Role.OWNER: _MAY}.get(self, _MUST_NOT)


_MUST: Final = frozenset({True})
_MAY: Final = frozenset({True, False})
_MUST_NOT: Final = frozenset({False})


SECTIONS: Final = {
    Role.UNIT: "field",
    Role.OFFICER: "desk",
    Role.AUDITOR: "review",
    Role.OWNER: "regulations",
    Role.OPERATOR: "status",
}
"""Where each role does its work: the first part of every path there, and who a token is for."""


class Holder(Contract):
    """On whose behalf somebody gets in: a duty role, never a person."""

    role: Role
    agency: Token | None = None
    """Of units and officers; of owners where they act for one role of an agency."""
    point: Token | None = None
    """The unit, the desk or that role."""
    name: Line
    """What pages call them, such as `Trực ban 1`."""

    @model_validator(mode="after")
    def _point_where_there_is_one(self) -> "Holder":
        if (self.agency is None) != (self.point is None) or (self.agency is not None) not in self.role.points:
            raise ValueError("units and officers have an agency and a unit or desk, auditors and operators have none")
        return self

    @property
    def origin(self) -> Origin | None:
        """Agency and unit, desk or role."""
        return Origin(self.agency, self.point) if self.agency and self.point else None


class Offered(Contract):
    """A code was made; its hash is the id in the subject, the code itself is nowhere."""

    holder: Holder
    device: bool = False
    """It may enrol a device, which stays; otherwise it opens one session that ends by itself."""
    expires_at: AwareDatetime
    by: Line
    """The account on the operator's machine."""


class Opened(Contract):
    """The code was used."""

    holder: Holder
    credential: Digest | None = None
    """SHA-256 of what a device proves itself with; none for a session."""
    at: AwareDatetime


class Ended(Contract):
    """Nothing is let in under this id any more."""

    by: Line
    """The account on the operator's machine, or `signed out`."""
    reason: Line | None = None
    at: AwareDatetime


class AccessChange(StrEnum):
    """What the operator did about a way in."""

    OFFERED = "offered"
    """A code was made."""
    ENDED = "ended"
    """Nothing is let in under its id any more."""


class AccessChanged(Contract):
    """Somebody may come in over HTTP under a code, or may no longer. Its use is no fact: that stands on ACCESS."""

    access: AccessId
    section: Token
    holder: Holder
    change: AccessChange
    device: bool = False
    """The code may enrol a device, which stays."""
    expires_at: AwareDatetime | None = None
    """When a code that nobody has used is worth nothing."""
    by: Line
    """The account on the operator's machine."""
    reason: Line | None = None
    changed_at: AwareDatetime
    """The clock of the operator's machine."""

    @model_validator(mode="after")
    def _an_offer_expires(self) -> "AccessChanged":
        if (self.expires_at is not None) != (self.change is AccessChange.OFFERED):
            raise ValueError("an offer expires, and nothing else does")
        return self
