"""The decision: always somebody, exactly one lead, the right level, and every reason written down."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Role, Severity, UrgencyMark
from contracts.decisions import Decision, Facts
from contracts.register import Tree
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from tests.unit.regulations.conftest import AT, Decides, States

CODES: Final = (
    *("vn", "46", "24", "68", "07246", "07249", "07264", "bn-rung-xuan-luong", "19819"),
    *("19858", "19996", "hue-ven-bo", "hue-cang-chan-may", "bien-dong-ngoai-khoi", "24646"),
    *("hue-vanh-dai-a-luoi", "hue-cua-khau-a-dot", "ld-vanh-dai-dak-wil", "ld-cua-khau-dak-wil", "khong-co-that"),
)
REPORTERS: Final = ("ubnd-x-phong-dien", "kl-h-yen-the", "ptds-qg", "qs-t-hue", "khong-co-that")


def level(top: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(1, top)


SCALES: Final = st.builds(
    Scales,
    disaster_risk=level(5),
    civil_defence=level(3),
    forest_fire_danger=level(5),
    river_alert=level(3),
)
# hypothesis adds the zone itself
SOON: Final = st.datetimes(AT.replace(year=2025, month=6, tzinfo=None), AT.replace(tzinfo=None), timezones=st.just(UTC))
MOMENTS: Final = SOON | st.datetimes(timezones=st.just(UTC))
FACTS: Final = st.builds(
    Facts,
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    urgency_mark=st.sampled_from(UrgencyMark),
    scales=SCALES,
    areas=st.lists(st.sampled_from(CODES), max_size=5).map(tuple),
    communes=st.lists(st.sampled_from(CODES), max_size=4).map(tuple),
    position_unknown=st.booleans(),
    casualties=st.booleans(),
    occurred_at=MOMENTS,
    first_reporter=st.sampled_from(REPORTERS),
)


@settings(max_examples=300, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_every_valid_fact_gets_exactly_one_lead_and_a_valid_decision(
    reference: Reference, facts: Facts, at: datetime
) -> None:
    """A report without a recipient would be lost to the world; two leads would be no lead.

    The decision is built without validating again, so it is read back through the contract here.
    """
    decision = decide(facts, reference.regulations, reference.register, at)
    assert [a.role for a in decision.assignments].count(Role.LEAD) == 1
    desks = [(a.addressee.agency, a.addressee.desk) for a in decision.assignments]
    assert len(desks) == len(set(desks))
    assert all((a.role is Role.INFORM) == (a.acknowledge_within is None) for a in decision.assignments)
    assert all(a.addressee not in a.escalation for a in decision.assignments)
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


@settings(max_examples=50, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_the_same_facts_give_the_same_bytes(reference: Reference, facts: Facts, at: datetime) -> None:
    """A redelivered report must yield byte-identical events."""
    first = decide(facts, reference.regulations, reference.register, at).model_dump_json()
    assert decide(facts, reference.regulations, reference.register, at).model_dump_json() == first


def roles(decision: Decision) -> dict[str, str]:
    return {f"{a.addressee.agency}/{a.addressee.desk}": a.role.value for a in decision.assignments}


def reason_of(decision: Decision) -> str:
    return decision.lead_reason.partition(":")[0]


def test_a_forest_fire_in_xuan_luong_is_led_by_the_commune_and_commanded_by_the_rangers(
    state: States, decided: Decides
) -> None:
    decision = decided(state("FOR-FIRE", "07246", urgency_mark=UrgencyMark.HOA_TOC))
    assert roles(decision) == {
        "ubnd-x-xuan-luong/truc-ban": "lead",
        "kl-h-yen-the/truc-ban": "command",
        "qs-x-xuan-luong/truc-ban": "coordinate",
        "ca-x-xuan-luong/truc-ban": "coordinate",
        "kl-t-bac-ninh/truc-ban": "coordinate",
        "ca-t-bac-ninh/114": "coordinate",
        "ptds-t-bac-ninh/truc-ban": "inform",
    }


def test_a_boat_with_unknown_position_goes_to_the_national_body(state: States, decided: Decides) -> None:
    decision = decided(state("SAR-SEA", position_unknown=True))
    assert roles(decision)["ptds-qg/truc-ban"] == "lead"
    assert roles(decision)["vmrcc/dieu-phoi"] == "coordinate"
    assert not decision.fallback


def test_an_unknown_position_near_a_coast_still_goes_to_the_national_body(state: States, decided: Decides) -> None:
    decision = decided(state("SAR-SEA", "hue-ven-bo", position_unknown=True))
    assert roles(decision)["ptds-qg/truc-ban"] == "lead"
    assert roles(decision)["ubnd-t-hue/truc-ban"] == "coordinate"
    assert reason_of(decision) == "higher level"


def test_a_flood_over_two_communes_is_raised_to_the_province(state: States, decided: Decides) -> None:
    """The missing middle: since the districts ended nobody below the province coordinates two communes."""
    one = decided(state("NAT-FLOOD", "19819"))
    two = decided(state("NAT-FLOOD", "19819", "19858"))
    assert roles(one)["ubnd-x-phong-dien/truc-ban"] == "lead"
    assert roles(two)["ubnd-t-hue/truc-ban"] == "lead"
    assert roles(two)["ubnd-x-phong-dien/truc-ban"] == roles(two)["ubnd-x-phong-thai/truc-ban"] == "coordinate"


def test_every_commune_below_a_dam_must_acknowledge(state: States, decided: Decides) -> None:
    """A warning to a commune that nobody had to confirm is how people drown without being warned (pitfall 26)."""
    decision = decided(state("INF-DAM", "19996", "19819", "19858"))
    owed = {a.addressee.agency: a.acknowledge_within for a in decision.assignments}
    for commune in ("huong-tra", "phong-dien", "phong-thai"):
        assert owed[f"ubnd-x-{commune}"] == timedelta(minutes=3)
        assert owed[f"ptds-x-{commune}"] == timedelta(minutes=3)


def test_a_gate_is_led_by_its_station_though_the_commune_rule_names_the_province(
    state: States, decided: Decides
) -> None:
    decision = decided(state("BOR-GATE", "ld-cua-khau-dak-wil"))
    lead = decision.assignments[0]
    assert (lead.role, lead.addressee.agency) == (Role.LEAD, "bp-d-dak-wil")
    assert lead.escalation_tree is Tree.BORDER_GUARD
    assert [desk.agency for desk in lead.escalation] == ["bp-d-dak-wil", "bp-t-lam-dong", "bp-tw", "bqp", "ptds-qg"]
    assert decision.lead_reason == "special law before general: bp-d-dak-wil before bp-t-lam-dong"


def test_of_two_competent_bodies_the_first_discoverer_leads(state: States, decided: Decides) -> None:
    facts = state("PUB-DRUG", "24640", "24649", first_reporter="ca-x-nam-dong")
    decision = decided(facts)
    assert roles(decision)["ca-x-nam-dong/truc-ban"] == "lead"
    assert roles(decision)["ca-x-cu-jut/truc-ban"] == "coordinate"
    assert decision.lead_reason == "first discoverer: ca-x-nam-dong before ca-x-cu-jut"


def test_two_provinces_have_one_lead_and_the_other_coordinates(state: States, decided: Decides) -> None:
    decision = decided(state("FOR-FIRE", "07246", "24640"))
    given = roles(decision)
    assert sorted((given["ubnd-t-bac-ninh/truc-ban"], given["ubnd-t-lam-dong/truc-ban"])) == ["coordinate", "lead"]
    assert decision.lead_reason.startswith("equal in every step")


def test_a_declared_higher_level_displaces_the_commune(state: States, decided: Decides) -> None:
    decision = decided(state("PUB-VIOL", "24640", civil_defence=2))
    assert roles(decision)["ubnd-t-lam-dong/truc-ban"] == "lead"
    assert roles(decision)["ca-x-cu-jut/truc-ban"] == "coordinate"
    assert reason_of(decision) == "higher level"


@pytest.mark.parametrize(
    ("areas", "lead", "informed"),
    [
        (("19819",), "ubnd-x-phong-dien", {"qs-t-hue/112"}),
        (("19819", "19858"), "ubnd-t-hue", {"qs-t-hue/112"}),
        (("46",), "ubnd-t-hue", {"qs-t-hue/112"}),
        (("07246", "24640"), "ptds-qg", {"qs-t-bac-ninh/112", "qs-t-lam-dong/112"}),
        ((), "ptds-qg", set()),
    ],
)
def test_without_a_rule_the_nearest_certain_level_leads(
    areas: tuple[str, ...], lead: str, informed: set[str], state: States, reference: Reference
) -> None:
    """No report is ever dropped because the law has a gap; the decision says that it was a gap."""
    whole = reference.regulations.regulation_set
    rules = tuple(rule for rule in whole.rules if rule.code != "k3-personal-data")
    gap = RuleIndex(whole.model_copy(update={"rules": rules}))
    decision = decide(state("CYB-DATA", *areas), gap, reference.register, AT)
    assert decision.fallback
    assert decision.lead_reason == "fallback: no rule in force matches these facts"
    assert decision.assignments[0].addressee.agency == lead
    assert {desk for desk, role in roles(decision).items() if role == "inform"} == informed


def test_a_rule_whose_lead_nobody_is_says_so_and_falls_back(state: States, decided: Decides) -> None:
    decision = decided(state("FOR-VIOL", "19789"))
    assert decision.fallback
    assert "no KL-H covers 19789" in decision.lead_reason
    trace = next(trace for trace in decision.trace if trace.rule == "w8-forest-offence")
    assert trace.matched
    assert trace.unresolved == ("no KL-H covers 19789",)
    assert roles(decision)["ca-x-thuan-hoa/truc-ban"] == "coordinate"


def test_who_has_two_roles_gets_the_stronger_once(state: States, decided: Decides) -> None:
    """F4 informs the province of a fire; G9 makes it take part in one that exceeds the commune: one dispatch."""
    decision = decided(state("FIR-IND", "19819", severity=Severity.EXTREME))
    assert roles(decision)["ca-t-hue/114"] == "command"
    assert roles(decision)["ubnd-t-hue/truc-ban"] == "coordinate"


def test_informing_carries_no_timer_and_no_escalation(state: States, decided: Decides) -> None:
    informed = [a for a in decided(state("FOR-FIRE", "07246")).assignments if a.role is Role.INFORM]
    assert informed
    assert all(a.acknowledge_within is None and a.escalation == () for a in informed)


@pytest.mark.parametrize(
    ("mark", "minutes"),
    [(UrgencyMark.HOA_TOC, 5), (UrgencyMark.THUONG_KHAN, 10), (UrgencyMark.KHAN, 30), (UrgencyMark.THUONG, 1410)],
)
def test_a_rule_without_a_time_takes_the_default_of_the_urgency_mark(
    mark: UrgencyMark, minutes: int, state: States, decided: Decides
) -> None:
    """Four working hours from a Sunday noon end on Monday at 11:30."""
    decision = decided(state("ENV-WASTE", "24640", urgency_mark=mark))
    assert decision.assignments[0].acknowledge_within == timedelta(minutes=minutes)


def test_the_trace_shows_all_conditions_of_matches_and_the_failed_ones_of_the_rest(
    state: States, decided: Decides
) -> None:
    decision = decided(state("NAT-FLOOD", "19819", disaster_risk=2))
    traces = {trace.rule: trace for trace in decision.trace}
    place = "in one commune or across several communes of one province or in one province with the commune not known"
    assert [(c.condition, c.holds, c.fact) for c in traces["n3-risk-2"].conditions] == [
        ("category: NAT", True, "NAT-FLOOD"),
        ("disaster risk level 2", True, "2"),
        (place, True, "in one commune"),
    ]
    assert [(c.condition, c.holds) for c in traces["n1-risk-1"].conditions] == [
        ("disaster risk level 1 or below", False)
    ]
    assert all(any(not c.holds for c in t.conditions) for t in decision.trace if not t.matched)


def test_rules_of_the_same_family_are_shown_with_their_failed_category(state: States, decided: Decides) -> None:
    traces = {trace.rule: trace for trace in decided(state("FOR-WARN", "07246")).trace}
    (condition,) = traces["w6-forest-fire-directed"].conditions
    assert (condition.condition, condition.holds, condition.fact) == ("category: FOR-FIRE", False, "FOR-WARN")
    assert "p1-violence" not in traces


def test_law_counts_by_the_day_it_happened_and_desks_by_the_day_it_is_decided(state: States, decided: Decides) -> None:
    """A late report of an old event must not be judged by law that came later (pitfall 3)."""
    before = datetime(2026, 1, 22, 16, 0, tzinfo=UTC)
    oil_before = decided(state("ENV-OIL", "19900", occurred_at=before), AT)
    oil_after = decided(state("ENV-OIL", "19900", occurred_at=before + timedelta(hours=2)), AT)
    assert oil_before.assignments[0].rule == "e1-oil-on-land-until-2026"
    assert oil_after.assignments[0].rule == "e1-oil-spill-on-land"
    trace = next(trace for trace in oil_before.trace if trace.rule == "e1-oil-spill-on-land")
    assert trace.conditions[0].condition == "in force 2026-01-23 to further notice"


def test_a_code_that_stands_for_another_place_now_names_nobody(state: States, decided: Decides) -> None:
    """Commune 07246 was Canh Nậu until 2025-06-30 and is Xuân Lương since: the new body must not be guessed."""
    june = datetime(2025, 6, 20, tzinfo=UTC)
    decision = decided(state("FOR-FIRE", "07246", occurred_at=june), AT)
    assert decision.fallback
    assert decision.assignments[0].addressee.agency == "ptds-qg"


def test_civil_defence_commands_count_only_since_they_exist(state: States, decided: Decides) -> None:
    """PTDS-X exists since 2025-08-23: before that nobody is addressed and the trace says so."""
    july = datetime(2025, 7, 15, tzinfo=UTC)
    facts = state("NAT-FLOOD", "19819", disaster_risk=1, occurred_at=july)
    decision = decided(facts, july)
    assert "ptds-x-phong-dien/truc-ban" not in roles(decision)
    trace = next(trace for trace in decision.trace if trace.rule == "n1-risk-1")
    assert trace.unresolved == ("no PTDS-X covers 19819",)


def test_a_decision_names_the_versions_it_rests_on(state: States, decided: Decides, reference: Reference) -> None:
    decision = decided(state("FOR-FIRE", "07246"))
    versions: tuple[Any, ...] = (decision.set, decision.set_version, decision.register_version)
    assert versions == ("reference", "reference-2026-11-22-2", reference.register.version)
