"""A phone is shown the sheet around what it knows of the place, and what it points at is where the mark stands."""

import json
from datetime import date
from pathlib import Path

import pytest

from contracts.places import Point
from services.intake.mapping import Pointing, Wanted, pointing
from services.intake.sheets import Known, Sheets
from services.runtime.register.boundaries import Boundaries, Box, load_boundaries
from services.runtime.register.sheet import WIDTH, Sheet
from services.runtime.terminal import Language
from tests.unit.runtime.test_boundaries import AFTER, MAP, REGISTER, written

NAMES = {"001": "xã Một", "002": "xã Hai", "003": "xã Ba"}
IN_THIRD = Point(lat=16.05, lon=107.25)
NOWHERE = Point(lat=21.0, lon=105.8)


@pytest.fixture(name="boundaries")
def _boundaries(tmp_path: Path) -> Boundaries:
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": MAP}))
    return load_boundaries(tmp_path / "map.geojson", REGISTER)


def shown(boundaries: Boundaries, wanted: Wanted, day: date = AFTER) -> Pointing:
    found = pointing(wanted, boundaries, NAMES, day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("wanted", "concerned"),
    [
        (Wanted(communes=frozenset({"001"}), near=IN_THIRD, own=frozenset({"002"})), {"001"}),
        (Wanted(near=IN_THIRD, own=frozenset({"002"})), {"003"}),
        (Wanted(near=NOWHERE, own=frozenset({"002"})), {"002"}),
        (Wanted(communes=frozenset({"009"}), near=NOWHERE), set()),
        (Wanted(), set()),
    ],
)
def test_the_place_chosen_comes_before_the_position_and_the_position_before_the_own_area(
    boundaries: Boundaries, wanted: Wanted, concerned: set[str]
) -> None:
    assert shown(boundaries, wanted).concerned == concerned


def test_what_lies_on_no_boundary_shows_the_whole_map(boundaries: Boundaries) -> None:
    found = shown(boundaries, Wanted(near=NOWHERE))
    assert set(found.names) == {"001", "002", "003"}
    assert [label.name for label in found.labels] == ["xã Một", "xã Hai", "xã Ba"]


def test_the_edges_of_the_paper_are_enough_to_find_a_position(boundaries: Boundaries) -> None:
    """Fails when the phone, which knows the edges only, would report another place than the one under the mark."""
    found = shown(boundaries, Wanted(communes=frozenset({"002"})))
    sheet = Sheet.around([], Box(107.1, 16.0, 107.2, 16.1))
    for x, y in ((0.0, 0.0), (WIDTH / 3, 100.0), (WIDTH, float(found.backdrop.height))):
        lat = found.view.north - (found.view.north - found.view.south) * y / found.backdrop.height
        lon = found.view.west + (found.view.east - found.view.west) * x / WIDTH
        assert (lat, lon) == pytest.approx(sheet.earth(x, y), abs=1e-9)


def test_from_nearer_the_sheet_is_small_and_the_point_in_its_middle(boundaries: Boundaries) -> None:
    found = shown(boundaries, Wanted(close=IN_THIRD, communes=frozenset({"001"})))
    assert found.view.north - found.view.south < 0.05
    assert (found.view.north + found.view.south) / 2 == pytest.approx(IN_THIRD.lat, abs=1e-4)
    assert set(found.names) == {"003"}


def test_a_map_with_nothing_on_that_day_is_no_map(boundaries: Boundaries) -> None:
    assert pointing(Wanted(), boundaries, NAMES, date(1900, 1, 1)) is None


async def test_without_a_file_or_with_a_broken_one_there_is_no_map_and_nothing_else_is_wrong(tmp_path: Path) -> None:
    """Fails when a bad map could keep a unit from reporting."""
    (tmp_path / "broken.json").write_text("{")
    for file in (None, tmp_path / "missing.json", tmp_path / "broken.json"):
        sheets = Sheets(file, REGISTER)
        await sheets.load()
        assert not sheets.there
        assert await sheets.drawn(Known(None, None, None), "nobody", AFTER, Language.VI) is None


async def test_a_province_shows_the_communes_in_it(tmp_path: Path) -> None:
    sheets = Sheets(written(tmp_path, *MAP), REGISTER)
    await sheets.load()
    found = await sheets.drawn(Known.read({"area": "p"}), "nobody", AFTER, Language.EN)
    assert sheets.there
    assert found is not None
    assert found.concerned == {"001", "002"}


@pytest.mark.parametrize("position", ["", "here", "1", "1,2,3", "91,0", "nan,0", "0,inf"])
def test_what_is_no_position_is_refused(position: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Known.read({"near": position})
