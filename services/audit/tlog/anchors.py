"""Decides whether the tree still contains every checkpoint that was kept outside the database. It reads no storage.

A ledger that was cut at its end, or rewritten with everything the database knows about it, verifies by itself; it does
not contain the checkpoints it once signed. The row range named is as narrow as the kept checkpoints are dense.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.keybook import KeyBook, Term
from services.audit.tlog.notes import MalformedNoteError, Note, Verified, VerifierKey, verify
from services.audit.tlog.proofs import (
    NodeLookup,
    Proved,
    Span,
    consistency_proof,
    consistency_spans,
    root_of,
    verify_consistency,
)


class AnchorFlaw(StrEnum):
    """How a kept checkpoint and the ledger disagree."""

    CHECKPOINT_UNREADABLE = "checkpoint_unreadable"
    """The file is no checkpoint, or one of an impossible tree."""
    CHECKPOINT_OF_ANOTHER_LOG = "checkpoint_of_another_log"
    CHECKPOINT_NOT_SIGNED = "checkpoint_not_signed"
    """None of the trusted keys signed it, or a signature in the name of one is forged."""
    CHECKPOINT_KEY_RETIRED = "checkpoint_key_retired"
    """The key that signed it does not count for this size: it had announced its successor, or was not yet announced."""
    TAIL_MISSING = "tail_missing"
    """The checkpoint covers more entries than there are now: the end was cut off."""
    HISTORY_REWRITTEN = "history_rewritten"
    """The entries it covers are not those it was signed over."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint kept outside the database, under the name it is kept by."""

    name: str
    note: Note | None
    """None where the file is no signed note."""
    vouched: bool = False
    """Whoever handed it in answers for it, as for a line on paper: it needs no signature."""

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What it says, if that can be the head of a tree."""
        try:
            found = Checkpoint.of(self.note) if self.note else None
        except MalformedNoteError:
            return None
        return found if found and found.is_possible else None


@dataclass(frozen=True, slots=True)
class Trust:
    """Which log the checkpoints must be of, and which keys count for it."""

    origin: str
    keys: tuple[VerifierKey, ...] = ()
    """Empty: nobody said whose signature counts, and signatures are not looked at."""
    terms: Mapping[VerifierKey, Term] = field(default_factory=dict)
    """For which sizes a key counts; one that is not named here counts for all."""

    witnesses: tuple[VerifierKey, ...] = ()
    """Keys of witnesses: what one of them cosigned does not hang on the log's word alone."""

    @classmethod
    def by(cls, origin: str, book: KeyBook, witnesses: tuple[VerifierKey, ...] = ()) -> Self:
        """Trust in the keys of a key book, each for its term."""
        return cls(origin, tuple(book.terms), book.terms, witnesses)

    def is_independent(self, anchor: Anchor) -> bool:
        """Whether somebody else than the log vouches for a checkpoint."""
        return anchor.vouched or (anchor.note is not None and isinstance(verify(anchor.note, self.witnesses), Verified))

    def flaw_of(self, note: Note, size: int) -> AnchorFlaw | None:
        """Why the signatures under a checkpoint of this size do not count, if they do not."""
        if not self.keys:
            return None
        verdict = verify(note, self.keys)
        if not isinstance(verdict, Verified):
            return AnchorFlaw.CHECKPOINT_NOT_SIGNED
        if not any(self.terms.get(key, Term()).holds(size) for key in verdict.by):
            return AnchorFlaw.CHECKPOINT_KEY_RETIRED
        return None


@dataclass(frozen=True, slots=True)
class Compared:
    """One kept checkpoint against the ledger; no flaw means the ledger contains it."""

    name: str
    size: int | None
    root: bytes = b""
    flaw: AnchorFlaw | None = None
    rows: tuple[int, int] | None = None
    """The entries the flaw concerns, both ends included, where it concerns some."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tree as it is now, and every kept checkpoint against it."""

    size: int
    root: bytes
    compared: tuple[Compared, ...] = ()

    @property
    def contradictions(self) -> tuple[Compared, ...]:
        """What disagrees."""
        return tuple(each for each in self.compared if each.flaw)


NOTHING_KEPT: Final[tuple[Anchor, ...]] = ()


def spans_of(anchors: Iterable[Anchor], size: int) -> tuple[Span, ...]:
    """The ranges whose hashes `compare` asks for."""
    sizes = {found.size for anchor in anchors if (found := anchor.checkpoint)}
    spans = {span for old in sizes if 0 < old <= size for span in consistency_spans(old, size)}
    return (Span(0, size), *spans)


def compare(anchors: Sequence[Anchor], size: int, lookup: NodeLookup, trust: Trust) -> Comparison:
    """Hold every kept checkpoint against the tree of the first `size` entries, smallest first."""
    now = Checkpoint(trust.origin, size, root_of(size, lookup))
    ordered = sorted(anchors, key=lambda one: (found.size if (found := one.checkpoint) else -1, one.name))
    compared = [_compared(anchor, now, lookup, trust) for anchor in ordered]
    sound = [
        (each.size, trust.is_independent(anchor))
        for anchor, each in zip(ordered, compared, strict=True)
        if each.size and not each.flaw
    ]
    return Comparison(now.size, now.root, tuple(_located(each, sound) for each in compared))


def _compared(anchor: Anchor, now: Checkpoint, lookup: NodeLookup, trust: Trust) -> Compared:
    kept = anchor.checkpoint
    if kept is None or anchor.note is None:
        return Compared(anchor.name, None, flaw=AnchorFlaw.CHECKPOINT_UNREADABLE)
    flaw, rows = None, None
    if kept.origin != trust.origin:
        flaw = AnchorFlaw.CHECKPOINT_OF_ANOTHER_LOG
    elif not anchor.vouched and (unsigned := trust.flaw_of(anchor.note, kept.size)):
        flaw = unsigned
    elif kept.size > now.size:
        flaw, rows = AnchorFlaw.TAIL_MISSING, (now.size, kept.size - 1)
    elif kept.size and not _contains(now, kept, lookup):
        flaw = AnchorFlaw.HISTORY_REWRITTEN
    return Compared(anchor.name, kept.size, kept.root, flaw, rows)


def _located(each: Compared, sound: Sequence[tuple[int, bool]]) -> Compared:
    """Where history was rewritten: after the last checkpoint before that still holds.

    Once the log has signed both histories, as a thief of its key does, its word alone places nothing: only what others
    vouch for does.
    """
    if each.flaw is not AnchorFlaw.HISTORY_REWRITTEN or each.size is None:
        return each
    signed_both = any(size >= each.size for size, _ in sound)
    before = (size for size, independent in sound if size < each.size and (independent or not signed_both))
    return replace(each, rows=(max(before, default=0), each.size - 1))


def _contains(now: Checkpoint, kept: Checkpoint, lookup: NodeLookup) -> bool:
    proof = consistency_proof(kept.size, now.size, lookup)
    return isinstance(verify_consistency(kept.size, now.size, proof, kept.root, now.root), Proved)
