"""Templates make one body for every unit, the same each time; a wrong template is refused once, with its line."""

from datetime import date
from pathlib import Path

import pytest

from contracts.identifiers import derived_id
from contracts.register import Agency, Register, Tree
from services.runtime.documents import DocumentError
from services.runtime.register.loading import load_register

UNITS = (
    "24\ttinh\tBắc Ninh\t\t2025-07-01\t\t\t24\n"
    "24\ttinh\tBắc Giang\t\t2025-01-01\t2025-06-30\t\t\n"
    "07246\txa\tXuân Lương\t24\t2025-07-01\t\t\t07246 07249\n"
    "07264\txa\tTam Tiến\t24\t2025-07-01\t\t\t07264\n"
    "215\thuyen\tYên Thế\t24\t2025-01-01\t2025-06-30\t\t\n"
    "07246\txa\tCanh Nậu\t215\t2025-01-01\t2025-06-30\t\t\n"
    "07249\txa\tXuân Lương\t215\t2025-01-01\t2025-06-30\t\t\n"
    "07264\txa\tTam Tiến\t215\t2025-01-01\t2025-06-30\t\t\n"
)
DESK = "desks: [{code: truc-ban, name_vi: Trực ban, name_en: Duty desk}]"
DOCUMENT = f"""version: test
as_of: 2026-11-22
label_vi: thử
label_en: test
admin_units: {{file: units.tsv}}
short_names:
  - {{unit: "24", on: 2025-06-30, short: bac-giang}}
  - {{unit: "24", on: 2025-07-01, short: bac-ninh}}
  - {{unit: "07246", on: 2025-07-01, short: xuan-luong}}
areas:
  - {{code: vn, kind: nation, name_vi: Việt Nam, name_en: Viet Nam}}
templates:
  - per: province
    provinces: ["24"]
    type: CA-T
    code: "ca-t-{{short}}"
    name_vi: "Công an {{unit_vi}}"
    name_en: "Police of {{unit_en}}"
    {DESK}
  - per: district
    provinces: ["24"]
    type: CA-H
    code: "ca-h-{{short}}"
    name_vi: "Công an {{unit_vi}}"
    name_en: "Police of {{unit_en}}"
    valid_to: 2025-02-28
    relations: [{{tree: police, superior: "ca-t-{{province}}"}}]
    {DESK}
  - per: former_district
    provinces: ["24"]
    type: KL-H
    code: "kl-h-{{short}}"
    name_vi: "Hạt Kiểm lâm khu vực {{name}}"
    name_en: "{{name}} Forest Ranger Station"
    valid_from: 2025-07-01
    relations: [{{tree: sector, superior: "ca-t-{{province}}"}}]
    {DESK}
  - per: commune
    provinces: ["24"]
    type: CA-X
    code: "ca-x-{{short}}-cu"
    name_vi: "Công an {{unit_vi}}"
    name_en: "Police of {{unit_en}}"
    valid_to: 2025-06-30
    relations:
      - {{tree: police, superior: "ca-h-{{district}}", valid_to: 2025-02-28}}
      - {{tree: police, superior: "ca-t-{{province}}", valid_from: 2025-03-01}}
    {DESK}
  - per: commune
    provinces: ["24"]
    type: CA-X
    code: "ca-x-{{short}}"
    name_vi: "Công an {{unit_vi}}"
    name_en: "Police of {{unit_en}}"
    valid_from: 2025-07-01
    relations: [{{tree: police, superior_covering: PTKV}}]
    {DESK}
additions:
  - agency: ca-x-xuan-luong
    units: [{{code: to-antt, name_vi: Tổ, name_en: Team}}]
agencies:
  - code: ptkv-1
    id: 8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0001
    type: PTKV
    name_vi: Ban Chỉ huy phòng thủ khu vực 1
    name_en: Area Defence Command 1
    valid_from: 2025-07-01
    covers_former: ["215"]
    {DESK}
"""


def written(folder: Path, wrong: str = "", right: str = "") -> Path:
    assert wrong in DOCUMENT
    (folder / "units.tsv").write_text(UNITS, encoding="utf-8")
    file = folder / "register.yaml"
    file.write_text(DOCUMENT.replace(wrong, right, 1) if wrong else DOCUMENT, encoding="utf-8")
    return file


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return load_register(written(tmp_path))


def agency(code: str, register: Register) -> Agency:
    return next(agency for agency in register.agencies if agency.code == code)


def test_every_unit_gets_its_body_for_the_time_both_hold(register: Register) -> None:
    assert {a.code: (a.valid_from.isoformat(), a.valid_to and a.valid_to.isoformat()) for a in register.agencies} == {
        "ptkv-1": ("2025-07-01", None),
        "ca-t-bac-ninh": ("2025-07-01", None),
        "ca-t-bac-giang": ("2025-01-01", "2025-06-30"),
        "ca-h-215": ("2025-01-01", "2025-02-28"),
        "kl-h-215": ("2025-07-01", None),
        "ca-x-07246-cu": ("2025-01-01", "2025-06-30"),
        "ca-x-07249-cu": ("2025-01-01", "2025-06-30"),
        "ca-x-07264-cu": ("2025-01-01", "2025-06-30"),
        "ca-x-xuan-luong": ("2025-07-01", None),
        "ca-x-07264": ("2025-07-01", None),
    }


def test_names_follow_the_unit_and_a_relation_its_own_dates(register: Register) -> None:
    """Commune police came under the province when the district police ended, four months before the districts."""
    former = agency("ca-x-07246-cu", register)
    assert (former.name_vi, former.name_en) == ("Công an xã Canh Nậu", "Police of Canh Nậu Commune")
    assert [(r.superior, r.valid_from, r.valid_to) for r in former.relations] == [
        ("ca-h-215", date(2025, 1, 1), date(2025, 2, 28)),
        ("ca-t-bac-giang", date(2025, 3, 1), date(2025, 6, 30)),
    ]


def test_a_body_after_the_district_covers_its_communes_under_the_new_province(register: Register) -> None:
    station = agency("kl-h-215", register)
    assert station.covers == agency("ptkv-1", register).covers == ("07246", "07264")
    assert [relation.superior for relation in station.relations] == ["ca-t-bac-ninh"]
    assert station.name_vi == "Hạt Kiểm lâm khu vực Yên Thế"


def test_a_superior_may_be_whoever_covers_the_unit(register: Register) -> None:
    relations = agency("ca-x-07264", register).relations
    assert [(relation.tree, relation.superior) for relation in relations] == [(Tree.POLICE, "ptkv-1")]


def test_bodies_name_those_of_the_units_theirs_was_made_of(register: Register) -> None:
    """Two communes became one: both police stations have one successor."""
    before = {agency(code, register).id for code in ("ca-x-07246-cu", "ca-x-07249-cu")}
    assert set(agency("ca-x-xuan-luong", register).predecessors) == before


def test_ids_follow_from_codes_and_what_one_body_has_more_is_added(register: Register, tmp_path: Path) -> None:
    assert agency("ca-x-07264", register).id == derived_id("agency", "ca-x-07264")
    assert [unit.code for unit in agency("ca-x-xuan-luong", register).units] == ["to-antt"]
    assert agency("ca-x-07264", register).units == ()
    assert load_register(tmp_path / "register.yaml") == register


def test_what_templates_make_is_what_the_contract_allows(register: Register) -> None:
    """Agencies of templates are built without validation for speed; this reads them back through the contract."""
    assert Register.model_validate_json(register.model_dump_json()) == register


@pytest.mark.parametrize(
    ("wrong", "right", "finding"),
    [
        ('"ca-t-{short}"', '"ca-t-{shrt}"', "13: templates.0: no such name in braces: shrt; use one of"),
        ('"ca-t-{short}"', '"ca-t-{short"', "13: templates.0: expected '}' before end of string"),
        ('"ca-t-{short}"', '"CA-{short}"', "16: templates.0.code: CA-bac-ninh is no agency code"),
        ('provinces: ["24"]', 'provinces: ["99"]', "14: templates.0.provinces.0: no province has the code 99"),
        (
            '"24", on: 2025-06-30',
            '"24", on: 2024-06-30',
            "7: short_names.0.unit: no unit has the code 24 on 2024-06-30",
        ),
        ("agency: ca-x-xuan-luong", "agency: ca-x-khac", "additions.0.agency: no template makes an agency ca-x-khac"),
        ('covers_former: ["215"]', 'covers_former: ["999"]', "no commune was made from a district 999"),
        (
            '"ca-h-{district}", valid_to: 2025-02-28',
            '"ca-k-{district}", valid_to: 2025-02-28',
            "relations.0.superior: agency ca-k-215 is not in the register (for ca-x-07246-cu), and 2 more like it",
        ),
        ("code: ptkv-1", "code: ca-x-07264", "agency code ca-x-07264 stands for two records at one time"),
        ("superior_covering: PTKV", "superior_covering: PTKV, superior: x", "give superior or superior_covering"),
        ("file: units.tsv", "file: none.tsv", "none.tsv:1: document: cannot be read"),
    ],
)
def test_each_fault_is_refused_where_it_was_written(wrong: str, right: str, finding: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as refusal:
        load_register(written(tmp_path, wrong, right))
    assert finding in str(refusal.value)


def test_units_in_faulty_lists_are_refused_with_the_line_of_the_list(tmp_path: Path) -> None:
    file = written(tmp_path)
    (tmp_path / "units.tsv").write_text(UNITS.replace("\txa\tTam", "\txq\tTam"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"units\.tsv:4: document: is no row of this list"):
        load_register(file)
