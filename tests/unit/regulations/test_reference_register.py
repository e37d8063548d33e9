"""The reference register is whole: every commune of three provinces has its bodies, before and after each change."""

from datetime import UTC, date, datetime
from typing import Final

import pytest

from contracts.decisions import Addressee
from contracts.register import Agency, AreaKind, Register, Tree
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.resolve import RegisterDay
from services.routing.regulations.rules.targets import Of, TypeTarget
from tests.unit.regulations.conftest import Decides, States

BEFORE, AFTER, TODAY = date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 22)
PROVINCES: Final = {"46": ("hue", 40), "24": ("bac-ninh", 99), "68": ("lam-dong", 124)}
NOT_EVERYWHERE: Final = {"BP-D", "BP-T", "CSB", "CVHH", "HQ", "MRCC", "OWN", "CR", "UBND-H", "QS-H", "CA-H"}
"""Types that exist only where there is a border, a sea, a port or a facility, or existed until the districts ended."""
INNER_CITY: Final = {"19777", "19789", "19813", "19815", "19900", "19909", "19930"}
"""The wards of the former quận Thuận Hóa, which has no ranger station."""


@pytest.fixture(scope="module")
def today(reference: Reference) -> RegisterDay:
    return reference.register.on(TODAY)


def communes(day: RegisterDay, province: str) -> list[str]:
    return [a.code for a in day.areas.values() if a.kind is AreaKind.COMMUNE and province in day.surroundings(a.code)]


def only(agency_type: str, area: str, day: RegisterDay) -> Agency:
    (code,) = day.covering(agency_type, area)
    return day.agencies[code]


@pytest.mark.parametrize("province", PROVINCES)
def test_every_commune_has_its_bodies_with_desks_and_lines_of_command(province: str, today: RegisterDay) -> None:
    """A commune without its committee or police would send its reports past everybody who answers for it."""
    short, count = PROVINCES[province]
    found = communes(today, province)
    assert len(found) == count
    for commune in found:
        for agency_type, tree, above in (
            ("UBND-X", Tree.ADMINISTRATIVE, f"ubnd-t-{short}"),
            ("PTDS-X", Tree.SECTOR, f"ptds-t-{short}"),
            ("QS-X", Tree.MILITARY, f"qs-t-{short}"),
            ("CA-X", Tree.POLICE, f"ca-t-{short}"),
            ("YT-X", Tree.SECTOR, f"yt-t-{short}"),
        ):
            body = only(agency_type, commune, today)
            assert today.desk(body.code, None) == Addressee(agency=body.code, desk="truc-ban")
            assert above in today.line_of_command(body.code, tree)
            assert today.areas[commune].name_vi in body.name_vi
        assert len(today.covering("PTKV", commune)) == 1
        assert bool(today.covering("KL-H", commune)) is (commune not in INNER_CITY)


@pytest.mark.parametrize("province", PROVINCES)
def test_no_target_of_the_reference_set_is_nobody_in_any_commune(
    province: str, reference: Reference, today: RegisterDay
) -> None:
    """A rule that names nobody somewhere sends that place to the fallback without anybody having meant it."""
    targets = {
        duty.to
        for rule in reference.regulations.regulation_set.rules
        for duty in rule.assign
        if isinstance(duty.to, TypeTarget) and duty.to.agency_type.value not in NOT_EVERYWHERE
    }
    assert len(targets) > 15
    for commune in communes(today, province):
        for target in targets:
            area = province if target.of is Of.PROVINCE else commune
            around = today.surroundings(area) if target.of is Of.AREA else (area,)
            holders = [code for one in around for code in today.covering(target.agency_type.value, one)]
            if target.agency_type.value == "KL-H" and commune in INNER_CITY:
                continue
            assert holders, (target, commune)
            assert isinstance(today.desk(holders[0], target.desk), Addressee), (target, commune)


@pytest.mark.parametrize("province", PROVINCES)
def test_every_province_has_its_departments_and_emergency_desks(province: str, today: RegisterDay) -> None:
    short, _ = PROVINCES[province]
    for agency_type in ("UBND", "PTDS", "QS", "CA", "YT", "NNMT", "KL", "CT", "XD", "KHCN", "NV"):
        assert only(f"{agency_type}-T", province, today).code == f"{agency_type.lower()}-t-{short}"
    for agency, desk in (("qs", "112"), ("ca", "113"), ("ca", "114"), ("yt", "115")):
        assert isinstance(today.desk(f"{agency}-t-{short}", desk), Addressee)


def test_codes_of_the_worked_examples_are_readable_and_all_others_official(today: RegisterDay) -> None:
    assert only("UBND-X", "19819", today).code == "ubnd-x-phong-dien"
    assert only("CA-X", "24646", today).code == "ca-x-dak-wil"
    assert only("QS-X", "19777", today).code == "qs-x-19777"


def test_each_reform_has_its_own_date(reference: Reference) -> None:
    """Police districts ended four months before the districts; one date for all would be wrong (pitfall 1)."""

    def exists(code: str, day: str) -> bool:
        return code in reference.register.on(date.fromisoformat(day)).agencies

    steps = {
        "qs-t-thua-thien-hue": ("2024-12-31", "2025-01-01"),
        "qs-h-hue-cu": ("2024-12-31", "2025-01-01"),
        "ca-h-yen-the": ("2025-02-28", "2025-03-01"),
        "ubnd-h-yen-the": ("2025-06-30", "2025-07-01"),
        "qs-h-cu-jut": ("2025-06-30", "2025-07-01"),
        "bp-t-dak-nong": ("2025-06-27", "2025-06-28"),
        "ubnd-t-bac-giang": ("2025-06-30", "2025-07-01"),
    }
    for code, (last, after) in steps.items():
        assert (exists(code, last), exists(code, after)) == (True, False), code
    starts = {
        "qs-t-hue": ("2024-12-31", "2025-01-01"),
        "bp-t-lam-dong": ("2025-06-27", "2025-06-28"),
        "ubnd-x-19777": ("2025-06-30", "2025-07-01"),
        "ptds-x-19777": ("2025-08-22", "2025-08-23"),
    }
    for code, (before, first) in starts.items():
        assert (exists(code, before), exists(code, first)) == (False, True), code


def test_commune_police_came_under_the_province_when_the_district_police_ended(reference: Reference) -> None:
    lines = [
        reference.register.on(day).line_of_command("ca-x-07249-cu", Tree.POLICE)
        for day in (date(2025, 2, 28), date(2025, 3, 1))
    ]
    assert lines == [("ca-h-yen-the", "ca-t-bac-giang", "bca"), ("ca-t-bac-giang", "bca")]


def test_dak_nong_changed_its_military_region_when_it_became_lam_dong(reference: Reference) -> None:
    """The whole upper military chain of Cư Jút changed on one day: regions 5 and 7."""
    before = reference.register.on(BEFORE).line_of_command("qs-x-24640-cu", Tree.MILITARY)
    after = reference.register.on(AFTER).line_of_command("qs-x-cu-jut", Tree.MILITARY)
    assert before == ("qs-h-cu-jut", "qs-t-dak-nong", "qk5", "bqp")
    assert after == ("qs-t-lam-dong", "qk7", "bqp")


def test_the_border_command_got_its_second_superior_on_its_own_date(reference: Reference) -> None:
    old, new = (reference.register.on(day) for day in (date(2025, 6, 27), date(2025, 6, 28)))
    assert old.superiors("bp-t-hue-cu", Tree.MILITARY) == ()
    assert new.superiors("bp-t-hue", Tree.MILITARY) == ("qs-t-hue",)
    assert new.superiors("bp-t-lam-dong", Tree.MILITARY) == ("qs-t-lam-dong-cu",)
    assert reference.register.on(AFTER).superiors("bp-t-lam-dong", Tree.MILITARY) == ("qs-t-lam-dong",)


def test_every_former_commune_had_its_bodies_under_its_district(reference: Reference) -> None:
    day = reference.register.on(date(2025, 6, 1))
    former = [a.code for a in day.areas.values() if a.kind is AreaKind.COMMUNE]
    assert len(former) == 133 + 192 + 121 + 137 + 71 + 121
    for commune in former:
        above = day.line_of_command(only("UBND-X", commune, day).code, Tree.ADMINISTRATIVE)
        assert [day.agencies[code].type for code in above] == ["UBND-H", "UBND-T", "PTDS-QG"]
        assert only("CA-X", commune, day).code == f"ca-x-{commune}-cu"
        assert only("QS-X", commune, day).code == f"qs-x-{commune}-cu"


def test_bodies_of_merged_units_name_their_predecessors(today: RegisterDay, reference: Reference) -> None:
    """Open incidents of a dissolved body need to know who came after it (pitfall 4)."""
    ids = {agency.id: agency.code for agency in reference.register.register.agencies}
    named = {code: [ids[one] for one in today.agencies[code].predecessors] for code in today.agencies}
    assert named["ubnd-t-bac-ninh"] == ["ubnd-t-bac-giang", "ubnd-t-bac-ninh-cu"]
    assert named["ubnd-t-hue"] == ["ubnd-t-thua-thien-hue"]
    assert named["ca-x-xuan-luong"] == ["ca-x-07243-cu", "ca-x-07246-cu", "ca-x-07249-cu"]


def test_a_flood_in_hue_has_other_recipients_before_and_after_the_reform(state: States, decided: Decides) -> None:
    before, after = datetime(2025, 6, 1, 5, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)
    old = decided(state("NAT-FLOOD", "19819", occurred_at=before), before)
    new = decided(state("NAT-FLOOD", "19819", occurred_at=after), after)
    for decision, lead in ((old, "ubnd-x-19819-cu"), (new, "ubnd-x-phong-dien")):
        assert decision.assignments[0].addressee.agency == lead
    assert not {a.addressee.agency for a in old.assignments} & {"ubnd-x-phong-dien", "ptds-x-phong-dien"}


def test_every_record_keeps_the_contract(reference: Reference) -> None:
    """Most records are built without validation for speed; this reads them back through the contract."""
    register = reference.register.register
    assert Register.model_validate_json(register.model_dump_json()) == register
