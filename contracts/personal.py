"""Personal values of one report: as sent, as the salted commitment that stands in its fact, and as opened later.

A value belongs to the report it came with. It is a free line: nothing searches it, nothing joins it with another.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.canonical import canonical_bytes, sha256_hex
from contracts.frozen import Contract
from contracts.text import Digest, Line

COMMITMENT: Final = "phoihop personal value v1"
"""The first line of what a commitment is the SHA-256 of."""
MOST_VALUES: Final = 50
MOST_SEALED: Final = MOST_VALUES + 2
"""With the bytes of the submission and their signature."""


class PersonalKind(StrEnum):
    """What a personal value is to the report."""

    CONTACT = "contact"
    """How to reach whoever reported or can tell more."""
    CASUALTY = "casualty"
    WITNESS = "witness"
    OTHER = "other"


SealedKind = PersonalKind | Literal["original", "signature"]
"""`original`: the submission's bytes, which hold a personal value. `signature`: what its sender signed them with."""


class PersonalValue(Contract):
    """One line about a person, as the sender wrote it. It never stands in a fact."""

    kind: PersonalKind
    value: Line


class Sealed(Contract):
    """What stands in the fact instead: proves the value to whoever is shown it, and tells nothing to anybody else."""

    kind: SealedKind
    commitment: Digest


class Opening(Contract):
    """What opens one commitment. Whoever holds it can read and prove the value; without it the salt hides even a guess.

    The opened text is three lines without a last line feed: `phoihop personal value v1`, the salt in hexadecimal, and
    the RFC 8785 JSON of `kind` and `value`. Its SHA-256 is the commitment, so `sha256sum` alone checks it.
    """

    kind: SealedKind
    salt: Digest
    """32 bytes, used for this value alone."""
    value: str
    """The line; base64 where it is the `original` or the `signature`."""

    def to_bytes(self) -> bytes:
        """The opened text."""
        told = canonical_bytes({"kind": str(self.kind), "value": self.value})
        return f"{COMMITMENT}\n{self.salt}\n".encode() + told

    @property
    def sealed(self) -> Sealed:
        """What the fact says of it."""
        return Sealed(kind=self.kind, commitment=sha256_hex(self.to_bytes()))


class Openings(Contract):
    """Every value of one report on its way to the vault. It travels encrypted to the vault's key and nowhere else."""

    event: UUID
    """The `ReportAccepted` that carries the commitments."""
    openings: Annotated[tuple[Opening, ...], Field(min_length=1, max_length=MOST_SEALED)]


class PersonalDataErased(Contract):
    """The keys of these reports' personal values are destroyed. The commitments stay: every proof holds as before."""

    incident: UUID
    reports: Annotated[tuple[UUID, ...], Field(min_length=1)]
    """The `ReportAccepted` events whose values nobody can read any more."""
    basis: Line
    """The law, decision or request it was done under."""
    by: Line
    """Post and body that ordered it; a role, never a person."""
    erased_at: AwareDatetime
    """The clock of the keeper's machine; the order is recorded before the keys are destroyed."""
