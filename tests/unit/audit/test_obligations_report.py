"""What agencies owed is counted out of the facts: once each, by how it ended, whatever kinds are still to come."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.audit.reports.obligations import Fact, Line, Reckoning

DUE = datetime(2026, 11, 22, 3, tzinfo=UTC)
AFTER = DUE + timedelta(days=1)


def owed(name: str, kind: str = "acknowledge", due: datetime = DUE) -> dict[str, Any]:
    return {"obligation": name, "kind": kind, "due": due.isoformat().replace("+00:00", "Z")}


def issued(dispatch: str, *obligations: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "DispatchIssued", {"dispatch": dispatch, "obligations": list(obligations)}


def fact(name: str, dispatch: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return name, {"dispatch": dispatch, **data}


def counted(*facts: tuple[str, dict[str, Any]], as_of: datetime = AFTER, **period: datetime) -> list[Line]:
    reckoning = Reckoning(**period)
    for name, data in facts:
        reckoning.take(Fact(name, "xa-a", data.get("at", DUE), data))
    assert reckoning.unreadable == 0
    return list(reckoning.lines(as_of))


def line(
    kind: str = "acknowledge", period: str = "2026-11", because: tuple[tuple[str, int], ...] = (), **counts: int
) -> Line:
    numbers = {name: counts.get(name, 0) for name in ("met", "late", "breached", "excused", "open")}
    return Line("xa-a", period, kind, **numbers, because=because)


def test_an_obligation_is_met_in_time_late_breached_or_open() -> None:
    facts = (
        issued("1", owed("a")),
        issued("2", owed("b")),
        issued("3", owed("c")),
        issued("4", owed("d", due=AFTER + timedelta(hours=1))),
        issued("5", owed("e")),
        fact("DispatchAcknowledged", "1", late=False),
        fact("DispatchAcknowledged", "2", late=True),
        fact("DispatchEscalated", "3", obligation="c", next="6"),
    )
    assert counted(*facts) == [line(met=1, late=1, breached=2, open=1)]
    assert sum(each.owed for each in counted(*facts)) == 5


def test_what_comes_after_an_escalation_is_late_and_not_breached() -> None:
    escalated = fact("DispatchEscalated", "1", obligation="a", next=None)
    assert counted(issued("1", owed("a")), escalated, fact("DispatchAcknowledged", "1", late=False)) == [line(late=1)]


def test_each_obligation_counts_once_however_often_it_is_answered() -> None:
    again = fact("DispatchAcknowledged", "1", late=True)
    assert counted(issued("1", owed("a")), fact("DispatchAcknowledged", "1", late=False), again) == [line(met=1)]


def test_further_kinds_are_owed_met_breached_and_excused_without_a_change_here() -> None:
    later = DUE + timedelta(hours=2)
    facts = (
        issued("1", owed("a", "first_report"), owed("b", "some_kind_to_come")),
        fact("ObligationMet", "1", obligation="a", late=False, next=owed("c", "periodic_report", later)),
        fact("ObligationExcused", "1", obligation="c", reason="closed"),
        fact("ObligationExcused", "1", obligation="b", reason="withdrawn"),
    )
    assert counted(*facts) == [
        line("first_report", met=1),
        line("periodic_report", excused=1, because=(("closed", 1),)),
        line("some_kind_to_come", excused=1, because=(("withdrawn", 1),)),
    ]


def test_asking_again_is_no_second_obligation_and_an_answer_to_it_is_late() -> None:
    """Breaks if a desk's account grew by the hub's asking, or its silence were forgiven by asking again."""
    later = DUE + timedelta(hours=2)
    repeated = (issued("1", owed("a")), fact("DispatchRepeated", "1", obligation="a", repeat=owed("b", due=later)))
    assert counted(*repeated) == [line(breached=1)]
    assert counted(*repeated, fact("DispatchAcknowledged", "1", late=False)) == [line(late=1)]
    missing = (
        issued("1", owed("a", "first_report")),
        fact("ObligationBreached", "1", obligation="a", next=owed("b", "first_report", later)),
    )
    assert counted(*missing) == [line("first_report", breached=1)]
    sent = fact(
        "ObligationMet", "1", obligation="b", late=False, next=owed("c", "follow_up", AFTER + timedelta(hours=1))
    )
    assert counted(*missing, sent) == [line("first_report", late=1), line("follow_up", open=1)]


def test_what_was_missed_stays_missed_whoever_ends_it_afterwards() -> None:
    """Breaks if closing an incident could wash off what a desk had failed to do before."""
    silent = (issued("1", owed("a")), fact("DispatchRepeated", "1", obligation="a", repeat=owed("b")))
    assert counted(*silent, fact("ObligationExcused", "1", obligation="b", reason="closed")) == [line(breached=1)]
    assert counted(*silent, fact("DispatchWithdrawn", "1", reason="merged")) == [line(breached=1)]


def test_a_counter_deadline_takes_the_place_of_the_first_where_it_came_in_time() -> None:
    later = DUE + timedelta(hours=2)
    held = issued("1", owed("a", "decide"))
    defer = fact("DispatchDeferred", "1", excused=["a"], obligation=owed("b", "decide", later))
    too_late = fact("DispatchDeferred", "1", excused=[], obligation=owed("b", "decide", later), at=later)
    accept = fact("DispatchAccepted", "1", late=False, at=later)
    assert counted(held, defer, as_of=DUE) == [line("decide", open=1)]
    assert counted(held, defer, accept) == [line("decide", met=1)]
    assert counted(held, defer, fact("DispatchEscalated", "1", obligation="b", next=None), accept) == [
        line("decide", late=1)
    ]
    assert counted(held, too_late, accept) == [line("decide", late=1)]
    assert counted(issued("1"), defer, accept) == [line("decide", met=1)]


def test_handing_over_is_a_decision_which_may_be_late() -> None:
    held, hand_over = issued("1", owed("a", "decide")), fact("DispatchTransferred", "1", next="2")
    assert counted(held, hand_over) == [line("decide", met=1)]
    assert counted(held, fact("DispatchTransferred", "1", next="2", at=AFTER)) == [line("decide", late=1)]
    assert counted(held, fact("DispatchDeclined", "1", next="2", late=True)) == [line("decide", late=1)]


def test_only_an_answer_answers_an_objection_and_the_first_one_counts() -> None:
    """Breaks if an owner of rules could be rid of an objection by calling the request for an answer done."""
    asked = ("DispatchIssued", {"dispatch": "2", "obligations": [owed("b", "answer")], "objects_to": "1"})
    done = (
        fact("ObligationExcused", "2", obligation="b", kind="answer", reason="completed"),
        fact("DispatchCompleted", "2"),
    )
    assert counted(asked, *done) == [line("answer", excused=1, because=(("completed", 1),))]
    assert counted(asked, *done, fact("MisrouteAnswered", "1", late=False)) == [line("answer", met=1)]
    again = fact("MisrouteAnswered", "1", late=True)
    assert counted(asked, *done, fact("MisrouteAnswered", "1", late=False), again) == [line("answer", met=1)]
    assert counted(asked, fact("ObligationBreached", "2", obligation="b", next=None), again) == [line("answer", late=1)]


def test_a_dispatch_that_is_over_asks_for_nothing() -> None:
    for name, why in (("DispatchReleased", "released"), ("DispatchWithdrawn", "withdrawn")):
        ended = counted(issued("1", owed("a", "decide")), fact(name, "1"))
        assert ended == [line("decide", excused=1, because=((why, 1),))]


def test_a_report_of_a_period_that_is_taken_back_is_owed_again() -> None:
    later = AFTER + timedelta(hours=1)
    base = {"obligation": "p", "agency": "xa-a", "owing": "period"}
    owes = ("ReportOwed", base | {"due": DUE.isoformat()})
    filed = ("PeriodReportFiled", base | {"late": False})
    late = ("PeriodReportFiled", base | {"late": True})
    missing = ("PeriodReportMissing", base | {"due": DUE.isoformat(), "send_by": None})
    taken_back = ("PeriodReportWithdrawn", base | {"due": later.isoformat()})
    excused = ("PeriodReportExcused", base | {"reason": "agency_ended"})
    assert counted(owes) == [line("period", breached=1)]
    assert counted(owes, owes, filed, late) == [line("period", met=1)]
    assert counted(owes, missing, late) == [line("period", late=1)]
    assert counted(owes, filed, taken_back) == [line("period", open=1)]
    assert counted(owes, missing, late, taken_back, filed) == [line("period", met=1)]
    assert counted(owes, missing, excused) == [line("period", excused=1, because=(("agency_ended", 1),))]


def test_the_month_is_the_one_in_viet_nam_in_which_the_time_ran_out() -> None:
    evening = datetime(2026, 11, 30, 18, tzinfo=UTC)  # 1 December 01:00 there
    assert counted(issued("1", owed("a", due=evening)), as_of=evening) == [line(period="2026-12", breached=1)]


def test_only_what_ran_out_in_the_period_is_counted() -> None:
    facts = (issued("1", owed("a")), issued("2", owed("b", due=AFTER)), fact("DispatchAcknowledged", "2", late=False))
    assert counted(*facts, since=AFTER) == [line(met=1)]
    assert counted(*facts, until=AFTER) == [line(breached=1)]


def test_what_the_hub_itself_does_at_a_time_is_owed_by_nobody() -> None:
    assert counted(issued("1", owed("a", "order_prompt"), owed("b", "order_expires"))) == []


def test_a_fact_of_another_form_is_counted_as_unreadable_and_stops_nothing() -> None:
    """Breaks if one broken body could make the whole report fail, or vanish from it unsaid."""
    reckoning = Reckoning()
    for data in ({}, {"obligations": 7, "dispatch": "1"}, {"obligations": [{"kind": "x"}], "dispatch": "1"}):
        reckoning.take(Fact("DispatchIssued", "xa-a", DUE, data))
    reckoning.take(Fact("Unknown", "", DUE, {}))
    assert (reckoning.unreadable, reckoning.lines(AFTER)) == (3, ())
