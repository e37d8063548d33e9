"""A witness with its state on disk: races, crashes and lies over its real doors; never two roots for one size."""

import asyncio
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts import subjects
from services.audit.asking import Ask, WitnessUnreachableError, asker, cosignatures, newest_seen
from services.audit.checkpoints import Checkpoint
from services.audit.cosigning import Added, Contradicted, Shrunk
from services.audit.notes import Verified, VerifierKey, verify
from services.audit.witness import Witness
from services.audit.witness_doors import nats_door
from services.audit.witness_states import States, WitnessStateError
from services.runtime.embedded.nats import NatsServer
from services.runtime.sending import connection
from tests.witnesses import LENGTH, LOG, LOGS, ORIGIN, WITNESS, History

TRUE, FALSE = History(), History(rewritten_from=5)
TIME = 1_795_000_000
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """What witnesses log belongs to the test's own output."""
    capfd.readouterr()


def witness_in(folder: Path) -> Witness:
    states = States(folder / "keys" / "witness.db")
    states.prepare()
    return Witness((WITNESS,), LOGS, states, folder / "alarms", lambda: TIME)


def cosigned_size(witness: Witness) -> int:
    note = witness.newest(ORIGIN)
    return Checkpoint.of(note).size if note else 0


def test_the_state_outlives_the_witness_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    assert witness_in(tmp_path).add(TRUE.request(0, 9).to_bytes()).status == 200
    again = witness_in(tmp_path)
    assert again.add(TRUE.request(0, 12).to_bytes()) == (409, "text/x.tlog.size", b"9\n")
    assert again.add(TRUE.request(9, 12).to_bytes()).status == 200
    note = again.newest(ORIGIN)
    assert note
    assert verify(note, (LOG.verifier, WITNESS.verifier)) == Verified({LOG.verifier: 0, WITNESS.verifier: TIME})
    assert (tmp_path / "keys" / "witness.db").stat().st_mode & 0o077 == 0


def test_each_contradiction_is_refused_and_leaves_its_evidence(tmp_path: Path) -> None:
    """Breaks if a split view or a rewritten history passed, or passed unseen."""
    witness = witness_in(tmp_path)
    witness.add(TRUE.request(0, 9).to_bytes())
    assert witness.add(FALSE.request(9, 9).to_bytes()) == (409, "text/x.tlog.size", b"9\n")
    assert witness.add(FALSE.request(9, 12).to_bytes()).status == 422
    assert witness.add(FALSE.request(9, 12).to_bytes()).status == 422
    assert witness.contradictions == 3
    assert cosigned_size(witness) == 9
    files = {path.name.rpartition("-")[0]: path.read_text(encoding="utf-8") for path in (tmp_path / "alarms").iterdir()}
    assert files.keys() == {"split_view", "not_an_extension"}
    assert TRUE.note(9).text in files["split_view"]
    assert FALSE.note(9).text in files["split_view"]


def test_a_state_that_is_spoiled_signs_nothing(tmp_path: Path) -> None:
    """Breaks if a witness started anew, and so could sign another history, when its file cannot be read."""
    witness = witness_in(tmp_path)
    witness.add(TRUE.request(0, 9).to_bytes())
    database = tmp_path / "keys" / "witness.db"
    with closing(sqlite3.connect(database)) as spoiling:
        spoiling.execute("UPDATE seen SET note = x'00'")
        spoiling.commit()
    with pytest.raises(WitnessStateError):
        witness.add(FALSE.request(0, 12).to_bytes())
    database.write_bytes(b"no database" * 100)
    with pytest.raises(WitnessStateError):
        witness.add(FALSE.request(0, 12).to_bytes())


def test_of_requests_at_once_exactly_one_wins_each_size(tmp_path: Path) -> None:
    """Two instances of the log with different histories ask two processes' worth of witnesses on one state."""
    answers: list[tuple[bool, int, int]] = []
    witnesses = [witness_in(tmp_path) for _ in range(4)]
    start = threading.Barrier(4)

    def ask(number: int) -> None:
        history = FALSE if number % 2 else TRUE
        start.wait()
        for size in range(10, 40):
            given = witnesses[number].add(history.request(0, size).to_bytes())
            if given.status == 409:
                old = int(given.body)
                if old <= size:
                    given = witnesses[number].add(history.request(old, size).to_bytes())
            answers.append((number % 2 == 1, size, given.status))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lies = {lie for lie, _, status in answers if status == 200}
    assert len(lies) == 1, "two histories were cosigned"
    assert cosigned_size(witnesses[0]) == max(size for _, size, status in answers if status == 200)


class Restarts(RuleBasedStateMachine):
    """Requests of two histories to instances that share one file and are replaced at any time."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415 - a machine gets no fixtures

        self.folder = tempfile.TemporaryDirectory()
        self.witnesses = [witness_in(Path(self.folder.name)) for _ in range(2)]
        self.sent: list[Checkpoint] = []

    @rule(which=st.integers(0, 1), old=st.integers(0, 12), grow=st.integers(0, 6), lie=st.booleans())
    def ask(self, which: int, old: int, grow: int, *, lie: bool) -> None:
        request = (FALSE if lie else TRUE).request(old, old + grow)
        if self.witnesses[which].add(request.to_bytes()).status == 200:
            self.sent.append(Checkpoint.of(request.note))

    @rule(which=st.integers(0, 1), grow=st.integers(0, 6), lie=st.booleans())
    def go_on(self, which: int, grow: int, *, lie: bool) -> None:
        old = cosigned_size(self.witnesses[which])
        self.ask(which, old, grow, lie=lie)

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        self.witnesses[which] = witness_in(Path(self.folder.name))

    @invariant()
    def what_was_sent_is_one_growing_history(self) -> None:
        """Breaks if the state could be rolled back, or two roots be cosigned for one size."""
        sizes = [checkpoint.size for checkpoint in self.sent]
        assert sizes == sorted(sizes)
        assert len({(checkpoint.size, checkpoint.root) for checkpoint in self.sent}) == len(set(sizes))
        newest = self.sent[-1].size if self.sent else 0
        assert cosigned_size(self.witnesses[0]) == newest

    def teardown(self) -> None:
        self.folder.cleanup()


Restarts.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestRestarts = Restarts.TestCase


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
