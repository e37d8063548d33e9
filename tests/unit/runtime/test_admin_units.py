"""The list of administrative units: complete, dated, and refused with the line where it contradicts itself."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from contracts.register import Area, AreaKind
from services.runtime.documents import DocumentError
from services.runtime.register.admin_units import AdminUnit, UnitKind, parse_units, read_units

FILE = Path(__file__).parents[3] / "deploy" / "reference" / "admin-units.tsv"
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(scope="module")
def units() -> Sequence[AdminUnit]:
    return read_units(FILE)


def on(day: date, code: str, units: Sequence[AdminUnit]) -> str | None:
    return next((unit.name_vi for unit in units if unit.code == code and unit.holds_on(day)), None)


def test_since_the_reform_there_are_34_provinces_and_3321_communes(units: Sequence[AdminUnit]) -> None:
    for day in (AFTER, date(2026, 11, 22)):
        levels = Counter(unit.area_kind for unit in units if unit.holds_on(day))
        assert levels == {AreaKind.PROVINCE: 34, AreaKind.COMMUNE: 3321}
        kinds = Counter(unit.kind for unit in units if unit.holds_on(day))
        assert (kinds[UnitKind.COMMUNE], kinds[UnitKind.WARD], kinds[UnitKind.SPECIAL_ZONE]) == (2621, 687, 13)


def test_before_the_reform_there_were_63_provinces_696_districts_and_10035_communes(units: Sequence[AdminUnit]) -> None:
    levels = Counter(unit.area_kind for unit in units if unit.holds_on(BEFORE))
    assert levels == {AreaKind.PROVINCE: 63, AreaKind.DISTRICT: 696, AreaKind.COMMUNE: 10035}


@pytest.mark.parametrize(("province", "communes"), [("46", 40), ("24", 99), ("68", 124)])
def test_the_three_reference_provinces_have_the_communes_of_their_resolutions(
    province: str, communes: int, units: Sequence[AdminUnit]
) -> None:
    assert sum(unit.parent == province and unit.holds_on(AFTER) for unit in units) == communes


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("07246", "xã Canh Nậu", "xã Xuân Lương"),
        ("07249", "xã Xuân Lương", None),
        ("24", "tỉnh Bắc Giang", "tỉnh Bắc Ninh"),
        ("27", "tỉnh Bắc Ninh", None),
        ("24640", "thị trấn Ea T'Ling", "xã Cư Jút"),
        ("19777", "phường Vỹ Dạ", "phường Vỹ Dạ"),
    ],
)
def test_a_code_is_another_place_after_the_reform(
    code: str, before: str, after: str | None, units: Sequence[AdminUnit]
) -> None:
    """Whoever reads a code without its date sends help to another commune (pitfall 2)."""
    assert (on(BEFORE, code, units), on(AFTER, code, units)) == (before, after)


def test_hue_has_its_own_step_at_the_new_year(units: Sequence[AdminUnit]) -> None:
    """One date for the whole reform would be wrong for Huế (pitfall 1)."""
    assert on(date(2024, 12, 31), "46", units) == "tỉnh Thừa Thiên Huế"
    assert on(date(2025, 1, 1), "46", units) == on(AFTER, "46", units) == "thành phố Huế"


def test_xuan_luong_was_made_of_three_communes_and_cu_jut_of_four(units: Sequence[AdminUnit]) -> None:
    made_of = {unit.code: unit.predecessors for unit in units if unit.holds_on(AFTER)}
    assert made_of["07246"] == ("07243", "07246", "07249")
    assert len(made_of["24640"]) == 4
    assert len(made_of["24646"]) == len(made_of["24649"]) == 2


def test_every_present_commune_names_predecessors_that_existed(units: Sequence[AdminUnit]) -> None:
    former = {unit.code for unit in units if unit.holds_on(BEFORE)}
    communes = [u for u in units if u.holds_on(AFTER) and u.area_kind is AreaKind.COMMUNE]
    assert all(unit.predecessors and former.issuperset(unit.predecessors) for unit in communes)


def test_the_list_is_small_in_nfc_and_its_areas_are_valid(units: Sequence[AdminUnit]) -> None:
    """Areas are built without validation for speed; this reads each back through the contract."""
    text = FILE.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_500_000
    assert unicodedata.is_normalized("NFC", text)
    for unit in units:
        area = unit.area("vn")
        assert Area.model_validate(area.model_dump()) == area


def test_only_the_provinces_asked_for_are_kept() -> None:
    kept = read_units(FILE, {"24", "27"})
    assert {unit.province for unit in kept} == {"24", "27"}
    assert Counter(unit.area_kind for unit in kept if unit.holds_on(AFTER)) == {
        AreaKind.PROVINCE: 1,
        AreaKind.COMMUNE: 99,
    }


GOOD = "24\ttinh\tBắc Ninh\t\t2025-07-01\t\t\t\n07246\txa\tXuân Lương\t24\t2025-07-01\t\t\t07246\n"


@pytest.mark.parametrize(
    ("wrong", "right", "finding"),
    [
        ("07246\txa", "07246\tlang", "2: document: is no row of this list"),
        ("Lương\t24", "Lương", "2: document: is no row of this list"),
        ("07246\txa", "0724x\txa", "2: code: 0724x 'Xuân Lương' is no code of digits with a name"),
        ("\tXuân Lương", "\t", "2: name: 07246 '' is no code of digits with a name"),
        ("\t24\t", "\t25\t", "2: parent: the parent 25 stands in no line above"),
        ("24\t2025-07-01", "24\t2025-7-1", "2: valid_from: Invalid isoformat string"),
        ("24\t2025-07-01", "24\t2025-06-30", "2: parent: the parent 24 does not exist on 2025-06-30"),
        ("24\t2025-07-01\t", "24\t2025-07-01\t2025-06-30", "2: valid_to: ends before it begins"),
        ("07246\n", "07246\n07246\txa\tKhác\t24\t2026-01-01\t\t\t\n", "3: document: code 07246 already stands for"),
    ],
)
def test_each_contradiction_is_refused_with_its_line(wrong: str, right: str, finding: str) -> None:
    assert len(parse_units(GOOD, FILE)) == 2
    assert wrong in GOOD
    with pytest.raises(DocumentError) as refusal:
        parse_units(GOOD.replace(wrong, right), FILE)
    assert f"admin-units.tsv:{finding}" in str(refusal.value)


def test_a_list_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="write it with `phoihop codes import`"):
        read_units(tmp_path / "none.tsv")
