"""Checkpoints by themselves: in the folder and the bucket, cosigned by real witnesses, and never over a lost tail."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.aio.client import Client
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.streams import CHECKPOINTS
from services.audit.anchor_bucket import Bucket, BucketContradictsError
from services.audit.anchor_folder import kept
from services.audit.anchors import Anchor
from services.audit.checkpointing import NotSigned, prove_consistency
from services.audit.checkpoints import Checkpoint
from services.audit.cli import commands
from services.audit.connecting import Connection
from services.audit.cosigning import Added, Contradicted, Quorum, Settled, Shrunk, policy_text
from services.audit.key_files import LogKeys
from services.audit.merkle import EMPTY_ROOT
from services.audit.notary import Kept, Notary
from services.audit.notes import LogSigner, Note, WitnessSigner
from services.audit.policies import Policy
from services.audit.store import Ledger
from services.audit.witness import Witness
from services.audit.witness_doors import nats_door
from services.audit.witness_states import States
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import BusUnavailableError, JetStreamBusyError, api
from services.runtime.sending import connection
from tests.ledgers import RECORDED, messages

ORIGIN = "phoihop.example/hub"
TIME = 1_795_000_000
WITNESSES = {name: WitnessSigner(f"{name}.example", name.encode().ljust(32, b".")) for name in ("a", "b", "c")}
QUORUM = Quorum({name: (signer.verifier,) for name, signer in WITNESSES.items()}, 2)
POLICY = Policy((), QUORUM, {name: f"nats:{name}" for name in WITNESSES})


@pytest_asyncio.fixture
async def bus(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    """A hub's NATS with its streams."""
    async with connection(fresh_nats.url) as client:
        await topology.apply(client)
        yield client


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def keys(home: Path) -> LogKeys:
    return LogKeys(ORIGIN, home / "keys" / "ledger.key", home / "keys" / "ledger.vkey", home / "checkpoints")


def notary_of(dsn: str, keys: LogKeys, client: Client | None, policy: Policy = POLICY) -> Notary:
    return Notary(dsn, keys, policy, keys.folder.parent / "alarms", lambda: client)


async def start_witness(name: str, keys: LogKeys, client: Client, folder: Path) -> Witness:
    signer, _ = keys.current()
    states = States(folder / f"{name}.db")
    states.prepare()
    logs = {ORIGIN: (signer.verifier,)}
    witness = Witness((WITNESSES[name],), logs, states, folder / "alarms", lambda: TIME)
    await nats_door(witness, client, name)
    return witness


def sizes(anchors: Iterable[Anchor]) -> set[int]:
    return {found.size for anchor in anchors if (found := anchor.checkpoint)}


@dataclass(frozen=True)
class Scene:
    """A ledger under attack, and everything that remembers it."""

    ledger: Ledger
    superuser: Connection
    keys: LogKeys
    bus: Client
    url: str


@pytest.fixture
def scene(ledger: Ledger, superuser: Connection, keys: LogKeys, bus: Client, fresh_nats: NatsServer) -> Scene:
    return Scene(ledger, superuser, keys, bus, fresh_nats.url)


async def made(notary: Notary) -> Kept:
    kept_now = await notary.checkpoint()
    assert isinstance(kept_now, Kept), kept_now
    return await notary.settle(kept_now)


async def typed(dsn: str, *words: str, text: str | None = None) -> Result:
    words = (*words, "--dsn", dsn, "--json")
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, list(words), input=text))


def document(result: Result) -> Any:
    return json.loads(result.stdout)


async def cut(superuser: Connection, size: int) -> None:
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off")
    for row in await superuser.fetch(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p')"
    ):
        await superuser.execute(f"ALTER TABLE {row[0]} DISABLE TRIGGER ALL")
    await superuser.execute(f"DELETE FROM audit.entry WHERE idx >= {size}")  # noqa: S608
    await superuser.execute(f"DELETE FROM audit.position WHERE size > {size}")  # noqa: S608


async def test_a_checkpoint_is_settled_by_two_of_three_and_kept_in_folder_and_bucket(
    ledger: Ledger, reader_dsn: str, keys: LogKeys, bus: Client, tmp_path: Path
) -> None:
    await ledger.append(messages(1, 9), RECORDED)
    await start_witness("a", keys, bus, tmp_path)
    notary = notary_of(reader_dsn, keys, bus)
    first = await made(notary)
    assert first.in_bucket
    assert not isinstance(first.verdict, Settled), "one of three is not enough"
    await start_witness("b", keys, bus, tmp_path)
    await ledger.append(messages(10, 30), RECORDED)
    again = await notary.advance(first.signed.checkpoint)
    assert isinstance(again, Kept)
    second = await notary.settle(again)
    assert second.verdict == Settled({"a": TIME, "b": TIME})
    assert [type(second.outcomes[name]) for name in ("a", "b")] == [Added, Added]
    assert await notary.advance(second.signed.checkpoint) is None
    in_folder = {c.size: one.note for one in kept(keys.folder) if (c := one.checkpoint)}
    in_bucket = await Bucket(bus).history(ORIGIN)
    assert in_folder[30] == in_bucket[-1].note == second.note
    assert sizes(in_bucket) == {9, 30}


async def test_a_lost_tail_is_neither_signed_nor_cosigned_and_is_shouted(
    scene: Scene, reader_dsn: str, tmp_path: Path
) -> None:
    """Breaks if a restored backup could go on being signed, even after folder and bucket were emptied with it."""
    ledger, keys, bus = scene.ledger, scene.keys, scene.bus
    await start_witness("a", keys, bus, tmp_path)
    await ledger.append(messages(1, 10), RECORDED)
    await ledger.append(messages(11, 20), RECORDED)
    notary = notary_of(reader_dsn, keys, bus)
    last = await made(notary)
    await cut(scene.superuser, 10)
    assert isinstance(await notary.advance(last.signed.checkpoint), NotSigned)
    assert isinstance(await notary.checkpoint(), NotSigned)
    (keys.folder / "20").unlink()
    refused = await notary.checkpoint()
    assert isinstance(refused, NotSigned), "the bucket remembers it"
    assert refused.contradictions[0].rows == (10, 19)
    alone = await made(notary_of(reader_dsn, keys, None))  # neither folder nor bucket remember
    assert alone.signed.checkpoint.size == 10
    forgotten = await notary.settle(alone)
    assert forgotten.outcomes["a"] == Shrunk(20), "the witness remembers"
    assert forgotten.refused.keys() == {"a"}
    with pytest.raises(BucketContradictsError):
        await Bucket(bus).keep(alone.note)
    alarms = {path.name.rpartition("-")[0] for path in (keys.folder.parent / "alarms").iterdir()}
    assert alarms >= {"not_signed", "witness_ahead"}


async def test_a_history_signed_anew_with_the_stolen_key_is_refused_by_the_witness(
    ledger: Ledger, reader_dsn: str, keys: LogKeys, bus: Client, tmp_path: Path
) -> None:
    """Breaks if whoever holds database and key could replace what agencies have vouched for."""
    await start_witness("a", keys, bus, tmp_path)
    await ledger.append(messages(1, 10), RECORDED)
    notary = notary_of(reader_dsn, keys, bus)
    honest = await made(notary)
    signer, _ = keys.current()
    for size in (10, 11):
        forged = Checkpoint(ORIGIN, size, bytes(32))
        note = Note(forged.text).signed(signer.sign(forged.text))
        await ledger.append(messages(1, 11), RECORDED)
        kept_now = Kept(honest.signed, note, in_bucket=False)
        outcome = (await notary.settle(kept_now)).outcomes["a"]
        assert isinstance(outcome, Contradicted), outcome
    assert (await prove_consistency(reader_dsn, 0, 11)) == ()


async def test_of_two_instances_that_keep_at_once_the_newest_stays(bus: Client) -> None:
    """Compare-and-set on the revision: breaks if a smaller tree could take a larger one's place."""
    log = LogSigner(ORIGIN, b"l" * 32)

    def note(size: int) -> Note:
        text = Checkpoint(ORIGIN, size, EMPTY_ROOT).text
        return Note(text).signed(log.sign(text))

    results = await asyncio.gather(*(Bucket(bus).keep(note(size)) for size in range(1, 9)), return_exceptions=True)
    assert all(isinstance(one, Note | BucketContradictsError) for one in results)
    stored = [c.size for one in await Bucket(bus).history(ORIGIN) if (c := one.checkpoint)]
    assert stored == sorted(stored)
    assert stored[-1] == 8
    cosigned = note(8).signed(WITNESSES["a"].cosign(note(8).text, 1))
    assert await Bucket(bus).keep(cosigned) == cosigned
    assert await Bucket(bus).keep(note(8)) == cosigned, "a cosignature is never lost"
    assert await Bucket(bus).history("other.example/log") == ()


async def test_the_bucket_is_never_emptied_by_a_message_and_a_deletion_shows(bus: Client) -> None:
    """Breaks if rollups or a purge could make the newest checkpoint vanish unseen."""
    log = LogSigner(ORIGIN, b"l" * 32)
    text = Checkpoint(ORIGIN, 5, bytes(32)).text
    await Bucket(bus).keep(Note(text).signed(log.sign(text)))
    key = subjects.kept_checkpoint(ORIGIN)
    answer = await bus.request(key, b"", headers={"Nats-Rollup": "sub", "KV-Operation": "PURGE"}, timeout=2)
    assert "error" in json.loads(answer.data)
    with pytest.raises(JetStreamBusyError, match="not permitted"):
        await api(bus, f"STREAM.PURGE.{CHECKPOINTS.name}")
    await bus.request(key, b"", headers={"KV-Operation": "DEL"}, timeout=2)
    history = await Bucket(bus).history(ORIGIN)
    assert [one.checkpoint.size if one.checkpoint else None for one in history] == [5, None]


async def test_a_bucket_that_is_away_is_said_to_be(fresh_nats: NatsServer) -> None:
    async with connection(fresh_nats.url) as client:
        with pytest.raises(BusUnavailableError):
            await Bucket(client).history(ORIGIN)


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


def serve(dsn: str, url: str, home: Path) -> Child:
    home.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHOIHOP_")}
    told = {"NATS_URL": url, "POSTGRES_DSN": dsn, "HOME": str(home), "CHECKPOINT_SECONDS": "0.3"}
    environment |= {f"PHOIHOP_{name}": value for name, value in told.items()}
    return spawn([sys.executable, "-m", "services.cli", "serve", "notary"], log=home / "log", environment=environment)


async def kept_up_to(folder: Path, size: int) -> None:
    async with asyncio.timeout(40):
        while not (folder / str(size)).exists():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def test_the_notary_goes_on_after_sigkill_and_drains_at_sigterm(
    ledger: Ledger, reader_dsn: str, home: Path, bus: Client, fresh_nats: NatsServer
) -> None:
    """A process of its own with a reader's login: entries become checkpoints, also after a crash."""
    await ledger.append(messages(1, 10), RECORDED)
    first = serve(reader_dsn, fresh_nats.url, home)
    try:
        await kept_up_to(home / "checkpoints", 10)
        await ledger.append(messages(11, 15), RECORDED)
        await kept_up_to(home / "checkpoints", 15)
    finally:
        await first.kill()
    await ledger.append(messages(16, 40), RECORDED)
    second = serve(reader_dsn, fresh_nats.url, home)
    try:
        await kept_up_to(home / "checkpoints", 40)
    finally:
        code = await second.stop(signal.SIGTERM, 20)
    assert code in {0, -signal.SIGTERM}, second.tail()
    assert "service_stopped" in second.tail()
    assert 40 in sizes(await Bucket(bus).history(ORIGIN)), "what a crash kept from the bucket, the next one follows"
    assert not (home / "alarms").exists()
