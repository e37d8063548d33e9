"""Signed notes, keys and cosignatures: they come back as they were, and every change is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.evidence import verify as alone
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import EMPTY_ROOT
from services.audit.tlog.notes import (
    Forged,
    LogSigner,
    MalformedNoteError,
    Note,
    Signature,
    SignatureType,
    Unsigned,
    Verified,
    VerifierKey,
    WitnessSigner,
    verify,
)

LOG = LogSigner("phoihop.example/hue", b"l" * 32)
WITNESS = WitnessSigner("quan-khu-4.example", b"w" * 32)
TEXT = Checkpoint(LOG.name, 7, bytes(range(32))).text
TIME = 1_795_000_000

seeds = st.binary(min_size=32, max_size=32)
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="+"), min_size=1)
lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
texts = st.lists(lines, min_size=1).map(lambda all_lines: "".join(f"{line}\n" for line in all_lines))


def cosigned() -> Note:
    return Note(TEXT).signed(LOG.sign(TEXT), WITNESS.cosign(TEXT, TIME))


@given(names, seeds, texts)
def test_what_was_signed_verifies_after_it_was_stored(name: str, seed: bytes, text: str) -> None:
    signer = LogSigner(name, seed)
    stored = Note(text).signed(signer.sign(text)).to_bytes()
    key = VerifierKey.parse(str(signer.verifier))
    assert verify(Note.parse(stored), [key]) == Verified({key: 0})
    assert LogSigner.parse(signer.secret()) == signer


@given(names, seeds, st.integers(1, 2**63 - 1))
def test_a_cosignature_carries_its_time(name: str, seed: bytes, at: int) -> None:
    signer = WitnessSigner(name, seed)
    note = Note.parse(Note(TEXT).signed(signer.cosign(TEXT, at)).to_bytes())
    assert verify(note, [signer.verifier]) == Verified({signer.verifier: at})


def test_both_implementations_see_the_same_signers_and_times() -> None:
    keys = [alone.key_of(str(LOG.verifier), 1), alone.key_of(str(WITNESS.verifier), 4)]
    assert alone.signers(cosigned().to_bytes(), keys) == {keys[0]: 0, keys[1]: TIME}
    assert verify(cosigned(), [LOG.verifier, WITNESS.verifier]) == Verified({LOG.verifier: 0, WITNESS.verifier: TIME})


@given(st.data())
def test_any_changed_byte_of_a_cosigned_checkpoint_is_noticed(data: st.DataObject) -> None:
    """Breaks if some byte were not covered: the note is malformed, forged, or less signed than before."""
    whole = cosigned().to_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    try:
        note = Note.parse(changed)
    except MalformedNoteError:
        return
    verdict = verify(note, [LOG.verifier, WITNESS.verifier])
    assert not (isinstance(verdict, Verified) and verdict.by.keys() == {LOG.verifier, WITNESS.verifier})


def test_a_cosignature_is_no_log_signature_and_not_the_other_way_round() -> None:
    """Breaks if the domains were not kept apart: then a witness could be made to sign in the name of a log."""
    as_log = VerifierKey(WITNESS.name, SignatureType.ED25519, WITNESS.verifier.public)
    assert as_log.key_id != WITNESS.verifier.key_id
    blob = WITNESS.cosign(TEXT, TIME).blob[8:]
    assert verify(Note(TEXT, (Signature(WITNESS.name, as_log.key_id, blob),)), [as_log]) == Forged(as_log)
    assert verify(cosigned(), [as_log]) == Unsigned()


def test_the_time_of_a_cosignature_can_not_be_changed() -> None:
    line = WITNESS.cosign(TEXT, TIME)
    later = Signature(line.name, line.key_id, (TIME + 1).to_bytes(8) + line.blob[8:])
    assert verify(Note(TEXT, (later,)), [WITNESS.verifier]) == Forged(WITNESS.verifier)


def test_the_newest_of_several_cosignatures_counts() -> None:
    note = Note(TEXT).signed(*(WITNESS.cosign(TEXT, at) for at in (TIME, TIME + 9, TIME + 5)))
    assert verify(note, [WITNESS.verifier]) == Verified({WITNESS.verifier: TIME + 9})


@pytest.mark.parametrize("at", [0, -1, 2**63])
def test_a_time_that_the_protocol_forbids_is_not_signed(at: int) -> None:
    with pytest.raises(ValueError, match="no timestamp"):
        WITNESS.cosign(TEXT, at)


def test_a_time_beyond_the_limit_is_forged_even_if_signed() -> None:
    beyond = 2**63
    signature = LogSigner(WITNESS.name, WITNESS.seed).sign(f"cosignature/v1\ntime {beyond}\n{TEXT}")
    line = Signature(WITNESS.name, WITNESS.verifier.key_id, beyond.to_bytes(8) + signature.blob)
    assert verify(Note(TEXT, (line,)), [WITNESS.verifier]) == Forged(WITNESS.verifier)


def test_adding_a_signature_that_is_there_changes_nothing() -> None:
    note = cosigned()
    assert note.signed(*note.signatures, LOG.sign(TEXT)) == note


def test_a_secret_is_neither_shown_nor_taken_for_another_kind_of_key() -> None:
    """Breaks if a log line could leak the key, or a witness could be started with the key of a log."""
    assert "l" * 32 not in repr(LOG)
    assert "b'" not in repr(LOG)
    with pytest.raises(MalformedNoteError) as refused:
        WitnessSigner.parse(LOG.secret())
    assert LOG.secret().split("+")[-1] not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x7f b"])
def test_a_name_that_notes_forbid_is_refused(name: str) -> None:
    with pytest.raises(MalformedNoteError):
        VerifierKey(name, SignatureType.ED25519, LOG.verifier.public)


@pytest.mark.parametrize(
    "public", [bytes(32), b"\x01" + bytes(31), (2**255 - 18).to_bytes(32, "little"), b"x" * 31, b"\xff" * 32]
)
def test_a_key_under_which_anything_could_verify_is_refused(public: bytes) -> None:
    with pytest.raises(MalformedNoteError, match="no usable"):
        VerifierKey("log", SignatureType.ED25519, public)


@given(lines.filter(lambda line: "\n" not in line), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back_as_it_was(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint


@pytest.mark.parametrize("whole", ["-1", "+1", "01", "1.0", "1_0", "\u0661", " 1", ""])
def test_a_size_has_one_spelling(whole: str) -> None:
    with pytest.raises(MalformedNoteError):
        Checkpoint.parse(TEXT.replace("\n7\n", f"\n{whole}\n"))


def test_the_empty_tree_has_one_root() -> None:
    assert Checkpoint("log", 0, EMPTY_ROOT).is_possible
    assert not Checkpoint("log", 0, bytes(32)).is_possible
    assert Checkpoint("log", 1, EMPTY_ROOT).is_possible
