"""`phoihop ledger checkpoint | verify --since | prove | export` on a real Postgres that a superuser attacks."""

import asyncio
import json
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.entries import Received, leaf_input
from services.audit.store import Ledger
from services.audit.tlog.notes import LogSigner
from services.audit.tlog.proof_files import ProofFile
from services.audit.tlog.proofs import Proved
from tests.ledgers import INCIDENT, RECORDED, event_body, message, messages

SCRIPT = "<script>alert('Lũ')</script>"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own, where keys and checkpoints are kept."""
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def typed(dsn: str, *words: str) -> Result:
    """The command's result, as JSON; in a thread of its own, because a command runs its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--dsn", dsn, "--json"])


def document(result: Result) -> Any:
    return json.loads(result.stdout)


async def attack(superuser: Connection, *statements: str) -> None:
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off")
    for table in ("audit.entry", "audit.position"):
        await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass"
    for partition in await superuser.fetch(parts):
        await superuser.execute(f"ALTER TABLE {partition[0]} DISABLE TRIGGER ALL")
    for sql in statements:
        assert await superuser.execute(sql) not in {"UPDATE 0", "DELETE 0"}, f"nothing was attacked: {sql}"


async def signed(dsn: str) -> Any:
    result = await typed(dsn, "checkpoint")
    assert result.exit_code == 0, result.output
    return document(result)


async def test_each_checkpoint_is_contained_in_the_ledger_that_grew(
    ledger: Ledger, ledger_database: str, reader_dsn: str, home: Path, tmp_path: Path
) -> None:
    await ledger.append(messages(1, 7), RECORDED)
    first = await signed(reader_dsn)
    await ledger.append(messages(8, 20), RECORDED)
    copied = await typed(reader_dsn, "checkpoint", "--to", str(tmp_path / "copy"))
    second = document(copied)
    assert [each["size"] for each in (first, second)] == [7, 20]
    assert (tmp_path / "copy").read_text(encoding="utf-8") == second["checkpoint"]
    assert (home / "checkpoints" / "20").read_text(encoding="utf-8") == second["checkpoint"]
    assert second["checkpoint"].startswith("phoihop.example/hub\n20\n")
    assert stat.S_IMODE((home / "keys" / "ledger.key").stat().st_mode) == 0o600
    assert (await signed(reader_dsn))["checkpoint"] == second["checkpoint"]
    verified = await typed(ledger_database, "verify")
    assert verified.exit_code == 0, verified.output
    assert document(verified).items() >= {"verified": True, "findings": [], "signatures_checked": True}.items()
    assert [(each["size"], each["contained"]) for each in document(verified)["checkpoints"]] == [(7, True), (20, True)]


async def test_a_tail_cut_off_together_with_its_positions_is_found_and_not_signed_over(
    ledger: Ledger, ledger_database: str, superuser: Connection, home: Path
) -> None:
    """Breaks if the newest entries, or a backup restored without them, could vanish unseen."""
    for first in (1, 11):
        await ledger.append(messages(first, first + 9), RECORDED)
        await signed(ledger_database)
    tail = ("DELETE FROM audit.entry WHERE idx >= 10", "DELETE FROM audit.position WHERE size > 10")
    await attack(superuser, *tail)
    kept = str(home / "checkpoints" / "20")
    expected = [{"flaw": "tail_missing", "first": 10, "last": 19, "checkpoint": kept}]
    for since in ((), ("--since", str(home / "checkpoints")), ("--since", kept)):
        found = await typed(ledger_database, "verify", *since)
        assert (found.exit_code, document(found)["findings"]) == (1, expected)
    refused = await typed(ledger_database, "checkpoint")
    assert (refused.exit_code, document(refused)["findings"]) == (1, expected)
    assert sorted(file.name for file in (home / "checkpoints").iterdir()) == ["10", "20"]
    assert (await typed(ledger_database, "verify", "--since", str(home / "checkpoints" / "10"))).exit_code == 0


async def test_entries_and_positions_rewritten_together_are_found_and_not_signed_over(
    ledger: Ledger, ledger_database: str, writer_dsn: str, superuser: Connection, home: Path
) -> None:
    """Breaks if a superuser could replace the whole history with one that verifies by itself."""
    for first in (1, 11):
        await ledger.append(messages(first, first + 9), RECORDED)
        await signed(ledger_database)
    await attack(superuser, "DELETE FROM audit.entry", "DELETE FROM audit.position")
    forged = [*messages(1, 14), message(15, event_body(15, data={"note": "forged"})), *messages(16, 20)]
    writer = await Ledger.open(writer_dsn)
    await writer.append(forged[:10], RECORDED)
    await writer.append(forged[10:], RECORDED)
    await writer.close()
    found = await typed(ledger_database, "verify")
    expected = {"flaw": "history_rewritten", "first": 10, "last": 19, "checkpoint": str(home / "checkpoints" / "20")}
    assert (found.exit_code, document(found)["findings"]) == (1, [expected])
    refused = await typed(ledger_database, "checkpoint")
    assert (refused.exit_code, document(refused)["findings"]) == (1, [expected])
    shutil.rmtree(home / "checkpoints")
    assert (await typed(ledger_database, "verify")).exit_code == 0, "the forgery is one that verifies by itself"


async def test_a_ledger_with_a_hole_is_not_signed(
    ledger: Ledger, ledger_database: str, superuser: Connection, home: Path
) -> None:
    await ledger.append(messages(1, 10), RECORDED)
    await attack(superuser, "DELETE FROM audit.entry WHERE idx = 4")
    refused = await typed(ledger_database, "checkpoint")
    assert refused.exit_code == 1
    assert document(refused)["findings"] == [{"flaw": "entries_missing", "first": 4, "last": 9}]
    assert not (home / "checkpoints").exists()


async def test_a_spoiled_checkpoint_or_one_under_another_key_is_found(
    ledger: Ledger, ledger_database: str, home: Path, tmp_path: Path
) -> None:
    await ledger.append(messages(1, 5), RECORDED)
    await signed(ledger_database)
    path = home / "checkpoints" / "5"
    honest = path.read_bytes()
    for spoiled, flaw in ((b"", "checkpoint_unreadable"), (honest[:-4] + b"AA=\n", "checkpoint_not_signed")):
        path.write_bytes(spoiled)
        for command in ("verify", "checkpoint"):
            found = await typed(ledger_database, command)
            assert found.exit_code == 1
            assert [each["flaw"] for each in document(found)["findings"]] == [flaw]
    path.write_bytes(honest)
    keys = tmp_path / "keys"
    keys.write_text(str(LogSigner("phoihop.example/hub", b"s" * 32).verifier), encoding="utf-8")
    found = await typed(ledger_database, "verify", "--trust", str(keys))
    assert [each["flaw"] for each in document(found)["findings"]] == ["checkpoint_not_signed"]
    keys.write_text("phoihop.example/hub+00000000+x", encoding="utf-8")
    assert (await typed(ledger_database, "verify", "--trust", str(keys))).exit_code == 2


async def test_an_entry_is_proved_by_place_and_by_event(ledger: Ledger, ledger_database: str, tmp_path: Path) -> None:
    batch = messages(1, 11)
    await ledger.append(batch, RECORDED)
    for which in ("6", str(UUID(int=7))):
        result = await typed(ledger_database, "prove", which, "--to", str(tmp_path / "proof"))
        assert result.exit_code == 0, result.output
        assert document(result).items() >= {"index": 6, "event": str(UUID(int=7)), "size": 11}.items()
        proof = ProofFile.parse((tmp_path / "proof").read_bytes())
        assert proof.verify(leaf_input(batch[6], RECORDED)) == Proved()
        assert proof.verify(leaf_input(batch[5], RECORDED)) != Proved()


async def test_an_entry_changed_in_the_database_is_not_proved(
    ledger: Ledger, ledger_database: str, superuser: Connection, tmp_path: Path
) -> None:
    """Breaks if a proof file could be handed out for what the signed tree does not hold."""
    await ledger.append(messages(1, 5), RECORDED)
    await attack(superuser, "UPDATE audit.entry SET body = '{}' WHERE idx = 2")
    for command in (("prove", "2"), ("export", "--incident", str(INCIDENT))):
        result = await typed(ledger_database, *command, "--to", str(tmp_path / "out"))
        assert (result.exit_code, result.stdout) == (1, "")
        assert "2" in result.stderr
    assert not (tmp_path / "out").exists()


def auditor(evidence: Path, empty: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The enclosed verifier, alone in an otherwise empty folder, with a bare Python."""
    empty.mkdir(exist_ok=True)
    command = [sys.executable, "-I", "-S", "verify.py", str(evidence), *words]
    return subprocess.run(command, cwd=empty, capture_output=True, text=True, encoding="utf-8", check=False)


def exported() -> list[Received]:
    hostile = message(3, event_body(3, data={"note": SCRIPT}))
    return [message(1), message(2, event_body(2, incidentid=str(UUID(int=77)))), hostile, *messages(4, 9)]


async def test_the_exported_folder_convinces_an_auditor_until_one_byte_is_changed(
    ledger: Ledger, ledger_database: str, home: Path, tmp_path: Path
) -> None:
    """Breaks if evidence that leaves the house could be altered on its way, or did not verify in the first place."""
    await ledger.append(exported(), RECORDED)
    to, empty = tmp_path / "evidence", tmp_path / "empty"
    result = await typed(ledger_database, "export", "--incident", str(INCIDENT), "--to", str(to))
    assert result.exit_code == 0, result.output
    assert document(result).items() >= {"entries": 8, "size": 9, "verified": True}.items()
    empty.mkdir()
    shutil.copy(to / "verify.py", empty)
    policy = tmp_path / "from-the-operator"
    policy.write_text(f"log {(home / 'keys' / 'ledger.vkey').read_text().strip()}\nquorum none\n", encoding="utf-8")
    for trust in (("--policy", str(policy)), ("--trust-enclosed-policy",)):
        judged = auditor(to, empty, *trust)
        assert (judged.returncode, judged.stderr) == (0, "")
        assert sum(line.startswith("✓ #") for line in judged.stdout.splitlines()) == 8
    for name in ("entries/2.leaf", "entries/8.tlog-proof", "checkpoint"):
        honest = (to / name).read_bytes()
        (to / name).write_bytes(bytes([*honest[:40], honest[40] ^ 1, *honest[41:]]))
        assert auditor(to, empty, "--policy", str(policy)).returncode == 1, name
        (to / name).write_bytes(honest)
    assert auditor(to, empty, "--policy", str(policy)).returncode == 0


async def test_the_page_for_reading_escapes_what_was_reported_and_the_guide_speaks_two_languages(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    await ledger.append(exported(), RECORDED)
    to = tmp_path / "evidence"
    assert (await typed(ledger_database, "export", "--incident", str(INCIDENT), "--to", str(to))).exit_code == 0
    page, readme = ((to / name).read_text(encoding="utf-8") for name in ("timeline.html", "README.txt"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;Lũ&#x27;)" in page
    assert "22/11/2026 08:02:03" in page
    assert "Đã đến bàn trực" in page
    assert "Delivered to the desk" in page
    assert "python3 -I -S verify.py --policy" in readme
    assert "HỒ SƠ BẰNG CHỨNG / EVIDENCE FILE" in readme
    assert stat.S_IMODE(to.stat().st_mode) == 0o700


async def test_an_archive_verifies_and_nothing_is_overwritten(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    await ledger.append(exported(), RECORDED)
    to, empty = tmp_path / "evidence.zip", tmp_path / "empty"
    command = ("export", "--incident", str(INCIDENT), "--to", str(to))
    assert (await typed(ledger_database, *command)).exit_code == 0
    with zipfile.ZipFile(to) as archive:
        archive.extract("verify.py", empty)
    assert auditor(to, empty, "--trust-enclosed-policy").returncode == 0
    content = to.read_bytes()
    again = await typed(ledger_database, *command)
    assert (again.exit_code, to.read_bytes()) == (2, content)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    assert (await typed(ledger_database, *command[:-1], str(tmp_path / "full"))).exit_code == 2


async def test_what_is_not_there_exits_one_and_what_is_no_name_two(ledger_database: str, tmp_path: Path) -> None:
    to = str(tmp_path / "out")
    for command in (("prove", "5"), ("prove", str(UUID(int=5))), ("export", "--incident", str(INCIDENT))):
        assert (await typed(ledger_database, *command, "--to", to)).exit_code == 1
    for command in (("prove", "-5"), ("prove", "x"), ("export", "--incident", "x")):
        assert (await typed(ledger_database, *command, "--to", to)).exit_code == 2
    assert (await typed(ledger_database, "verify", "--since", to)).exit_code == 2


async def test_a_key_that_others_may_read_signs_nothing(ledger: Ledger, ledger_database: str, home: Path) -> None:
    await ledger.append(messages(1, 3), RECORDED)
    await signed(ledger_database)
    (home / "keys" / "ledger.key").chmod(0o644)
    refused = await typed(ledger_database, "checkpoint")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "PRIVATE" not in refused.output


async def test_a_server_that_is_not_there_exits_three(tmp_path: Path) -> None:
    nowhere, to = "postgresql://nobody@127.0.0.1:1/none", str(tmp_path / "out")
    for command in (("checkpoint",), ("prove", "1", "--to", to), ("export", "--incident", str(INCIDENT), "--to", to)):
        assert (await typed(nowhere, *command)).exit_code == 3


async def test_people_are_told_in_both_languages_what_disagrees(
    ledger: Ledger, ledger_database: str, superuser: Connection
) -> None:
    await ledger.append(messages(1, 3), RECORDED)
    await signed(ledger_database)
    await ledger.append(messages(4, 6), RECORDED)
    for lang, text in (("vi", "Các mục từ 3 trở đi chưa có điểm chốt"), ("en", "Entries from 3 on are covered by no")):
        words = ["verify", "--dsn", ledger_database, "--lang", lang]
        sound = await asyncio.to_thread(CliRunner().invoke, commands, words)
        assert (sound.exit_code, text in sound.stdout) == (0, True)
    await attack(superuser, "DELETE FROM audit.entry WHERE idx >= 0", "DELETE FROM audit.position")
    for lang, text in (
        ("vi", "phần cuối của sổ bị mất, các mục 0–2"),
        ("en", "end of the ledger is missing, entries 0–2"),
    ):
        for command in ("verify", "checkpoint"):
            words = [command, "--dsn", ledger_database, "--lang", lang]
            told = await asyncio.to_thread(CliRunner().invoke, commands, words)
            assert (told.exit_code, text in told.stdout) == (1, True), told.output
