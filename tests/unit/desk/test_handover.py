"""The hand-over note holds everything open at the desk, and says so in little room when there is much of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.identifiers import derived_id
from contracts.presence import OpenDuty, ProposeHandOver
from services.desk.board import Board
from services.desk.handover import TooMuchOpenError, arrived_since, fitted, open_duties, open_papers
from services.desk.papers import papers

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def fact(kind: str) -> Event[Any]:
    return read((GOLDEN / f"{kind}.v1.json").read_bytes())


ISSUED, COMPLETED = fact("DispatchIssued"), fact("DispatchCompleted")


def note(duties: tuple[OpenDuty, ...]) -> ProposeHandOver:
    return ProposeHandOver(
        action=derived_id("note"), space=Space.ACTUAL, sent=AT, outgoing="Ca 1", incoming="Ca 2", duties=duties
    )


def test_what_is_open_is_noted_with_what_it_owes_by_when() -> None:
    (duty,) = open_duties(Board().apply(ISSUED).ordered(AT))

    assert (duty.dispatch, duty.headline, duty.state) == (ISSUED.data.dispatch, ISSUED.data.headline, "issued")
    assert {(owed.kind, owed.due) for owed in duty.owes} == {(o.kind, o.due) for o in ISSUED.data.obligations}


def test_what_is_done_is_not_handed_over() -> None:
    data = COMPLETED.data.model_copy(update={"dispatch": ISSUED.data.dispatch})
    done = Board().apply_all((ISSUED, COMPLETED.model_copy(update={"data": data})))

    assert open_duties(done.ordered(AT)) == ()


def test_papers_nobody_acknowledged_are_handed_over() -> None:
    copy, request, done = (fact(kind) for kind in ("PeriodReportCopied", "PeriodReportRequested", "PaperAcknowledged"))

    assert [one.paper for one in open_papers(papers((copy, request, done)))] == [request.data.paper]


def test_a_long_note_loses_its_headlines_and_nothing_else() -> None:
    """Breaks when something open is left out of the note to make it short."""
    (duty,) = open_duties(Board().apply(ISSUED).ordered(AT))
    long = note((duty,) * 50)
    short = fitted(long, len(long.model_dump_json(exclude_none=True).encode()) - 1)

    assert fitted(long, 10**6) == long
    assert [one.dispatch for one in short.duties] == [one.dispatch for one in long.duties]
    assert {one.headline for one in short.duties} == {None}
    with pytest.raises(TooMuchOpenError, match="50 dispatches"):
        fitted(long, 1000)


def test_the_incoming_officer_sees_what_came_after_the_note_was_signed() -> None:
    (duty,) = open_duties(Board().apply(ISSUED).ordered(AT))
    new = duty.model_copy(update={"dispatch": derived_id("new")})

    assert arrived_since([duty.dispatch], (duty, new)) == (new,)
