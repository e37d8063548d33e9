"""What a fact is said to follow from, and that no two arrows run over each other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.audit.reports.causes import MOST_LANES, Cause, Line, Tie, causes, strands


def line(idx: int, cause: str, name: str = "DispatchUpdated", **data: Any) -> Line:
    return Line(idx, f"event-{idx}", cause, name, data)


def test_an_event_that_is_named_as_the_cause_is_the_cause() -> None:
    assert causes([line(1, "x"), line(2, "event-1"), line(3, "event-1")]) == {
        2: Cause(Tie.CAUSED, 1),
        3: Cause(Tie.CAUSED, 1),
    }


def test_an_act_answers_the_dispatch_and_what_else_it_did_follows_from_its_first_fact() -> None:
    lines = [
        line(1, "report", "DispatchIssued", dispatch="d1"),
        line(5, "act-1", "DispatchDeclined", dispatch="d1"),
        line(6, "act-1", "DispatchIssued", dispatch="d2"),
    ]
    assert causes(lines) == {5: Cause(Tie.ANSWERS, 1), 6: Cause(Tie.SAME_ACT, 5)}


def test_a_silence_follows_from_the_obligation_whose_time_ran_out_also_when_it_was_asked_for_again() -> None:
    """Breaks if a silence were told as the desk's answer, or led past the time that was given last."""
    lines = [
        line(1, "r", "DispatchIssued", dispatch="d", obligations=[{"obligation": "o1"}]),
        line(2, "clock-1", "DispatchRepeated", dispatch="d", obligation="o1", repeat={"obligation": "o2"}),
        line(3, "clock-2", "DispatchEscalated", dispatch="d", obligation="o2"),
        line(4, "r2", "ObligationMet", dispatch="d", obligation="o1"),
    ]
    assert causes(lines) == {2: Cause(Tie.RAN_OUT, 1), 3: Cause(Tie.RAN_OUT, 2), 4: Cause(Tie.ANSWERS, 1)}


def test_nothing_follows_from_itself_or_from_what_came_later() -> None:
    assert causes([line(1, "event-1"), line(2, "event-3", "DispatchIssued", dispatch="d"), line(3, "x")]) == {}


def test_members_of_another_kind_are_no_causes() -> None:
    odd = line(1, "x", "DispatchIssued", obligations={"obligation": "o"}, next="o", repeat=[1])
    assert causes([odd, line(2, "y", obligation="o")]) == {}


def test_a_lane_begins_at_the_cause_and_ends_at_its_last_effect() -> None:
    tied = {2: Cause(Tie.CAUSED, 1), 4: Cause(Tie.CAUSED, 1), 3: Cause(Tie.ANSWERS, 1)}
    begin, first, answer, last = strands([1, 2, 3, 4], tied)
    assert (begin.begins, begin.arrives) == (0, None)
    assert (first.arrives, first.ends) == (0, False)
    assert (answer.arrives, answer.passing) == (None, (0,))
    assert (last.arrives, last.ends) == (0, True)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40))
def test_no_line_has_two_uses_of_one_lane_unless_one_passes_into_the_other(pairs: list[tuple[int, int]]) -> None:
    """Breaks if an arrow could seem to lead to a fact that did not follow from it."""
    tied = {max(pair): Cause(Tie.CAUSED, min(pair)) for pair in pairs if pair[0] != pair[1]}
    order = list(range(61))
    for idx, strand in zip(order, strands(order, tied), strict=True):
        used = [*strand.passing, *([strand.begins] if strand.begins is not None else [])]
        assert len(used) == len(set(used))
        assert all(lane < MOST_LANES for lane in used)
        if strand.arrives is not None:
            assert strand.begins != strand.arrives
            assert idx in tied


def test_what_would_need_one_lane_too_many_has_its_cause_in_words_only() -> None:
    many = MOST_LANES + 3
    tied = {100 + n: Cause(Tie.CAUSED, n) for n in range(many)}
    shown = strands([*range(many), *range(100, 100 + many)], tied)
    assert sum(strand.begins is not None for strand in shown) == MOST_LANES
