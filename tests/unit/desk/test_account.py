"""What was reported is told part by part, in both languages, and nothing is made up where nothing was said."""

from typing import Final

import pytest

from contracts.code_words import SCENE
from contracts.codes import CountOf, Unit
from contracts.places import Point
from contracts.reports import Count
from contracts.scenes import Scene
from services.desk.account import account
from services.desk.row import Row
from tests.unit.desk.test_timeline import ROW

TOLD: Final = ROW.issued.model_copy(
    update={
        "text": "Đê vỡ 20 m",
        "counts": (Count(of=CountOf.MISSING, value=3, unit=Unit.PERSON, source="Trạm"),),
        "scene": Scene(
            exact_location="Cống số 2",
            hazards="Điện còn",
            requests=("2 xuồng", "áo phao"),
            position=Point(lat=16.46371, lon=107.59094, accuracy_m=1500),
        ),
    }
)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (0, ["Nội dung", "Số liệu", "Vị trí cụ thể", "Nguy hiểm", "Đề nghị", "Toạ độ (WGS 84)"]),
        (1, ["What happened", "Figures", "Exact location", "Hazards", "Requests", "Position (WGS 84)"]),
    ],
)
def test_each_part_that_was_reported_is_told_in_order(language: int, names: list[str]) -> None:
    parts = account(TOLD, language)
    assert [part.name for part in parts] == names
    assert parts[4].lines == ("2 xuồng", "áo phao")
    assert parts[5].lines == ("16.46371, 107.59094 ± 1\u202f500 m",)


def test_a_dispatch_that_says_nothing_more_has_no_parts() -> None:
    bare = ROW.issued.model_copy(update={"text": None, "counts": None, "scene": None})
    assert account(bare, 0) == ()


def test_every_line_of_a_scene_has_words() -> None:
    """A field added to the contract would otherwise reach a desk and be shown nowhere."""
    assert set(SCENE) | {"position", "areas"} == set(Scene.model_fields)


def test_the_list_for_programs_says_it_too() -> None:
    document = Row(TOLD, ROW.issued_at).as_json(ROW.issued_at)
    assert document["text"] == "Đê vỡ 20 m"
    assert document["counts"] == [{"of": "missing", "value": 3.0, "unit": "person", "source": "Trạm"}]
    assert document["scene"] == {
        "exact_location": "Cống số 2",
        "hazards": "Điện còn",
        "requests": ["2 xuồng", "áo phao"],
        "position": {"kind": "point", "lat": 16.46371, "lon": 107.59094, "accuracy_m": 1500.0},
    }
