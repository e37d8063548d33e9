"""The log's side: what an answer of a witness means, and when a checkpoint is settled."""

import pytest

from services.audit.evidence import verify as alone
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import (
    Added,
    Contradicted,
    Failed,
    Failure,
    GoOnFrom,
    Outcome,
    Quorum,
    Settled,
    Shrunk,
    Unsettled,
    learn,
    policy_text,
    settle,
)
from services.audit.tlog.notes import Forged, LogSigner, Note, Signature, WitnessSigner
from services.audit.tlog.witnessing import AddCheckpoint, Answer

LOG = LogSigner("phoihop.example/hue", b"l" * 32)
TEXT = Checkpoint(LOG.name, 9, bytes(32)).text
NOTE = Note(TEXT).signed(LOG.sign(TEXT))
A, B, C, B_NEW = (WitnessSigner(f"{name}.example", name.encode() * 32) for name in ("a", "b", "c", "d"))
TIME = 1_795_000_000
QUORUM = Quorum({"quan-khu": (A.verifier,), "cong-an": (B.verifier, B_NEW.verifier), "y-te": (C.verifier,)}, 2)


def test_a_checkpoint_is_settled_by_enough_witnesses_and_not_by_fewer() -> None:
    one = NOTE.signed(A.cosign(TEXT, TIME))
    assert settle(NOTE, QUORUM) == Unsettled({}, 2)
    assert settle(one, QUORUM) == Unsettled({"quan-khu": TIME}, 1)
    assert settle(one.signed(C.cosign(TEXT, TIME + 1)), QUORUM) == Settled({"quan-khu": TIME, "y-te": TIME + 1})


def test_a_witness_with_two_keys_counts_once() -> None:
    """Breaks if a change of keys let one agency make up a quorum."""
    both = NOTE.signed(B.cosign(TEXT, TIME), B_NEW.cosign(TEXT, TIME + 7))
    assert settle(both, QUORUM) == Unsettled({"cong-an": TIME + 7}, 1)


def test_the_log_and_strangers_settle_nothing() -> None:
    strangers = [WitnessSigner("a.example", bytes([number]) * 32).cosign(TEXT, TIME) for number in range(3)]
    assert settle(NOTE.signed(*strangers), QUORUM) == Unsettled({}, 2)


def test_a_forged_cosignature_of_a_witness_is_named() -> None:
    line = A.cosign(TEXT.replace("\n9\n", "\n8\n"), TIME)
    assert settle(NOTE.signed(line), QUORUM) == Forged(A.verifier)


def test_none_needed_is_settled_at_once() -> None:
    assert settle(NOTE, Quorum({}, 0)) == Settled({})


@pytest.mark.parametrize(
    ("witnesses", "enough"),
    [
        ({"a": (A.verifier,)}, 2),
        ({"a": (A.verifier,)}, -1),
        ({"a": (A.verifier,), "b": (A.verifier,)}, 1),
        ({"a b": (A.verifier,)}, 1),
        ({"none": (A.verifier,)}, 1),
        ({"": (A.verifier,)}, 1),
    ],
)
def test_a_quorum_that_makes_no_sense_is_refused(witnesses: dict[str, tuple[object, ...]], enough: int) -> None:
    with pytest.raises(ValueError, match="witness"):
        Quorum(witnesses, enough)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, "", str(A.cosign(TEXT, TIME)).encode()), Added((A.cosign(TEXT, TIME),))),
        (Answer(409, "text/x.tlog.size", b"7\n"), GoOnFrom(7)),
        (Answer(409, "text/x.tlog.size", b"9\n"), GoOnFrom(9)),
        (Answer(409, "text/x.tlog.size", b"3\n"), Contradicted("split_view")),
        (Answer(409, "text/x.tlog.size", b"10\n"), Shrunk(10)),
        (Answer(422, "", b"not_an_extension\n"), Contradicted("not_an_extension")),
        (Answer(404, "", b""), Failed(Failure.UNKNOWN_ORIGIN)),
        (Answer(403, "", b""), Failed(Failure.KEY_REFUSED)),
        (Answer(400, "", b""), Failed(Failure.MALFORMED)),
        (Answer(500, "", b""), Failed(Failure.MALFORMED)),
        (Answer(409, "", b"many\n"), Failed(Failure.MALFORMED)),
        (Answer(409, "", b"\xff"), Failed(Failure.MALFORMED)),
        (Answer(200, "", b""), Failed(Failure.MALFORMED)),
        (Answer(200, "", str(C.cosign(TEXT, TIME)).encode()), Failed(Failure.NO_COSIGNATURE)),
        (Answer(200, "", str(A.cosign("another\n", TIME)).encode()), Failed(Failure.NO_COSIGNATURE)),
    ],
)
def test_every_answer_has_its_meaning(answer: Answer, outcome: Outcome) -> None:
    assert learn(answer, AddCheckpoint(3, (), NOTE), [A.verifier]) == outcome


def test_lines_of_others_in_an_answer_are_left_out() -> None:
    """Breaks if a witness could smuggle lines into the checkpoint that everybody gets."""
    extra = Signature("other.example", b"abcd", bytes(72))
    answer = Answer(200, "", f"{extra}{A.cosign(TEXT, TIME)}".encode())
    assert learn(answer, AddCheckpoint(0, (), NOTE), [A.verifier]) == Added((A.cosign(TEXT, TIME),))


def test_the_policy_file_says_the_same_to_the_verifier_for_auditors() -> None:
    logs, witnesses, groups, quorum = alone.read_policy(policy_text([LOG.verifier], QUORUM))
    assert logs == [alone.key_of(str(LOG.verifier), 1)]
    assert witnesses["cong-an/2"] == alone.key_of(str(B_NEW.verifier), 4)
    assert groups[quorum] == (2, {"quan-khu", "cong-an", "y-te"})
    assert groups["cong-an"] == (1, {"cong-an/1", "cong-an/2"})


def test_the_policy_of_a_log_without_witnesses_has_the_quorum_none() -> None:
    assert policy_text([LOG.verifier], Quorum({}, 0)) == f"log {LOG.verifier}\nquorum none\n"
