"""Which texts decide, who put them in force and from when: the record of regulation sets and registers of one hub."""

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.frozen import Contract
from contracts.text import Digest, Line, Token

PART_BYTES: Final = 45 * 1024
"""How much of a text one fact carries: with base64, its envelope and the leaf around it an entry of the ledger stays
below the 65,535 bytes that c2sp.org/tlog-tiles gives one."""
MOST_PART_BYTES: Final = 512 * 1024
"""How much a reader accepts: texts were recorded in parts of 128 KiB once, and stay readable."""
REGISTER_CODE: Final = "register"
"""The register has no code of its own: a hub has one."""


class TextKind(StrEnum):
    """What a recorded text is."""

    REGULATIONS = "regulations"
    REGISTER = "register"


class Approver(Contract):
    """Who answers for a step, by role and agency; never a person file."""

    role: Token
    agency: Token


class ReferenceRecorded(Contract):
    """One part of a text that decides: the RFC 8785 bytes of a `RegulationSet` or of a `Register`, cut in order.

    The parts of one text stand one after the other under one subject. The same version never has two texts.
    """

    kind: TextKind
    code: Token
    """The code of the set, or `register`."""
    version: Token
    sha256: Digest
    """Of the whole text, all parts joined."""
    size: Annotated[int, Field(ge=1)]
    """Bytes of the whole text."""
    part: Annotated[int, Field(ge=1)]
    parts: Annotated[int, Field(ge=1, le=1000)]
    content: Annotated[bytes, Field(min_length=1, max_length=MOST_PART_BYTES)]


class CasesHeld(Contract):
    """The named cases that somebody ran against a set before putting their name to it, all as expected."""

    cases: Annotated[int, Field(ge=1)]
    sha256: Digest
    """Of the cases file as it was read."""


class _OfProposal(Contract):
    """What every step of one activation names."""

    proposal: UUID
    set: Token
    version: Token
    sha256: Digest
    """Of the set's recorded text."""
    effective: AwareDatetime
    """From when it is to decide; never before the fact that puts it in force was stored."""


class RegulationProposed(_OfProposal):
    """Somebody proved a set and proposes to put it in force; a second approver has to agree."""

    by: Approver
    register_version: Token
    """The register it was proved against."""
    held: CasesHeld


class RegulationApproved(_OfProposal):
    """Another approver proved the recorded text and agrees."""

    by: Approver
    register_version: Token
    held: CasesHeld


class RegulationActivated(_OfProposal):
    """From `effective` on this set decides, unless it is cancelled before.

    `basis` is `reference` where nobody has activated anything yet and routing decides by the set it was installed with.
    """

    basis: Literal["approved", "reference"]
    approvers: Annotated[tuple[Approver, ...], Field(max_length=2)] = ()
    """Two different ones; none for the reference."""


class RegulationActivationCancelled(_OfProposal):
    """A proposal was withdrawn, or an activation before it took effect."""

    by: Approver
    reason: Line | None = None


class RefusalReason(StrEnum):
    """Why a set is not put in force."""

    NOT_CLEAN = "not_clean"
    CASES_FAIL = "cases_fail"
    OTHER_TEXT = "other_text"
    """The text is not the one that was recorded, or proposed, under this version."""
    NOT_NEWER = "not_newer"
    SAME_APPROVER = "same_approver"
    UNKNOWN_AGENCY = "unknown_agency"
    UNKNOWN_PROPOSAL = "unknown_proposal"
    NOT_OPEN = "not_open"
    """Cancelled, decided or in effect already."""
    IN_THE_PAST = "in_the_past"
    UNUSABLE = "unusable"
    """Routing cannot decide by this text; it goes on with the set before."""


class RegulationActivationRefused(Contract):
    """A step towards an activation was refused; the set in force stays."""

    set: Token
    version: Token
    sha256: Digest
    proposal: UUID | None = None
    by: Approver | None = None
    """None where routing itself refused."""
    step: Literal["propose", "approve", "cancel", "take_effect"]
    reasons: Annotated[tuple[RefusalReason, ...], Field(min_length=1)]
    details: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


ActivationData = (
    ReferenceRecorded
    | RegulationProposed
    | RegulationApproved
    | RegulationActivated
    | RegulationActivationCancelled
    | RegulationActivationRefused
)
"""Recorded under the subject of a set, the register's texts under that of the register."""
