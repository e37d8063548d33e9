"""The obligations report over random lives of incidents, against a recount that shares no code with it."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings

from contracts.decisions import Obligation, ObligationKind
from contracts.events import DispatchAcknowledged, DispatchEscalated, DispatchIssued
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchRepeated,
    DispatchTransferred,
    MisrouteAnswered,
    ObligationBreached,
    ObligationExcused,
    ObligationMet,
)
from services.audit.reports.auditing import data_of
from services.audit.reports.obligations import Fact, Reckoning
from services.routing.incident.decide import IncidentEvent
from tests.unit.routing.test_life_machine import TwoIncidents

DECIDING = (DispatchAccepted, DispatchDeclined, DispatchTransferred)
Counts = Counter[tuple[str, str, str]]


class CountedLives(TwoIncidents):
    """Breaks if any life of two incidents makes the streaming report and the plain recount disagree."""

    def teardown(self) -> None:
        self.agree()
        super().teardown()
        self.agree()

    def agree(self) -> None:
        log = [event for side in self.logs.values() for event in side]
        for as_of in (self.now, self.now + timedelta(days=30)):
            assert reported(log, as_of) == recounted(log, as_of)


def reported(log: list[IncidentEvent], as_of: datetime) -> Counts:
    """What the report says of the events as they are stored, month by month."""
    reckoning = Reckoning()
    for event in log:
        agency = event.subject.split(".")[4] if ".dispatch." in event.subject else ""
        data = data_of(event.to_bytes())
        assert json.loads(event.to_bytes())["data"] == data
        reckoning.take(Fact(type(event.data).__name__, agency, event.time, data))
    assert reckoning.unreadable == 0
    found: Counts = Counter()
    for line in reckoning.lines(as_of):
        for outcome in ("met", "late", "breached", "excused", "open"):
            found[f"{line.agency} {line.period}", line.kind, outcome] += getattr(line, outcome)
        assert sum(number for _, number in line.because) == line.excused
    return +found


def recounted(log: list[IncidentEvent], as_of: datetime) -> Counts:
    """The same by looking at each dispatch as a whole, one kind of duty at a time."""
    of_dispatch: defaultdict[UUID, list[IncidentEvent]] = defaultdict(list)
    for event in log:
        if (dispatch := getattr(event.data, "dispatch", None)) and ".dispatch." in event.subject:
            of_dispatch[dispatch].append(event)
    found: Counts = Counter()
    for life in of_dispatch.values():
        issued = life[0].data
        assert isinstance(issued, DispatchIssued)
        ends = [
            *_once(life, ObligationKind.ACKNOWLEDGE, (DispatchAcknowledged,), as_of),
            *_deciding(life, as_of),
            *_reporting(life, as_of),
        ]
        if issued.objects_to:
            answers = [e for e in of_dispatch[issued.objects_to] if isinstance(e.data, MisrouteAnswered)]
            ends += _answering(life, answers, as_of)
        for kind, due, outcome in ends:
            month = due.astimezone(timezone(timedelta(hours=7))).strftime("%Y-%m")
            found[f"{issued.addressee.agency} {month}", kind, outcome] += 1
    return found


Ends = list[tuple[str, datetime, str]]


def _once(life: list[IncidentEvent], kind: ObligationKind, meets: tuple[type, ...], as_of: datetime) -> Ends:
    """What is owed once: met by the first such act unless it was excused before, and before its time."""
    first = _issued(life, kind)
    return [] if first is None else [(kind.value, first.due, _outcome(life, first, meets, as_of))]


def _outcome(life: list[IncidentEvent], owed: Obligation, meets: tuple[type, ...], as_of: datetime) -> str:
    fired = _index(life, (DispatchRepeated, DispatchEscalated, ObligationBreached), owed.obligation)
    released = _index(life, (ObligationExcused,), owed.obligation)
    met = next((n for n, e in enumerate(life) if isinstance(e.data, meets)), None)
    if fired is None and released is not None and (met is None or released < met):
        return "excused"
    if met is not None:
        return "late" if life[met].time > owed.due or (fired is not None and fired < met) else "met"
    return "breached" if fired is not None or owed.due <= as_of else "open"


def _deciding(life: list[IncidentEvent], as_of: datetime) -> Ends:
    """One account from the first time set on; a later time replaces an earlier one that has not passed."""
    owed, missed = _issued(life, ObligationKind.DECIDE), False
    ends: Ends = []
    for event in life[1:]:
        data: Any = event.data
        if isinstance(data, DispatchDeferred):
            missed = missed or (owed is not None and event.time > owed.due)
            due = owed.due if owed and missed else data.obligation.due
            owed = data.obligation.model_copy(update={"due": due})
        elif owed is None:
            continue
        elif isinstance(data, DECIDING):
            ends.append(("decide", owed.due, "late" if missed or event.time > owed.due else "met"))
            owed = None
        elif isinstance(data, DispatchEscalated) and data.obligation in _named(life, ObligationKind.DECIDE):
            missed = True
        elif isinstance(data, ObligationExcused) and data.kind is ObligationKind.DECIDE and not missed:
            ends.append(("decide", owed.due, "excused"))
            owed = None
    if owed is not None:
        ends.append(("decide", owed.due, "breached" if missed or owed.due <= as_of else "open"))
    return ends


def _reporting(life: list[IncidentEvent], as_of: datetime) -> Ends:
    """Every report owed that is no second request for one that is missing."""
    first = _issued(life, ObligationKind.FIRST_REPORT)
    later = [e.data.next for e in life if isinstance(e.data, ObligationMet) and e.data.next]
    ends: Ends = []
    for owed in [first, *later] if first else later:
        requests = _requests(life, owed.obligation)
        sent = [e for e in life if isinstance(e.data, ObligationMet) and e.data.obligation in requests]
        missed = any(_index(life, (ObligationBreached,), each) is not None for each in requests)
        excused = _index(life, (ObligationExcused,), owed.obligation) is not None
        if sent:
            outcome = "late" if missed or sent[0].time > owed.due else "met"
        else:
            outcome = "excused" if excused and not missed else "breached" if missed or owed.due <= as_of else "open"
        ends.append((owed.kind.value, owed.due, outcome))
    return ends


def _requests(life: list[IncidentEvent], obligation: UUID) -> list[UUID]:
    found = [obligation]
    for event in life:
        if isinstance(event.data, ObligationBreached) and event.data.obligation == found[-1] and event.data.next:
            found.append(event.data.next.obligation)
    return found


def _answering(life: list[IncidentEvent], answers: list[IncidentEvent], as_of: datetime) -> Ends:
    owed = _issued(life, ObligationKind.ANSWER)
    assert owed is not None
    if answers:
        return [("answer", owed.due, "late" if answers[0].time > owed.due else "met")]
    return [("answer", owed.due, _outcome(life, owed, (), as_of))]


def _issued(life: list[IncidentEvent], kind: ObligationKind) -> Obligation | None:
    assert isinstance(life[0].data, DispatchIssued)
    return next((owed for owed in life[0].data.obligations if owed.kind is kind), None)


def _named(life: list[IncidentEvent], kind: ObligationKind) -> set[UUID]:
    assert isinstance(life[0].data, DispatchIssued)
    deferred = {e.data.obligation.obligation for e in life if isinstance(e.data, DispatchDeferred)}
    return {owed.obligation for owed in life[0].data.obligations if owed.kind is kind} | deferred


def _index(life: list[IncidentEvent], kinds: tuple[type, ...], obligation: UUID) -> int | None:
    return next((n for n, e in enumerate(life) if isinstance(e.data, kinds) and e.data.obligation == obligation), None)  # type: ignore[union-attr]


TestCountedLives = pytest.mark.timeout(300)(CountedLives.TestCase)
TestCountedLives.settings = settings(
    max_examples=20, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
