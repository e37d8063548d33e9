"""A position names a commune only where it lies in it for certain; a boundary file that draws nonsense is refused."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.codes import Status
from contracts.places import AdminArea, Described, Place, Point
from contracts.register import Area, AreaKind, Register
from contracts.reports import IncidentReport
from contracts.taxonomy import Category
from services.routing.regulations.engine.facts import facts_of
from services.routing.regulations.engine.resolve import RegisterIndex
from services.runtime.documents import DocumentError
from services.runtime.register.boundaries import Boundaries, load_boundaries

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
KINDS = {"vn": AreaKind.NATION, "p": AreaKind.PROVINCE, "q": AreaKind.PROVINCE}
PARENTS = {"p": "vn", "q": "vn", "001": "p", "002": "p", "003": "q"}


def area(code: str, **dates: date) -> Area:
    kind, parent = KINDS.get(code, AreaKind.COMMUNE), PARENTS.get(code)
    return Area(code=code, kind=kind, name_vi=code, name_en=code, parents=(parent,) if parent else (), **dates)


REGISTER = Register(
    version="test",
    as_of=AFTER,
    label_vi="thử",
    label_en="test",
    areas=(*map(area, ("vn", "p", "q", "001", "003")), area("002", valid_from=AFTER)),
    agencies=(),
)


def square(code: str, west: float, **dates: str) -> dict[str, Any]:
    """An invented commune, 0.1 degrees wide and high, north of 16 degrees."""
    ring = [[west, 16.0], [west + 0.1, 16.0], [west + 0.1, 16.1], [west, 16.1], [west, 16.0]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": "ví dụ", **dates},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


CROSSED = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
MAP = (
    square("001", 107.0, valid_to="2025-06-30"),
    square("001", 107.0, valid_from="2025-07-01"),
    square("002", 107.1, valid_from="2025-07-01"),
    square("003", 107.2),
)


def written(folder: Path, *features: object) -> Path:
    file = folder / "boundaries.geojson"
    lines = ",\n".join(json.dumps(feature) for feature in features)
    file.write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}', encoding="utf-8")
    return file


@pytest.fixture
def boundaries(tmp_path: Path) -> Boundaries:
    return load_boundaries(written(tmp_path, *MAP), REGISTER)


def report(*places: Place, position_unknown: bool = False) -> IncidentReport:
    noon = datetime(2026, 11, 22, 5, tzinfo=UTC)
    return IncidentReport(
        report=UUID(int=1),
        status=Status.TEST,
        sent=noon,
        observed_at=noon,
        category=Category.NAT_FLOOD,
        headline="ngập",
        places=places,
        position_unknown=position_unknown,
    )


def areas(boundaries: Boundaries | None, *places: Place, position_unknown: bool = False) -> tuple[str, ...]:
    told = report(*places, position_unknown=position_unknown)
    return facts_of(told, "unit", RegisterIndex(REGISTER), told.sent, boundaries).areas


@pytest.mark.parametrize(
    ("lon", "accuracy_m", "communes", "whole"),
    [
        (107.05, None, ("001",), True),
        (107.05, 1000, ("001",), True),
        (107.1, None, ("001", "002"), True),
        (107.095, 1000, ("001", "002"), True),
        (107.005, 1000, ("001",), False),
        (106.9, None, (), False),
        (106.9, 12_000, ("001",), False),
    ],
)
def test_the_circle_of_accuracy_decides_which_communes_a_position_may_lie_in(
    lon: float,
    accuracy_m: float | None,
    communes: tuple[str, ...],
    whole: bool,  # noqa: FBT001  # the value expected
    boundaries: Boundaries,
) -> None:
    """A phone that is a kilometre off would otherwise send half of a border's reports to the wrong commune."""
    assert boundaries.locate(Point(lat=16.05, lon=lon, accuracy_m=accuracy_m), AFTER) == (communes, whole)


def test_boundaries_hold_on_their_days_only(boundaries: Boundaries) -> None:
    east = Point(lat=16.05, lon=107.15)
    assert boundaries.locate(east, BEFORE) == ((), False)
    assert boundaries.locate(east, AFTER) == (("002",), True)


@pytest.mark.parametrize(
    ("lon", "accuracy_m", "named"),
    [
        (107.05, 500, ("001",)),
        (107.1, 500, ("p",)),  # two communes of one province: the province is known, the commune is not
        (107.2, 500, ()),  # two provinces: nothing is certain
        (107.001, 500, ()),  # part of it beyond all boundaries
        (108.0, 500, ()),
    ],
)
def test_a_position_names_what_is_certain_and_nothing_else(
    lon: float, accuracy_m: float, named: tuple[str, ...], boundaries: Boundaries
) -> None:
    """The nearest commune is a guess, and a guess can send help to the wrong side of a border."""
    assert areas(boundaries, Point(lat=16.05, lon=lon, accuracy_m=accuracy_m)) == named


def test_a_code_is_stronger_than_a_position_and_without_boundaries_a_position_names_nothing(
    boundaries: Boundaries,
) -> None:
    here = Point(lat=16.05, lon=107.05)
    assert areas(boundaries, here, AdminArea(code="003", valid_on=AFTER)) == ("003",)
    assert areas(None, here) == ()
    assert areas(boundaries, Described(text="gần cầu")) == ()


def test_the_last_known_position_of_somebody_lost_names_no_place(boundaries: Boundaries) -> None:
    """Where the report says nobody knows, a last position must not end the search."""
    assert areas(boundaries, Point(lat=16.05, lon=107.05), position_unknown=True) == ()


@pytest.mark.parametrize(
    ("feature", "finding"),
    [
        (square("999", 107.0), "boundaries.geojson:2: features.0.properties.code: 999 is no commune of the register"),
        (square("p", 107.0), "features.0.properties.code: p is no commune of the register in that time"),
        (square("002", 107.0, valid_to="2025-06-30"), "002 is no commune of the register in that time"),
        (square("001", 187.0), "features.0.geometry.coordinates: lies outside the earth"),
        (square("001", 107.0, valid_from="1. Juli"), "features.0.properties.valid_from: Input should be a valid date"),
        (square("001", 107.0, valid_from="2025-07-01", valid_to="2025-06-30"), "valid_to: is before valid_from"),
        ({"type": "Feature", "properties": {"code": "001"}, "geometry": None}, "features.0.geometry: Input should be"),
        (
            square("001", 107.0) | {"geometry": {"type": "Polygon", "coordinates": CROSSED}},
            "features.0.geometry.coordinates: Self-intersection",
        ),
        (
            square("001", 107.0) | {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}},
            "features.0.geometry.coordinates: draws no Polygon",
        ),
    ],
)
def test_a_wrong_feature_is_refused_with_its_line(feature: object, finding: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as refusal:
        load_boundaries(written(tmp_path, feature, square("003", 107.2)), REGISTER)
    assert finding in str(refusal.value)


def test_a_commune_drawn_twice_for_one_time_is_refused_where_it_stands_again(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"geojson:3: features\.1\.properties\.code: 001 has two boundaries"):
        load_boundaries(written(tmp_path, square("001", 107.0), square("001", 107.5)), REGISTER)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('{"type": "FeatureCollection",\n"features": [}', ":2: document: is no JSON"),
        ('{"type": "Feature"}', ":1: type: is no FeatureCollection"),
        ("[]", ":1: type: is no FeatureCollection"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: str, finding: str, tmp_path: Path) -> None:
    file = tmp_path / "boundaries.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as refusal:
        load_boundaries(file, REGISTER)
    assert finding in str(refusal.value)
    with pytest.raises(DocumentError, match="cannot be read"):
        load_boundaries(tmp_path / "none.geojson", REGISTER)
