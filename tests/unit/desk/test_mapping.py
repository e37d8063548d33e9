"""A dispatch stands on the map where it is known to be, or in its commune, or else in the list alone."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contracts.places import Point
from contracts.scenes import Scene
from services.desk.line import Line, line
from services.desk.mapping import Drawing, drawing
from services.desk.row import Row
from services.runtime.register.boundaries import Boundaries, load_boundaries
from tests.unit.desk.test_timeline import ROW
from tests.unit.runtime.test_boundaries import AFTER, MAP, REGISTER

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSIDE = Point(lat=16.05, lon=107.05)


@pytest.fixture(name="boundaries")
def _boundaries(tmp_path: Path) -> Boundaries:
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": MAP}))
    return load_boundaries(tmp_path / "map.geojson", REGISTER)


def drawn(boundaries: Boundaries, *scenes: Scene | None) -> Drawing:
    rows = [
        Row(ROW.issued.model_copy(update={"dispatch": UUID(int=number), "scene": scene}), NOW)
        for number, scene in enumerate(scenes)
    ]
    shown: list[tuple[Row, Line]] = [(row, line(row, NOW, 0)) for row in rows]
    return drawing(shown, boundaries, AFTER)


def test_a_position_is_marked_exactly_and_a_commune_only_roughly(boundaries: Boundaries) -> None:
    found = drawn(boundaries, Scene(position=INSIDE), None, Scene(areas=("002",)))
    assert [(mark.number, mark.exact) for mark in found.marks] == [(1, True), (3, False)]
    first, third = found.marks
    assert first.x < third.x, "002 lies east of 001"
    assert found.concerned == {"002"}
    assert found.backdrop.kilometres > 0


def test_a_desk_that_may_not_know_where_sees_no_exact_mark(boundaries: Boundaries) -> None:
    issued = ROW.issued.model_copy(update={"scene": Scene(position=INSIDE), "withheld": object()})
    row = Row(issued, NOW)
    (mark,) = drawing([(row, line(row, NOW, 0))], boundaries, AFTER).marks
    assert not mark.exact


def test_marks_of_one_place_do_not_cover_each_other(boundaries: Boundaries) -> None:
    found = drawn(boundaries, *[Scene(position=INSIDE)] * 7)
    assert len({(mark.x, mark.y) for mark in found.marks}) == 7


def test_with_nothing_to_place_the_whole_map_is_shown(boundaries: Boundaries) -> None:
    found = drawn(boundaries, None)
    assert found.marks == ()
    assert [ground.code for ground in found.backdrop.grounds] == ["001", "002", "003"]
