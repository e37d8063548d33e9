"""A set that names what the register does not hold, or that contradicts itself, is refused at the door."""

import re
from pathlib import Path

import pytest

from services.routing.in_force.reference import load_reference
from services.runtime.documents import DocumentError
from tests.unit.regulations.conftest import FOLDER

RULE = """rules:
  - code: t-rule
    valid_from: 2025-07-01
    citation: {instrument: test, text: Điều 1, status: unverified}
    when: {category: [CYB-DATA]}
    assign:
      - {role: lead, to: {agency: bca}}
"""


def refused(folder: Path, rule: str) -> str:
    """What the loader says about the reference set with one more rule."""
    (folder / "regulations").mkdir()
    for name in ("register.yaml", "admin-units.tsv"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    for file in (FOLDER / "regulations").glob("*.yaml"):
        (folder / "regulations" / file.name).write_bytes(file.read_bytes())
    (folder / "regulations" / "90-added.yaml").write_text(rule, encoding="utf-8")
    with pytest.raises(DocumentError) as refusal:
        load_reference(folder)
    said = str(refusal.value).replace(f"{folder / 'regulations'}/", "")
    return re.sub(r"rules\.\d+", "rules.N", said)


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "{agency: bca}",
            "{agency: bo-khong-co}",
            "assign.0.to.agency: agency bo-khong-co is not in the register — fix: add it or correct the code",
        ),
        (
            "{agency: bca}",
            "{agency: ubnd-t-hue}",
            "ubnd-t-hue is no national body, so a rule must not name it — fix: name it by agency_type and of",
        ),
        (
            "{agency: bca}",
            '{agency: bca, desk: "113"}',
            "90-added.yaml:7: rules.N.assign.0.to.desk: bca has no desk 113 — fix: use one of: truc-ban",
        ),
        (
            "{agency: bca}",
            '{agency_type: CA-T, of: province, desk: "115"}',
            "no CA-T of the register has a desk 115 — fix: use one of: 113, 114, truc-ban",
        ),
        ("code: t-rule", "code: g2-level-1", "90-added.yaml:2: rules.N.code: rule code g2-level-1 is used twice"),
        (
            "{category: [CYB-DATA]}",
            "{civil_defence: {min: 4}}",
            "90-added.yaml:5: rules.N.when.civil_defence.min: civil_defence ends at 3",
        ),
        ("{category: [CYB-DATA]}", "{category: [REL-IGION]}", "90-added.yaml:5: rules.N.when.category.0"),
        (
            "{agency: bca}",
            "{agent: bca}",
            "90-added.yaml:7: rules.N.assign.0.to: a recipient needs agency_type, superior_of,",
        ),
        (
            "{role: lead, to: {agency: bca}}",
            "{role: inform, to: {agency: bca}, acknowledge_within: PT5M}",
            "90-added.yaml:7: rules.N.assign.0: inform carries no time limit and no escalation",
        ),
        (
            "{role: lead, to: {agency: bca}}",
            "{role: lead, to: {superior_of: lead, tree: police}}",
            "the lead cannot be the superior of the lead",
        ),
        ("valid_from: 2025-07-01", "valid_from: 2025-7-1", "90-added.yaml:3: rules.N.valid_from"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_line(wrong: str, right: str, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, RULE.replace(wrong, right))
