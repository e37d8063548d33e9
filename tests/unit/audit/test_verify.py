"""The verifier for auditors, run as they run it: a bare Python, an empty folder, a folder or an archive of evidence.

The evidence is written with the ledger's own modules, of which the verifier shares no line.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from services.audit.entries import Received, leaf_input
from services.audit.evidence import verify as alone
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Quorum, policy_text
from services.audit.tlog.merkle import CompactRange, leaf_hash
from services.audit.tlog.notes import LogSigner, Note, WitnessSigner
from services.audit.tlog.proof_files import SUFFIX, ProofFile
from services.audit.tlog.proofs import Node, inclusion_proof
from services.audit.tlog.tiles import Tile, TileNodes

VERIFY: Final = Path(alone.__file__)
START: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LAW: Final = "Điều 12. Khi có thiên tai ở một xã…\n".encode()
OPENED: Final = b"salt-of-32-bytes" * 2 + "Nguyễn Văn A".encode()
LOG: Final = LogSigner("phoihop.example/hue", b"l" * 32)
WITNESSES: Final = [WitnessSigner(f"{name}.example", name.encode() * 32) for name in "abc"]
QUORUM: Final = Quorum({signer.name: (signer.verifier,) for signer in WITNESSES}, 2)
POLICY: Final = policy_text([LOG.verifier], QUORUM)
SHOWN: Final = (0, 7, 19)


def message(index: int) -> Received:
    digests = [hashlib.sha256(data).hexdigest() for data in (LAW, OPENED)]
    body = json.dumps({"id": index, "basis": digests[0], "name": digests[1]}).encode()
    moment = START + timedelta(minutes=index)
    return Received(index + 1, f"actual.incident.{index}.course", body, moment)


LEAVES: Final = [leaf_input(message(index), START + timedelta(minutes=index)) for index in range(20)]
HASHES: Final = [leaf_hash(leaf) for leaf in LEAVES]


def lookup(node: Node) -> bytes:
    return TileNodes.of(20, {Tile(0, 0, 20): b"".join(HASHES)})(node)


def signed(log: LogSigner = LOG, witnesses: int = 2, size: int = 20) -> Note:
    text = Checkpoint(LOG.name, size, CompactRange().extend(HASHES).root()).text
    return Note(text).signed(log.sign(text), *(each.cosign(text, 1_795_000_000) for each in WITNESSES[:witnesses]))


def evidence(note: Note | None = None) -> dict[str, bytes]:
    """The files of an honest evidence file."""
    note = note or signed()
    files = {"checkpoint": note.to_bytes(), "policy": POLICY.encode(), "timeline.html": b"<p>", "entries/x.txt": b""}
    for index in SHOWN:
        files[f"entries/{index}.leaf"] = LEAVES[index]
        proof = ProofFile(index, inclusion_proof(index, 20, lookup), note)
        files[f"entries/{index}{SUFFIX}"] = proof.to_bytes()
    files[f"documents/{hashlib.sha256(LAW).hexdigest()}.txt"] = LAW
    files[f"documents/{hashlib.sha256(OPENED).hexdigest()}"] = OPENED
    return files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "evidence"


def judged(files: dict[str, bytes], policy: str = POLICY) -> list[str]:
    """What is found false."""
    files = {name: content for name, content in files.items() if re.fullmatch(alone.NAME, name)}
    return [f"{vi} {en}" for mark, vi, en in alone.judge(files, policy) if mark == "✗"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As an auditor does: the one file, copied into an otherwise empty folder."""
    shutil.copy(VERIFY, folder / "verify.py")
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_honest_evidence_is_proved_in_a_folder_and_in_an_archive(tmp_path: Path, empty: Path) -> None:
    folder = write(tmp_path, evidence())
    (tmp_path / "mine").write_text(POLICY, encoding="utf-8")
    archive = shutil.make_archive(str(tmp_path / "evidence"), "zip", folder)
    for path in (str(folder), archive):
        result = run(empty, path, "--policy", str(tmp_path / "mine"))
        assert (result.returncode, result.stderr) == (0, "")
        assert "✓ #19  2026-11-22 10:19:00+07:00  actual.incident.19.course" in result.stdout
        assert "✓ Sổ phoihop.example/hue đã ký 20 mục. / The log signed 20 entries" in result.stdout
        assert "a.example (2026-11-18 18:06:40+07:00), b.example" in result.stdout
        assert "✗" not in "".join(result.stdout.splitlines()[1:])


def test_what_is_not_proved_is_said_too(tmp_path: Path, empty: Path) -> None:
    result = run(empty, str(write(tmp_path, evidence())), "--trust-enclosed-policy")
    assert result.returncode == 0
    unproved = [line for line in result.stdout.splitlines() if line.startswith("–")]
    assert len(unproved) == 6
    assert "signatures.py belongs beside" in unproved[0]
    assert "Whose keys these are" in unproved[-1]
    assert all(" / " in line for line in unproved)


def test_nothing_is_concluded_unless_somebody_says_whose_keys_to_trust(tmp_path: Path, empty: Path) -> None:
    """Breaks if a forger could enclose keys of his own and get a pass."""
    result = run(empty, str(write(tmp_path, evidence())))
    assert (result.returncode, result.stdout) == (2, "")


def test_evidence_of_a_forger_with_his_own_keys_is_false_under_the_true_policy() -> None:
    forger = LogSigner(LOG.name, b"f" * 32)
    files = evidence(signed(forger))
    files["policy"] = policy_text([forger.verifier], QUORUM).encode()
    assert judged(files, files["policy"].decode()) == []
    assert judged(files) == [
        "Điểm chốt không do sổ này ký, hoặc có chữ ký giả. The checkpoint is unsigned, broken or forged."
    ]


@pytest.mark.parametrize("name", [f"entries/{index}{suffix}" for index in SHOWN for suffix in (".leaf", SUFFIX)])
def test_every_changed_or_missing_part_of_an_entry_is_named(name: str) -> None:
    """Breaks if one bit of an entry or its proof could change unseen, or an entry be shown without its proof."""
    honest = evidence()
    index = re.split(r"[/.]", name)[1]
    expected = "✗", f"Mục {index} KHÔNG có trong sổ như thế này.", f"Entry {index} is NOT in the log as it is here."
    for at in range(len(honest[name])):
        content = bytearray(honest[name])
        content[at] ^= 1 << at % 8
        assert alone.judge_entry({**honest, name: bytes(content)}, index, []) == expected
    assert " ".join(expected[1:]) in judged({key: value for key, value in honest.items() if key != name})


def test_every_changed_bit_of_the_checkpoint_is_noticed() -> None:
    honest = evidence()
    for at in range(0, len(honest["checkpoint"]), 11):
        content = bytearray(honest["checkpoint"])
        content[at] ^= 1 << at % 8
        assert judged({**honest, "checkpoint": bytes(content)})


def test_an_entry_can_not_be_shown_at_another_place() -> None:
    files = evidence()
    files["entries/8.leaf"], files[f"entries/8{SUFFIX}"] = files.pop("entries/7.leaf"), files.pop(f"entries/7{SUFFIX}")
    assert len(judged(files)) == 1
    files[f"entries/8{SUFFIX}"] = files[f"entries/8{SUFFIX}"].replace(b"index 7", b"index 8")
    assert len(judged(files)) == 1


def test_a_proof_against_another_checkpoint_of_the_log_does_not_count() -> None:
    """Breaks if a checkpoint nobody cosigned could slip in beside the cosigned one."""
    files = evidence()
    files[f"entries/7{SUFFIX}"] = ProofFile(7, inclusion_proof(7, 20, lookup), signed(witnesses=0)).to_bytes()
    assert len(judged(files)) == 1


def test_a_document_counts_only_if_an_entry_names_it() -> None:
    files = evidence()
    law = f"documents/{hashlib.sha256(LAW).hexdigest()}.txt"
    other = f"documents/{hashlib.sha256(b'other').hexdigest()}"
    assert judged({**files, law: LAW + b" "}) == [f"{law} Named by its hash in an entry above."]
    assert judged({**files, other: b"other"}) == [f"{other} Named by its hash in an entry above."]
    without_entries = {name: content for name, content in files.items() if not name.endswith(".leaf")}
    assert f"{law} Named by its hash in an entry above." in judged(without_entries)


@pytest.mark.parametrize(("witnesses", "false"), [(3, 0), (2, 0), (1, 1), (0, 1)])
def test_too_few_witnesses_are_a_failure(witnesses: int, false: int) -> None:
    assert len(judged(evidence(signed(witnesses=witnesses)))) == false


def test_no_quorum_in_the_policy_is_said_to_prove_nothing_about_witnesses() -> None:
    files = {name: content for name, content in evidence(signed(witnesses=0)).items() if name != "entries/x.txt"}
    findings = list(alone.judge(files, policy_text([LOG.verifier], Quorum({}, 0))))
    assert [mark for mark, _, en in findings if "witnesses" in en] == ["–"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("quorum witnesses", "quorum nobody"),
        lambda text: text.replace("group witnesses 2", "group witnesses 4"),
        lambda text: text.replace("2 a.example b.example", "2 x.example y.example"),
    ],
)
def test_a_policy_that_cannot_be_fulfilled_is_not(change: Callable[[str], str]) -> None:
    """Breaks if a slip of the pen in a policy made it weaker instead of stricter."""
    assert change(POLICY) != POLICY
    assert len(judged(evidence(), change(POLICY))) == 1


@pytest.mark.parametrize(
    "text", ["", "quorum none\n", f"log {LOG.verifier}\n", f"log {LOG.verifier}x\nquorum none\n", "x"]
)
def test_what_is_no_policy_gives_no_verdict(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        judged(evidence(), text)


def test_what_is_no_evidence_gives_no_verdict(tmp_path: Path, empty: Path) -> None:
    (tmp_path / "mine").write_text(POLICY, encoding="utf-8")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    for path in (str(empty), str(tmp_path / "absent"), str(tmp_path / "broken.zip")):
        result = run(empty, path, "--policy", str(tmp_path / "mine"))
        assert result.returncode == 2
        assert "NO VERDICT" in result.stdout


def test_an_archive_with_two_files_of_one_name_gives_no_verdict(tmp_path: Path) -> None:
    """Breaks if one program could be shown one content and another program the other."""
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("entries/1.leaf", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("entries/1.leaf", b"two")
    with pytest.raises(ValueError, match="repeat"):
        alone.open_evidence(tmp_path / "two.zip")


def test_too_much_content_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="too large"):
        alone.open_evidence(write(tmp_path, evidence()))


def test_letters_that_steer_a_terminal_are_not_printed(tmp_path: Path, empty: Path) -> None:
    """Breaks if a subject could clear the screen or reverse the text on it."""
    leaf = LEAVES[7].replace(b"actual.incident.7", b"\\u001b[2J\\u202e.7", 1)
    hashes = [leaf_hash(leaf)]
    text = Checkpoint(LOG.name, 1, CompactRange().extend(hashes).root()).text
    note = Note(text).signed(LOG.sign(text))
    files = {
        "checkpoint": note.to_bytes(),
        "entries/0.leaf": leaf,
        f"entries/0{SUFFIX}": ProofFile(0, (), note).to_bytes(),
    }
    files["policy"] = policy_text([LOG.verifier], Quorum({}, 0)).encode()
    result = run(empty, str(write(tmp_path, files)), "--trust-enclosed-policy")
    assert result.returncode == 0
    assert "?[2J?.7.course" in result.stdout


def test_it_stays_short_enough_to_be_read_by_an_auditor() -> None:
    assert len(VERIFY.read_text(encoding="utf-8").splitlines()) < 250


def test_the_proof_file_comes_back_and_says_the_same() -> None:
    proof = ProofFile.parse(evidence()[f"entries/19{SUFFIX}"])
    assert proof == ProofFile(19, inclusion_proof(19, 20, lookup), signed())
    assert type(proof.verify(LEAVES[19])).__name__ == "Proved"
    assert type(proof.verify(LEAVES[18])).__name__ == "Refuted"
