"""Which key counts for which sizes: successions are believed only as announced, and a disputed one not at all."""

import hashlib

import pytest

from services.audit.evidence.nodes import Folding, Nodes
from services.audit.tlog.anchors import Anchor, AnchorFlaw, Trust, compare, spans_of
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.keybook import KeyBook, Rotation, Term, announce, key_book
from services.audit.tlog.merkle import CompactRange
from services.audit.tlog.notes import LogSigner, MalformedNoteError, Note
from services.audit.tlog.proofs import needed

ORIGIN = "phoihop.example/hub"
A, B, C, THIEF = (LogSigner(ORIGIN, letter * 32) for letter in (b"a", b"b", b"c", b"t"))
ROOT = bytes(32)


def rotation(old: LogSigner, new: LogSigner, size: int) -> Note:
    return announce(Rotation(ORIGIN, old.verifier, new.verifier, size, ROOT), old, new)


def test_a_key_without_successor_counts_for_every_size() -> None:
    book = key_book([A.verifier], [])
    assert book == KeyBook({A.verifier: Term(0, None)})
    assert book.current == (A.verifier,)


def test_each_key_counts_from_its_announcement_to_that_of_its_successor() -> None:
    for notes in ([rotation(A, B, 10), rotation(B, C, 25)], [rotation(B, C, 25), rotation(A, B, 10)]):
        book = key_book([A.verifier], notes)
        assert book.terms == {A.verifier: Term(0, 10), B.verifier: Term(10, 25), C.verifier: Term(25, None)}
        assert book.current == (C.verifier,)


def test_an_announcement_by_a_stranger_or_without_both_signatures_says_nothing() -> None:
    """Breaks if anybody could announce himself, or a key that nobody holds."""
    text = Rotation(ORIGIN, A.verifier, B.verifier, 10, ROOT).text
    alone = [Note(text).signed(A.sign(text)), Note(text).signed(B.sign(text)), rotation(THIEF, B, 10)]
    assert key_book([A.verifier], alone) == key_book([A.verifier], [])


def test_two_successors_of_one_key_are_a_dispute_and_neither_is_believed() -> None:
    """Breaks if a thief of an old key could announce a successor of his own beside the true one."""
    book = key_book([A.verifier], [rotation(A, B, 10), rotation(A, THIEF, 7)])
    assert book == KeyBook({A.verifier: Term(0, 7)}, (A.verifier,))
    assert book.current == ()


def test_a_circle_of_announcements_ends() -> None:
    book = key_book([A.verifier], [rotation(A, B, 10), rotation(B, A, 20)])
    assert set(book.terms) == {A.verifier, B.verifier}


def test_a_rotation_can_never_be_read_as_a_checkpoint_nor_a_checkpoint_as_a_rotation() -> None:
    with pytest.raises(MalformedNoteError):
        Checkpoint.of(rotation(A, B, 10))
    with pytest.raises(MalformedNoteError):
        Rotation.of(Note(Checkpoint(ORIGIN, 10, ROOT).text))
    assert Rotation.of(rotation(A, B, 10)) == Rotation(ORIGIN, A.verifier, B.verifier, 10, ROOT)


@pytest.mark.parametrize(
    ("found", "changed"),
    [("phoihop.example/hub\nkey", "other.example/log\nkey"), ("\n10\n", "\n010\n"), ("v1", "v2"), ("\n10\n", "\n")],
)
def test_what_is_no_rotation_is_refused(found: str, changed: str) -> None:
    text = rotation(A, B, 10).text
    assert found in text
    with pytest.raises(MalformedNoteError):
        Rotation.of(Note(text.replace(found, changed)))


def test_only_its_own_two_keys_announce_a_rotation() -> None:
    with pytest.raises(ValueError, match="keys"):
        announce(Rotation(ORIGIN, A.verifier, B.verifier, 10, ROOT), A, C)


def test_a_checkpoint_counts_only_under_the_key_of_its_time() -> None:
    """Breaks if a retired key could sign what is newer, or a new one what is older, than its announcement."""
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(20)]
    trust = Trust.by(ORIGIN, key_book([A.verifier], [rotation(A, B, 10)]))
    anchors = [_anchor(size, signer, leaves) for signer in (A, B) for size in (9, 10, 11)]
    folding = Folding(frozenset(needed(spans_of(anchors, 20))))
    folding.take(enumerate(leaves))
    found = compare(anchors, 20, Nodes(folding.size, folding.found), trust)
    assert {each.name: each.flaw for each in found.contradictions} == {
        f"{A.verifier.key_id.hex()} 11": AnchorFlaw.CHECKPOINT_KEY_RETIRED,
        f"{B.verifier.key_id.hex()} 9": AnchorFlaw.CHECKPOINT_KEY_RETIRED,
    }


def _anchor(size: int, signer: LogSigner, leaves: list[bytes]) -> Anchor:
    text = Checkpoint(ORIGIN, size, CompactRange().extend(leaves[:size]).root()).text
    return Anchor(f"{signer.verifier.key_id.hex()} {size}", Note(text).signed(signer.sign(text)))
