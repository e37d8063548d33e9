"""Cut points: every condition of the rule model is cut, and the values chosen stand for all others."""

from itertools import product
from typing import Any

import pytest

from contracts.codes import Severity
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.proof.cutpoints import CONDITIONS, choices, choices_satisfying, concerns
from services.routing.regulations.proof.places import Landscape, Terrain
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.rules.when import NAMED_KINDS, AreaRelation, LevelRange, When
from tests.unit.regulations.conftest import AT, States

EVERYTHING = frozenset(AreaRelation)


def rule(reference: Reference, **when: Any) -> Rule:
    return reference.regulations.regulation_set.rules[0].model_copy(update={"when": When(**when)})


def landscape(reference: Reference) -> Landscape:
    day = reference.register.on(AT.date())
    return Landscape(Terrain(day, AT.date()), frozenset(), EVERYTHING)


def test_every_condition_of_the_rule_model_is_cut() -> None:
    """A new condition that the proof does not vary would hide gaps behind it."""
    assert set(When.model_fields) == CONDITIONS


def test_only_the_conditions_that_rules_state_are_varied(reference: Reference) -> None:
    assert [choice.stated() for choice in choices([rule(reference, category=(Category.NAT_FLOOD,))])] == [{}]


@pytest.mark.parametrize(
    ("when", "values"),
    [
        ({"disaster_risk": LevelRange(min=2, max=2)}, [None, 2]),
        ({"disaster_risk": LevelRange(max=1, unstated=True)}, [None, 2]),
        ({"disaster_risk": LevelRange(min=4)}, [None, 4]),
    ],
)
def test_one_value_stands_for_each_stretch_of_a_scale(
    when: Any, values: list[int | None], reference: Reference
) -> None:
    assert [choice.scales.disaster_risk for choice in choices([rule(reference, **when)])] == values


def test_severity_is_cut_at_its_threshold(reference: Reference) -> None:
    cut = choices([rule(reference, severity_at_least=Severity.SEVERE)])
    assert [choice.severity for choice in cut] == [Severity.UNKNOWN, Severity.SEVERE]


def test_conditions_are_varied_together(reference: Reference) -> None:
    both = rule(reference, disaster_risk=LevelRange(min=3), casualties=True)
    assert len(choices([both])) == len(list(product((None, 3), (False, True))))


def test_satisfying_values_satisfy(reference: Reference) -> None:
    demanding = rule(
        reference, severity_at_least=Severity.SEVERE, civil_defence=LevelRange(min=2, max=3), casualties=True
    )
    found = list(choices_satisfying(demanding))
    assert [choice.scales for choice in found] == [Scales(civil_defence=2), Scales(civil_defence=3)]
    assert {(choice.severity, choice.casualties) for choice in found} == {(Severity.SEVERE, True)}


def test_a_family_concerns_its_categories(reference: Reference) -> None:
    family = rule(reference, category=("NAT",))
    assert concerns(family, Category.NAT_FLOOD)
    assert not concerns(family, Category.FOR_FIRE)


def test_places_are_read_from_the_register_as_the_engine_reads_them(reference: Reference, state: States) -> None:
    """The proof sorts places by its own reading; where the engine reads otherwise it would prove another set."""
    rules = [
        rule(reference, area=(kind,)).model_copy(update={"code": kind.value.replace("_", "-")}) for kind in EVERYTHING
    ]
    one_each = RuleIndex(reference.regulations.regulation_set.model_copy(update={"rules": tuple(rules)}))
    for place in landscape(reference).places:
        facts = state("NAT-FLOOD", *place.areas, position_unknown=place.position_unknown)
        trace = decide(facts, one_each, reference.register, AT).trace
        assert {t.rule.replace("-", "_") for t in trace if t.matched} == set(place.relations), place


def test_every_extent_and_kind_of_place_is_tried(reference: Reference) -> None:
    """Of kinds of area that the register does not hold there is no place to try."""
    places = landscape(reference).places
    held = {NAMED_KINDS[area.kind] for area in reference.register.register.areas if area.kind in NAMED_KINDS}
    assert {relation for place in places for relation in place.relations} == EVERYTHING - set(
        NAMED_KINDS.values()
    ) | held
    several = [place for place in places if AreaRelation.SEVERAL_PROVINCES in place.relations]
    assert any(place.communes for place in several)
    assert any(not place.communes for place in several)
