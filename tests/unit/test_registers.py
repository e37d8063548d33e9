"""A register that contradicts itself is refused, with the line."""

from pathlib import Path

import pytest

from services.runtime.documents import DocumentError
from services.runtime.register.loading import load_register

REGISTER = """version: test
as_of: 2026-11-22
label_vi: thử
label_en: test
areas:
  - {code: vn, kind: nation, name_vi: Việt Nam, name_en: Viet Nam}
  - {code: p, kind: province, name_vi: tỉnh P, name_en: P, parents: [vn]}
agencies:
  - code: top
    id: 8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0001
    type: PTDS-QG
    name_vi: Cấp quốc gia
    name_en: Nation
    covers: [vn]
    desks: [{code: truc-ban, name_vi: Trực ban, name_en: Duty desk}]
  - code: low
    id: 8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0002
    type: UBND-T
    name_vi: Cấp tỉnh
    name_en: Province
    valid_from: 2025-07-01
    covers: [p]
    relations: [{tree: administrative, superior: top, valid_from: 2025-07-01}]
    desks: [{code: truc-ban, name_vi: Trực ban, name_en: Duty desk}]
    units: [{code: van-phong, name_vi: Văn phòng, name_en: Office}]
"""


def register(folder: Path, wrong: str = "", right: str = "") -> Path:
    assert wrong in REGISTER
    file = folder / "register.yaml"
    file.write_text(REGISTER.replace(wrong, right) if wrong else REGISTER, encoding="utf-8")
    return file


def test_a_sound_register_is_loaded(tmp_path: Path) -> None:
    assert [agency.code for agency in load_register(register(tmp_path)).agencies] == ["top", "low"]


@pytest.mark.parametrize(
    ("wrong", "right", "finding"),
    [
        ("parents: [vn]", "parents: [xx]", "7: areas.1.parents.0: area xx is not in the register"),
        ("code: p,", "code: vn,", "7: areas.1.code: area code vn stands for two records at one time"),
        ("name_en: Viet Nam}", "name_en: V, parents: [p]}", "6: areas.0.parents: area vn contains itself"),
        ("kind: nation", "kind: province", "5: areas: no area of kind nation"),
        ("covers: [p]", "covers: [q]", "22: agencies.1.covers.0: area q is not in the register"),
        ("f0002", "f0001", "17: agencies.1.id: id 8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0001 stands for two agencies"),
        ("code: low", "code: top", "16: agencies.1.code: agency code top stands for two records at one time"),
        ("superior: top", "superior: up", "23: agencies.1.relations.0.superior: agency up is not in the register"),
        ("superior: top", "superior: low", "23: agencies.1.relations.0: low becomes its own superior"),
        (
            "superior: top, valid_from: 2025-07-01",
            "superior: top, valid_from: 1900-01-01",
            "23: agencies.1.relations.0.superior: agency top does not exist on 1900-01-01",
        ),
        (
            "    valid_from: 2025-07-01\n",
            "    valid_from: 2025-07-01\n    valid_to: 2025-06-30\n",
            "22: agencies.1.valid_to: valid_to 2025-06-30 is before valid_from 2025-07-01",
        ),
        (
            "name_en: Office}",
            "name_en: Office}, {code: van-phong, name_vi: b, name_en: b}",
            "25: agencies.1.units.1.code: unit code van-phong stands for two records at one time",
        ),
        (
            "    covers: [vn]\n    desks: [{code: truc-ban, name_vi: Trực ban, name_en: Duty desk}]",
            "    covers: [vn]",
            "22: agencies.1.relations.0.superior: top has no desk",
        ),
        (
            "    covers: [p]\n",
            "    covers: [p]\n    predecessors: [8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0009]\n",
            "23: agencies.1.predecessors.0: no agency has id 8c7c3a5e-0d0c-5b39-a8f3-1a1b6d4f0009",
        ),
        (
            "name_en: Duty desk}]\n    units",
            "name_en: Duty desk, deputy: pho}]\n    units",
            "24: agencies.1.desks.0.deputy: desk pho of low is not in the register",
        ),
        (
            "name_en: Duty desk}]\n    units",
            "name_en: Duty desk, deputy: truc-ban}]\n    units",
            "24: agencies.1.desks.0.deputy: desk truc-ban becomes its own deputy",
        ),
        (
            "name_en: Duty desk}]\n    units",
            "name_en: D, duty_command: true}, {code: c, name_vi: b, name_en: b, duty_command: true}]\n    units",
            "24: agencies.1.desks.1.duty_command: truc-ban and c are both the duty command of low at one time",
        ),
    ],
)
def test_each_contradiction_is_refused_with_its_line(wrong: str, right: str, finding: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as refusal:
        load_register(register(tmp_path, wrong, right))
    assert f"register.yaml:{finding}" in str(refusal.value)


def test_one_desk_may_follow_another_as_duty_command(tmp_path: Path) -> None:
    first = "name_en: Duty desk, duty_command: true, valid_from: 2025-07-01, valid_to: 2025-12-31}"
    second = "{code: chi-huy, name_vi: b, name_en: b, duty_command: true, valid_from: 2026-01-01}"
    file = register(tmp_path, "name_en: Duty desk}]\n    units", f"{first}, {second}]\n    units")

    assert [desk.duty_command for desk in load_register(file).agencies[1].desks] == [True, True]


def test_a_code_may_be_used_again_after_its_first_bearer_ended(tmp_path: Path) -> None:
    """07246 is Canh Nậu until 2025-06-30 and Xuân Lương since: that is no contradiction."""
    old = "  - {code: p, kind: commune, name_vi: cũ, name_en: old, parents: [vn], valid_to: 2025-06-30}\nagencies:"
    new = "code: p, valid_from: 2025-07-01,"
    text = REGISTER.replace("code: p,", new).replace("agencies:", old)
    file = tmp_path / "register.yaml"
    file.write_text(text, encoding="utf-8")
    assert len(load_register(file).areas) == 3
