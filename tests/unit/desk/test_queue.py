"""What the queue shows: the filter of an address, the order, the counts, and which dispatch sounds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Role, Severity
from contracts.taxonomy import Category
from services.desk.board import Board
from services.desk.line import alarm, line
from services.desk.queue import Filter, Show, next_waiting, place_in_order, rings, shown, tally
from services.desk.row import Row
from tests.unit.desk.test_board import feed
from tests.unit.routing.cases import T0, acknowledging, assignment, dispatch_of, minutes, opening, report
from tests.unit.routing.cases import after as after_command

LATER = T0 + minutes(60)


def row(name: int = 1, role: Role = Role.LEAD, *, acknowledged: bool = False, **changes: Any) -> Row:
    """One dispatch of an incident of its own; `changes` are what it says."""
    asked = opening(assignment(role=role), filed=report(name), at=T0 + timedelta(seconds=name))
    sent = dispatch_of(after_command(None, asked)[0])
    done = (acknowledging(sent, at=T0 + minutes(5), officer="Trực ban"),) if acknowledged else ()
    (found,) = Board().apply_all(feed(asked, *done)).rows.values()
    return replace(found, issued=found.issued.model_copy(update=changes))


ROWS = (
    row(1, severity=Severity.MINOR),
    row(2, severity=Severity.EXTREME),
    row(3, acknowledged=True),
    row(4, Role.INFORM, severity=Severity.EXTREME),
    row(5, severity=Severity.SEVERE, category=Category.FIR_BLDG, headline="Cháy chợ Đông Ba"),
)


def test_what_nobody_has_comes_first_and_of_that_the_gravest() -> None:
    order = [one.issued.headline + one.severity.value for one in shown(ROWS, Filter(show=Show.ALL), T0)]

    assert order[-1].endswith(Severity.MODERATE)
    assert [one.waits for one in shown(ROWS, Filter(show=Show.ALL), T0)] == [True] * 4 + [False]


@pytest.mark.parametrize("at", [T0, LATER])
def test_a_browser_that_sorts_the_text_has_the_order_of_the_board(at: Any) -> None:
    """Breaks when a row that is put in place live stands elsewhere than on the page loaded anew."""
    rows = shown(ROWS, Filter(show=Show.ALL), at)

    assert [place_in_order(one, at) for one in rows] == sorted(place_in_order(one, at) for one in rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 5),
        ({"show": "waiting"}, 4),
        ({"role": "inform"}, 1),
        ({"family": "FIR"}, 1),
        ({"q": "chay cho dong"}, 1),
        ({"q": "không có"}, 0),
        ({"show": "overdue"}, 0),
    ],
)
def test_the_address_says_what_is_shown(asked: dict[str, str], found: int) -> None:
    assert len(shown(ROWS, Filter.read(asked), T0)) == found


@given(st.dictionaries(st.sampled_from(["show", "role", "family", "q", "x"]), st.text(max_size=100)))
def test_any_address_opens_and_its_filter_survives_being_written(asked: dict[str, str]) -> None:
    """Breaks when an old or mistyped bookmark shows an error instead of the queue."""
    wanted = Filter.read(asked)

    assert all(text.endswith(".") for text in wanted.said())
    assert isinstance(wanted.query, str)


def test_a_sentence_tells_the_whole_filter() -> None:
    wanted = Filter.read({"show": "waiting", "role": "lead", "family": "FIR", "q": "chợ"})

    assert wanted.said()[0] == "Đang hiện việc chưa ai xác nhận, vai trò CHỦ TRÌ, nhóm Cháy, nổ, có chữ “chợ”."
    assert wanted.query == "show=waiting&role=lead&family=FIR&q=ch%E1%BB%A3"


def test_the_counts_are_of_the_whole_board() -> None:
    counts = tally(ROWS, T0)

    assert (counts.open, counts.waiting, counts.overdue, counts.ringing) == (5, 4, 0, 2)
    assert tally(ROWS, LATER).overdue == 3


def test_only_what_is_grave_and_asked_of_the_desk_sounds_again() -> None:
    """Breaks when somebody is woken for what is only told, or when an acknowledged dispatch goes on sounding."""
    assert [rings(one) for one in ROWS] == [False, True, False, False, True]
    assert not rings(row(6, severity=Severity.EXTREME, acknowledged=True))


def test_what_is_in_hand_stays_on_the_screen_and_what_was_only_told_goes() -> None:
    """Breaks when a dispatch that was just acknowledged is gone before anybody decided on it."""
    in_hand, told = row(7, acknowledged=True), row(8, Role.INFORM, acknowledged=True)

    assert shown((in_hand, told), Filter(), T0) == (in_hand,)


def test_after_one_comes_the_most_pressing_that_waits() -> None:
    following = next_waiting(ROWS, ROWS[1], T0)

    assert following is not None
    assert following.severity is Severity.EXTREME
    assert next_waiting(ROWS[2:3], ROWS[2], T0) is None


def test_a_line_says_everything_in_either_language() -> None:
    vietnamese, english = (line(ROWS[4], T0, language) for language in (0, 1))

    assert (vietnamese.priority_word, english.priority_word) == ("Khẩn", "High")
    assert (vietnamese.role_word, english.role_word) == ("CHỦ TRÌ", "LEAD")
    assert vietnamese.sentence == "Quy tắc bằng lời."
    assert vietnamese.owed == "xác nhận đã nhận tin"
    assert not vietnamese.citation_sure


def test_an_alarm_names_the_new_dispatch_itself() -> None:
    """A prototype read out whatever row happened to be first."""
    assert "Cháy chợ Đông Ba" in alarm(ROWS[4], 0)
    assert alarm(ROWS[4], 1).startswith("New dispatch: 2 High, LEAD.")
