"""The checker finds what it is there to find: one sound run, then that run with one thing broken at a time."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.system.checker import verdict
from tests.system.desks import Acted, Received
from tests.system.evidence import Evidence, Fact, Row
from tests.system.load import Sent

AT = datetime(2026, 11, 22, tzinfo=UTC)
DESK = "actual/a/d"
Run = tuple[Evidence, list[Sent], list[Acted]]


def _fact(sequence: int, kind: str, subject: str, cause: str, **data: Any) -> Fact:
    event = {"id": f"e{sequence}", "type": f"phoihop.{kind}.v1", "causationid": cause, "data": data}
    body = json.dumps(event).encode()
    return Fact(sequence, subject, body, AT + timedelta(seconds=10 * sequence), event)


def _run() -> Run:
    dispatch = "actual.incident.i.dispatch.a.d"
    owed = {"obligation": "o1", "kind": "acknowledge", "due": (AT + timedelta(seconds=35)).isoformat()}
    facts = [
        _fact(1, "ReportAccepted", "actual.report.x.y.r", "s1", report={"report": "r"}),
        _fact(2, "IncidentOpened", "actual.incident.i.course", "e1", incident="i", report={"event": "e1"}),
        _fact(3, "DispatchIssued", dispatch, "e1", dispatch="d1", role="lead", obligations=[owed]),
        _fact(4, "DispatchAcknowledged", dispatch, "act", dispatch="d1", action="act"),
        _fact(5, "ReportRejected", "actual.report.x.y.z", "s2"),
        _fact(6, "ReportRejected", "actual.report.x.y.q", "s3"),
    ]
    rows = [Row(n, f.sequence, f.id, f"phoihop.{f.kind}.v1", f.subject, f.body) for n, f in enumerate(facts)]
    received = [Received(DESK, f.sequence, f.subject, f.body) for f in facts if f.subject == dispatch]
    sent = [
        Sent("x", "y", "new", b"", "r", told=[{"outcome": "accepted", "event": "e1"}]),
        Sent("x", "y", "bad", b"", None, told=[{"outcome": "rejected", "event": "e5"}]),
        Sent("x", "y", "bad", b"", None, told=[{"outcome": "rejected", "event": "e6"}]),
    ]
    return Evidence(facts, rows, {DESK: received}), sent, [Acted("act", [{"outcome": "accepted"}])]


def _put(evidence: Evidence, fact: Fact) -> None:
    """One more fact at the end, rightly entered in the ledger."""
    fact = replace(fact, sequence=len(evidence.facts) + 1)
    evidence.facts.append(fact)
    evidence.rows.append(Row(len(evidence.rows), fact.sequence, fact.id, fact.kind, fact.subject, fact.body))


def _told(evidence: Evidence, number: int) -> Received:
    return evidence.desks[DESK][number]


BROKEN: dict[str, Callable[[Run], object]] = {
    "stream: gap": lambda run: run[0].facts.pop(4),
    "stream: event id twice": lambda run: _put(run[0], run[0].facts[4]),
    "stream: effect before cause": lambda run: _swap(run[0]),
    "ledger: length": lambda run: run[0].rows.pop(),
    "ledger: gap": lambda run: run[0].rows.pop(2),
    "ledger: other content": lambda run: _row(run[0], body=b"{}"),
    "ledger: other event": lambda run: _row(run[0], event_type="repeated"),
    "report: lost": lambda run: run[1][0].told.append({"outcome": "accepted", "event": "e9"}),
    "report: from nowhere": lambda run: run[1].pop(),
    "report: other report": lambda run: setattr(run[1][0], "report", "other"),
    "report: recorded as something else": lambda run: setattr(run[1][0], "unit", "z"),
    "report: in no incident": lambda run: _put(run[0], _fact(7, "ReportAccepted", "actual.report.x.y.n", "s")),
    "report: accepted twice": lambda run: _put(run[0], _fact(7, "ReportAccepted", "actual.report.x.y.r", "s")),
    "report: in several incidents": lambda run: _put(
        run[0], _fact(7, "IncidentOpened", "actual.incident.j.course", "e1", incident="j", report={"event": "e1"})
    ),
    "incident: opened twice": lambda run: _put(run[0], replace(run[0].facts[1])),
    "incident: fact before opening": lambda run: _put(
        run[0], _fact(7, "IncidentUpdated", "actual.incident.k.course", "e1", incident="k", report={"event": "e1"})
    ),
    "sender: no receipt": lambda run: run[1][0].told.clear(),
    "sender: receipts disagree": lambda run: run[1][0].told.append({"outcome": "rejected", "event": "e5"}),
    "sender: wrong outcome": lambda run: setattr(run[1][0], "kind", "conflict"),
    "dispatch: issued twice": lambda run: _put(run[0], run[0].facts[2]),
    "dispatch: rung twice": lambda run: _put(run[0], run[0].facts[3]),
    "dispatch: rung before issue": lambda run: _put(
        run[0], _fact(7, "DispatchEscalated", "actual.incident.i.dispatch.a.d", "o", dispatch="d9")
    ),
    "dispatch: silence unheard": lambda run: run[0].facts.__setitem__(3, _fact(4, "Other", "actual.x", "e1")),
    "desk: never reached": lambda run: run[0].desks[DESK].pop(),
    "desk: not theirs": lambda run: run[0].desks.__setitem__("actual/b/d", [_told(run[0], 0)]),
    "desk: out of order": lambda run: run[0].desks[DESK].reverse(),
    "desk: other content": lambda run: run[0].desks[DESK].__setitem__(0, replace(_told(run[0], 0), body=b"")),
    "desk: repeated with other content": lambda run: run[0].desks[DESK].append(replace(_told(run[0], 0), body=b"")),
    "desk: no receipt": lambda run: run[2][0].told.clear(),
    "desk: act refused": lambda run: run[2][0].told.append({"outcome": "rejected"}),
    "desk: act recorded not once": lambda run: setattr(run[2][0], "action", "other"),
}


def test_a_sound_run_has_no_flaw() -> None:
    evidence, sent, acted = _run()
    assert verdict(evidence, sent, acted) == ""
    evidence.desks[DESK].append(_told(evidence, 0))
    assert verdict(evidence, sent, acted) == "", "the bus may repeat a delivery"


@pytest.mark.parametrize("kind", BROKEN)
def test_every_kind_of_flaw_is_found_and_named(kind: str) -> None:
    """Broken when a run that lost, repeated or reordered something passes."""
    run = _run()
    BROKEN[kind](run)
    assert kind in verdict(*run)


def _row(evidence: Evidence, **changes: Any) -> None:
    evidence.rows[2] = replace(evidence.rows[2], **changes)


def _swap(evidence: Evidence) -> None:
    """The opening before the report that caused it."""
    first, second, *rest = evidence.facts
    evidence.facts[:] = [replace(second, sequence=1), replace(first, sequence=2), *rest]
