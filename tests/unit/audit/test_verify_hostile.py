"""The verifier for auditors against evidence made to mislead, to crash or to fill its memory: no pass, no crash."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Final

import pytest

from services.audit.entries import Received, leaf_input
from services.audit.evidence import verify as alone
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Quorum, policy_text
from services.audit.tlog.merkle import CompactRange, leaf_hash
from services.audit.tlog.notes import Note
from services.audit.tlog.proof_files import SUFFIX, ProofFile
from tests.unit.audit.test_verify import LAW, LOG, OPENED, START, run, write


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def entry_of(body: bytes, size: int = 1) -> dict[str, bytes]:
    """Evidence of a ledger of one entry with this body, signed as it should be."""
    leaf = leaf_input(Received(1, "actual.x", body, START), START)
    text = Checkpoint(LOG.name, size, CompactRange().extend([leaf_hash(leaf)]).root()).text
    note = Note(text).signed(LOG.sign(text))
    policy = policy_text([LOG.verifier], Quorum({}, 0)).encode()
    proof = ProofFile(0, (), note).to_bytes()
    return {"checkpoint": note.to_bytes(), "policy": policy, "entries/0.leaf": leaf, f"entries/0{SUFFIX}": proof}


DECIDED: Final = {"decision": {"set": "s", "set_version": "v1", "register_version": "r1"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"type":' + b"9" * 10_000 + b"}",
        b'{"type":1,"data":{}}',
        b'{"type":"phoihop.ReferenceRecorded.v1","data":[]}',
        b'{"type":"phoihop.ReferenceRecorded.v1","data":{"code":{},"version":[],"sha256":{}}}',
        b'{"type":"phoihop.X.v1","data":{"decision":{"set":[]}}}',
        b'{"type":"phoihop.X.v1","data":{"decision":7}}',
        b'{"type":"\\ud800","data":{"decision":{"set":"\\ud800","set_version":1,"register_version":1e999}}}',
    ],
)
def test_a_body_of_any_form_is_an_entry_like_any_other(body: bytes, tmp_path: Path, empty: Path) -> None:
    """Breaks if whoever can write one odd body into the log could keep the evidence around it from being judged."""
    result = run(empty, str(write(tmp_path, entry_of(body))), "--trust-enclosed-policy")
    assert (result.returncode, result.stderr) == (0, "")
    assert "✓ #0" in result.stdout


def test_a_text_counts_if_the_log_recorded_it_and_only_it_under_the_version_of_the_decision() -> None:
    def recorded(text: bytes, version: str = "v1") -> bytes:
        data = {"code": "s", "version": version, "sha256": hashlib.sha256(text).hexdigest()}
        return json.dumps({"type": "phoihop.ReferenceRecorded.v1", "data": data}).encode()

    decided = json.dumps({"type": "phoihop.IncidentOpened.v1", "data": DECIDED}).encode()
    files = {f"documents/{hashlib.sha256(LAW).hexdigest()}.json": LAW}
    for bodies, enclosed, expected in (
        ([decided, recorded(LAW)], files, "✓"),
        ([recorded(LAW), decided], files, "✓"),
        ([decided, recorded(LAW)], {}, "–"),
        ([decided, recorded(LAW, "v2")], files, "–"),
        ([decided], files, "–"),
        ([decided, recorded(LAW), recorded(OPENED)], files, "✗"),
    ):
        found = {vi.rpartition(": ")[2]: mark for mark, vi, _ in alone.judge_texts(enclosed, bodies)}
        assert found == {"s v1": expected, "register r1": "–"}


HOSTILE: Final = [
    ("../../outside.leaf", b"x"),
    ("/etc/passwd", b"x"),
    ("entries/../../outside.leaf", b"x"),
    ("entries\\0.leaf", b"x"),
    ("entries/00.leaf", b"x"),
    ("entries/-1.leaf", b"x"),
    ("entries/٣.leaf", b"x"),
    ("documents/" + "a" * 64 + "/../../x", b"x"),
    ("timeline.html", b"<script>"),
]


def test_names_that_lead_elsewhere_are_neither_read_nor_written(tmp_path: Path, empty: Path) -> None:
    """Breaks if an archive could make the auditor's machine read or write a file outside it."""
    (tmp_path / "outside.leaf").write_bytes(b"mine")
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w") as archive:
        for name, content in [*entry_of(b"{}").items(), *HOSTILE]:
            archive.writestr(name, content)
    assert set(alone.open_evidence(tmp_path / "evidence.zip")) == set(entry_of(b"{}"))
    result = run(empty, str(tmp_path / "evidence.zip"), "--trust-enclosed-policy")
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(path.name for path in empty.iterdir()) == ["verify.py"]
    assert (tmp_path / "outside.leaf").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("entries/" + "9" * 5000 + ".leaf", b"x"),
        ("entries/0.leaf", b"1" * 10_000 + b"\n{}"),
        ("entries/0.leaf", b'{"recorded_at":1e400,"v":1,"subject":"x"}\n{}'),
        ("entries/0.leaf", b"\xff\xfe"),
        (f"entries/0{SUFFIX}", b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"AAAA\n" * 10_000 + b"\n"),
        ("checkpoint", b"phoihop.example/hue\n" + b"9" * 10_000 + b"\nAAAA\n\n"),
        ("checkpoint", "a\n1\nb\n\n— a AAAA\n".encode() * 100),
        ("checkpoint", b"\x00" * 1000),
        ("policy", b"quorum none\n" * 1000),
        ("policy", b"\xff"),
        ("policy", b"log x\nwitness\nquorum"),
    ],
)
def test_spoiled_evidence_gets_a_verdict_or_none_and_never_a_pass_or_a_crash(
    name: str, content: bytes, tmp_path: Path, empty: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w") as archive:
        for each, held in (entry_of(b"{}") | {name: content}).items():
            archive.writestr(each, held)
    result = run(empty, str(tmp_path / "evidence.zip"), "--trust-enclosed-policy")
    assert (result.returncode in {1, 2}, result.stderr) == (True, "")


def test_an_archive_that_lies_about_its_sizes_is_not_unpacked_beyond_them(tmp_path: Path, empty: Path) -> None:
    """Breaks if a few bytes of archive could fill the auditor's memory."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("entries/0.leaf", b"\0" * 50_000_000)
    honest, lie = (50_000_000).to_bytes(4, "little"), (9).to_bytes(4, "little")
    assert path.read_bytes().count(honest) == 2
    path.write_bytes(path.read_bytes().replace(honest, lie))
    result = run(empty, str(path), "--trust-enclosed-policy")
    assert (result.returncode, result.stderr) == (2, "")
    assert "NO VERDICT" in result.stdout
