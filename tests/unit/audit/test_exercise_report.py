"""An exercise in figures: median, worst and missing per rung, by incident and agency, and in total."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.audit.reports.exercises import Drill, DrillFact, Line, Rung, Times

T0 = datetime(2026, 11, 22, 3, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def fact(name: str, dispatch: str, at: float, agency: str = "a", **data: Any) -> DrillFact:
    return DrillFact(name, agency, T0 + seconds(at), {"dispatch": dispatch, **data})


def issued(dispatch: str, at: float = 0, agency: str = "a", incident: str = "1", *kinds: str) -> DrillFact:
    obligations = [{"kind": kind} for kind in kinds or ("acknowledge", "decide")]
    return fact("DispatchIssued", dispatch, at, agency, incident=incident, obligations=obligations)


def measured(*facts: DrillFact, **period: datetime) -> tuple[Line, ...]:
    drill = Drill(**period)
    for each in facts:
        drill.take(each)
    assert drill.unreadable == 0
    return drill.lines()


def test_each_rung_has_a_median_a_worst_and_what_is_missing_by_incident_and_in_total() -> None:
    facts = (
        issued("1"),
        issued("2"),
        issued("3", 100, "a", "2"),
        issued("4", 0, "b"),
        fact("DispatchDelivered", "1", 1),
        fact("DispatchDelivered", "2", 3),
        fact("DispatchDelivered", "3", 108),
        fact("DispatchOpened", "1", 5),
        fact("DispatchAcknowledged", "1", 7),
        fact("DispatchAcknowledged", "1", 9),
        fact("DispatchAccepted", "1", 60),
    )
    one, other, two, total, total_other = measured(*facts)
    assert [(line.incident, line.agency, line.dispatches) for line in (one, other, two, total, total_other)] == [
        ("1", "a", 2),
        ("1", "b", 1),
        ("2", "a", 1),
        (None, "a", 3),
        (None, "b", 1),
    ]
    assert one.times[Rung.DELIVERED] == Times(seconds(2), seconds(3), 2, 0)
    assert total.times[Rung.DELIVERED] == Times(seconds(3), seconds(8), 3, 0)
    assert one.times[Rung.ACKNOWLEDGED] == Times(seconds(7), seconds(7), 1, 1)
    assert total.times[Rung.ACCEPTED] == Times(seconds(60), seconds(60), 1, 2)
    assert all(times == Times(None, None, 0, 1) for times in other.times.values())


def test_only_what_was_asked_for_can_be_missing() -> None:
    """Breaks if a desk were blamed for not acknowledging what only informs it, or what another desk did for it."""
    excused = fact("ObligationExcused", "2", 5, kind="acknowledge", obligation="o", reason="other_desk_acknowledged")
    informs = fact("DispatchIssued", "1", 0, incident="1", obligations=[])
    facts = (informs, issued("2"), excused, fact("DispatchDeclined", "2", 6))
    times = measured(*facts)[-1].times
    missing = {rung: times[rung].missing for rung in Rung}
    assert missing == {Rung.DELIVERED: 2, Rung.OPENED: 2, Rung.ACKNOWLEDGED: 0, Rung.ACCEPTED: 0}


def test_who_acknowledged_has_it_without_another_proof_of_delivery() -> None:
    times = measured(issued("1"), fact("DispatchAcknowledged", "1", 4))[-1].times
    assert times[Rung.DELIVERED] == Times(None, None, 0, 0)


def test_only_dispatches_issued_in_the_period_count_whenever_they_were_answered() -> None:
    facts = (issued("1"), issued("2", 60), fact("DispatchOpened", "1", 90), fact("DispatchOpened", "2", 90))
    late = measured(*facts, since=T0 + seconds(30))[-1]
    assert (late.dispatches, late.times[Rung.OPENED].median) == (1, seconds(30))
    assert measured(*facts, until=T0) == ()


def test_a_fact_of_another_form_is_counted_as_unreadable_and_stops_nothing() -> None:
    drill = Drill()
    drill.take(DrillFact("DispatchIssued", "a", T0, {}))
    drill.take(DrillFact("DispatchOpened", "a", T0, {}))
    assert (drill.unreadable, drill.lines()) == (2, ())
