"""Kept checkpoints against a tree: every way in which they can disagree has its name and its rows."""

import hashlib
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from services.audit.evidence.nodes import Folding, Nodes
from services.audit.notary.anchor_folder import UnusableFileError, keep, kept
from services.audit.notary.key_files import signer_of, trust, trusted_keys
from services.audit.tlog.anchors import Anchor, AnchorFlaw, Comparison, Trust, compare, spans_of
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import CompactRange
from services.audit.tlog.notes import LogSigner, Note
from services.audit.tlog.proofs import needed

LOG = LogSigner("phoihop.example/hub", b"l" * 32)
TRUST = Trust(LOG.name, (LOG.verifier,))
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(20)]
FORGED = [*LEAVES[:9], b"x" * 32, *LEAVES[10:]]


def anchor(size: int, leaves: list[bytes] = LEAVES, log: LogSigner = LOG) -> Anchor:
    text = Checkpoint(log.name, size, CompactRange().extend(leaves[:size]).root()).text
    return Anchor(str(size), Note(text).signed(log.sign(text)))


def against(leaves: list[bytes], *anchors: Anchor, trusted: Trust = TRUST) -> Comparison:
    folding = Folding(frozenset(needed(spans_of(anchors, len(leaves)))))
    folding.take(enumerate(leaves))
    return compare(anchors, len(leaves), Nodes(folding.size, folding.found), trusted)


def test_a_ledger_that_only_grew_contains_every_checkpoint() -> None:
    found = against(LEAVES, *(anchor(size) for size in range(21)))
    assert found.contradictions == ()
    assert found.root == CompactRange().extend(LEAVES).root()


def test_a_cut_tail_is_named() -> None:
    """Breaks if the newest rows could be deleted together with their positions."""
    (found,) = against(LEAVES[:12], anchor(8), anchor(20)).contradictions
    assert (found.flaw, found.rows) == (AnchorFlaw.TAIL_MISSING, (12, 19))


def test_an_emptied_ledger_is_named() -> None:
    (found,) = against([], anchor(20)).contradictions
    assert (found.flaw, found.rows) == (AnchorFlaw.TAIL_MISSING, (0, 19))


def test_a_rewritten_history_is_named_between_the_checkpoints_around_it() -> None:
    """Breaks if entries and positions could be rewritten together."""
    found = against(FORGED, anchor(4), anchor(8), anchor(12), anchor(20)).contradictions
    assert [(each.name, each.flaw, each.rows) for each in found] == [
        ("12", AnchorFlaw.HISTORY_REWRITTEN, (8, 11)),
        ("20", AnchorFlaw.HISTORY_REWRITTEN, (8, 19)),
    ]


def test_a_checkpoint_re_signed_with_the_stolen_key_contradicts_the_ones_before() -> None:
    found = against(FORGED, anchor(12), anchor(16, FORGED)).contradictions
    assert [each.name for each in found] == ["12"]


def test_what_is_no_checkpoint_of_this_log_is_named() -> None:
    other, stranger = LogSigner("other.example/log", b"o" * 32), LogSigner(LOG.name, b"s" * 32)
    impossible = Anchor("z", Note(Checkpoint(LOG.name, 0, b"x" * 32).text))
    found = against(LEAVES, Anchor("a", None), impossible, anchor(5, log=other), anchor(6, log=stranger))
    assert [each.flaw for each in found.contradictions] == [
        AnchorFlaw.CHECKPOINT_UNREADABLE,
        AnchorFlaw.CHECKPOINT_UNREADABLE,
        AnchorFlaw.CHECKPOINT_OF_ANOTHER_LOG,
        AnchorFlaw.CHECKPOINT_NOT_SIGNED,
    ]


def test_without_a_known_key_roots_are_compared_and_signatures_are_not() -> None:
    stranger = LogSigner(LOG.name, b"s" * 32)
    assert against(LEAVES, anchor(6, log=stranger), trusted=replace(TRUST, keys=())).contradictions == ()
    assert against(FORGED, anchor(12, log=stranger), trusted=replace(TRUST, keys=())).contradictions


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.key"
    made = signer_of(path, LOG.name, LogSigner)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signer_of(path, LOG.name, LogSigner) == made
    assert [file.name for file in path.parent.iterdir()] == ["ledger.key"]


def test_a_key_that_others_may_read_or_of_another_log_is_refused_unshown(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    secret = signer_of(path, LOG.name, LogSigner).secret()
    with pytest.raises(UnusableFileError, match="not of other") as refused:
        signer_of(path, "other.example/log", LogSigner)
    assert secret not in str(refused.value)
    path.chmod(0o640)
    with pytest.raises(UnusableFileError, match="chmod 600"):
        signer_of(path, LOG.name, LogSigner)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(UnusableFileError, match="no key of the expected form"):
        signer_of(path, LOG.name, LogSigner)


def test_every_key_that_signed_here_stays_trusted(tmp_path: Path) -> None:
    path, newer = tmp_path / "keys" / "ledger.vkey", LogSigner(LOG.name, b"n" * 32)
    assert trusted_keys(path) == ()
    assert trust(path, LOG.verifier) == trust(path, LOG.verifier) == (LOG.verifier,)
    assert trust(path, newer.verifier) == trusted_keys(path) == (LOG.verifier, newer.verifier)


def test_a_kept_checkpoint_is_never_replaced(tmp_path: Path) -> None:
    """Breaks if cosignatures could be lost, or a kept checkpoint be overwritten by a later one."""
    note = anchor(5).note
    assert note
    cosigned = note.signed(LogSigner("other.example/log", b"o" * 32).sign(note.text))
    assert keep(tmp_path, cosigned) == (tmp_path / "5", cosigned)
    assert keep(tmp_path, note) == (tmp_path / "5", cosigned)
    more = note.signed(LogSigner("third.example/log", b"t" * 32).sign(note.text))
    cosigned = cosigned.signed(*more.signatures)
    assert keep(tmp_path, more) == (tmp_path / "5", cosigned)
    another = anchor(5, FORGED[5:]).note
    assert another
    keep(tmp_path, another)
    assert [each.note for each in kept(tmp_path)] == [cosigned]


def test_a_spoiled_file_in_the_folder_stays_visible_and_named_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "5").write_bytes(b"\xff")
    assert kept(tmp_path) == (Anchor(str(tmp_path / "5"), None),)
    for path in (tmp_path / "5", tmp_path / "absent"):
        with pytest.raises(UnusableFileError):
            kept(path)
