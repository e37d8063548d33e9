"""How far each desk got with what it was sent, and what became of what it owed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.audit.reports.obligations import Outcome
from services.audit.reports.recipients import LifeFact, Rung, recipients

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def fact(idx: int, name: str, dispatch: str = "d1", **data: Any) -> LifeFact:
    return LifeFact(idx, name, "ca-hue", START + timedelta(minutes=idx), {"dispatch": dispatch, **data})


def issued(idx: int, dispatch: str, minutes: int) -> LifeFact:
    due = (START + timedelta(minutes=idx + minutes)).isoformat()
    owed = [{"obligation": f"o-{dispatch}", "kind": "acknowledge", "due": due}]
    return fact(idx, "DispatchIssued", dispatch, addressee={"agency": "ca-hue", "desk": "truc"}, obligations=owed)


def test_each_rung_is_told_with_the_first_fact_that_reached_it_and_decisions_with_the_last() -> None:
    facts = [
        issued(1, "d1", 5),
        fact(2, "DispatchDelivered"),
        fact(3, "DispatchDelivered"),
        fact(4, "DispatchAcknowledged", late=False),
        fact(5, "DispatchDeferred", obligation={"obligation": "x", "kind": "decide", "due": START.isoformat()}),
        fact(9, "DispatchAccepted", late=True),
    ]
    (one,) = recipients(facts, START)
    assert one.desk == ("ca-hue", "truc")
    assert {rung: step.idx for rung, step in one.rungs.items()} == {
        Rung.DELIVERED: 2,
        Rung.ACKNOWLEDGED: 4,
        Rung.DECIDED: 9,
    }
    assert one.rungs[Rung.DECIDED].late


def test_obligations_are_counted_for_each_dispatch_apart() -> None:
    """Breaks if one desk's silence were told of another dispatch of the same agency."""
    facts = [
        issued(1, "d1", 5),
        issued(2, "d2", 5),
        fact(3, "DispatchAcknowledged", "d1"),
        fact(7, "DispatchEscalated", "d2", obligation="o-d2"),
    ]
    first, second = recipients(facts, START + timedelta(hours=1))
    assert first.owed[0].outcomes == ((Outcome.MET, 1),)
    assert second.owed[0].outcomes == ((Outcome.BREACHED, 1),)
    assert [step.idx for step in second.silences] == [7]
    assert first.silences == []


def test_what_is_not_due_yet_is_open_and_facts_of_unknown_dispatches_are_left_out() -> None:
    (one,) = recipients([issued(1, "d1", 60), fact(2, "DispatchOpened", "unknown")], START)
    assert one.owed[0].outcomes == ((Outcome.OPEN, 1),)
    assert one.rungs == {}
