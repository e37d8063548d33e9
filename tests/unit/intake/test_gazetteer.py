"""Which places a unit can choose from, on the reference register."""

from datetime import date
from pathlib import Path

import pytest

from contracts.register import AreaKind
from services.intake.gazetteer import NOWHERE, Gazetteer
from services.runtime.register.loading import load_register

TODAY = date(2026, 11, 22)
BEFORE = date(2025, 6, 30)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(load_register(Path(__file__).parents[3] / "deploy" / "reference" / "register.yaml"))


def test_a_province_offers_its_communes_and_the_areas_that_lie_in_them(gazetteer: Gazetteer) -> None:
    offered = {area.code: area for area in gazetteer.by_province(TODAY)["46"]}

    assert offered["20056"].kind is AreaKind.COMMUNE
    assert {"46", "hue-vanh-dai-a-luoi", "hue-cua-khau-a-dot", "hue-ven-bo"} <= offered.keys()
    assert "24646" not in offered


def test_waters_that_lie_in_no_province_are_offered_to_everybody(gazetteer: Gazetteer) -> None:
    assert "bien-dong-ngoai-khoi" in {area.code for area in gazetteer.by_province(TODAY)[NOWHERE]}


def test_a_place_is_offered_only_while_its_code_stands_for_it(gazetteer: Gazetteer) -> None:
    """A code from before the reform with today's date would name another commune, or none."""
    before, now = gazetteer.by_province(BEFORE), gazetteer.by_province(TODAY)

    assert {"67", "60"} <= before.keys()
    assert not {"67", "60"} & now.keys()
    assert any(area.kind is AreaKind.DISTRICT for area in before["46"])
    assert not any(area.kind is AreaKind.DISTRICT for area in now["46"])


@pytest.mark.parametrize(("agency", "home"), [("kl-h-yen-the", "24"), ("bp-d-dak-wil", "68"), ("vmrcc-kv2", "46")])
def test_a_unit_is_at_home_where_its_agency_answers(gazetteer: Gazetteer, agency: str, home: str) -> None:
    assert gazetteer.home(agency, TODAY) == home


def test_who_answers_for_the_whole_nation_or_is_unknown_has_no_home(gazetteer: Gazetteer) -> None:
    assert gazetteer.home("ptds-qg", TODAY) is None
    assert gazetteer.home("nobody", TODAY) is None


def test_an_area_has_the_communes_that_it_is_holds_or_lies_in(gazetteer: Gazetteer) -> None:
    assert set(gazetteer.communes(TODAY, frozenset({"20056"}))) == {"20056"}
    assert gazetteer.communes(TODAY, frozenset({"46"})).keys() >= {"20056", "19774"}
    assert len(gazetteer.communes(TODAY, frozenset({"hue-cua-khau-a-dot"}))) == 1
    assert not gazetteer.communes(TODAY, frozenset({"nowhere"}))
    assert gazetteer.communes(TODAY).keys() > gazetteer.communes(TODAY, frozenset({"46"})).keys()


def test_a_unit_is_named_with_its_agency(gazetteer: Gazetteer) -> None:
    assert gazetteer.unit_name("kl-h-yen-the", "tram-xuan-luong", TODAY) == (
        "Trạm Kiểm lâm Xuân Lương, Hạt Kiểm lâm khu vực Yên Thế",
        "Xuân Lương ranger post, Yên Thế Forest Ranger Station",
    )
    assert gazetteer.unit_name("kl-h-yen-the", "nobody", TODAY) is None
