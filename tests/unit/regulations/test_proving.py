"""The proof of a set: clean for the reference, and every seeded fault is found and shown by facts that have it."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import pytest

from contracts.codes import Role
from contracts.register import Register, Relation, Tree
from contracts.taxonomy import Category
from services.routing.commands.regulation_files import read_report
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.facts import facts_of
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.counterexample import document, report_of
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.proof.ground import Ground
from services.routing.regulations.proof.leadership import leadership
from services.routing.regulations.proof.proving import prove
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.instruments import Instrument
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.targets import AgencyTarget
from services.routing.regulations.rules.when import When

Change = Callable[[RegulationSet], RegulationSet]
FOREST_FIRE: Final = (Category.FOR_FIRE,)


def rule_of(regulation_set: RegulationSet, code: str) -> Rule:
    return next(rule for rule in regulation_set.rules if rule.code == code)


def without(code: str) -> Change:
    return lambda s: s.model_copy(update={"rules": tuple(rule for rule in s.rules if rule.code != code)})


def with_rule(base: str, **changes: object) -> Change:
    """The set with one more rule, made from another."""
    return lambda s: s.model_copy(update={"rules": (*s.rules, rule_of(s, base).model_copy(update=changes))})


def changed(code: str, **changes: object) -> Change:
    return lambda s: s.model_copy(
        update={"rules": tuple(r.model_copy(update=changes) if r.code == code else r for r in s.rules)}
    )


def faults(
    reference: Reference, change: Change, *categories: Category, register: RegisterIndex | None = None
) -> list[Finding]:
    broken = change(reference.regulations.regulation_set)
    return [found for found in prove(broken, register or reference.register, categories) if found.fault]


def kinds(found: list[Finding]) -> set[FindingKind]:
    return {finding.kind for finding in found}


@pytest.fixture(scope="module")
def proved(reference: Reference) -> list[Finding]:
    return list(prove(reference.regulations.regulation_set, reference.register))


def test_the_reference_set_has_no_fault(proved: list[Finding]) -> None:
    """A gap, a second lead or a recipient nobody holds in the set we ship would be found by its first user."""
    assert [finding.words.en for finding in proved if finding.fault] == []


def test_what_the_reference_set_leaves_to_its_fallback_is_said_with_its_reason(proved: list[Finding]) -> None:
    left = [finding for finding in proved if finding.kind is FindingKind.LEFT_TO_FALLBACK]
    assert any("No province known" in finding.words.en for finding in left)
    assert all(finding.words.vi and finding.cases for finding in left)


def test_every_example_is_a_report_that_gives_the_same_facts(reference: Reference, proved: list[Finding]) -> None:
    """A counter-example that reads differently from a report would explain another case than the one found."""
    for finding in proved:
        report = report_of(finding.example, reference.register)
        facts = facts_of(report, finding.example.first_reporter, reference.register, report.sent)
        assert facts == finding.example
        assert read_report(json.dumps(document(report))) == report


def test_a_deleted_rule_leaves_a_gap_with_its_counter_example(reference: Reference) -> None:
    finding, *_ = faults(reference, without("w6-forest-fire-directed"), *FOREST_FIRE)
    assert finding.kind is FindingKind.GAP
    assert "in one commune" in finding.words.en
    assert "across several communes" not in finding.words.en
    broken = RuleIndex(without("w6-forest-fire-directed")(reference.regulations.regulation_set))
    assert decide(finding.example, broken, reference.register, finding.example.occurred_at).fallback


def test_the_only_rule_of_a_category_is_missed(reference: Reference) -> None:
    bare = without("h3-animal-disease")(reference.regulations.regulation_set)
    general = tuple(rule for rule in bare.rules if not rule.code.startswith(("g2", "g3", "g4")))
    (finding,) = faults(reference, lambda _: bare.model_copy(update={"rules": general}), Category.HEA_ANI)
    assert finding.kind is FindingKind.NO_RULE


def test_a_gap_that_nobody_declared_is_a_fault(reference: Reference) -> None:
    found = faults(reference, lambda s: s.model_copy(update={"left_to_fallback": ()}), Category.SAR_AIR)
    assert FindingKind.GAP in kinds(found)


def test_a_second_lead_that_only_the_order_of_writing_separates_is_a_conflict(reference: Reference) -> None:
    """Whoever stands first in the file would lead, and no law says so."""
    other = Duty(role=Role.LEAD, to=AgencyTarget(agency="bca"))
    change = with_rule("e4-radiation", code="t-second-lead", assign=(other,))
    found = faults(reference, change, Category.CBR_RAD)
    assert kinds(found) == {FindingKind.CONFLICT}
    (finding, *_) = found
    assert set(finding.rules) >= {"e4-radiation", "t-second-lead"}
    broken = RuleIndex(change(reference.regulations.regulation_set))
    decision = decide(finding.example, broken, reference.register, finding.example.occurred_at)
    assert decision.lead_reason.startswith("earlier rule of the set: bo-khcn before bca")


def test_a_rule_outside_the_time_of_the_set_is_unreachable(reference: Reference) -> None:
    change = changed("w6-forest-fire-directed", valid_to=date(2024, 12, 31))
    found = faults(reference, change, *FOREST_FIRE)
    assert {FindingKind.UNREACHABLE, FindingKind.GAP} == kinds(found)
    assert "outside the set's own time" in next(f for f in found if f.kind is FindingKind.UNREACHABLE).words.en


def test_a_rule_for_a_place_the_register_has_not_is_unreachable(reference: Reference) -> None:
    register = reference.register.register
    inland = tuple(area for area in register.areas if area.kind.value != "border_gate_main")
    smaller = RegisterIndex(register.model_copy(update={"areas": inland}))
    found = faults(reference, lambda s: s, Category.BOR_GATE, register=smaller)
    gates = {"b7-main-gate", "b7-main-gate-longer", "b7-main-gate-beyond"}
    assert {rule for f in found if f.kind is FindingKind.UNREACHABLE for rule in f.rules} == gates


def test_a_rule_that_says_again_what_another_says_is_shadowed(reference: Reference) -> None:
    (finding,) = faults(reference, with_rule("w6-forest-fire-directed", code="t-again"), *FOREST_FIRE)
    assert (finding.kind, finding.rules) == (FindingKind.SHADOWED, ("t-again",))


def test_a_recipient_whom_no_register_entry_holds_is_found(reference: Reference) -> None:
    nobody = Duty.model_validate_json('{"role": "inform", "to": {"agency_type": "CSB", "of": "commune"}}')
    base = rule_of(reference.regulations.regulation_set, "w3-forest-fire-told")
    (finding,) = faults(reference, changed(base.code, assign=(*base.assign, nobody)), *FOREST_FIRE)
    assert finding.kind is FindingKind.NOBODY
    assert "the Coast Guard of each commune concerned" in finding.words.en


def relinked(register: Register, agency: str, *relations: Relation) -> RegisterIndex:
    """The register with other superiors of one agency."""
    agencies = tuple(
        a.model_copy(update={"relations": relations}) if a.code == agency else a for a in register.agencies
    )
    return RegisterIndex(register.model_copy(update={"agencies": agencies}))


def test_an_escalation_loop_is_found_and_met(reference: Reference) -> None:
    """Silence that goes in circles reaches nobody new."""
    loop = Relation(tree=Tree.SECTOR, superior="kl-h-yen-the")
    found = faults(
        reference, lambda s: s, *FOREST_FIRE, register=relinked(reference.register.register, "kl-t-bac-ninh", loop)
    )
    finding = next(f for f in found if f.kind is FindingKind.ESCALATION_LOOP)
    assert "kl-t-bac-ninh" in finding.words.en
    assert "kl-h-yen-the" in finding.words.en
    assert finding.example.category is Category.FOR_FIRE


def test_a_chain_that_breaks_off_below_the_nation_is_a_dead_end(reference: Reference) -> None:
    found = faults(reference, lambda s: s, *FOREST_FIRE, register=relinked(reference.register.register, "kl-h-yen-the"))
    assert kinds(found) == {FindingKind.DEAD_END}
    assert all("the sector chain breaks off at kl-h-yen-the" in finding.words.en for finding in found)


def test_a_rule_that_grants_more_than_the_most_urgent_mark_is_found(reference: Reference) -> None:
    base = rule_of(reference.regulations.regulation_set, "p3-disorder")
    slow = (base.assign[0].model_copy(update={"acknowledge_within": timedelta(minutes=6)}), *base.assign[1:])
    (finding,) = faults(reference, changed(base.code, assign=slow), Category.PUB_DIS)
    assert (finding.kind, finding.rules) == (FindingKind.DEADLINE, ("p3-disorder",))


def test_a_desk_slower_than_the_desk_above_it_in_the_same_role_is_found(reference: Reference) -> None:
    base = rule_of(reference.regulations.regulation_set, "p3-disorder")
    quick = Duty.model_validate_json('{"role": "coordinate", "to": {"agency": "bca"}, "acknowledge_within": "PT1M"}')
    (finding, *_) = faults(reference, changed(base.code, assign=(*base.assign, quick)), Category.PUB_DIS)
    assert finding.kind is FindingKind.DEADLINE
    assert "its superior bca/truc-ban only 1 minute" in finding.words.en


def test_an_expired_citation_is_found_from_its_last_day_on(reference: Reference) -> None:
    ended = Instrument(code="nd-156-2018", valid_to=date(2026, 3, 31), replaced_by="nd-moi")
    change: Change = lambda s: s.model_copy(update={"instruments": (*s.instruments, ended)})  # noqa: E731
    found = faults(reference, change, *FOREST_FIRE)
    assert kinds(found) == {FindingKind.EXPIRED}
    assert {finding.rules for finding in found} == {("w3-forest-fire-told",), ("w4-w5-forest-fire-fight",)}
    assert all(finding.example.occurred_at.date() == date(2026, 4, 1) for finding in found)


def test_a_rule_that_ends_with_its_instrument_cites_nothing_expired(reference: Reference) -> None:
    ended = Instrument(code="qd-12-2021-ttg", valid_to=date(2026, 1, 21))
    change: Change = lambda s: s.model_copy(update={"instruments": (ended,)})  # noqa: E731
    assert FindingKind.EXPIRED in kinds(faults(reference, change, Category.ENV_OIL))
    assert FindingKind.EXPIRED not in kinds(faults(reference, lambda s: s, Category.ENV_OIL))


def test_a_declaration_that_hides_nothing_any_more_is_a_fault(reference: Reference) -> None:
    """It could hide a gap that opens later."""
    change = with_rule("p3-disorder", code="t-air", when=When(category=(Category.SAR_AIR,)))
    found = leadership(Ground(change(reference.regulations.regulation_set), reference.register), Category)
    (finding,) = (f for f in found if f.kind is FindingKind.IDLE_DECLARATION)
    assert finding.categories == (Category.SAR_AIR,)
