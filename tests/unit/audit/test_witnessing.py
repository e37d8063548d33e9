"""The witness: it cosigns what extends the log it knows, refuses everything else by name, and cannot be raced."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import EMPTY_ROOT, CompactRange, leaf_hash, node_hash
from services.audit.tlog.notes import LogSigner, Note, Verified, WitnessSigner, verify
from services.audit.tlog.proofs import Node, consistency_proof
from services.audit.tlog.witnessing import (
    AddCheckpoint,
    Contradiction,
    Cosign,
    Cosigned,
    Inconsistent,
    Refusal,
    Refused,
    Seen,
    Stale,
    alarm,
    answer,
    cosigned,
    decide,
    read_request,
)

ORIGIN = "phoihop.example/hue"
LOG = LogSigner(ORIGIN, b"l" * 32)
NEW_KEY = LogSigner(ORIGIN, b"n" * 32)
STRANGER = LogSigner(ORIGIN, b"s" * 32)
WITNESS = WitnessSigner("da-nang.example", b"w" * 32)
LOGS = {ORIGIN: (LOG.verifier, NEW_KEY.verifier)}
TIME = 1_795_000_000


class History:
    """One history of a log, whole or rewritten from some entry on."""

    def __init__(self, rewritten_from: int = 1000) -> None:
        self.leaves = [leaf_hash(b"%d%d" % (index, index >= rewritten_from)) for index in range(40)]

    def node(self, wanted: Node) -> bytes:
        if wanted.level == 0:
            return self.leaves[wanted.index]
        return node_hash(*(self.node(Node(wanted.level - 1, 2 * wanted.index + side)) for side in (0, 1)))

    def note(self, size: int, signer: LogSigner = LOG) -> Note:
        text = Checkpoint(ORIGIN, size, CompactRange().extend(self.leaves[:size]).root()).text
        return Note(text).signed(signer.sign(text))

    def request(self, old: int, size: int, signer: LogSigner = LOG) -> AddCheckpoint:
        proof = consistency_proof(old, size, self.node) if 0 < old <= size else ()
        return AddCheckpoint(old, proof, self.note(size, signer))


TRUE, FALSE = History(), History(rewritten_from=3)


def seen(size: int, history: History = TRUE) -> Seen:
    return Seen(Checkpoint.of(history.note(size)), history.note(size))


def test_a_witness_that_never_saw_the_log_starts_from_any_size_without_a_proof() -> None:
    decision = decide(TRUE.request(0, 9), None, LOGS)
    assert decision == Cosign(None, Checkpoint.of(TRUE.note(9)), TRUE.note(9))


@given(st.integers(1, 40), st.integers(1, 40))
def test_every_true_extension_is_cosigned(one: int, other: int) -> None:
    old, size = sorted((one, other))
    decision = decide(TRUE.request(old, size), seen(old), LOGS)
    assert isinstance(decision, Cosign)
    assert decision.previous == seen(old)


@given(st.integers(4, 40), st.integers(4, 40))
def test_a_rewritten_history_is_never_cosigned_and_always_shouted(one: int, other: int) -> None:
    """Breaks if an administrator could change an entry a witness has vouched for."""
    old, size = sorted((one, other))
    decision = decide(FALSE.request(old, size), seen(old), LOGS)
    expected = Contradiction.SPLIT_VIEW if old == size else Contradiction.NOT_AN_EXTENSION
    assert decision == Inconsistent(expected, seen(old), FALSE.note(size))
    assert alarm(decision) is expected


def test_a_split_view_is_shouted_even_where_the_protocol_wants_another_answer() -> None:
    decision = decide(FALSE.request(0, 9), seen(9), LOGS)
    assert decision == Stale(9, Contradiction.SPLIT_VIEW)
    assert answer(decision).status == 409
    assert alarm(decision) is Contradiction.SPLIT_VIEW


def test_an_older_or_a_newer_start_is_stale_and_says_where_to_go_on() -> None:
    for old in (0, 3, 8):
        decision = decide(TRUE.request(old, 9), seen(7), LOGS)
        assert decision == Stale(7)
        assert answer(decision) == (409, "text/x.tlog.size", b"7\n")
        assert alarm(decision) is None


def test_the_empty_tree_is_cosigned_with_its_one_root_only() -> None:
    assert isinstance(decide(TRUE.request(0, 0), None, LOGS), Cosign)
    text = Checkpoint(ORIGIN, 0, bytes(32)).text
    note = Note(text).signed(LOG.sign(text))
    assert decide(AddCheckpoint(0, (), note), None, LOGS) == Inconsistent(Contradiction.IMPOSSIBLE, None, note)
    assert Checkpoint.of(TRUE.note(0)).root == EMPTY_ROOT


def test_a_proof_from_size_0_is_refused() -> None:
    request = AddCheckpoint(0, (bytes(32),), TRUE.note(5))
    assert decide(request, None, LOGS) == Inconsistent(Contradiction.NOT_AN_EXTENSION, None, TRUE.note(5))


def test_a_checkpoint_smaller_than_its_start_is_refused() -> None:
    assert decide(TRUE.request(9, 7), seen(9), LOGS) == Refused(Refusal.OLD_SIZE_BEYOND)


def test_an_unknown_log_and_an_unknown_key_are_told_apart() -> None:
    assert decide(TRUE.request(0, 5), None, {}) == Refused(Refusal.UNKNOWN_ORIGIN)
    assert decide(TRUE.request(0, 5, STRANGER), None, LOGS) == Refused(Refusal.UNSIGNED)
    forged = Note(TRUE.note(5).text, FALSE.note(5).signatures)
    assert decide(AddCheckpoint(0, (), forged), None, LOGS) == Refused(Refusal.BAD_SIGNATURE)


def test_the_signature_is_judged_before_the_history() -> None:
    """Breaks if a stranger could make a witness shout, or learn its state, in the name of a log."""
    assert decide(FALSE.request(0, 9, STRANGER), seen(9), LOGS) == Refused(Refusal.UNSIGNED)


def test_a_log_may_change_its_key() -> None:
    decision = decide(TRUE.request(5, 9, NEW_KEY), seen(5), LOGS)
    assert isinstance(decision, Cosign)


def test_signatures_of_strangers_do_not_come_into_the_state() -> None:
    request = AddCheckpoint(0, (), TRUE.note(5).signed(STRANGER.sign(TRUE.note(5).text)))
    decision = decide(request, None, LOGS)
    assert isinstance(decision, Cosign)
    assert decision.note == TRUE.note(5)


def test_the_answer_is_the_cosignature_and_the_state_holds_both() -> None:
    decision = decide(TRUE.request(0, 9), None, LOGS)
    assert isinstance(decision, Cosign)
    done = cosigned(decision, [WITNESS], TIME)
    keys = [LOG.verifier, WITNESS.verifier]
    assert verify(done.seen.note, keys) == Verified({LOG.verifier: 0, WITNESS.verifier: TIME})
    status, _, body = answer(done)
    assert (status, body.decode()) == (200, str(WITNESS.cosign(decision.note.text, TIME)))


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refusal.MALFORMED, 400),
        (Refusal.OLD_SIZE_BEYOND, 400),
        (Refusal.UNSIGNED, 403),
        (Refusal.BAD_SIGNATURE, 403),
        (Refusal.UNKNOWN_ORIGIN, 404),
    ],
)
def test_each_refusal_has_the_status_of_the_protocol(refusal: Refusal, status: int) -> None:
    assert answer(Refused(refusal)).status == status
    assert alarm(Refused(refusal)) is None


def test_a_rewritten_history_is_answered_422_and_another_root_for_the_same_size_409() -> None:
    """As tlog-witness wants it; the log tells the latter from a stale start, because it asked from that very size."""
    assert answer(decide(FALSE.request(9, 12), seen(9), LOGS)).status == 422  # type: ignore[arg-type]
    conflict = answer(decide(FALSE.request(9, 9), seen(9), LOGS))  # type: ignore[arg-type]
    assert conflict == (409, "text/x.tlog.size", b"9\n")


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_request_comes_back_from_its_bytes(one: int, other: int) -> None:
    old, size = sorted((one, other))
    request = TRUE.request(old, size)
    assert read_request(request.to_bytes()) == request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + TRUE.note(5).to_bytes(),
        b"old -1\n\n" + TRUE.note(5).to_bytes(),
        b"new 0\n\n" + TRUE.note(5).to_bytes(),
        b"old 0\n\n" + TRUE.note(5).text.encode(),
        b"old 0\nAAAA\n\n" + TRUE.note(5).to_bytes(),
        b"old 0\n\xc3\xa9\n\n" + TRUE.note(5).to_bytes(),
        b"old 0\n\n" + Note("no checkpoint\n").signed(LOG.sign("no checkpoint\n")).to_bytes(),
        b"old 1" + (b"\n" + base64.b64encode(bytes(32))) * 64 + b"\n\n" + TRUE.note(5).to_bytes(),
    ],
)
def test_what_is_no_request_is_malformed(body: bytes) -> None:
    assert read_request(body) == Refused(Refusal.MALFORMED)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    assert read_request(body) == Refused(Refusal.MALFORMED)


class Race(RuleBasedStateMachine):
    """Requests overlap in any order; the store obeys the protocol of the module: compare and set, then send."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Seen | None = None
        self.under_way: list[Cosign] = []
        self.sent: list[Checkpoint] = []

    @rule(old=st.integers(0, 12), grow=st.integers(0, 6), lie=st.booleans())
    def ask(self, old: int, grow: int, *, lie: bool) -> None:
        history = FALSE if lie else TRUE
        decision = decide(history.request(old, old + grow), self.state, LOGS)
        if isinstance(decision, Cosign):
            self.under_way.append(decision)

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        if self.under_way:
            decision = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
            done: Cosigned = cosigned(decision, [WITNESS], TIME)
            if self.state == decision.previous:
                self.state = done.seen
                self.sent.append(done.seen.checkpoint)

    @invariant()
    def what_was_sent_is_one_growing_history(self) -> None:
        """Breaks if the state could be rolled back, or two histories be cosigned."""
        sizes = [checkpoint.size for checkpoint in self.sent]
        assert sizes == sorted(sizes)
        histories = (TRUE, FALSE)
        assert not self.sent or any(
            all(checkpoint == Checkpoint.of(history.note(checkpoint.size)) for checkpoint in self.sent)
            for history in histories
        )


Race.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRace = Race.TestCase
