"""One case for every rule of the reference set, and who leads in it; what came of the rows of the facts' table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Role, Severity
from contracts.decisions import Decision
from services.routing.in_force.reference import Reference
from tests.unit.regulations.conftest import AT, Decides, States

XUAN_LUONG, TAM_TIEN = "07246", "07264"
PHONG_DIEN, PHONG_THAI = "19819", "19858"
CU_JUT, NAM_DONG, DAK_WIL = "24640", "24649", "24646"
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)
"""Before the decision on oil spills of 2026."""
SINCE = {hours: {"restricted_since": AT - timedelta(hours=hours)} for hours in (6, 13, 24)}
"""How long a gate has been closed."""
DISTRICTS = datetime(2025, 6, 30, 5, tzinfo=UTC)
"""The last day of the districts."""
DISTRICT_POLICE = datetime(2025, 2, 28, 5, tzinfo=UTC)
"""The last day of the district police."""

CASES: dict[str, tuple[str, tuple[str, ...], dict[str, Any], str]] = {
    "g1-casualties-112": ("TRA-ROAD", (CU_JUT,), {"casualties": True}, "ca-x-cu-jut"),
    "g2-level-1": ("ENV-WASTE", (CU_JUT,), {"civil_defence": 1}, "ubnd-x-cu-jut"),
    "g3-level-2": ("NAT-FLOOD", (PHONG_DIEN,), {"civil_defence": 2}, "ubnd-t-hue"),
    "g4-level-3": ("NAT-STORM", (PHONG_DIEN,), {"civil_defence": 3}, "ptds-qg"),
    "g8-large-fire-post": ("FIR-IND", (PHONG_DIEN,), {"severity": Severity.SEVERE}, "ubnd-x-phong-dien"),
    "n1-risk-1": ("NAT-WX", (CU_JUT,), {"disaster_risk": 1}, "ubnd-x-cu-jut"),
    "n1-risk-not-stated": ("NAT-SLIDE", ("20056",), {}, "ubnd-x-a-luoi-1"),
    "n2-several-communes": ("NAT-FLOOD", (PHONG_DIEN, PHONG_THAI), {}, "ubnd-t-hue"),
    "n2-province-only": ("NAT-FLOOD", ("46",), {}, "ubnd-t-hue"),
    "n3-risk-2": ("NAT-FLOOD", (PHONG_DIEN,), {"disaster_risk": 2}, "ubnd-t-hue"),
    "n4-risk-3": ("NAT-STORM", (PHONG_DIEN, PHONG_THAI), {"disaster_risk": 3}, "ubnd-t-hue"),
    "n4-several-provinces": ("NAT-STORM", (PHONG_DIEN, CU_JUT), {}, "ptds-qg"),
    "n5-risk-4-5": ("NAT-STORM", ("46",), {"disaster_risk": 5}, "ptds-qg"),
    "d1-dam-one-commune": ("INF-DAM", ("19996",), {}, "ubnd-x-huong-tra"),
    "d1-dam-downstream": ("INF-DAM", ("19996", PHONG_DIEN), {}, "ubnd-t-hue"),
    "d2-dyke-report": ("INF-DAM", (XUAN_LUONG,), {}, "ubnd-x-xuan-luong"),
    "f0-fire-one-commune": ("FIR-BLDG", ("19789",), {}, "ubnd-x-thuan-hoa"),
    "f0-fire-beyond-one-commune": ("FIR-BLDG", ("19789", "19900"), {}, "ubnd-t-hue"),
    "f1-village-fire": ("FIR-BLDG", (PHONG_DIEN,), {}, "ubnd-x-phong-dien"),
    "f2-f3-facility-or-vehicle": ("FIR-IND", (CU_JUT,), {}, "ubnd-x-cu-jut"),
    "f4-fire-police": ("FIR-IND", (TAM_TIEN,), {}, "ubnd-x-tam-tien"),
    "w1-danger-1-2": ("FOR-WARN", (XUAN_LUONG,), {"forest_fire_danger": 2}, "kl-t-bac-ninh"),
    "w2-danger-3-5": ("FOR-WARN", (XUAN_LUONG,), {"forest_fire_danger": 5}, "ubnd-t-bac-ninh"),
    "w3-forest-fire-told": ("FOR-FIRE", (XUAN_LUONG,), {}, "ubnd-x-xuan-luong"),
    "w4-w5-forest-fire-fight": ("FOR-FIRE", ("bn-rung-xuan-luong",), {}, "ubnd-x-xuan-luong"),
    "w6-forest-fire-directed": ("FOR-FIRE", (TAM_TIEN,), {"civil_defence": 1}, "ubnd-x-tam-tien"),
    "w7-forest-fire-across": ("FOR-FIRE", (XUAN_LUONG, TAM_TIEN), {}, "ubnd-t-bac-ninh"),
    "w8-forest-offence": ("FOR-VIOL", (NAM_DONG,), {}, "kl-h-cu-jut"),
    "s1-land": ("SAR-LAND", ("20056",), {}, "ubnd-x-a-luoi-1"),
    "s1-collapse-rescue": ("SAR-COLL", ("19789",), {}, "ubnd-x-thuan-hoa"),
    "s2-inland-water": ("SAR-WATER", (PHONG_DIEN,), {}, "ubnd-x-phong-dien"),
    "s2-beyond-one-commune": ("SAR-LAND", (NAM_DONG, DAK_WIL), {}, "ubnd-t-lam-dong"),
    "s3-open-sea": ("SAR-SEA", ("bien-dong-ngoai-khoi",), {}, "vmrcc"),
    "s4-coastal-water": ("SAR-SEA", ("hue-ven-bo",), {}, "ubnd-t-hue"),
    "s5-port-water": ("SAR-SEA", ("hue-cang-chan-may",), {}, "cvhh-hue"),
    "s6-position-unknown": ("SAR-SEA", (), {"position_unknown": True}, "ptds-qg"),
    "s8-aircraft": ("SAR-AIR", (CU_JUT,), {}, "ubnd-t-lam-dong"),
    "b1-border-marker": ("BOR-MARK", ("hue-vanh-dai-a-luoi",), {}, "bp-t-hue"),
    "b4-border-belt": ("BOR-GATE", ("ld-vanh-dai-dak-wil",), {}, "bp-d-dak-wil"),
    "b5-border-area": ("BOR-GATE", (DAK_WIL,), {}, "bp-t-lam-dong"),
    "b6-secondary-gate": ("BOR-GATE", ("ld-cua-khau-dak-wil",), {}, "bp-d-dak-wil"),
    "b7-main-gate": ("BOR-GATE", ("hue-cua-khau-a-dot",), {}, "bp-t-hue"),
    "b10-crossing-or-smuggling": ("BOR-SMUG", (DAK_WIL,), {}, "bp-d-dak-wil"),
    "p1-violence": ("PUB-VIOL", (CU_JUT,), {}, "ca-x-cu-jut"),
    "p1-violence-beyond": ("PUB-VIOL", (CU_JUT, NAM_DONG), {}, "ca-t-lam-dong"),
    "p3-disorder": ("PUB-DIS", ("19789",), {}, "ca-t-hue"),
    "p4-drugs": ("PUB-DRUG", (CU_JUT,), {}, "ca-x-cu-jut"),
    "p5-drugs-under-border-control": ("PUB-DRUG", ("ld-cua-khau-dak-wil",), {}, "bp-d-dak-wil"),
    "p7-terrorism": ("PUB-TERR", ("19789",), {}, "ubnd-t-hue"),
    "p8-explosives-found": ("PUB-UXO", ("20056",), {}, "qs-x-a-luoi-1"),
    "p8-explosives-beyond": ("PUB-UXO", ("20056", "20101"), {}, "qs-t-hue"),
    "p9-missing-person": ("PUB-MISS", (TAM_TIEN,), {}, "ca-x-tam-tien"),
    "t1-road-accident": ("TRA-ROAD", (NAM_DONG,), {}, "ca-x-nam-dong"),
    "x1-air-sighting": ("RDY-AIR", ("19900",), {}, "qs-t-hue"),
    "x2-exercise": ("RDY-EX", (PHONG_DIEN,), {"first_reporter": "qs-t-hue"}, "qs-t-hue"),
    "x3-readiness-report": ("RDY-DUTY", (), {"first_reporter": "qs-x-cu-jut"}, "ubnd-x-cu-jut"),
    "h1-communicable-disease": ("HEA-CD", (CU_JUT,), {}, "yt-t-lam-dong"),
    "h2-mass-poisoning": ("HEA-FOOD", ("19789",), {}, "yt-t-hue"),
    "h3-animal-disease": ("HEA-ANI", (TAM_TIEN,), {}, "nnmt-t-bac-ninh"),
    "e1-oil-spill-on-land": ("ENV-OIL", ("19900",), {}, "ubnd-x-thuan-an"),
    "e2-oil-spill-at-sea": ("ENV-OIL", ("hue-cang-chan-may",), {}, "ubnd-t-hue"),
    "e3-toxic-chemical": ("CBR-CHEM", (CU_JUT,), {}, "ubnd-t-lam-dong"),
    "e3-toxic-chemical-across": ("CBR-CHEM", (CU_JUT, XUAN_LUONG), {}, "ptds-qg"),
    "e4-radiation": ("CBR-RAD", (), {}, "bo-khcn"),
    "e5-waste": ("ENV-WASTE", (NAM_DONG,), {}, "ubnd-x-nam-dong"),
    "i1-construction": ("INF-BUILD", (CU_JUT,), {}, "ubnd-x-cu-jut"),
    "i1-construction-casualties": ("INF-BUILD", (CU_JUT,), {"casualties": True}, "ubnd-x-cu-jut"),
    "i4-outage": ("INF-UTIL", (CU_JUT,), {}, "ct-t-lam-dong"),
    "e1-oil-on-land-until-2026": ("ENV-OIL", ("19900",), {"occurred_at": BEFORE}, "ubnd-x-thuan-an"),
    "e2-oil-at-sea-until-2026": ("ENV-OIL", ("hue-cang-chan-may",), {"occurred_at": BEFORE}, "ubnd-t-hue"),
    "s4-land-named-only": ("SAR-SEA", ("19900",), {}, "ubnd-t-hue"),
    "b10-away-from-the-border": ("BOR-CROSS", (TAM_TIEN,), {}, "ca-x-tam-tien"),
    "b10-commune-not-known": ("BOR-SMUG", ("68",), {}, "ca-t-lam-dong"),
    "p4-p9-t1-beyond": ("TRA-ROAD", ("46",), {}, "ca-t-hue"),
    "w8-forest-offence-beyond": ("FOR-VIOL", ("24",), {}, "kl-t-bac-ninh"),
    "e5-waste-beyond": ("ENV-WASTE", (CU_JUT, NAM_DONG), {}, "nnmt-t-lam-dong"),
    "i1-construction-beyond": ("INF-BUILD", (CU_JUT, NAM_DONG), {}, "ubnd-t-lam-dong"),
    "x3-vertical-channel": ("RDY-DUTY", (), {"first_reporter": "kl-h-yen-the"}, "kl-t-bac-ninh"),
    "k2-information-system": ("CYB-SYS", (), {"first_reporter": "td-huong-dien"}, "td-huong-dien"),
    "g5-state-of-emergency": ("NAT-STORM", ("46",), {"disaster_risk": 5}, "ptds-qg"),
    "g6-g7-field-post-in-the-commune": ("INF-DAM", ("19996",), {"severity": Severity.SEVERE}, "ubnd-x-huong-tra"),
    "g6-g7-field-post-beyond": ("INF-DAM", ("19996", PHONG_DIEN), {"severity": Severity.SEVERE}, "ubnd-t-hue"),
    "g9-beyond-own-capacity": ("ENV-WASTE", (CU_JUT,), {"severity": Severity.EXTREME}, "ubnd-x-cu-jut"),
    "n8-urgent-disaster-situation": ("NAT-FLOOD", (PHONG_DIEN,), {"severity": Severity.EXTREME}, "ubnd-x-phong-dien"),
    "d1-dam-beyond-the-province": ("INF-DAM", (XUAN_LUONG, PHONG_DIEN), {}, "ptds-qg"),
    "w7-forest-fire-two-provinces": ("FOR-FIRE", (XUAN_LUONG, CU_JUT), {}, "ubnd-t-bac-ninh"),
    "s7-military-zone": ("SAR-SEA", ("bien-vung-cam-vi-du",), {}, "bqp"),
    "b8-international-gate": ("BOR-GATE", ("ld-cua-khau-quoc-te-vi-du",), {}, "chinh-phu"),
    "b4-border-belt-longer": ("BOR-GATE", ("ld-vanh-dai-dak-wil",), SINCE[13], "bp-t-lam-dong"),
    "b5-border-area-longer": ("BOR-GATE", (DAK_WIL,), SINCE[24], "ubnd-t-lam-dong"),
    "b6-secondary-gate-longer": ("BOR-GATE", ("ld-cua-khau-dak-wil",), SINCE[6], "bp-t-lam-dong"),
    "b6-secondary-gate-beyond": ("BOR-GATE", ("ld-cua-khau-dak-wil",), SINCE[13], "ubnd-t-lam-dong"),
    "b7-main-gate-longer": ("BOR-GATE", ("hue-cua-khau-a-dot",), SINCE[6], "ubnd-t-hue"),
    "b7-main-gate-beyond": ("BOR-GATE", ("hue-cua-khau-a-dot",), SINCE[24], "chinh-phu"),
    "m1-militia-in-the-province": ("NAT-FLOOD", (PHONG_DIEN, PHONG_THAI), {}, "ubnd-t-hue"),
    "m2-militia-in-the-commune": ("NAT-FLOOD", (PHONG_DIEN,), {}, "ubnd-x-phong-dien"),
    "m3-militia-across-provinces": ("NAT-FLOOD", (PHONG_DIEN, CU_JUT), {}, "ptds-qg"),
    "b2-field-of-another-ministry": ("HEA-ANI", ("ld-cua-khau-dak-wil",), {}, "nnmt-t-lam-dong"),
    "b3-matter-of-the-province": ("TRA-ROAD", ("ld-cua-khau-dak-wil",), {}, "ca-x-dak-wil"),
    "p2-village-team": ("PUB-TERR", ("19789",), {}, "ubnd-t-hue"),
    "t1-many-hurt": ("TRA-ROAD", (CU_JUT,), {"severity": Severity.SEVERE, "casualties": True}, "ca-x-cu-jut"),
    "t2-rail-or-waterway": ("TRA-RAILW", (PHONG_DIEN,), {}, "ca-t-hue"),
    "i2-construction-across-provinces": ("INF-BUILD", (XUAN_LUONG, CU_JUT), {}, "ubnd-t-bac-ninh"),
    "i3-workplace-accident": ("INF-WORK", (CU_JUT,), {}, "nv-t-lam-dong"),
    "i3-death-or-injury": ("INF-WORK", (CU_JUT,), {"casualties": True}, "nv-t-lam-dong"),
    "k3-personal-data": ("CYB-DATA", (), {"first_reporter": "td-huong-dien"}, "td-huong-dien"),
}
UNTIL_2025: dict[str, tuple[str, tuple[str, ...], dict[str, Any], str]] = {
    "g2-level-1-until-2025": ("ENV-WASTE", (CU_JUT,), {"civil_defence": 1}, "ubnd-h-cu-jut"),
    "g3-district-until-2025": ("NAT-FLOOD", (PHONG_DIEN,), {"civil_defence": 2}, "ubnd-t-hue"),
    "n2-several-communes-until-2025": ("NAT-FLOOD", (PHONG_DIEN, PHONG_THAI), {}, "ubnd-h-phong-dien"),
    "n3-district-until-2025": ("NAT-FLOOD", (PHONG_DIEN,), {"disaster_risk": 2}, "ubnd-t-hue"),
    "d1-district-until-2025": ("INF-DAM", ("19996",), {}, "ubnd-x-19996-cu"),
    "g9-one-commune-until-2025": ("FIR-BLDG", (PHONG_DIEN,), {}, "ubnd-x-19819-cu"),
    "g9-several-communes-until-2025": ("SAR-LAND", ("24643", NAM_DONG), {}, "ubnd-h-cu-jut"),
    "g9-province-until-2025": ("SAR-WATER", ("46",), {}, "ubnd-t-hue"),
    "f4-fire-police-until-2025": ("FIR-IND", (CU_JUT,), {}, "ubnd-x-24640-cu"),
    "s2-rescue-police-until-2025": ("SAR-WATER", (PHONG_DIEN,), {}, "ubnd-x-19819-cu"),
    "w6-district-until-2025": ("FOR-FIRE", ("07249",), {}, "ubnd-x-07249-cu"),
    "x1-air-sighting-until-2025": ("RDY-AIR", ("19900",), {}, "qs-t-hue"),
}
UNTIL_MARCH_2025: dict[str, tuple[str, tuple[str, ...], dict[str, Any], str]] = {
    "p1-p9-until-2025-02": ("PUB-VIOL", (CU_JUT,), {}, "ca-x-24640-cu"),
    "p1-p9-several-until-2025-02": ("PUB-VIOL", (CU_JUT, NAM_DONG), {}, "ca-h-cu-jut"),
    "p1-p9-beyond-until-2025-02": ("PUB-VIOL", ("67",), {}, "ca-t-dak-nong"),
}
CASES |= {
    code: (category, areas, {"occurred_at": day, **other}, lead)
    for day, cases in ((DISTRICTS, UNTIL_2025), (DISTRICT_POLICE, UNTIL_MARCH_2025))
    for code, (category, areas, other, lead) in cases.items()
}
"""Decided on the day itself: an old place is not the place its code names today."""


def matched_rules(decision: Decision) -> set[str]:
    return {trace.rule for trace in decision.trace if trace.matched}


def leads(decision: Decision) -> list[str]:
    return [a.addressee.agency for a in decision.assignments if a.role is Role.LEAD]


@pytest.mark.parametrize("rule", CASES)
def test_each_reference_rule_is_reached_and_gives_the_lead_expected(rule: str, state: States, decided: Decides) -> None:
    category, areas, other, lead = CASES[rule]
    decision = decided(state(category, *areas, **other), other.get("occurred_at", AT))
    assert rule in matched_rules(decision)
    assert leads(decision) == [lead]
    assert not decision.fallback


def test_the_militia_acts_with_two_consents(state: States, decided: Decides) -> None:
    """An order that one side alone could give would call out armed people without the committee (pitfall 17)."""
    flood = decided(state("NAT-FLOOD", PHONG_DIEN))
    (militia,) = (a for a in flood.assignments if a.addressee.agency == "qs-x-phong-dien")
    assert [one.agency for one in militia.approvals] == ["ubnd-x-phong-dien", "ptkv-1-huong-tra"]
    (province,) = (a for a in decided(state("NAT-FLOOD", "46")).assignments if a.addressee.agency == "qs-t-hue")
    assert [one.agency for one in province.approvals] == ["ubnd-t-hue", "qk4"]


def test_a_gate_order_names_its_end_and_who_decides_on_more(state: States, decided: Decides) -> None:
    """An order that nobody ends would keep people out for as long as nobody looks (pitfall 15)."""
    lead = decided(state("BOR-GATE", "ld-cua-khau-dak-wil")).assignments[0]
    assert lead.order is not None
    assert (lead.order.lasts, [one.agency for one in lead.order.next]) == (timedelta(hours=6), ["bp-t-lam-dong"])


def test_one_answer_of_several_is_enough_where_the_law_says_any(state: States, decided: Decides) -> None:
    """Waiting for all of them would escalate a fire that somebody already has (pitfall 19)."""
    fire = decided(state("FOR-FIRE", XUAN_LUONG)).assignments
    assert {a.addressee.agency for a in fire if a.any_one_of} == {"kl-t-bac-ninh", "ca-t-bac-ninh"}


def test_no_reference_rule_is_without_a_case(reference: Reference) -> None:
    """A rule that no case reaches could be wrong, or unreachable, without anybody noticing."""
    assert {rule.code for rule in reference.regulations.regulation_set.rules} == set(CASES)


@pytest.mark.parametrize("rule", CASES)
def test_each_recipient_of_a_reference_rule_exists_somewhere(rule: str, state: States, decided: Decides) -> None:
    """A rule whose case leaves recipients unresolved names the area nobody covers, never a type nobody has."""
    category, areas, other, _ = CASES[rule]
    unresolved = {
        reason
        for trace in decided(state(category, *areas, **other), other.get("occurred_at", AT)).trace
        if trace.rule == rule
        for reason in trace.unresolved
    }
    assert unresolved <= {
        "no OWN covers 07246",
        "no OWN covers 19819",
        "no PTKV covers 24640",
        "no PTKV covers 07246",
        "no PTKV covers 07264",
        "bo-khcn has no superior in the administrative tree",
        "no commune is known, so no UBND-X",
        "no commune is known, so no CA-X",
        "no province is known, so no UBND-T",
        "no province is known, so no BP-T",
        "kl-h-yen-the has no superior in the administrative tree",
        "td-huong-dien has no superior in the administrative tree",
        *(f"kl-h-yen-the has no superior in the {tree} tree" for tree in ("police", "border_guard", "military")),
    }


def test_the_reference_data_says_what_it_is(reference: Reference) -> None:
    labels = {reference.register.register.label_en, reference.regulations.regulation_set.label_en}
    assert labels == {"Reference example built on public instruments"}


def test_no_rule_claims_a_decree_whose_text_is_not_public(reference: Reference) -> None:
    """Decrees 03/2019 and 02/2020 could not be found in full public text; citing them would be a false claim."""
    cited = " ".join(rule.citation.text for rule in reference.regulations.regulation_set.rules)
    assert "03/2019/NĐ" not in cited
    assert "02/2020/NĐ" not in cited


def test_the_register_has_enough_units_that_report(reference: Reference) -> None:
    reporting = [agency for agency in reference.register.register.agencies if agency.units]
    assert len(reporting) >= 8
    assert sum(len(agency.units) for agency in reporting) >= 12
