"""People type names without marks, and codes that mean two places; both must come back with their dates."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from services.runtime.register.admin_units import AdminUnit, read_units
from services.stack.codes.finding import differences, find

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"


@pytest.fixture(scope="module")
def units() -> Sequence[AdminUnit]:
    return read_units(REFERENCE / "admin-units.tsv")


@pytest.mark.parametrize(
    ("words", "on", "codes"),
    [
        ("vy da", "2026-01-01", ["19777"]),
        ("Vỹ Dạ", "2025-06-30", ["19777"]),
        ("phuong vy da", "2026-01-01", ["19777"]),
        ("b'lao", "2026-01-01", ["24829"]),
        ("B\u2019Lao", "2026-01-01", ["24829"]),
        ("blao", "2026-01-01", ["24829"]),
        ("dak wil", "2026-01-01", ["24646"]),
        ("ĐẮK WIL", "2026-01-01", ["24646"]),
        ("lang biang da lat", "2026-01-01", ["24846"]),
        ("07249", "2025-06-30", ["07249"]),
        ("07249", "2026-01-01", []),
        ("không có đâu", None, []),
    ],
)
def test_a_unit_is_found_by_folded_words_or_by_its_code_on_a_day(
    words: str, on: str | None, codes: list[str], units: Sequence[AdminUnit]
) -> None:
    found = find(units, words, None if on is None else date.fromisoformat(on))
    assert [one.unit.code for one in found] == codes


def test_old_and_new_places_of_the_tone_mark_are_one_name(units: Sequence[AdminUnit]) -> None:
    """Half of the country writes hoà, the other half hòa (pitfall 33)."""
    assert find(units, "hoà bắc") == find(units, "hòa bắc") == find(units, "hoa bac") != []


def test_a_code_comes_back_as_every_unit_it_meant(units: Sequence[AdminUnit]) -> None:
    """A bare 07246 is Canh Nậu or Xuân Lương: one answer alone would send a report to the wrong place (pitfall 2)."""
    now, before = find(units, "07246")
    assert (now.unit.name_vi, now.within) == ("xã Xuân Lương", "tỉnh Bắc Ninh")
    assert (before.unit.name_vi, before.within) == ("xã Canh Nậu", "huyện Yên Thế, tỉnh Bắc Giang")
    assert [one.code for one in before.successors] == ["07246"]


def test_a_unit_that_was_split_names_all_that_were_made_of_it(units: Sequence[AdminUnit]) -> None:
    """Open incidents of a divided commune need a choice by place, never a one-to-one map (pitfall 4)."""
    divided = find(units, "00634", date(2025, 6, 30))[0]
    assert len(divided.successors) == 5
    assert all("00634" in one.predecessors for one in divided.successors)


def test_lists_differ_by_what_was_added_removed_or_changed(units: Sequence[AdminUnit]) -> None:
    first, second, third = units[:3]
    renamed = second._replace(name="Khác")
    told = {one.change: one for one in differences([first, second], [renamed, third])}
    assert (told["removed"].unit, told["added"].unit) == (first, third)
    assert told["changed"].fields == {"name": (second.name, "Khác")}
    assert list(differences(units, units)) == []
