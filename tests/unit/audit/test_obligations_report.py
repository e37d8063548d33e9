"""What agencies owed is counted out of the facts: once each, by how it ended, whatever kinds are still to come."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.audit.obligations_report import Line, Reckoning

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
        reckoning.take(name, "xa-a", data)
    assert reckoning.unreadable == 0
    return list(reckoning.lines(as_of))


def line(kind: str = "acknowledge", period: str = "2026-11", **counts: int) -> Line:
    return Line("xa-a", period, kind, *(counts.get(name, 0) for name in Line._fields[3:]))


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
        fact("ObligationBreached", "1", obligation="c", next=owed("d", "periodic_report", later)),
        fact("ObligationMet", "1", obligation="c", late=True, next=None),
        fact("ObligationExcused", "1", obligation="d", reason="closed"),
        fact("ObligationExcused", "1", obligation="b", reason="closed"),
    )
    assert counted(*facts) == [
        line("first_report", met=1),
        line("periodic_report", late=1, excused=1),
        line("some_kind_to_come", excused=1),
    ]


def test_a_second_request_and_a_counter_deadline_take_the_place_of_the_first() -> None:
    facts = (
        issued("1", owed("a"), owed("b", "decide")),
        fact("DispatchRepeated", "1", obligation="a", repeat=owed("c")),
        fact("DispatchDeferred", "1", excused=["b"], obligation=owed("d", "decide")),
        fact("DispatchAcknowledged", "1", late=False),
        fact("DispatchAccepted", "1", late=False),
    )
    assert counted(*facts) == [line(met=1, late=1), line("decide", met=1, excused=1)]


def test_handing_over_is_a_decision_and_an_answer_that_was_given_is_met() -> None:
    facts = (
        issued("1", owed("a", "decide")),
        fact("DispatchTransferred", "1", next="2"),
        issued("2", owed("b", "answer"), owed("c", "follow_up")),
        fact("ObligationExcused", "2", obligation="b", kind="answer", reason="completed"),
        fact("ObligationExcused", "2", obligation="c", kind="follow_up", reason="completed"),
    )
    assert counted(*facts) == [line("answer", met=1), line("decide", met=1), line("follow_up", excused=1)]


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
        reckoning.take("DispatchIssued", "xa-a", data)
    reckoning.take("Unknown", None, {})
    assert (reckoning.unreadable, reckoning.lines(AFTER)) == (3, ())
