"""What one desk sees, whatever order and how often its feed brings the events."""

from datetime import datetime
from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Role, Severity
from contracts.decisions import Addressee
from contracts.events import DispatchData
from services.desk.board import Board, DispatchEvent, RowState
from services.routing.incident.commands import Open
from services.routing.incident.decide import Incident
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    T0,
    acknowledging,
    after,
    assignment,
    delivering,
    dispatch_of,
    minutes,
    opening,
    report,
    silence,
    still_silent,
)


def feed(*commands: Any, desk: Addressee = COMMUNE) -> list[DispatchEvent]:
    """What the desk's consumer brings when these commands are handled one after another."""
    state: Incident | None = None
    brought: list[DispatchEvent] = []
    for command in commands:
        state, events = after(state, command(state) if callable(command) else command)
        mine = (e for e in events if e.subject.endswith(f".dispatch.{desk.agency}.{desk.desk}"))
        brought += [cast("DispatchEvent", e) for e in mine if isinstance(e.data, get_args(DispatchData))]
    return brought


OPEN = opening(assignment(escalation=(PROVINCE,)))
SENT = dispatch_of(after(None, OPEN)[0])
WHOLE = feed(
    OPEN,
    delivering(SENT),
    silence(SENT),
    lambda state: still_silent(state, SENT),
    acknowledging(SENT, at=T0 + minutes(30), officer="Trực ban"),
)


@pytest.mark.parametrize(
    ("count", "state"),
    [
        (1, RowState.ISSUED),
        (2, RowState.DELIVERED),
        (3, RowState.REPEATED),
        (4, RowState.ESCALATED),
        (5, RowState.ACKNOWLEDGED),
    ],
)
def test_a_row_shows_the_highest_rung(count: int, state: str) -> None:
    board = Board().apply_all(WHOLE[:count])
    assert board.rows[SENT.dispatch].state.value == state


@given(st.permutations(WHOLE * 2))
def test_repeated_and_reordered_events_give_the_same_board(events: list[DispatchEvent]) -> None:
    """Breaks if a redelivered event moved a row back or a rung that came before its dispatch were lost."""
    board = Board()
    for event in events:
        board = board.apply(event)
    assert board == Board().apply_all(WHOLE)


def test_a_rung_whose_dispatch_has_not_come_is_not_shown() -> None:
    board = Board().apply_all(WHOLE[1:])
    assert board.rows == {}
    assert board.change(WHOLE[2], T0) is None


def test_an_older_board_is_not_changed_by_a_newer_one() -> None:
    old = Board().apply(WHOLE[0])
    old.apply_all(WHOLE[1:])
    assert old.rows[SENT.dispatch].state is RowState.ISSUED


@pytest.mark.parametrize(("now", "overdue"), [(T0 + minutes(15), False), (T0 + minutes(15.001), True)])
def test_a_row_is_overdue_after_its_time_until_acknowledged(now: datetime, overdue: bool) -> None:  # noqa: FBT001  # a case
    row = Board().apply(WHOLE[0]).rows[SENT.dispatch]
    assert row.overdue(now) is overdue
    assert not Board().apply_all(WHOLE).rows[SENT.dispatch].overdue(now)


def test_a_row_stays_overdue_while_another_desk_is_asked_until_somebody_acknowledges() -> None:
    """Breaks if escalating took the duty off the silent desk's list."""
    row = Board().apply_all(WHOLE[:4]).rows[SENT.dispatch]
    assert row.state is RowState.ESCALATED
    assert row.open
    assert row.overdue(T0 + minutes(60))


def test_a_row_that_only_informs_is_never_overdue() -> None:
    told = feed(opening(assignment(), assignment(POLICE, Role.INFORM)), desk=POLICE)
    (row,) = Board().apply_all(told).rows.values()
    assert row.due is None
    assert not row.overdue(T0 + minutes(9999))


def test_a_row_says_everything_the_desk_needs() -> None:
    (row,) = Board().apply_all(WHOLE).rows.values()
    shown = row.as_json(T0 + minutes(30))
    assert {"incident", "dispatch", "role", "due", "state", "rule", "citation"} <= shown.keys()
    assert (shown["due"], shown["owes"]) == (None, [])
    assert (shown["state"], shown["late"], shown["officer"]) == ("acknowledged", True, "Trực ban")
    assert shown["escalated_at"] == "2026-11-22T05:22:30Z"
    assert (shown["headline"], shown["citation"]) == ("Nước lên nhanh", "Nghị định 30/2017/NĐ-CP")


def test_a_dispatch_from_silence_names_the_silent_one() -> None:
    heard = feed(OPEN, silence(SENT), lambda state: still_silent(state, SENT), desk=PROVINCE)
    (row,) = Board().apply_all(heard).rows.values()
    assert row.as_json(T0)["escalated_from"] == str(SENT.dispatch)


def test_what_needs_somebody_comes_first() -> None:
    def row_of(name: str, severity: Severity, wait: float, within: float | None = 15) -> DispatchEvent:
        timer = None if within is None else minutes(within)
        base = opening(assignment(acknowledge_within=timer), filed=report(name), at=T0 + minutes(wait))
        facts = base.decision.facts.model_copy(update={"severity": severity})
        decided = base.decision.model_copy(update={"facts": facts})
        (event,) = feed(Open(base.report_event, decided, base.at))
        return event

    overdue = row_of("overdue", Severity.MINOR, -60)
    soon = row_of("soon", Severity.SEVERE, 0, 5)
    later = row_of("later", Severity.SEVERE, 0, 50)
    untimed = row_of("untimed", Severity.SEVERE, 0, None)
    unjudged = row_of("unjudged", Severity.UNKNOWN, 0)
    minor = row_of("minor", Severity.MINOR, 0)
    expected = [overdue, soon, later, untimed, unjudged, minor]
    board = Board().apply_all([*WHOLE, *reversed(expected)])
    order = [row.issued.dispatch for row in board.ordered(T0)]
    assert order == [*(event.data.dispatch for event in expected), SENT.dispatch]


def test_a_change_is_one_line_and_a_repeated_event_is_none() -> None:
    board = Board().apply(WHOLE[0])
    line = board.change(WHOLE[4], T0 + minutes(30))
    assert line is not None
    assert (line["change"], line["state"], line["at"]) == ("acknowledged", "acknowledged", "2026-11-22T05:30:00Z")
    assert board.apply(WHOLE[4]).change(WHOLE[4], T0) is None
    lines = [Board().apply_all(WHOLE[:n]).change(WHOLE[n], T0) for n in range(5)]
    changes = ["issued", "delivered", "repeated", "escalated", "acknowledged"]
    assert [line and line["change"] for line in lines] == changes
