"""A witness with its state on disk: races, crashes and lies over its real doors; never two roots for one size."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import Verified, verify
from services.audit.witness.answering import Witness
from services.audit.witness.states import States, WitnessStateError
from tests.witnesses import LOG, LOGS, ORIGIN, WITNESS, History

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
