"""Checkpoints by themselves: in the folder and the bucket, cosigned by real witnesses, and never over a lost tail."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from nats.aio.client import Client

from contracts import subjects
from contracts.streams import CHECKPOINTS
from services.audit.notary.anchor_bucket import Bucket, BucketContradictsError
from services.audit.notary.anchor_folder import kept
from services.audit.notary.checkpointing import NotSigned, prove_consistency
from services.audit.notary.key_files import LogKeys
from services.audit.notary.signing import Kept
from services.audit.store import Ledger
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Added, Contradicted, Settled, Shrunk
from services.audit.tlog.merkle import EMPTY_ROOT
from services.audit.tlog.notes import LogSigner, Note
from services.runtime.embedded.nats import NatsServer
from services.runtime.embedded.process import Child, spawn
from services.runtime.jetstream import BusUnavailableError, JetStreamBusyError, api
from services.runtime.sending import connection
from tests.ledgers import RECORDED, messages
from tests.notaries import (
    ORIGIN,
    TIME,
    WITNESSES,
    Scene,
    bus,
    cut,
    home,
    keys,
    made,
    notary_of,
    scene,
    sizes,
    start_witness,
)

__all__ = ["bus", "home", "keys", "scene"]


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
    answer = await bus.request(key, b"", headers={"Nats-Rollup": "sub", "KV-Operation": "PURGE"}, timeout=20)
    assert "error" in json.loads(answer.data)
    with pytest.raises(JetStreamBusyError, match="not permitted"):
        await api(bus, f"STREAM.PURGE.{CHECKPOINTS.name}")
    await bus.request(key, b"", headers={"KV-Operation": "DEL"}, timeout=20)
    history = await Bucket(bus).history(ORIGIN)
    assert [one.checkpoint.size if one.checkpoint else None for one in history] == [5, None]


async def test_a_bucket_that_is_away_is_said_to_be(fresh_nats: NatsServer) -> None:
    async with connection(fresh_nats.url) as client:
        with pytest.raises(BusUnavailableError):
            await Bucket(client).history(ORIGIN)


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
