"""A witness is shown a log's change of keys: let in where it fits what was cosigned, refused and shouted otherwise."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.audit.commands.ledger_cli import commands
from services.audit.store import Ledger
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.keybook import Rotation, announce
from services.audit.tlog.notes import LogSigner, Note, Verified, VerifierKey, verify
from services.audit.tlog.witnessing import AddCheckpoint
from services.audit.witness.answering import Witness
from services.audit.witness.states import States
from tests.ledgers import RECORDED, messages
from tests.notaries import ORIGIN as HUB
from tests.notaries import Scene, bus, document, home, keys, scene, start_witness, typed
from tests.witnesses import LOG, LOGS, ORIGIN, WITNESS, History

__all__ = ["bus", "home", "keys", "scene"]

TRUE, FALSE = History(), History(rewritten_from=5)
NEXT, THIEF = LogSigner(ORIGIN, b"n" * 32), LogSigner(ORIGIN, b"t" * 32)


class Bench:
    """A witness's folder, and its operator at the keyboard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "logs.vkey").write_text(f"{LOG.verifier}\n", encoding="utf-8")
        states = States(folder / "witness.db")
        states.prepare()
        self.witness = Witness((WITNESS,), LOGS, states, folder / "alarms", lambda: 1_795_000_000)

    def cosigns(self, history: History, old: int, size: int, signer: LogSigner) -> int:
        """The status for a checkpoint of this history signed with this key."""
        text = history.note(size).text
        asked = AddCheckpoint(old, history.request(old, size).proof, Note(text).signed(signer.sign(text)))
        return self.witness.add(asked.to_bytes()).status

    def trusts(self, note: Note, *words: str) -> tuple[int, Any]:
        (self.folder / "note").write_bytes(note.to_bytes())
        typed = ["witness", "trust", str(self.folder / "note"), "--logs", str(self.folder / "logs.vkey"), *words]
        result: Result = CliRunner().invoke(commands, [*typed, "--state", str(self.folder / "witness.db"), "--json"])
        assert result.exit_code in {0, 1}, result.output
        return result.exit_code, json.loads(result.stdout)

    def alarms(self) -> Sequence[str]:
        return sorted(one.name.rpartition("-")[0] for one in self.folder.rglob("alarms/*"))


def rotation(size: int, history: History = TRUE, old: LogSigner = LOG, new: LogSigner = NEXT) -> Note:
    return announce(Rotation(ORIGIN, old.verifier, new.verifier, size, history.root(size)), old, new)


@pytest.fixture
def bench(home: Path) -> Bench:
    home.mkdir(exist_ok=True)
    return Bench(home)


def test_a_witness_that_runs_heeds_the_new_key_from_the_next_request_on(bench: Bench) -> None:
    """Breaks if a witness had to be edited or started anew, or went on believing the key that was given up."""
    assert bench.cosigns(TRUE, 0, 20, LOG) == 200
    assert bench.cosigns(TRUE, 20, 30, NEXT) == 403
    code, told = bench.trusts(rotation(20))
    assert (code, told["outcome"], told["compared"]) == (0, "trusted", True)
    assert [(each["first"], each["last"]) for each in told["keys"]] == [(0, 20), (20, None)]
    assert bench.cosigns(TRUE, 20, 25, LOG) == 403
    assert bench.alarms() == ["key_retired"]
    assert bench.cosigns(TRUE, 20, 30, NEXT) == 200
    assert bench.trusts(rotation(20))[0] == 0, "shown again"


def test_a_thief_of_the_old_key_announces_nothing_that_fits_another_history(bench: Bench) -> None:
    """The drill's stolen key, at a witness: re-signing all and naming a key of his own helps nobody."""
    assert bench.cosigns(TRUE, 0, 20, LOG) == 200
    assert bench.trusts(rotation(20, FALSE, new=THIEF)) == (1, {"outcome": "refused", "reason": "another_root"})
    assert bench.trusts(rotation(12, FALSE, new=THIEF)) == (1, {"outcome": "refused", "reason": "signed_beyond"})
    assert bench.alarms() == ["keys_disputed", "keys_disputed"]
    assert bench.trusts(rotation(20))[0] == 0
    assert bench.cosigns(FALSE, 20, 25, LOG) == 403
    assert bench.cosigns(FALSE, 20, 25, THIEF) == 403
    assert bench.cosigns(FALSE, 20, 25, NEXT) == 422, "nor does the new key free the log from its history"
    assert bench.cosigns(TRUE, 20, 25, NEXT) == 200


def test_two_successors_stop_the_witness_until_people_have_sorted_it_out(bench: Bench) -> None:
    """Breaks if whoever comes first, or last, with a stolen key were believed."""
    assert bench.cosigns(TRUE, 0, 20, LOG) == 200
    assert bench.trusts(rotation(20, new=THIEF))[0] == 0, "nobody can tell a thief from the holder by this note alone"
    code, told = bench.trusts(rotation(20))
    assert (code, told["outcome"]) == (1, "disputed")
    assert bench.alarms() == ["keys_disputed"]
    for signer in (LOG, NEXT, THIEF):
        assert bench.cosigns(TRUE, 20, 25, signer) == 403


def test_what_is_no_announcement_by_a_key_of_the_log_is_not_recorded(bench: Bench) -> None:
    x, y = LogSigner(HUB, b"x" * 32), LogSigner(HUB, b"y" * 32)
    alone = Note(rotation(20).text).signed(LOG.sign(rotation(20).text))
    for note, reason in (
        (alone, "not_a_rotation"),
        (TRUE.note(20), "not_a_rotation"),
        (rotation(20, old=THIEF), "stranger"),
        (announce(Rotation(HUB, x.verifier, y.verifier, 5, bytes(32)), x, y), "stranger"),
    ):
        assert bench.trusts(note) == (1, {"outcome": "refused", "reason": reason})
    assert bench.witness.states.rotations(ORIGIN) == ()
    assert not bench.alarms()
    shown = CliRunner().invoke(
        commands, ["witness", "trust", "-", "--logs", str(bench.folder / "logs.vkey")], input="x"
    )
    assert shown.exit_code == 2


def test_a_size_that_was_never_seen_is_trusted_and_said_to_be_uncompared(bench: Bench) -> None:
    assert bench.trusts(rotation(20))[1]["compared"] is False
    assert bench.cosigns(TRUE, 0, 9, NEXT) == 403, "not before its announcement"
    assert bench.cosigns(TRUE, 0, 9, LOG) == 200
    shown = CliRunner().invoke(
        commands,
        ["witness", "trust", "-", "--logs", str(bench.folder / "logs.vkey"), "--lang", "en"],
        input=rotation(20).to_bytes(),
    )
    assert (shown.exit_code, "was not compared" in shown.stdout) == (0, True)


async def test_the_note_that_rotate_prints_is_the_one_a_witness_takes(
    scene: Scene, ledger: Ledger, ledger_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From end to end: rotate has the last checkpoint cosigned first, so that the witness can compare the root."""
    await ledger.append(messages(1, 10), RECORDED)
    witness = await start_witness("a", scene.keys, scene.bus, tmp_path)
    signer, _ = scene.keys.current()
    policy = f"witness a {witness.signers[0].verifier} nats:a\nquorum a\n"
    (scene.keys.key.parent / "witnesses.policy").write_text(policy, encoding="utf-8")
    monkeypatch.setenv("PHOIHOP_NATS_URL", scene.url)
    rotated = document(await typed(ledger_database, "key", "rotate"))
    (tmp_path / "logs").write_text(f"{signer.verifier}\n", encoding="utf-8")
    (tmp_path / "note").write_text(rotated["note"], encoding="utf-8")
    words = ["witness", "trust", str(tmp_path / "note"), "--logs", str(tmp_path / "logs")]
    told = await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--state", str(tmp_path / "a.db"), "--json"])
    assert json.loads(told.stdout).items() >= {"outcome": "trusted", "compared": True, "size": 10}.items()
    await ledger.append(messages(11, 20), RECORDED)
    signed = document(await typed(ledger_database, "checkpoint"))
    assert (signed["settled"], signed["key"]) == (True, rotated["new"])
    newest = witness.newest(HUB)
    assert newest
    assert Checkpoint.of(newest).size == 20
    assert isinstance(verify(newest, [VerifierKey.parse(rotated["new"])]), Verified)
