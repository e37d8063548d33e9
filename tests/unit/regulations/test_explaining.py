"""An explanation tells every rule, condition, fact, recipient and time, in both languages."""

from services.routing.in_force.reference import Reference
from services.routing.regulations.telling.explaining import Explanation, RuleExplained, explain
from tests.unit.regulations.conftest import AT, Decides, States


def explained(reference: Reference, decided: Decides, state: States, *areas: str, **other: object) -> Explanation:
    decision = decided(state("FOR-FIRE", *areas, **other))
    return explain(decision, reference.regulations.regulation_set, reference.register, AT)


def rule(found: Explanation, code: str) -> RuleExplained:
    return next(rule for rule in found.rules if rule.code == code)


def test_a_matched_rule_shows_every_condition_with_the_fact_it_met(
    reference: Reference, decided: Decides, state: States
) -> None:
    directed = rule(explained(reference, decided, state, "07246"), "w6-forest-fire-directed")
    assert directed.matched
    assert [(met.condition.en, met.fact.en) for met in directed.conditions] == [
        ("in force 2020-02-01 to further notice", "2026-11-22"),
        ("category: FOR-FIRE", "FOR-FIRE (Forest fire)"),
        ("civil-defence level 1 or below or civil-defence level not stated", "not stated"),
        ("in one commune", "Xuân Lương Commune"),
    ]
    assert [(met.condition.vi, met.fact.vi) for met in directed.conditions][-1] == ("trong một xã", "xã Xuân Lương")


def test_a_rule_that_does_not_match_shows_which_condition_failed_and_which_held(
    reference: Reference, decided: Decides, state: States
) -> None:
    across = rule(explained(reference, decided, state, "07246"), "w7-forest-fire-across")
    assert not across.matched
    assert [met.holds for met in across.conditions] == [True, True, True, False]


def test_a_rule_about_another_category_fails_in_its_category(
    reference: Reference, decided: Decides, state: States
) -> None:
    warning = rule(explained(reference, decided, state, "07246"), "w1-danger-1-2")
    failed = [met.condition.en for met in warning.conditions if not met.holds]
    assert failed == ["category: FOR-WARN"]


def test_every_failed_condition_of_a_trace_is_found_among_those_shown(
    reference: Reference, decided: Decides, state: States
) -> None:
    """A condition worded otherwise here than in the trace would be shown as met."""
    for areas, other in (((), {}), (("07246",), {"civil_defence": 3}), (("46", "24"), {"casualties": True})):
        found = explained(reference, decided, state, *areas, **other)
        for trace in found.decision.trace:
            if not trace.matched:
                shown = {met.condition.en for met in rule(found, trace.rule).conditions if not met.holds}
                assert {truth.condition for truth in trace.conditions if not truth.holds} == shown


def test_recipients_are_named_with_role_time_and_chain(reference: Reference, decided: Decides, state: States) -> None:
    found = explained(reference, decided, state, "07246")
    lead = found.recipients[0]
    assert lead.name.vi == "Ủy ban nhân dân xã Xuân Lương – Trực ban"
    assert lead.within is not None
    assert [desk.agency for desk, _ in lead.escalation] == ["ubnd-t-bac-ninh", "ptds-qg"]
    informed = next(recipient for recipient in found.recipients if recipient.assignment.role.value == "inform")
    assert (informed.within, informed.escalation) == (None, ())


def test_the_place_is_said_as_the_register_called_it_then(
    reference: Reference, decided: Decides, state: States
) -> None:
    assert explained(reference, decided, state).place.en == "no place the register knows"
    lost = explained(reference, decided, state, "hue-ven-bo", position_unknown=True)
    assert lost.place.en == "position unknown; Coastal waters of Huế City"
