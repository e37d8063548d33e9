"""A story told the same way by receipts, desks and ledger passes; every way of disagreeing is named."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from contracts import subjects
from contracts.codes import Role, Space, Status
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.problems import ProblemCode
from contracts.receipts import Outcome, Receipt, ReportReceipt
from contracts.reports import IncidentReport
from services.routing.incident.decide import fold
from services.stack.demo.checking import Evidence, Feed, contradictions, figures
from services.stack.demo.chronicle import Chronicle
from services.stack.demo.record import OnRecord
from services.stack.demo.scenario import Expected, Filing, Scenario
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    accepted,
    acknowledging,
    after,
    assignment,
    opening,
    report,
    silence,
    uid,
)

SENDER = "ubnd-x-an-phu/to-xung-kich-1"
ASSIGNMENTS = (assignment(), assignment(POLICE, Role.COORDINATE))


def arrived(filed: IncidentReport, space: Space = Space.ACTUAL) -> Event[Any]:
    event = accepted(filed)
    origin = subjects.Origin("ubnd-x-an-phu", "to-xung-kich-1")
    return event.model_copy(update={"subject": subjects.report(space, origin, filed.report)})


def told(filed: IncidentReport | None = None, space: Space = Space.ACTUAL) -> list[Event[Any]]:
    """A report, the incident with two dispatches, and the lead's acknowledgement."""
    filed = filed or report()
    state, events = after(None, opening(*ASSIGNMENTS, filed=filed))
    lead = next(e.data for e in events if isinstance(e.data, DispatchIssued) and e.data.role is Role.LEAD)
    _, answers = after(fold(events) or state, acknowledging(lead))
    return [arrived(filed, space), *events, *answers]


def chronicle(*stories: list[Event[Any]]) -> Chronicle:
    folded = Chronicle()
    for sequence, event in enumerate([event for story in stories for event in story], start=1):
        folded.take(event, sequence)
    return folded


def feed(folded: Chronicle, desk: Any, space: Space = Space.ACTUAL) -> Feed:
    theirs = {d: e.data for d, e in folded.issued.items() if e.data.addressee == desk and e.data.space is space}
    return Feed(
        desk, space, frozenset(theirs), frozenset(theirs.keys() & folded.acknowledged.keys()), frozenset(), frozenset()
    )


def evidence(**changes: Any) -> Evidence:
    folded = chronicle(told())
    filing = Filing(key="one", at=timedelta(), by=SENDER, report={}, expect=Expected(lead="ubnd-x-an-phu/truc-ban"))
    given: dict[str, Any] = {
        "scenario": Scenario(
            code="story",
            title_vi="Chuyện",
            title_en="Story",
            label_vi="Ví dụ",
            label_en="Example",
            starts=time(6, 30),
            ends=timedelta(minutes=1),
            speed=60.0,
            filings=(filing,),
            desks=(),
        ),
        "receipts": {"one": receipt(next(iter(folded.accepted)))},
        "feeds": (feed(folded, COMMUNE), feed(folded, POLICE), feed(folded, COMMUNE, Space.EXERCISE)),
        "chronicle": folded,
        "ledger": OnRecord(
            frozenset(folded.ids), {"IncidentOpened": 1, "DispatchIssued": 2, "DispatchAcknowledged": 1}
        ),
        "parked": 0,
    }
    return Evidence(**(given | changes))


def receipt(event: Any, outcome: Outcome = Outcome.ACCEPTED) -> Receipt:
    return Receipt(
        submission=uid("submission"), reports=(ReportReceipt(report=uid("report", 1), outcome=outcome, event=event),)
    )


def said(found: Evidence) -> str:
    return "\n".join(contradiction.en for contradiction in contradictions(found))


def test_three_sides_that_agree_leave_nothing_to_say() -> None:
    found = evidence()
    assert said(found) == ""
    counted = figures(found)
    assert (counted["reports"], counted["accepted"], counted["incidents"]) == (1, 1, 1)
    assert (counted["dispatches"], counted["acknowledged"], counted["exercise_on_live_desks"]) == (2, 1, 0)


def test_a_submission_without_a_receipt_is_named() -> None:
    assert "one: no receipt came" in said(evidence(receipts={}))


def test_a_receipt_for_what_is_not_on_record_is_named() -> None:
    assert "receipts speak of 1 ReportAccepted" in said(evidence(receipts={"one": receipt(uid("never recorded"))}))


def test_a_fact_missing_in_the_ledger_is_named() -> None:
    whole = evidence()
    short = OnRecord(frozenset(list(whole.ledger.ids)[1:]), whole.ledger.kinds)
    assert "the ledger holds 4, the stream 5" in said(replace(whole, ledger=short))


@pytest.mark.parametrize("extra", [frozenset(), frozenset({uid("not theirs")})])
def test_a_desk_that_sees_less_or_more_than_its_own_is_named(extra: frozenset[Any]) -> None:
    whole = evidence()
    wrong = whole.feeds[0]._replace(dispatches=extra)
    assert "dispatches, 1 are addressed to it" in said(replace(whole, feeds=(wrong, *whole.feeds[1:])))


def test_an_exercise_on_a_live_desk_is_named() -> None:
    """A feed that lets an exercise through, or a dispatch that mixes both, must never pass for a good demonstration."""
    drill = report("drill", status=Status.EXERCISE)
    folded = chronicle(told(), told(drill, Space.EXERCISE))
    live = feed(folded, COMMUNE)
    leaked = live._replace(dispatches=live.dispatches | feed(folded, COMMUNE, Space.EXERCISE).dispatches)
    found = evidence(chronicle=folded, feeds=(leaked,))
    assert "an exercise and the real thing are mixed" in said(found)
    assert figures(found)["exercise_on_live_desks"] == 1


def test_an_acknowledgement_that_nobody_recorded_is_named() -> None:
    whole = evidence()
    wrong = whole.feeds[1]._replace(acknowledged=whole.feeds[1].dispatches)
    assert "desks hold 2 receipts (0 failed), 1 are on record" in said(replace(whole, feeds=(whole.feeds[0], wrong)))


def test_a_duty_taken_that_nobody_recorded_is_named() -> None:
    whole = evidence()
    wrong = whole.feeds[0]._replace(taken=whole.feeds[0].dispatches)
    assert "desks hold 1 receipts of taking a duty, 0 are on record" in said(replace(whole, feeds=(wrong,)))


def test_a_deadline_that_fires_twice_is_named() -> None:
    """A desk asked twice for the same thing would learn to look away."""
    folded = chronicle(told())
    police = next(e.data for e in folded.issued.values() if e.data.addressee == POLICE)
    state, _ = after(None, opening(*ASSIGNMENTS))
    _, repeated = after(state, silence(police))
    for sequence in (7, 8):
        folded.take(repeated[0], sequence)
    found = said(evidence(chronicle=folded))
    assert f"deadline {police.obligations[0].obligation} fired twice" in found


def test_a_lead_without_its_dispatch_is_named() -> None:
    folded = chronicle(told())
    lead = next(d for d, e in folded.issued.items() if e.data.role is Role.LEAD)
    folded.watch.gone.add(lead)
    assert "leads but the lead's dispatch is with -" in said(evidence(chronicle=folded))


def test_something_parked_is_named() -> None:
    assert "3 messages were parked" in said(evidence(parked=3))


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        (Expected(lead="ca-x/truc-ban"), "led by ubnd-x-an-phu/truc-ban instead of ca-x/truc-ban"),
        (Expected(outcome=Outcome.DUPLICATE), "accepted instead of duplicate"),
        (Expected(outcome=Outcome.REJECTED, codes=(ProblemCode.TIME_INVALID,)), "instead of rejected time.invalid"),
        (Expected(joins="another"), "was not joined to another"),
        (Expected(filed=True), "one: should be about no incident"),
    ],
)
def test_another_course_than_the_story_tells_is_named(expected: Expected, complaint: str) -> None:
    whole = evidence()
    filing = whole.scenario.filings[0].model_copy(update={"expect": expected})
    scenario = whole.scenario.model_copy(update={"filings": (filing,)})
    assert complaint in said(replace(whole, scenario=scenario))


def test_a_deadline_is_unanswered_until_somebody_answers_or_it_is_escalated() -> None:
    folded = chronicle(told())
    due = max(owed.due for event in folded.issued.values() for owed in event.data.obligations)
    (silent,) = folded.unanswered(due)
    assert folded.issued[folded.watch.arisen[silent].dispatch].data.addressee == POLICE
    assert not list(folded.unanswered(due - timedelta(hours=1)))
