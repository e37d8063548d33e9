"""`phoihop ledger checkpoint | key | verify` against all that is kept elsewhere: folder, bucket, paper, witness."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.notary.key_files import LogKeys
from services.audit.store import Ledger
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Quorum, policy_text
from services.audit.tlog.notes import Note
from services.audit.tlog.policies import Policy
from tests.ledgers import RECORDED, messages
from tests.notaries import (
    ORIGIN,
    WITNESSES,
    Scene,
    bus,
    cut,
    document,
    home,
    keys,
    scene,
    start_witness,
    typed,
)

__all__ = ["bus", "home", "keys", "scene"]


async def test_verify_finds_a_lost_tail_by_the_bucket_a_printed_line_and_a_witness(
    scene: Scene, ledger_database: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by itself is enough, with the folder gone; without any, nothing could tell."""
    ledger, keys = scene.ledger, scene.keys
    await ledger.append(messages(1, 10), RECORDED)
    await ledger.append(messages(11, 20), RECORDED)
    await start_witness("a", keys, scene.bus, tmp_path)
    policy = Policy((), Quorum({"a": (WITNESSES["a"].verifier,)}, 1), {"a": "nats:a"})
    monkeypatch.setenv("PHOIHOP_NATS_URL", scene.url)
    text = policy_text((), policy.quorum).replace(str(WITNESSES["a"].verifier), f"{WITNESSES['a'].verifier} nats:a")
    (home / "keys" / "witnesses.policy").write_text(text, encoding="utf-8")
    signed = document(await typed(ledger_database, "checkpoint", "--svg", str(tmp_path / "code.svg")))
    assert signed.items() >= {"settled": True, "in_bucket": True, "witnesses": {"a": "added"}}.items()
    assert (tmp_path / "code.svg").read_text(encoding="utf-8").startswith("<?xml")
    sound = await typed(ledger_database, "verify", "--anchor", signed["line"])
    assert (sound.exit_code, document(sound)["settled"]) == (0, 20)
    assert document(sound)["kept_at"]["nats:CHECKPOINTS"] == 2
    assert document(sound)["kept_at"]["witness a"] == 1
    await cut(scene.superuser, 10)
    (keys.folder / "20").unlink()
    found = document(await typed(ledger_database, "verify"))
    assert {(each["flaw"], each["first"], each["last"]) for each in found["findings"]} == {
        ("tail_missing", 10, 19),
        ("not_settled", 0, 9),
    }
    assert {each["checkpoint"].split("#")[0] for each in found["findings"] if "checkpoint" in each} == {
        "nats:CHECKPOINTS",
        "witness a",
    }
    monkeypatch.delenv("PHOIHOP_NATS_URL")
    (home / "keys" / "witnesses.policy").unlink()
    assert (await typed(ledger_database, "verify")).exit_code == 0, "nothing else remembers"
    short = " ".join(signed["line"].split()[:3])
    (tmp_path / "typed.txt").write_text(f"\n  {signed['line']} \n", encoding="utf-8")
    for anchor, piped in ((signed["line"], None), (short, None), ("-", short), (str(tmp_path / "typed.txt"), None)):
        told = await typed(ledger_database, "verify", "--anchor", anchor, text=piped)
        assert (told.exit_code, document(told)["findings"][0]["flaw"]) == (1, "tail_missing"), anchor
    assert (await typed(ledger_database, "verify", "--anchor", "no line at all")).exit_code == 2


async def test_a_ledger_that_was_dropped_whole_is_found(
    ledger: Ledger, ledger_database: str, superuser: Connection, home: Path
) -> None:
    """Breaks if deleting everything looked like a database that never held a ledger."""
    await ledger.append(messages(1, 10), RECORDED)
    assert (await typed(ledger_database, "checkpoint")).exit_code == 0
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off; DROP SCHEMA audit CASCADE")
    gone = await typed(ledger_database, "verify")
    assert gone.exit_code == 1
    assert document(gone)["findings"] == [
        {"flaw": "tail_missing", "first": 0, "last": 9, "checkpoint": str(home / "checkpoints" / "10")}
    ]
    (home / "checkpoints" / "10").unlink()
    assert (await typed(ledger_database, "verify")).exit_code == 3


async def test_a_checkpoint_is_printed_with_its_line_and_a_code_to_scan(
    ledger: Ledger, ledger_database: str, home: Path
) -> None:
    await ledger.append(messages(1, 10), RECORDED)
    words = ["checkpoint", "--qr", "--dsn", ledger_database]
    told = await asyncio.to_thread(CliRunner().invoke, commands, words)
    assert told.exit_code == 0
    note = Note.parse((home / "checkpoints" / "10").read_bytes())
    line = next(line for line in told.stdout.splitlines() if line.startswith(f"{ORIGIN} 10 "))
    assert line.endswith(str(note.signatures[0]).split(" ")[-1].strip())
    assert told.stdout.count("█") > 300


async def test_a_rotated_key_signs_on_and_the_old_one_counts_only_for_what_it_signed(
    ledger: Ledger, ledger_database: str, home: Path, keys: LogKeys
) -> None:
    """Breaks if a retired key, once stolen, could sign anything newer than its retirement."""
    await ledger.append(messages(1, 10), RECORDED)
    assert (await typed(ledger_database, "checkpoint")).exit_code == 0
    old, _ = keys.current()
    rotated = document(await typed(ledger_database, "key", "rotate"))
    assert (rotated["old"], rotated["size"]) == (str(old.verifier), 10)
    await ledger.append(messages(11, 20), RECORDED)
    signed = document(await typed(ledger_database, "checkpoint"))
    assert signed["key"] == rotated["new"] != rotated["old"]
    sound = await typed(ledger_database, "verify")
    assert (sound.exit_code, document(sound)["signatures_checked"]) == (0, True)
    root = Checkpoint.of(Note.parse(signed["checkpoint"].encode())).root
    late = Checkpoint(ORIGIN, 20, root)
    (keys.folder / "20-old").write_bytes(Note(late.text).signed(old.sign(late.text)).to_bytes())
    found = document(await typed(ledger_database, "verify"))["findings"]
    assert [each["flaw"] for each in found] == ["checkpoint_key_retired"]
    (keys.folder / "20-old").unlink()
    retired = home / "keys" / f"ledger.key.retired-{old.verifier.key_id.hex()}"
    assert retired.stat().st_mode & 0o077 == 0
    assert (await typed(ledger_database, "checkpoint", "--key", str(retired))).exit_code == 2
    shown = CliRunner().invoke(commands, ["key", "show", "--json"])
    assert [(key["first"], key["last"]) for key in document(shown)["keys"]] == [(0, 10), (10, None)]
