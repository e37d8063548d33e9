"""The judgement on a flipped bit: a loss that is noticed is no flaw, one that nobody notices is, and so is any lie."""

import random
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chaos.flipping import Held, aftermath, flip_a_bit, never_recorded
from tests.system.evidence import Fact, Row
from tests.system.load import Sent

RED = "the stream has lost 1 of its 3 facts"


def fact(sequence: int, name: str = "") -> Fact:
    event = {"id": name or f"event-{sequence}", "type": "phoihop.ReportAccepted.v1"}
    return Fact(sequence, "actual.report.a.u.r", b"{}", datetime(2026, 11, 22, tzinfo=UTC), event)


def row(sequence: int, body: bytes = b"{}") -> Row:
    return Row(sequence - 1, sequence, f"event-{sequence}", "ReportAccepted", "actual.report.a.u.r", body)


def sent(*events: str) -> Sent:
    return Sent("a", "u", "new", b"{}", "r", told=[{"outcome": "accepted", "event": event} for event in events])


WHOLE = Held([fact(1), fact(2), fact(3)], [row(1), row(2), row(3)])
HOLED = Held([fact(1), fact(3)], WHOLE.rows)


def test_a_loss_that_is_noticed_is_no_flaw() -> None:
    assert [one.sequence for one in HOLED.lost()] == [2]
    assert aftermath(WHOLE, HOLED, [sent("event-2")], RED) == []


def test_a_loss_that_nobody_notices_is_a_flaw_with_its_first_fact() -> None:
    (flaw,) = aftermath(WHOLE, HOLED, [], "")

    assert (flaw.kind, flaw.witness) == ("loss: unnoticed", "1 facts, first 2 ReportAccepted")


def test_another_fact_at_the_sequence_of_a_lost_one_does_not_hide_the_loss() -> None:
    reused = Held([fact(1), fact(2, "event-new"), fact(3)], WHOLE.rows)

    assert [one.sequence for one in reused.lost()] == [2]


def test_what_the_ledger_had_must_be_there_as_it_was() -> None:
    changed = Held(WHOLE.facts, [row(1), row(2, b"{1}")])

    kinds = [flaw.kind for flaw in aftermath(WHOLE, changed, [], RED)]

    assert kinds == ["ledger: changed", "ledger: changed"]


def test_what_was_lost_before_it_was_recorded_is_counted_and_a_flaw_if_nobody_notices() -> None:
    told = [sent("event-2"), sent("event-9")]

    assert never_recorded(HOLED, told) == {"event-9"}
    assert aftermath(WHOLE, HOLED, told, RED) == []
    kinds = [flaw.kind for flaw in aftermath(WHOLE, HOLED, told, "")]
    assert kinds == ["report: lost unnoticed", "loss: unnoticed"]


def test_exactly_one_bit_of_the_oldest_block_is_another_one(tmp_path: Path) -> None:
    blocks = tmp_path / "jetstream" / "CORE" / "streams" / "EVENTS" / "msgs"
    blocks.mkdir(parents=True)
    for name in ("2.blk", "10.blk"):
        (blocks / name).write_bytes(bytes(1000))

    flip_a_bit(tmp_path, random.Random(1))

    assert sum(byte.bit_count() for byte in (blocks / "2.blk").read_bytes()) == 1
    assert (blocks / "10.blk").read_bytes() == bytes(1000)
