"""The ladder and the timeline of one dispatch tell every fact, in both languages."""

from pathlib import Path

from contracts.code_words import COUNTS, UNITS
from contracts.codes import CountOf, Unit
from contracts.envelope import read
from contracts.reports import Count
from services.desk.board import Board
from services.desk.timeline import ladder, suggestions, timeline
from tests.unit.desk.test_board import WHOLE

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
(ROW,) = Board().apply_all(WHOLE).rows.values()


def test_the_timeline_has_every_fact_and_the_newest_first() -> None:
    entries = timeline(ROW, 0)

    assert len(entries) == len({event.id for event in WHOLE})
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    assert entries[-1].what == "Phát lệnh"
    assert next(entry for entry in entries if entry.what == "Bàn trực đã nhận tin").officer == "Trực ban"


def test_the_ladder_says_how_far_it_is() -> None:
    reached = {rung.what: rung.at for rung in ladder(ROW, 1)}

    assert reached["Issued"] == ROW.issued_at
    assert reached["Acknowledged"] == ROW.acknowledged
    assert reached["Done"] is None


def test_figures_of_a_situation_report_are_told_with_their_units() -> None:
    told = read((GOLDEN / "DispatchUpdated.v1.json").read_bytes())
    counts = (
        Count(of=CountOf.MISSING, value=3, unit=Unit.PERSON, source="Trạm"),
        Count(of=CountOf.AREA_BURNT, value=1.5, unit=Unit.HECTARE, source="Trạm"),
    )
    data = told.data.model_copy(update={"dispatch": ROW.issued.dispatch, "counts": counts})
    entries = timeline(ROW.with_fact(told.model_copy(update={"data": data})), 0)

    details = next(entry.details for entry in entries if entry.event == told.id)
    assert {"mất tích: 3 người (Trạm)", "diện tích cháy: 1,5 ha (Trạm)"} <= set(details)


def test_there_are_words_for_everything_that_is_counted() -> None:
    assert set(COUNTS) == set(CountOf)
    assert set(UNITS) == set(Unit)


def test_nothing_is_suggested_where_the_hub_suggests_nothing() -> None:
    assert suggestions(ROW, 0) == ()
