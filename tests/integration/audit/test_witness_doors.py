"""A witness as a process of its own, over HTTP and NATS: killed, lied to, and never made to publish for others."""

import asyncio
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from contracts import subjects
from services.audit.notary.asking import Ask, WitnessUnreachableError, asker, cosignatures, newest_seen
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Added, Contradicted, Shrunk
from services.audit.tlog.notes import VerifierKey
from services.audit.witness.answering import Witness
from services.audit.witness.doors import nats_door
from services.audit.witness.states import States
from services.runtime.embedded.nats import NatsServer
from services.runtime.sending import connection
from tests.witnesses import LENGTH, LOG, LOGS, ORIGIN, WITNESS, History

TRUE, FALSE = History(), History(rewritten_from=5)
ROOT = Path(__file__).parents[3]


def witness_in(folder: Path) -> Witness:
    states = States(folder / "keys" / "witness.db")
    states.prepare()
    return Witness((WITNESS,), LOGS, states, folder / "alarms", lambda: 1_795_000_000)


class Running:
    """`phoihop ledger witness` as a process, on one state folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(exist_ok=True)
        (home / "logs.vkey").write_text(f"{LOG.verifier}\n", encoding="utf-8")
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.vkey = ""

    def start(self, *words: str) -> None:
        command = [sys.executable, "-m", "services.cli", "ledger", "witness", WITNESS.name, "--json"]
        command += ["--logs", str(self.home / "logs.vkey"), "--http", "127.0.0.1:0", *words]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHOIHOP_")}
        with (self.home / "log").open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env=environment | {"PHOIHOP_HOME": str(self.home)},
            )
        assert self.process.stdout
        document = json.loads(self.process.stdout.readline())
        self.url, (self.vkey,) = document["http"], document["witness"]

    def end(self, number: int) -> int:
        assert self.process
        assert self.process.stdout
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    one = Running(tmp_path / "witness")
    yield one
    if one.process and one.process.poll() is None:
        one.end(signal.SIGKILL)


def post(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(f"{url}/add-checkpoint", data=body)  # noqa: S310 - our own loopback server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_a_witness_killed_while_it_signs_never_goes_back(running: Running) -> None:
    """SIGKILL in the middle of the work, many times; a liar tries its other history right after each restart.

    Breaks if a cosignature could leave the house before the state behind it is on disk.
    """
    chooser, cosigned = random.Random(6), 10
    running.start()
    assert post(running.url, TRUE.request(0, cosigned).to_bytes())[0] == 200
    for _ in range(2):
        killing = threading.Timer(chooser.uniform(0.05, 0.4), lambda: running.end(signal.SIGKILL))
        killing.start()
        with suppress(OSError, http.client.HTTPException):
            while True:
                assert post(running.url, TRUE.request(cosigned, cosigned + 1).to_bytes())[0] == 200
                cosigned += 1
        killing.join()
        running.start()
        status, said = post(running.url, TRUE.request(0, LENGTH).to_bytes())
        assert (status, int(said) in {cosigned, cosigned + 1}) == (409, True), "the witness forgot what it signed"
        cosigned = int(said)
        assert post(running.url, FALSE.request(cosigned, cosigned + 1).to_bytes())[0] == 422
    assert cosigned > 12
    assert running.end(signal.SIGTERM) == 1, "a witness that saw a contradiction says so when it ends"
    assert list((running.home / "alarms").glob("not_an_extension-*"))


async def asked(ask: Ask, history: History, size: int) -> object:
    """What a log learns that asks without knowing where the witness stands."""

    async def prove(old: int) -> tuple[bytes, ...]:
        return history.request(old, size).proof

    return await cosignatures(ask, history.note(size), [WITNESS.verifier], prove)


async def test_a_log_is_cosigned_over_http_and_a_lie_is_told_to_it(running: Running) -> None:
    await asyncio.to_thread(running.start)
    key_file = running.home / "keys" / "witness.key"
    assert key_file.stat().st_mode & 0o077 == 0
    ask = asker(running.url, None)

    async def learn(history: History, size: int) -> object:
        async def prove(old: int) -> tuple[bytes, ...]:
            return history.request(old, size).proof

        return await cosignatures(ask, history.note(size), [VerifierKey.parse(running.vkey)], prove)

    assert isinstance(await learn(TRUE, 9), Added)
    assert isinstance(await learn(TRUE, 20), Added)
    assert await learn(FALSE, 20) == Contradicted("split_view")
    assert await learn(FALSE, 25) == Contradicted("not_an_extension")
    assert await learn(TRUE, 12) == Shrunk(20)
    shown = await newest_seen(running.url, ORIGIN, None)
    assert shown
    assert Checkpoint.of(shown).size == 20
    assert await newest_seen(running.url, "other.example/log", None) is None
    large = await asyncio.to_thread(post, running.url, b"x" * 70_000)
    assert large[0] == 413
    with pytest.raises(WitnessUnreachableError):
        await asker("ftp://127.0.0.1/", None)(b"")


async def test_a_log_is_cosigned_over_nats_and_answers_go_to_inboxes_only(
    fresh_nats: NatsServer, tmp_path: Path
) -> None:
    """Breaks if whoever asks could make the witness publish where he himself may not."""
    witness = witness_in(tmp_path)
    async with connection(fresh_nats.url) as client, connection(fresh_nats.url) as attacker:
        await nats_door(witness, client, "quan-khu")
        await nats_door(witness_in(tmp_path), client, "quan-khu")  # a second instance on the same state
        ask = asker("nats:quan-khu", attacker)
        assert isinstance(await asked(ask, TRUE, 9), Added)
        assert isinstance(await asked(ask, TRUE, 20), Added)
        assert await asked(ask, FALSE, 20) == Contradicted("split_view")
        assert await asked(ask, TRUE, 12) == Shrunk(20)
        shown = await newest_seen("nats:quan-khu", ORIGIN, attacker)
        assert shown
        assert Checkpoint.of(shown).size == 20
        forged = await attacker.subscribe("forged")
        await attacker.publish(subjects.witness("quan-khu"), TRUE.request(20, 21).to_bytes(), reply="forged")
        await attacker.flush()
        assert isinstance(await asked(ask, TRUE, 22), Added)
        with pytest.raises(TimeoutError):
            await forged.next_msg(timeout=0.3)
    with pytest.raises(WitnessUnreachableError):
        await asker("nats:quan-khu", None)(b"")


def test_a_name_that_may_not_stand_in_a_subject_is_refused() -> None:
    for name in ("", "*", "a.b", ">", "A", "a b"):
        with pytest.raises(ValueError, match="name of a witness"):
            subjects.witness(name)
