"""Decides whether a witness lets in a log's change of keys; which keys count afterwards, `keybook` decides.

c2sp.org/tlog-witness has a witness hold keys for each origin and says nothing about changing them. Here a person shows
the witness the note that the log's old key and its new one signed. It is held against what this witness has cosigned:
a thief of the old key can announce nothing that fits another history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.audit.tlog.keybook import KeyBook, Rotation, believable, key_book
from services.audit.tlog.notes import Note, Verified, VerifierKey, verify
from services.audit.tlog.witnessing import Seen


class Objection(StrEnum):
    """Why a change of keys was not let in; nothing was recorded."""

    NOT_A_ROTATION = "not_a_rotation"
    """No rotation, or not signed by both of its keys."""
    STRANGER = "stranger"
    """The old key is none that this witness trusts for the log."""
    ANOTHER_ROOT = "another_root"
    """It names another root for the size this witness has cosigned: it belongs to another history."""
    SIGNED_BEYOND = "signed_beyond"
    """What this witness has cosigned last was signed by a key that would not count for its size."""


@dataclass(frozen=True, slots=True)
class Believed:
    """To be recorded: from now on the new key counts, and the old one for nothing larger."""

    rotation: Rotation
    book: KeyBook
    compared: bool
    """Whether the root in it is the one this witness has cosigned; if not, its size was never seen here."""


@dataclass(frozen=True, slots=True)
class Disputed:
    """To be recorded and shouted about: the old key announced another successor before. Neither is believed."""

    rotation: Rotation
    book: KeyBook


@dataclass(frozen=True, slots=True)
class NotBelieved:
    """Not to be recorded."""

    objection: Objection

    @property
    def is_contradiction(self) -> bool:
        """Whether a key of the log signed it all the same: evidence against whoever holds that key."""
        return self.objection in (Objection.ANOTHER_ROOT, Objection.SIGNED_BEYOND)


def succeed(
    note: Note, trusted: Iterable[VerifierKey], known: Iterable[Note], seen: Seen | None
) -> Believed | Disputed | NotBelieved:
    """What to do about a change of keys, given the log's first keys, the changes let in so far, and its state."""
    first, so_far = tuple(trusted), tuple(known)
    if (rotation := believable(note)) is None:
        return NotBelieved(Objection.NOT_A_ROTATION)
    if rotation.old not in key_book(first, so_far).terms:
        return NotBelieved(Objection.STRANGER)
    book = key_book(first, (*so_far, note))
    if seen and seen.checkpoint.size == rotation.size and seen.checkpoint.root != rotation.root:
        return NotBelieved(Objection.ANOTHER_ROOT)
    if book.disputed:
        return Disputed(rotation, book)
    if seen and not _still_counts(seen, book):
        return NotBelieved(Objection.SIGNED_BEYOND)
    return Believed(rotation, book, compared=seen is not None and seen.checkpoint.size == rotation.size)


def _still_counts(seen: Seen, book: KeyBook) -> bool:
    verdict = verify(seen.note, book.terms)
    return isinstance(verdict, Verified) and any(book.terms[key].holds(seen.checkpoint.size) for key in verdict.by)
