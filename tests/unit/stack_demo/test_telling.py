"""The story in words: names as desks know them, times as people say them, reasons in the reader's language."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.text import Text

from contracts.codes import Role
from contracts.correlation import Distance, MinutesApart, SameCategory, SameCommune
from contracts.correlation_words import all_said
from contracts.decisions import Addressee, Citation, CitationStatus
from contracts.events import DispatchIssued
from contracts.taxonomy import Category
from services.runtime.register.loading import load_register
from services.runtime.terminal import Language
from services.stack.demo.chronicle import Chronicle
from services.stack.demo.home import HomeInUseError, fresh_home
from services.stack.demo.names import Names
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import load_scenario
from services.stack.demo.telling import Teller
from tests.unit.routing.cases import (
    POLICE,
    T0,
    TOP,
    accepted,
    acknowledging,
    after,
    assignment,
    minutes,
    opening,
    silence,
    still_silent,
)

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"
REGISTER = load_register(REFERENCE / "register.yaml")
VI, EN = (Names(REGISTER, date(2026, 11, 22), language) for language in Language)
FLOOD = load_scenario(REFERENCE, "flood-morning", REGISTER)


def told(language: Language = Language.VI) -> str:
    """An incident whose lead answers and whose police keep silent, told at normal speed."""
    coordinating = assignment(POLICE, Role.COORDINATE, acknowledge_within=minutes(2), escalation=(TOP,))
    state, opened = after(None, opening(assignment(), coordinating, assignment(TOP, Role.INFORM)))
    issued = {e.data.role: e.data for e in opened if isinstance(e.data, DispatchIssued)}
    state, answered = after(state, acknowledging(issued[Role.LEAD], at=T0 + timedelta(seconds=29)))
    state, repeated = after(state, silence(issued[Role.COORDINATE]))
    _, escalated = after(state, still_silent(state, issued[Role.COORDINATE]))
    chronicle = Chronicle()
    for sequence, event in enumerate((accepted(), *opened, *answered, *repeated, *escalated)):
        chronicle.take(event, sequence)
    pace = Pace(T0, 1.0, FLOOD.starts, FLOOD.ends)
    teller = Teller(VI if language is Language.VI else EN, language, pace, chronicle)
    passages = sorted(teller.facts([*opened, *answered, *repeated, *escalated]), key=lambda passage: passage.at)
    return "\n".join(Text.from_markup(line).plain for passage in passages for line in passage.lines)


def test_an_incident_is_told_with_recipients_deadlines_answers_and_silence() -> None:
    lines = told().splitlines()
    assert lines[0].startswith("06:30:00  SC-01  P3  Nước lên nhanh")
    assert "→ CHỦ TRÌ    ubnd-x-an-phu  hạn tiếp nhận 15 phút  Nghị định 30/2017/NĐ-CP (chưa đối chiếu)" in lines[2]
    assert "→ PHỐI HỢP   ca-x  hạn tiếp nhận 2 phút  như trên" in lines[3]
    assert "để biết    bchqg" in lines[4]
    assert lines[5] == "06:30:29  SC-01  ✓ tiếp nhận: ubnd-x-an-phu (29 giây)"
    assert "! ca-x không tiếp nhận trong 3 phút (chưa hề đến nơi)" in lines[6]
    assert "→ CHỈ ĐẠO    bchqg  hạn tiếp nhận 2 phút" in lines[7]


def test_the_story_is_told_in_english_too() -> None:
    assert "acknowledge within 15 min" in told(Language.EN)
    assert "! ca-x did not acknowledge within 3 min (it never got there)" in told(Language.EN)


def test_agencies_carry_their_usual_abbreviations_and_dialled_numbers() -> None:
    assert VI.desk(Addressee(agency="ubnd-x-thuan-hoa", desk="truc-ban")) == "UBND phường Thuận Hóa"
    assert VI.desk(Addressee(agency="ca-t-hue", desk="114")) == "Công an TP Huế · 114"
    assert EN.desk(Addressee(agency="qs-t-hue", desk="112")) == "Military Command of Huế City · 112"


def test_a_basis_nobody_has_confirmed_says_so_once() -> None:
    unverified = Citation(instrument="nd-1", text="Nghị định 1", status=CitationStatus.UNVERIFIED)
    inferred = Citation(instrument="nd-1", text="Nghị định 1, lấy từ xã là suy luận", status=CitationStatus.INFERRED)
    assert VI.basis(unverified) == "Nghị định 1 (chưa đối chiếu)"
    assert VI.basis(inferred) == "Nghị định 1, lấy từ xã là suy luận"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 giây"), (29.4, "29 giây"), (118, "2 phút"), (300, "5 phút"), (1800, "30 phút"), (14400, "4 giờ")],
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert VI.duration(timedelta(seconds=seconds)) == said


def test_the_reasons_of_a_join_are_told_in_both_languages_with_the_names_of_areas() -> None:
    same, apart = SameCategory(category=Category.NAT_FLOOD), Distance(metres=1730)
    recorded = (same, SameCommune(area="19789"), apart, MinutesApart(minutes=12))
    assert (
        all_said(recorded, VI.area)[0] == "cùng loại NAT-FLOOD, cùng phường Thuận Hóa, cách nhau 1,7 km, cách 12 phút"
    )
    assert all_said(recorded)[1] == "same category NAT-FLOOD, both in 19789, 1.7 km apart, 12 min apart"


def test_a_temporary_folder_is_gone_afterwards_but_kept_for_its_logs_when_something_failed() -> None:
    with fresh_home(None) as home:
        assert home.is_dir()
    assert not home.exists()
    with pytest.raises(RuntimeError), fresh_home(None) as failed:
        raise RuntimeError
    assert failed.is_dir()
    failed.rmdir()


def test_a_story_is_never_told_on_top_of_other_data(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    with pytest.raises(HomeInUseError), fresh_home(tmp_path):
        pass
