"""A sheet shows what it was asked to show, to scale, in the boundaries of the communes of the day."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.places import Point
from services.runtime.register.boundaries import Boundaries, Box, load_boundaries
from services.runtime.register.sheet import WIDTH, Sheet
from tests.unit.runtime.test_boundaries import AFTER, BEFORE, MAP, REGISTER

HERE = Point(lat=16.05, lon=107.05)
ALL = Box(107.0, 16.0, 107.3, 16.1)
points = st.builds(Point, lat=st.floats(8, 23), lon=st.floats(102, 110))


@pytest.fixture(name="boundaries")
def _boundaries(tmp_path: Path) -> Boundaries:
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": MAP}))
    return load_boundaries(tmp_path / "map.geojson", REGISTER)


@settings(deadline=None)
@given(st.lists(points, min_size=1, max_size=9))
def test_every_point_lies_on_the_sheet_around_it(found: list[Point]) -> None:
    sheet = Sheet.around(found, ALL)
    for point in found:
        x, y = sheet.at(point)
        assert 0 < x < WIDTH
        assert 0 < y < sheet.height
        assert sheet.earth(x, y) == pytest.approx((point.lat, point.lon))
    assert 0.45 < sheet.height / WIDTH < 1.25, "neither a ribbon nor a tower"


@settings(deadline=None)
@given(points)
def test_a_kilometre_is_as_long_in_each_direction(middle: Point) -> None:
    sheet = Sheet.around([middle], ALL)
    x, y = sheet.at(middle)
    north = y - sheet.at(middle.model_copy(update={"lat": middle.lat + 0.01}))[1]
    east = sheet.at(middle.model_copy(update={"lon": middle.lon + 0.01}))[0] - x
    kilometres, bar = sheet.bar()
    assert north == pytest.approx(bar / kilometres * 1.1132)
    assert 0.9 < east / north < 1.0, "a degree of longitude is shorter"


def test_the_communes_of_that_day_are_drawn_and_no_others(boundaries: Boundaries) -> None:
    sheet = Sheet.around([], ALL)
    assert [ground.code for ground in sheet.grounds(boundaries, AFTER)] == ["001", "002", "003"]
    assert [ground.code for ground in sheet.grounds(boundaries, BEFORE)] == ["001", "003"]
    near = Sheet.around([HERE], ALL)
    assert [ground.code for ground in near.grounds(boundaries, AFTER)] == ["001"]


def test_a_boundary_is_drawn_where_it_lies(boundaries: Boundaries) -> None:
    sheet = Sheet(ALL)
    (_, second, _) = sheet.grounds(boundaries, AFTER)
    corners = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", second.path)]
    assert sorted({x for x, _ in corners}) == pytest.approx([WIDTH / 3, WIDTH * 2 / 3], abs=0.1)
    assert sorted({y for _, y in corners}) == pytest.approx([0, sheet.height], abs=0.1)


def test_what_is_asked_of_all_boundaries_together(boundaries: Boundaries) -> None:
    assert boundaries.bounds((), AFTER) == pytest.approx(ALL)
    assert boundaries.bounds(("002",), AFTER) == pytest.approx((107.1, 16.0, 107.2, 16.1))
    assert boundaries.bounds(("002",), BEFORE) is None
    middle = boundaries.middle("003", AFTER)
    assert middle is not None
    assert boundaries.locate(middle, AFTER).communes == ("003",)
    assert boundaries.middle("009", date(2026, 1, 1)) is None
