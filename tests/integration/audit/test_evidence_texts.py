"""What evidence is given under, and the texts behind its decisions, judged by the enclosed verifier alone."""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.activation import REGISTER_CODE, ReferenceRecorded, TextKind
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.envelope import Event, schema_of, type_of
from services.audit.commands.ledger_cli import commands
from services.audit.entries import Received
from services.audit.notary.anchor_folder import keep
from services.audit.store import Ledger
from services.audit.tlog.cosigning import Quorum, policy_text
from services.audit.tlog.notes import Note, VerifierKey, WitnessSigner
from tests.ledgers import INCIDENT, RECORDED, STORED, event_body, messages

RULES = json.dumps({"rules": ["Điều 12"] * 30}, ensure_ascii=False).encode()
REGISTER = b'{"agencies":[]}'
WITNESS = WitnessSigner("sở-nội-vụ.example", b"w" * 32)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The state folder that every test here has to itself."""
    return tmp_path / "home"


async def typed(dsn: str, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--dsn", dsn, "--json"])


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return document_of(result)


def document_of(result: Result) -> Any:
    return json.loads(result.stdout)


def recorded(seq: int, text: bytes, kind: TextKind = TextKind.REGULATIONS, part: int = 1, parts: int = 1) -> Received:
    """One part of a text of version v1 as routing records it."""
    code = REGISTER_CODE if kind is TextKind.REGISTER else "vn-ref"
    subject = subjects.REGISTER if kind is TextKind.REGISTER else subjects.regulation(code)
    size = -(-len(text) // parts)
    data = ReferenceRecorded(
        kind=kind,
        code=code,
        version="v1",
        sha256=sha256_hex(text),
        size=len(text),
        part=part,
        parts=parts,
        content=text[(part - 1) * size : part * size],
    )
    event = Event[ReferenceRecorded](
        id=UUID(int=seq),
        source="/phoihop/routing",
        type=type_of(ReferenceRecorded),
        subject=subject,
        time=STORED,
        dataschema=schema_of(ReferenceRecorded),
        correlationid=UUID(int=seq),
        causationid=UUID(int=seq),
        data=data,
    )
    return Received(seq, subject, event.to_bytes(), STORED)


def decided(seq: int) -> Received:
    """An incident that was opened by set and register v1."""
    decision = {"set": "vn-ref", "set_version": "v1", "register_version": "v1", "assignments": []}
    body = event_body(seq, type="phoihop.IncidentOpened.v1", data={"headline": "Sạt lở", "decision": decision})
    return Received(seq, subjects.course(Space.ACTUAL, INCIDENT), body, STORED + timedelta(seconds=seq))


HISTORY = [
    *(recorded(part, RULES, part=part, parts=3) for part in (1, 2, 3)),
    recorded(4, REGISTER, TextKind.REGISTER),
    decided(5),
    *messages(6, 9),
]


async def exported(dsn: str, to: Path, *words: str) -> Any:
    return document(await typed(dsn, "export", "--incident", str(INCIDENT), "--to", str(to), *words))


def judged(evidence: Path, empty: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The enclosed verifier, alone, with a bare Python."""
    empty.mkdir(exist_ok=True)
    shutil.copy(evidence / "verify.py", empty)
    command = [sys.executable, "-I", "-S", "verify.py", str(evidence), *(words or ("--trust-enclosed-policy",))]
    return subprocess.run(command, cwd=empty, capture_output=True, text=True, encoding="utf-8", check=False)


async def test_the_texts_behind_a_decision_are_enclosed_and_proved(
    ledger: Ledger, reader_dsn: str, tmp_path: Path
) -> None:
    """Breaks if an auditor had to take the operator's word for what the rules said when it was decided."""
    await ledger.append(HISTORY, RECORDED)
    to = tmp_path / "evidence"
    found = await exported(reader_dsn, to)
    digests = {"regulations": sha256_hex(RULES), "register": sha256_hex(REGISTER)}
    assert {each["kind"]: each["sha256"] for each in found["texts"]} == digests
    assert (found["texts_missing"], found["entries"]) == ([], 5)
    assert (to / "documents" / f"{sha256_hex(RULES)}.json").read_bytes() == RULES
    said = judged(to, tmp_path / "empty")
    assert said.returncode == 0, said.stdout
    for name in ("vn-ref v1", "register v1"):
        assert f"✓ Văn bản đã dùng để quyết định, như sổ đã ghi: {name} /" in said.stdout
    page = (to / "timeline.html").read_text(encoding="utf-8")
    assert f"documents/{sha256_hex(RULES)}.json" in page
    assert "Theo bộ quy tắc vn-ref v1, danh bạ v1" in page
    (to / "documents" / f"{sha256_hex(RULES)}.json").write_bytes(RULES + b" ")
    assert judged(to, tmp_path / "empty").returncode == 1


async def test_a_text_that_is_not_whole_is_named_as_missing_everywhere(
    ledger: Ledger, reader_dsn: str, tmp_path: Path
) -> None:
    """Breaks if evidence looked complete while the rules behind its decisions are not to be had."""
    whole = [each for each in HISTORY if each.stream_seq != 2]
    await ledger.append([each._replace(stream_seq=seq) for seq, each in enumerate(whole, 1)], RECORDED)
    to = tmp_path / "evidence"
    found = await exported(reader_dsn, to)
    assert found["texts_missing"] == [{"kind": "regulations", "code": "vn-ref", "version": "v1"}]
    said = judged(to, tmp_path / "empty")
    assert said.returncode == 0
    assert "– Văn bản đã dùng để quyết định, như sổ đã ghi: vn-ref v1 /" in said.stdout
    for name in ("README.txt", "timeline.html"):
        assert "regulations vn-ref v1: sổ không có đủ văn bản" in (to / name).read_text(encoding="utf-8")
    words = ["export", "--incident", str(INCIDENT), "--to", str(tmp_path / "again"), "--dsn", reader_dsn]
    told = await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--lang", "en"])
    assert "does not hold the whole text of: vn-ref v1" in told.stdout


async def test_two_texts_under_one_version_are_called_false(ledger: Ledger, reader_dsn: str, tmp_path: Path) -> None:
    """Breaks if the rules could be exchanged after the decision, under the same version."""
    await ledger.append([*HISTORY, recorded(10, b'{"rules":["forged"]}')], RECORDED)
    result = await typed(reader_dsn, "export", "--incident", str(INCIDENT), "--to", str(tmp_path / "evidence"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "✗ Văn bản đã dùng để quyết định, như sổ đã ghi: vn-ref v1" in result.stderr


async def test_without_the_key_the_newest_kept_checkpoint_that_covers_the_entries_is_used(
    ledger: Ledger, reader_dsn: str, home: Path, tmp_path: Path
) -> None:
    """Breaks if an auditor needed the power to sign in order to prove, or got a proof under no signature at all."""
    await ledger.append(HISTORY, RECORDED)
    document(await typed(reader_dsn, "checkpoint"))
    (home / "keys" / "ledger.key").unlink()
    await ledger.append(messages(10, 12), RECORDED)
    for number, words in enumerate(((), ("--checkpoint", str(home / "checkpoints" / "9")))):
        proved = document(await typed(reader_dsn, "prove", "6", "--to", str(tmp_path / f"proof-{number}"), *words))
        assert proved["size"] == 9
    refused = await typed(reader_dsn, "prove", "10", "--to", str(tmp_path / "proof"))
    assert (refused.exit_code, "11" in refused.stderr) == (1, True)
    assert not (tmp_path / "proof").exists()
    assert not (home / "keys" / "ledger.key").exists(), "no key may be made for somebody who only reads"
    stranger = tmp_path / "stranger"
    stranger.write_text(str(VerifierKey("phoihop.example/hub", WITNESS.verifier.type, WITNESS.verifier.public)))
    other = await typed(reader_dsn, "prove", "6", "--to", str(tmp_path / "proof"), "--trust", str(stranger))
    assert (other.exit_code, document_of(other)["findings"][0]["flaw"]) == (1, "checkpoint_not_signed")
    (home / "keys" / "ledger.vkey").unlink()
    unknown = await typed(reader_dsn, "prove", "6", "--to", str(tmp_path / "proof"))
    assert (unknown.exit_code, "--trust" in unknown.stderr) == (2, True)


async def test_a_checkpoint_that_witnesses_cosigned_comes_before_a_newer_one(
    ledger: Ledger, reader_dsn: str, home: Path, tmp_path: Path
) -> None:
    """Breaks if evidence went out under a head that nobody but the operator has seen, though a better one is kept."""
    await ledger.append(HISTORY, RECORDED)
    first = Note.parse(document(await typed(reader_dsn, "checkpoint"))["checkpoint"].encode())
    keep(home / "checkpoints", first.signed(WITNESS.cosign(first.text, 1_795_000_000)))
    log = VerifierKey.parse((home / "keys" / "ledger.vkey").read_text(encoding="utf-8").strip())
    policy = policy_text([log], Quorum({WITNESS.name: (WITNESS.verifier,)}, 1))
    (home / "keys" / "witnesses.policy").write_text(policy, encoding="utf-8")
    await ledger.append([each._replace(stream_seq=10) for each in messages(77, 77)], RECORDED)
    found = await exported(reader_dsn, tmp_path / "later")
    assert (found["settled"], found["size"]) == (False, 10), "an entry beyond the cosigned head needs a newer one"
    assert "No witness has cosigned." in (tmp_path / "later" / "README.txt").read_text(encoding="utf-8")
    other = str(UUID(int=5))
    proved = document(await typed(reader_dsn, "prove", other, "--to", str(tmp_path / "proof")))
    assert proved["size"] == 9
    assert Note.parse((tmp_path / "proof").read_bytes().partition(b"\n\n")[2]).signatures[1].name == WITNESS.name


async def test_evidence_under_a_cosigned_checkpoint_satisfies_the_operators_policy(
    ledger: Ledger, reader_dsn: str, home: Path, tmp_path: Path
) -> None:
    await ledger.append(HISTORY, RECORDED)
    first = Note.parse(document(await typed(reader_dsn, "checkpoint"))["checkpoint"].encode())
    keep(home / "checkpoints", first.signed(WITNESS.cosign(first.text, 1_795_000_000)))
    log = VerifierKey.parse((home / "keys" / "ledger.vkey").read_text(encoding="utf-8").strip())
    policy = home / "keys" / "witnesses.policy"
    policy.write_text(policy_text([log], Quorum({WITNESS.name: (WITNESS.verifier,)}, 1)), encoding="utf-8")
    found = await exported(reader_dsn, tmp_path / "evidence")
    assert (found["settled"], found["witnesses"]) == (True, [WITNESS.name])
    for trust in (("--policy", str(policy)), ("--trust-enclosed-policy",)):
        said = judged(tmp_path / "evidence", tmp_path / "empty", *trust)
        assert said.returncode == 0, said.stdout
        assert f"✓ Đủ nhân chứng theo chính sách: {WITNESS.name}" in said.stdout
