"""Which reports in the evidence are signed, and truly, as an auditor is told by the enclosed programs."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nkeys
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.signatures import signed_text
from services.audit.evidence import signatures, verify
from services.audit.evidence.bundle import PROGRAMS
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import CompactRange, leaf_hash
from services.audit.tlog.notes import LogSigner, Note
from services.audit.tlog.proof_files import SUFFIX, ProofFile

FOLDER = Path(verify.__file__).parent
PAIR = nkeys.from_seed(bytearray(nkeys.encode_seed(b"u" * 32, nkeys.PREFIX_BYTE_USER)))
KEY = bytes(PAIR.public_key).decode()
REPORT = {"report": "r1", "headline": "Sạt lở \u001f\U0001f30a", "at": [107.5, 16.0, -0.0, 0.00001, 1e-7, 1e21], "b": 1}
SENT = json.dumps(REPORT, indent=1).encode()
PLAIN = "<cảnh báo/>".encode()


def event(body: bytes, over: str = "canonical", **changed: Any) -> bytes:
    """A report on record with its signature."""
    value = base64.b64encode(bytes(PAIR.sign(signed_text(body)[1]))).decode()
    by = {"agency": "alpha", "unit": "u1"}
    data: dict[str, Any] = {
        "original": {"content": base64.b64encode(body).decode()},
        "report": {"report": "r1"},
        "signature": {"by": by, "key": KEY, "algorithm": "Ed25519", "over": over, "value": value},
    }
    return json.dumps({"type": "phoihop.ReportAccepted.v1", "data": data | changed}).encode()


def said(body: bytes) -> list[str]:
    """What is found, as a mark and in English."""
    return [f"{mark} {en}" for mark, _, en in signatures.judge([body], verify.require_ed25519)]


@pytest.mark.parametrize(("body", "over"), [(SENT, "canonical"), (PLAIN, "bytes")])
def test_a_true_signature_is_said_with_its_key(body: bytes, over: str) -> None:
    assert said(event(body, over)) == [f"✓ Report r1: what came in is signed by alpha/u1 ({KEY})."]


def _altered(body: bytes) -> dict[str, Any]:
    return {"original": {"content": base64.b64encode(body).decode()}}


@pytest.mark.parametrize(
    "changed",
    [
        _altered(SENT.replace(b"1", b"2", 1)),
        {"original": {"content": None}},
        {"original": {}},
        {"signature": {"by": {"agency": "a", "unit": "u"}, "key": KEY, "over": "canonical", "value": "AAAA"}},
        {"signature": {"by": {"agency": "a", "unit": "u"}, "key": "U", "over": "canonical", "value": "AAAA"}},
        {"signature": "yes"},
    ],
)
def test_what_was_altered_after_it_was_signed_is_said_to_be_false(changed: dict[str, Any]) -> None:
    """A hub that records other words than a unit signed would be believed for its log's sake."""
    assert said(event(SENT, **changed)) == ["✗ Report r1: the signature is NOT of what came in."]


def test_a_signature_of_the_bytes_is_none_of_the_canonical_form() -> None:
    assert said(event(SENT, "bytes"))[0].startswith("✗")
    assert said(event(SENT, "anything"))[0].startswith("✗")


def test_what_is_not_signed_or_sealed_is_said_not_to_be_proved() -> None:
    """Silence would be taken for a signature."""
    assert said(event(SENT, signature=None)) == ["– Report r1: its sender did not sign it."]
    sealed = {"by": {"agency": "alpha", "unit": "u1"}, "key": KEY, "over": "bytes", "value": None}
    assert said(event(SENT, signature=sealed))[0].startswith(f"– Report r1: signature of alpha/u1 ({KEY}) is sealed")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"type": 1}', b'{"type": "phoihop.ReportAccepted.v1"}', b"[" * 100_000])
def test_what_is_no_report_of_ours_is_passed_over(body: bytes) -> None:
    assert said(body) == []


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(value=_VALUES)
def test_its_own_canonical_form_is_that_of_another_program(value: Any) -> None:
    """A number written otherwise would make a true signature false."""
    assert signatures.canonical(value).encode() == rfc8785.dumps(value)


def _run(
    folder: Path, body: bytes, spoil: Callable[[bytes], bytes] = lambda code: code
) -> subprocess.CompletedProcess[str]:
    leaf = json.dumps({"v": 1, "recorded_at": 1, "subject": "s"}).encode() + b"\n" + body
    log = LogSigner("log.example", b"l" * 32)
    text = Checkpoint(log.name, 1, CompactRange().extend([leaf_hash(leaf)]).root()).text
    note = Note(text).signed(log.sign(text))
    (folder / "entries").mkdir()
    (folder / "checkpoint").write_bytes(note.to_bytes())
    (folder / "entries" / "0.leaf").write_bytes(leaf)
    (folder / f"entries/0{SUFFIX}").write_bytes(ProofFile(0, (), note).to_bytes())
    (folder / "policy").write_text(f"log {log.verifier}\nquorum none\n", encoding="utf-8")
    for name in PROGRAMS:
        shutil.copy(FOLDER / name, folder)
    beside = folder / PROGRAMS[1]
    beside.write_bytes(spoil(beside.read_bytes()))
    command = [sys.executable, "-I", "-S", PROGRAMS[0], "--trust-enclosed-policy"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_enclosed_program_says_it_with_a_bare_python(tmp_path: Path) -> None:
    ran = _run(tmp_path, event(SENT))
    assert f"what came in is signed by alpha/u1 ({KEY})." in ran.stdout
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_false_signature_makes_the_evidence_false(tmp_path: Path) -> None:
    assert _run(tmp_path, event(SENT, **_altered(PLAIN))).returncode == 1


def test_no_program_but_the_one_that_was_released_is_run(tmp_path: Path) -> None:
    """An auditor who puts a program of his own among foreign evidence must not run what a forger enclosed."""
    ran = _run(tmp_path, event(SENT), lambda code: b"print('forged')\n" + code)
    assert "forged" not in ran.stdout
    assert "– Ai đã ký báo cáo: cần signatures.py đi kèm." in ran.stdout


def test_the_verifier_names_the_program_as_it_is() -> None:
    assert hashlib.sha256((FOLDER / "signatures.py").read_bytes()).hexdigest() == verify.SIGNATURES
