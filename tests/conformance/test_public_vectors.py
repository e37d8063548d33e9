"""Other people's test vectors for proofs, Ed25519, signed notes and checkpoints: every one comes out as they say.

The files in `vectors` name their source and licence in their first line. What the verifier for auditors does on its own
(`services.audit.evidence.verify`) is put to the same vectors: two implementations that share no code.
"""

import base64
import json
from pathlib import Path
from typing import Any, Final

import pytest

from services.audit.evidence import verify as alone
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import (
    Forged,
    LogSigner,
    MalformedNoteError,
    Note,
    Unsigned,
    Verified,
    VerifierKey,
    is_signed,
    verify,
)
from services.audit.tlog.proofs import Proved, Reason, Refuted, verify_consistency, verify_inclusion

VECTORS: Final = Path(__file__).parent / "vectors"


def load(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((VECTORS / name).read_text(encoding="utf-8"))["vectors"]
    return vectors


def hashes(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


def agrees(public: bytes, message: bytes, signature: bytes) -> bool:
    """The verdict of both implementations; they must not differ."""
    try:
        alone.require_ed25519(public, message, signature)
        verdict = True
    except ValueError:
        verdict = False
    assert is_signed(public, message, signature) is verdict
    return verdict


def test_every_public_inclusion_vector_is_decided_as_published() -> None:
    vectors = load("merkle_inclusion.json")
    for vector in vectors:
        leaf, root = hashes([vector["leafHash"], vector["root"]])
        index, size, proof = vector["leafIdx"], vector["treeSize"], hashes(vector["proof"])
        expected = not vector["wantErr"]
        assert isinstance(verify_inclusion(leaf, index, size, proof, root), Proved) is expected, vector["name"]
    assert len(vectors) == 98


def test_the_verifier_for_auditors_decides_the_inclusion_vectors_too() -> None:
    """Sizes come from the signed checkpoint and the leaf hash is computed there, so only such vectors apply to it."""
    vectors = [each for each in load("merkle_inclusion.json") if len(base64.b64decode(each["leafHash"])) == 32]
    for vector in vectors:
        leaf, root = hashes([vector["leafHash"], vector["root"]])
        index, size, proof = vector["leafIdx"], vector["treeSize"], hashes(vector["proof"])
        try:
            held = 0 <= index < size and alone.root_of(leaf, index, size, proof) == root
        except ValueError:
            held = False
        assert held is not vector["wantErr"], vector["name"]
    assert len(vectors) > 80


def test_every_public_consistency_vector_is_decided_as_published() -> None:
    vectors = load("merkle_consistency.json")
    for vector in vectors:
        old_root, new_root = hashes([vector["root1"], vector["root2"]])
        proved = verify_consistency(vector["size1"], vector["size2"], hashes(vector["proof"]), old_root, new_root)
        assert isinstance(proved, Proved) is not vector["wantErr"], vector["name"]
    assert len(vectors) == 98


def test_size_0_is_refused_by_its_own_reason_in_every_vector_that_has_it() -> None:
    """The policy for size 0: nothing is proved to or from the empty tree, not even that it equals itself."""
    for vector in load("merkle_consistency.json"):
        if vector["size1"] == 0:
            roots = hashes([vector["root1"], vector["root2"]])
            refuted = verify_consistency(0, vector["size2"], hashes(vector["proof"]), roots[0], roots[1])
            assert refuted == Refuted(Reason.EMPTY_TREE), vector["name"]
            assert vector["wantErr"]


def test_every_wycheproof_signature_is_decided_as_published() -> None:
    vectors = load("ed25519_wycheproof.json")
    for vector in vectors:
        public, message, signature = (bytes.fromhex(vector[name]) for name in ("key", "msg", "sig"))
        assert agrees(public, message, signature) is vector["valid"], vector["id"]
    assert len(vectors) == 151


def test_edge_cases_of_ed25519_are_decided_by_our_policy_and_alike_in_both_implementations() -> None:
    """RFC 8032 leaves some open. Ours: canonical encodings only, no cofactor, no key of small order."""
    refused = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"}
    vectors = load("ed25519_cctv.json")
    for vector in vectors:
        public, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        assert agrees(public, vector["msg"].encode(), signature) is refused.isdisjoint(vector["flags"]), vector["n"]
    assert len(vectors) == 189


# c2sp.org/signed-note, the example of the specification.
EXAMPLE_KEY: Final = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE: Final = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
    "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# golang.org/x/mod sumdb/note/note_test.go at fe2ec04, BSD-3-Clause, Copyright The Go Authors.
PETER: Final = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET: Final = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # noqa: S105
ENOCH: Final = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT: Final = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE: Final = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE: Final = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
PETER_KEY: Final = VerifierKey.parse(PETER)
ENOCH_KEY: Final = VerifierKey.parse(ENOCH)


def test_the_example_of_the_note_specification_verifies() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)
    note = Note.parse(EXAMPLE.encode())
    assert verify(note, [key]) == Verified({key: 0})
    assert (str(key), note.to_bytes().decode()) == (EXAMPLE_KEY, EXAMPLE)
    assert alone.signers(EXAMPLE.encode(), [alone.key_of(EXAMPLE_KEY, 1)]) == {alone.key_of(EXAMPLE_KEY, 1): 0}


def test_the_notes_of_the_go_implementation_verify_under_the_keys_that_are_known() -> None:
    note = Note.parse(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode())
    assert verify(note, [PETER_KEY]) == Verified({PETER_KEY: 0})
    assert verify(note, [PETER_KEY, ENOCH_KEY]) == Verified({PETER_KEY: 0, ENOCH_KEY: 0})
    assert verify(note, []) == Unsigned()


def test_a_secret_key_of_the_go_implementation_signs_what_it_signs() -> None:
    signer = LogSigner.parse(PETER_SECRET)
    assert str(signer.sign(TEXT)) == PETER_LINE
    assert (signer.secret(), str(signer.verifier)) == (PETER_SECRET, PETER)


@pytest.mark.parametrize(("text", "read"), [(PETER, VerifierKey.parse), (PETER_SECRET, LogSigner.parse)])
def test_no_piece_and_no_mangling_of_a_key_is_a_key(text: str, read: Any) -> None:
    pieces = {text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)} - {text}
    mangled = {text[:at] + chr(ord(letter) + 1) + text[at + 1 :] for at, letter in enumerate(text)}
    for bad in pieces | mangled:
        with pytest.raises(MalformedNoteError):
            read(bad)


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_of_wrong_length_or_of_another_algorithm_is_refused(key: str) -> None:
    with pytest.raises(MalformedNoteError):
        VerifierKey.parse(key)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{PETER_LINE[:-1]}".encode(),
        f"\x01{TEXT}\n{PETER_LINE}".encode(),
        b"\xff" + f"{TEXT}\n{PETER_LINE}".encode(),
        f"{TEXT}\n— Bad Name {PETER_LINE.split(' ')[2]}".encode(),
        f"{TEXT}\n{PETER_LINE}Unexpected line.\n".encode(),
        f"{TEXT}\n{PETER_LINE * 101}".encode(),
    ],
)
def test_what_the_go_implementation_calls_a_malformed_note_is_one(data: bytes) -> None:
    with pytest.raises(MalformedNoteError):
        Note.parse(data)


def test_a_bad_signature_of_a_known_key_refuses_the_whole_note() -> None:
    bad = f"{TEXT}\n{ENOCH_LINE}{PETER_LINE[:60]}ABCD{PETER_LINE[60:]}"
    assert verify(Note.parse(bad.encode()), [PETER_KEY, ENOCH_KEY]) == Forged(PETER_KEY)
    assert verify(Note.parse(bad.encode()), [ENOCH_KEY]) == Verified({ENOCH_KEY: 0})
    with pytest.raises(ValueError, match="no signature"):
        alone.signers(bad.encode(), [alone.key_of(PETER, 1)])


# github.com/transparency-dev/formats log/checkpoint_test.go at 0b850f1a, Apache-2.0. Its roots of other lengths than 32
# bytes are left out: our logs, and those of tlog-tiles, use SHA-256 only.
ROOT: Final = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "Head\n9944\n",
        f"\n9944\n{ROOT}\n",
        f"Log\n123\n{ROOT}",
        f"Log\nbananas\n{ROOT}\n",
        f"Log\n-34\n{ROOT}\n",
        f"Log\n3438945738945739845734895735\n{ROOT}\n",
        "Log\n123\nThisIsn'tBase64\n",
        f"Log\n0123\n{ROOT}\n",
        f"Log\n9223372036854775808\n{ROOT}\n",
        f"Log\n1\n{ROOT}\n\n\n",
        "Log\n123\nYmFuYW5hcw==\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedNoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_with_extension_lines_is_read_and_written_as_it_was() -> None:
    text = f"Banana\n9944\n{ROOT}\nlots\nof\nlines\n"
    assert Checkpoint.parse(text) == Checkpoint("Banana", 9944, bytes(32), ("lots", "of", "lines"))
    assert Checkpoint.parse(text).text == text


# github.com/transparency-dev/witness README.md at 54dbcdd1: a cosignature made by an ArmoredWitness device. Its key is
# not published beside it, so only the form can be checked.
ARMORED: Final = (
    "developers.google.com/android/binary_transparency/0\n611\n2GZ1zmS5VkfUZmn2ZyR4KZXwHLD+xnwBIWzql/cD50w=\n\n"
    "— ArmoredWitness-small-breeze nRq5UQAAAABnoqrsRIofXn68vTohcAm2KG4ACGyRPNePUk02BSWD0WKV5ElejTk5Z+Tm3GmJ5j/etA+fkL9X"
    "uaQsnTyZbr437sF4AQ==\n"
)


def test_a_cosignature_from_the_field_is_a_key_id_a_time_and_64_bytes() -> None:
    (signature,) = Note.parse(ARMORED.encode()).signatures
    assert (signature.name, len(signature.blob)) == ("ArmoredWitness-small-breeze", 8 + 64)
    assert int.from_bytes(signature.blob[:8]) == 1738713836
    assert Checkpoint.of(Note.parse(ARMORED.encode())).size == 611
