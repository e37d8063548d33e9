"""The reports that the how-to explains are decided as it says, each by a rule that cites its source."""

from pathlib import Path
from typing import Final

import pytest

from contracts.decisions import Decision
from services.routing.commands.regulation_files import read_report
from services.routing.deciding import Regulator
from services.routing.in_force.reference import Reference
from tests.unit.regulations.conftest import FOLDER

REPORTS: Final = FOLDER / "reports"
LEADS: Final = {
    "xuan-luong-forest-fire": ("ubnd-x-xuan-luong", "w6-forest-fire-directed", "tt-25-2019-bnnptnt"),
    "cu-jut-gate-closed-13-hours": ("ubnd-t-lam-dong", "b6-secondary-gate-beyond", "luat-66-2020"),
    "boat-position-unknown": ("ptds-qg", "s6-position-unknown", "qd-06-2014-ttg"),
    "hue-flood-two-communes-2025-06-30": ("ubnd-h-phong-dien", "n2-several-communes-until-2025", "nd-66-2021"),
    "hue-flood-two-communes-2025-07-01": ("ubnd-t-hue", "n2-several-communes", "nd-131-2025"),
}


def decided(name: str, reference: Reference) -> Decision:
    regulator = Regulator(reference.regulations, reference.register)
    report = read_report((REPORTS / f"{name}.json").read_text(encoding="utf-8"))
    assert report.sender is not None
    return regulator.decide(regulator.facts(report, report.sender.agency, report.sent), report.sent)


@pytest.mark.parametrize("name", LEADS)
def test_each_report_of_the_how_to_has_the_lead_and_source_it_names(name: str, reference: Reference) -> None:
    lead = decided(name, reference).assignments[0]
    assert (lead.addressee.agency, lead.rule, lead.citation.instrument) == LEADS[name]


def test_every_report_of_the_folder_is_looked_at() -> None:
    assert {file.stem for file in REPORTS.glob("*.json")} == set(LEADS)


def test_the_flood_before_and_after_the_reform_shares_no_commune_or_district_body(reference: Reference) -> None:
    """Two codes that mean other places since 2025-07-01: one list of recipients for both days would reach nobody."""
    before, after = (
        {a.addressee.agency for a in decided(f"hue-flood-two-communes-2025-{day}", reference).assignments}
        for day in ("06-30", "07-01")
    )
    assert {agency for agency in before & after if "-x-" in agency or "-h-" in agency} == set()
    assert "ubnd-t-hue" in after - before


def test_the_how_to_names_every_report() -> None:
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "prove-a-regulation-set.md").read_text(encoding="utf-8")
    assert [name for name in LEADS if f"deploy/reference/reports/{name}.json" not in text] == []
