"""The verdict of a run of chaos counts what the checker and the runner found, and never calls a flaw nothing."""

import json
from collections import Counter
from datetime import UTC, datetime

from benchmarks.chaos.control import counted
from benchmarks.chaos.faults import Done
from benchmarks.chaos.plan import Kind
from benchmarks.chaos.verdict import WRONG, Found, Verdict, judge, summary, wrong
from tests.system.checker import Flaw
from tests.system.evidence import Evidence, Fact, Parked, Row
from tests.system.load import Sent

AT = datetime(2026, 11, 22, tzinfo=UTC)
DONE = [Done(1.0, Kind.KILL, "intake", 0.0)]


def _evidence() -> Evidence:
    event = {"id": "e1", "type": "phoihop.ReportRejected.v1", "data": {}}
    body = json.dumps(event).encode()
    fact = Fact(1, "actual.report.x.y.z", body, AT, event)
    return Evidence([fact], [Row(0, 1, "e1", "phoihop.ReportRejected.v1", fact.subject, body)])


def _sent() -> list[Sent]:
    return [Sent("x", "y", "bad", b"", None, told=[{"outcome": "rejected", "event": "e1"}])]


def _judge(evidence: Evidence | None, sent: list[Sent], *noted: Flaw) -> Verdict:
    return judge(7, 30.0, DONE, sent, (evidence, [], noted))


def test_a_sound_run_is_sound_and_says_what_was_done() -> None:
    verdict = _judge(_evidence(), _sent())
    assert verdict.sound
    told = json.loads(json.dumps(verdict.as_json()))
    assert (told["seed"], told["reports_sent"], told["receipts"], told["facts"], told["entries"]) == (7, 1, 1, 1, 1)
    assert told["faults"] == [{"at": 1.0, "kind": "kill", "target": "intake", "took": 0.0, "note": ""}]


def test_what_was_promised_and_is_not_there_is_lost() -> None:
    sent = _sent()
    sent[0].told.append({"outcome": "rejected", "event": "e9"})
    verdict = _judge(_evidence(), sent)
    assert not verdict.sound
    assert verdict.lost == 1
    assert "report: lost" in {one.kind for one in verdict.flaws}


def test_what_the_runner_noted_and_what_was_parked_are_flaws() -> None:
    """Broken when a part that never came back, or a message set aside, passes because nothing was counted as lost."""
    evidence = _evidence()
    evidence.parked.append(Parked("parked.x", {}, b""))
    verdict = _judge(evidence, _sent(), Flaw("system: not back", "audit"))
    assert (verdict.sound, verdict.parked, verdict.other) == (False, 1, 1)


def test_a_system_nobody_could_look_at_is_not_sound() -> None:
    assert not _judge(None, _sent(), Flaw("system: cannot be looked at", "")).sound


def test_each_kind_is_shown_once_with_its_shortest_witness() -> None:
    found = summary([Flaw("report: lost", "a long one"), Flaw("report: lost", "short"), Flaw("new kind", "x")])
    assert found == (Found("new kind", 1, "x"), Found("report: lost", 2, "short"))
    assert (wrong("report: lost"), wrong("new kind")) == ("lost", "other")
    assert WRONG["dispatch: silence unheard"] == "unheard"


def test_the_control_is_caught_when_it_loses_or_repeats_and_only_then() -> None:
    """Broken when the counting is blind: then all zeros of the real system would say nothing."""
    assert counted(1, 9.0, DONE, _sent(), Counter({"e1": 1})).sound
    lost, twice = counted(1, 9.0, DONE, _sent(), Counter()), counted(1, 9.0, DONE, _sent(), Counter({"e1": 2}))
    assert (lost.sound, lost.lost, lost.duplicated, lost.witness) == (False, 1, 0, "lost e1")
    assert (twice.sound, twice.lost, twice.duplicated, twice.witness) == (False, 0, 1, "twice e1")
