"""Which set decides when: folds the record of texts, proposals and activations. It decides nothing about them.

A set is proposed, approved by somebody else, and decides from its time on. Two times are kept apart: from when a set is
to decide, and when that was recorded; nothing that was recorded later changes what decided before.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.activation import (
    ActivationData,
    Approver,
    ReferenceRecorded,
    RegulationActivated,
    RegulationActivationCancelled,
    RegulationActivationRefused,
    RegulationApproved,
    RegulationProposed,
    TextKind,
)
from contracts.approvals import approver_of
from services.routing.regulations.rules.texts import TextKey, newer

_AFTER: Final = timedelta(microseconds=1)
"""A report stored in the very microsecond of an activation may have been decided before it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A text as the stream holds it."""

    sha256: str
    subject: str
    """Under which its parts stand."""
    first: int
    """Sequence of its first part."""
    parts: int
    there: int
    """How many parts are recorded."""
    at: datetime
    """When the latest of them was stored."""

    @property
    def complete(self) -> bool:
        """Whether it can be read."""
        return self.there == self.parts


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal and whether it can still be approved."""

    proposed: RegulationProposed
    open: bool = True
    approved: frozenset[Approver] = frozenset()
    """Who else agreed to exactly this, each under their own name."""


@dataclass(frozen=True, slots=True)
class Switch:
    """From a moment on, this set decides."""

    since: datetime
    activated: RegulationActivated

    @property
    def key(self) -> TextKey:
        """The set's text."""
        return TextKey(TextKind.REGULATIONS, self.activated.set, self.activated.version)


@dataclass(frozen=True, slots=True)
class Book:
    """What is on record about texts and activations, up to a sequence of the stream."""

    texts: Mapping[TextKey, Recorded] = field(default_factory=dict)
    proposals: Mapping[UUID, Proposal] = field(default_factory=dict)
    switches: tuple[Switch, ...] = ()
    """In the order in which they take effect."""
    refused: frozenset[UUID] = frozenset()
    """Activations whose text routing could not use."""

    def in_force(self, at: datetime, unusable: Container[str] = ()) -> Switch | None:
        """The set that decides what was stored at that moment; of unusable texts none does.

        Before the first one the first decides: a hub that recorded no texts yet may have undecided reports.
        """
        usable = [switch for switch in self.switches if switch.activated.sha256 not in unusable]
        return next((s for s in reversed(usable) if s.since <= at), usable[0] if usable else None)

    def register_at(self, at: datetime) -> TextKey | None:
        """The register known at that moment; before the first one the first."""
        known = sorted((r.at, key) for key, r in self.texts.items() if key.kind is TextKind.REGISTER and r.complete)
        return next((key for since, key in reversed(known) if since < at), known[0][1] if known else None)

    @property
    def approved(self) -> bool:
        """Whether people have put any set in force; from then on no reference set follows by itself."""
        return any(switch.activated.basis == "approved" for switch in self.switches)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where and when the stream stored a fact: who said it is in the subject, and the server vouches for that."""

    subject: str
    sequence: int
    at: datetime

    @property
    def by(self) -> Approver | None:
        """Under whose name it stands; None where the hub itself recorded it."""
        return approver_of(self.subject)


def after(book: Book, data: ActivationData, stored: Stored) -> Book:
    """The book after one more fact. One that no step could have added, or in another's name, changes nothing."""
    match data:
        case ReferenceRecorded():
            return _with_part(book, data, stored)
        case RegulationActivated(basis="reference") if stored.by is None:
            return _activated(book, data, stored)
        case RegulationActivationRefused(step="take_effect", proposal=UUID() as activation) if stored.by is None:
            return replace(book, refused=book.refused | {activation})
        case RegulationProposed() | RegulationApproved() | RegulationActivationCancelled() if stored.by == data.by:
            return _stepped(book, data, stored)
        case RegulationActivated(basis="approved") if stored.by in data.approvers:
            return _activated(book, data, stored)
        case _:
            return book


def _stepped(
    book: Book, data: RegulationProposed | RegulationApproved | RegulationActivationCancelled, stored: Stored
) -> Book:
    """What an approver did in their own name."""
    match data:
        case RegulationProposed():
            if data.proposal in book.proposals:
                return book
            return replace(book, proposals={**book.proposals, data.proposal: Proposal(data)})
        case RegulationApproved():
            return _approved(book, data)
        case RegulationActivationCancelled():
            return _cancelled(book, data, stored.at)


def _approved(book: Book, data: RegulationApproved) -> Book:
    """One more agrees to the very text and time that were proposed; who proposed it has agreed already."""
    known = book.proposals.get(data.proposal)
    if known is None or _terms(data) != _terms(known.proposed) or data.by == known.proposed.by:
        return book
    agreed = replace(known, approved=known.approved | {data.by})
    return replace(book, proposals={**book.proposals, data.proposal: agreed})


def _terms(
    data: RegulationProposed | RegulationApproved | RegulationActivated,
) -> tuple[str, str, str, datetime]:
    """What is agreed to: which set, which text exactly, from when."""
    return data.set, data.version, data.sha256, data.effective


def _with_part(book: Book, data: ReferenceRecorded, stored: Stored) -> Book:
    key = TextKey(data.kind, data.code, data.version)
    known = book.texts.get(key)
    if stored.by is not None and data.kind is TextKind.REGISTER:
        return book
    if known is None:
        if data.part != 1:
            return book
        begun = Recorded(data.sha256, stored.subject, stored.sequence, data.parts, 1, stored.at)
        return replace(book, texts={**book.texts, key: begun})
    if (known.sha256, known.subject) != (data.sha256, stored.subject) or data.part != known.there + 1:
        return book
    return replace(book, texts={**book.texts, key: replace(known, there=data.part, at=stored.at)})


def _activated(book: Book, data: RegulationActivated, stored: Stored) -> Book:
    switch = Switch(max(data.effective, stored.at + _AFTER), data)
    text = book.texts.get(switch.key)
    if text is None or not text.complete or text.sha256 != data.sha256 or not fits(book, switch):
        return book
    if data.basis == "approved" and not _agreed(book.proposals.get(data.proposal), data):
        return book
    ordered = tuple(sorted((*book.switches, switch), key=lambda given: given.since))
    return replace(_closed(book, data.proposal), switches=ordered)


def _agreed(proposal: Proposal | None, data: RegulationActivated) -> bool:
    """Whether two different approvers, each in their own name on record, stand behind exactly this proposal."""
    if proposal is None or not proposal.open or len(data.approvers) != 2:  # noqa: PLR2004  # two keys
        return False
    proposed, (first, second) = proposal.proposed, data.approvers
    return _terms(proposed) == _terms(data) and first == proposed.by and second in proposal.approved


def fits(book: Book, switch: Switch) -> bool:
    """Newer than whatever of its name decides before it, and older than whatever is already to follow."""
    alike = [other for other in book.switches if other.activated.set == switch.activated.set]
    before = [other.activated.version for other in alike if other.since <= switch.since]
    later = [other.activated.version for other in alike if other.since > switch.since]
    version = switch.activated.version
    return newer(version, before) and all(newer(other, (version,)) for other in later)


def _cancelled(book: Book, data: RegulationActivationCancelled, stored_at: datetime) -> Book:
    """A switch is undone only before it took effect; what decided once stays what decided."""
    left = tuple(
        switch for switch in book.switches if switch.activated.proposal != data.proposal or switch.since <= stored_at
    )
    return replace(_closed(book, data.proposal), switches=left)


def _closed(book: Book, proposal: UUID) -> Book:
    known = book.proposals.get(proposal)
    if known is None:
        return book
    return replace(book, proposals={**book.proposals, proposal: replace(known, open=False)})
