"""What a rule can say beyond who and where: consent, groups, deputies, presence, season, working time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import UrgencyMark
from contracts.register import Desk
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.findings import FindingKind
from tests.unit.regulations.conftest import AT, States
from tests.unit.regulations.writing import CHAIR, STATION, Sets, decided, desks, duty, findings, of, sets


@pytest.fixture
def made(reference: Reference) -> Sets:
    return sets(reference)


def test_militia_needs_both_keys_of_its_very_commune(made: Sets, reference: Reference, state: States) -> None:
    """Pitfall 17: with one key, or the key of the neighbouring commune, armed men would move without authority."""
    keys = {"of": [{"superior_of": "holder", "tree": tree} for tree in ("administrative", "military")]}
    militia = duty("command", {"agency_type": "QS-X", "of": "commune"}, consent={**keys, "written_within": "PT24H"})
    regulation_set = made(({"category": ["NAT"]}, [militia]))
    decision = decided(regulation_set, state("NAT-FLOOD", "19819", "19858"), reference)
    now = reference.register.on(AT.date())
    for commune in ("phong-dien", "phong-thai"):
        given = of(decision, f"qs-x-{commune}")
        superiors = [now.superiors(given.addressee.agency, keys["of"][n]["tree"]) for n in (0, 1)]  # type: ignore[arg-type]
        wanted = [code for above in superiors for code in above or ("ptds-qg",)]
        assert desks(given.approvals) == wanted
        assert len(given.approvals) >= len(superiors)
        assert given.approvals_written_within == timedelta(hours=24)


def test_a_key_nobody_holds_is_the_last_resorts_and_said(made: Sets, reference: Reference, state: States) -> None:
    """Leaving it out would turn a two-key order into a one-key order."""
    keys = {"of": [{"superior_of": "holder", "tree": "police"}, {"agency_type": "UBND-X", "of": "commune"}]}
    rule = ({"category": ["NAT"]}, [duty("command", {"agency_type": "QS-X", "of": "commune"}, consent=keys)])
    decision = decided(made(rule), state("NAT-FLOOD", "19819"), reference)
    assert desks(of(decision, "qs-x-phong-dien").approvals) == ["ptds-qg", "ubnd-x-phong-dien"]
    assert decision.trace[0].unresolved == ("qs-x-phong-dien has no superior in the police tree",)


def test_any_one_of_a_group_is_enough_and_a_stronger_role_leaves_it(
    made: Sets, reference: Reference, state: States
) -> None:
    """Pitfall 19."""
    members = [{"agency_type": kind, "of": "commune"} for kind in ("CA-X", "QS-X", "UBND-X")]
    regulation_set = made(
        ({"category": ["NAT"]}, [duty("lead", members[2]), duty("coordinate", {"any_one_of": members})])
    )
    decision = decided(regulation_set, state("NAT-FLOOD", "19819"), reference)
    assert {a.addressee.agency: a.any_one_of for a in decision.assignments} == {
        "ubnd-x-phong-dien": None,
        "ca-x-phong-dien": "r-1-2",
        "qs-x-phong-dien": "r-1-2",
    }


@pytest.mark.parametrize("role", ["lead", "inform"])
def test_a_lead_is_never_one_of_several_and_nobody_relieves_the_informed(role: str) -> None:
    with pytest.raises(ValueError, match="any_one_of"):
        duty(role, {"any_one_of": [STATION]})


def test_deputies_then_the_duty_command_are_asked_before_any_superior(
    made: Sets, reference: Reference, state: States
) -> None:
    """Pitfall 16: a deputy next door answers sooner than a province far away (facts, section 6: the chain)."""
    register = reference.register.register
    staffed = tuple(
        agency.model_copy(
            update={
                "desks": (
                    agency.desks[0].model_copy(update={"deputy": "pho"}),
                    Desk(code="chi-huy", name_vi="Trực chỉ huy", name_en="Duty command", duty_command=True),
                    Desk(code="pho", name_vi="Phó", name_en="Deputy"),
                )
            }
        )
        if agency.code == "ubnd-x-phong-dien"
        else agency
        for agency in register.agencies
    )
    index = RegisterIndex(register.model_copy(update={"agencies": staffed}))
    rule = ({"category": ["NAT"]}, [duty("lead", {"agency_type": "UBND-X", "of": "commune"})])
    lead = decide(state("NAT-FLOOD", "19819"), RuleIndex(made(rule)), index, AT).assignments[0]
    assert [f"{one.agency}/{one.desk}" for one in lead.escalation][:3] == [
        "ubnd-x-phong-dien/pho",
        "ubnd-x-phong-dien/chi-huy",
        "ubnd-t-hue/truc-ban",
    ]


@pytest.mark.parametrize(
    ("present", "lead"), [((), "ubnd-x-phong-dien"), (("CA-T",), "ca-t-hue"), (("YT-X",), "ubnd-x-phong-dien")]
)
def test_who_is_on_scene_decides(
    present: tuple[str, ...], lead: str, made: Sets, reference: Reference, state: States
) -> None:
    """Facts F1 and F4: whoever is there commands until the fire police arrive."""
    regulation_set = made(
        ({"present": ["CA-T"]}, [duty("lead", {"agency_type": "CA-T", "of": "province"})]),
        ({"absent": ["CA-T"]}, [duty("lead", {"agency_type": "UBND-X", "of": "commune"})]),
    )
    decision = decided(regulation_set, state("FIR-BLDG", "19819", present=present), reference)
    assert decision.assignments[0].addressee.agency == lead


@pytest.mark.parametrize(
    ("moment", "matched"),
    [
        (datetime(2026, 11, 18, 2, tzinfo=UTC), ["r-2"]),
        (datetime(2026, 2, 13, 2, tzinfo=UTC), ["r-1", "r-2"]),
        (datetime(2026, 2, 17, 2, tzinfo=UTC), ["r-1", "r-3"]),
        (datetime(2026, 1, 31, 18, tzinfo=UTC), ["r-1", "r-3"]),
    ],
)
def test_season_and_working_time_are_those_of_vietnam_when_it_happened(
    moment: datetime, matched: list[str], made: Sets, reference: Reference, state: States
) -> None:
    lead = [duty("lead", {"agency_type": "UBND-X", "of": "commune"})]
    regulation_set = made(
        ({"calendar": {"months": [2]}}, lead),
        ({"calendar": {"working_time": True}}, lead),
        ({"calendar": {"working_time": False}}, lead),
    )
    decision = decided(regulation_set, state("NAT-FLOOD", "19819", occurred_at=moment), reference)
    assert sorted(trace.rule for trace in decision.trace if trace.matched) == matched


def test_the_proof_tries_every_season_hour_presence_and_duration(made: Sets, reference: Reference) -> None:
    """Each rule covers its own half; without the other half each leaves a gap that the proof must find."""
    lead = [duty("lead", CHAIR)]
    halves: list[dict[str, Any]] = [
        {"calendar": {"months": [1, 2, 3, 4, 5, 6]}},
        {"calendar": {"working_time": False}},
        {"present": ["CA-T", "KL-H"]},
        {"absent": ["CA-T"]},
        {"lasting": {"at_least": timedelta(hours=12)}},
    ]
    for half in halves:
        regulation_set = made((half, lead))
        gaps = [*findings(regulation_set, reference, FindingKind.GAP)]
        assert any(finding.example.areas for finding in gaps), half


def test_limits_in_working_time_are_reckoned_from_the_decision(made: Sets, reference: Reference, state: States) -> None:
    """Friday afternoon before Tết: four working hours end ten days later."""
    friday = datetime(2026, 2, 13, 9, tzinfo=UTC)
    lead = [duty("lead", {"agency_type": "UBND-X", "of": "commune"}, acknowledge_within={"working_hours": 4})]
    index = RuleIndex(made(({"category": ["NAT"]}, lead)))
    facts = state("NAT-FLOOD", "19819", occurred_at=friday, urgency_mark=UrgencyMark.THUONG)
    for at, due in (
        (friday, datetime(2026, 2, 23, 3, 30, tzinfo=UTC)),
        (AT, datetime(2026, 11, 23, 4, 30, tzinfo=UTC)),
    ):
        given = decide(facts, index, reference.register, at).assignments[0]
        assert given.acknowledge_within is not None
        assert at + given.acknowledge_within == due
