"""The reference cases: all hold, they reach every rule and every boundary, and no rule can be deleted unnoticed."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest

from contracts.decisions import Facts
from contracts.taxonomy import Category
from services.routing.commands.regulation_files import load_cases
from services.routing.deciding import Regulator
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.proof.cutpoints import concerns
from services.routing.regulations.proof.ground import leads
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.telling.cases import Case, CaseFile, Expected, decided, facts_of_case, mismatches
from services.runtime.documents import DocumentError
from tests.unit.regulations.conftest import FOLDER

TOP: Final = {"disaster_risk": 5, "civil_defence": 3, "forest_fire_danger": 5, "river_alert": 3}
IMPLIED: Final = {
    ("w4-w5-forest-fire-fight", "forest"),
    ("w8-forest-offence", "forest"),
    ("e2-oil-spill-at-sea", "coastal_water"),
    ("e2-oil-at-sea-until-2026", "coastal_water"),
    ("b5-border-area-longer", "border_belt"),
}


@pytest.fixture(scope="module")
def file() -> CaseFile:
    return load_cases(FOLDER / "cases.yaml")


@pytest.fixture(scope="module")
def regulator(reference: Reference) -> Regulator:
    return Regulator(reference.regulations, reference.register)


Asked = list[tuple[Case, Facts, datetime]]


@pytest.fixture(scope="module")
def asked(file: CaseFile, regulator: Regulator) -> Asked:
    return [(case, *facts_of_case(case, file, regulator)) for case in file.cases]


def failing(asked: Asked, regulator: Regulator) -> Iterator[str]:
    for case, facts, at in asked:
        for found in mismatches(case.expect, regulator.decide(facts, at)):
            yield f"{case.name}: {found.expectation} {found.expected} but {found.actual}"


def failing_about(rule: Rule, asked: Asked, regulator: Regulator) -> bool:
    """Whether a case notices that the set differs in this rule; only its own categories can."""
    return any(failing([one for one in asked if concerns(rule, one[1].category)], regulator))


def test_the_reference_set_decides_every_case_as_expected(asked: Asked, regulator: Regulator) -> None:
    assert list(failing(asked, regulator)) == []


def test_there_are_enough_cases_to_speak_of(file: CaseFile) -> None:
    assert len(file.cases) >= 120


def test_every_rule_has_a_case_in_which_it_matches(file: CaseFile, reference: Reference) -> None:
    named = {rule for case in file.cases for rule in case.expect.rules}
    assert {rule.code for rule in reference.regulations.regulation_set.rules} <= named


def test_no_rule_that_leads_can_be_deleted_unnoticed(asked: Asked, reference: Reference) -> None:
    """Whoever loses a rule while editing must see a case fail, even where another rule takes over quietly."""
    given = reference.regulations.regulation_set
    for gone in (rule for rule in given.rules if leads(rule)):
        rules = tuple(rule for rule in given.rules if rule.code != gone.code)
        left = Regulator(RuleIndex(given.model_copy(update={"rules": rules})), reference.register)
        assert failing_about(gone, asked, left), gone.code


def boundaries(rule: Rule) -> Iterator[tuple[str, Any]]:
    """The levels at both sides of every end of every range of a rule."""
    for scale, top in TOP.items():
        levels = getattr(rule.when, scale)
        if levels is None:
            continue
        ends = {levels.min, levels.min and levels.min - 1, levels.max, levels.max and levels.max + 1}
        yield from ((scale, level) for level in ends if level is not None and 1 <= level <= top)
        yield scale, None


def test_every_boundary_of_every_scale_has_a_case(asked: Asked, reference: Reference) -> None:
    stated: dict[Category, set[tuple[str, Any]]] = {}
    for _, facts, _ in asked:
        levels = {(scale, getattr(facts.scales, scale)) for scale in TOP}
        stated.setdefault(facts.category, set()).update(levels)
    for rule in reference.regulations.regulation_set.rules:
        tried = set().union(*(levels for category, levels in stated.items() if concerns(rule, category)))
        assert set(boundaries(rule)) <= tried, rule.code


def test_every_place_a_rule_names_has_a_case(asked: Asked, reference: Reference) -> None:
    """One area relation of a rule that no case tries could be dropped from the rule unnoticed.

    A forest of this register always lies in a commune, and a coast in a province, that the rule names anyway.
    """
    given = reference.regulations.regulation_set
    unnoticed = set()
    for rule in given.rules:
        for dropped in rule.when.area if len(rule.when.area) > 1 else ():
            left = tuple(relation for relation in rule.when.area if relation is not dropped)
            narrower = rule.model_copy(update={"when": rule.when.model_copy(update={"area": left})})
            rules = tuple(narrower if other is rule else other for other in given.rules)
            without = Regulator(RuleIndex(given.model_copy(update={"rules": rules})), reference.register)
            if not failing_about(rule, asked, without):
                unnoticed.add((rule.code, dropped.value))
    assert unnoticed <= IMPLIED


def test_every_day_on_which_law_changes_has_a_case_before_and_after(file: CaseFile, reference: Reference) -> None:
    given = reference.regulations.regulation_set
    starts = {rule.valid_from for rule in given.rules if rule.valid_from > given.valid_from}
    ends = {rule.valid_to + timedelta(days=1) for rule in given.rules if rule.valid_to is not None}
    days = {case.facts.on or file.on for case in file.cases if case.facts is not None}
    for day in starts | ends:
        assert {day - timedelta(days=1), day} <= days


def case(**expect: Any) -> Case:
    facts = {"category": "FOR-FIRE", "areas": ["07246"]}
    given = {"name": "x", "facts": facts, "expect": expect}
    return Case.model_validate_json(json.dumps(given))


@pytest.mark.parametrize(
    ("expect", "expectation", "actual"),
    [
        ({"lead": "ca-x-xuan-luong"}, "lead", "ubnd-x-xuan-luong/truc-ban"),
        ({"by": "g2-level-1"}, "by", "w6-forest-fire-directed"),
        ({"reason": "higher level"}, "reason", "only candidate, by rule w6-forest-fire-directed"),
        ({"fallback": True}, "fallback", "false (only candidate, by rule w6-forest-fire-directed)"),
        ({"roles": {"kl-h-yen-the": "lead"}}, "roles.kl-h-yen-the", "command"),
        ({"roles": {"bca": "inform"}}, "roles.bca", "–"),
        ({"absent": ["kl-h-yen-the"]}, "absent", "kl-h-yen-the/truc-ban: command (w6-forest-fire-directed)"),
        ({"not_rules": ["w3-forest-fire-told"]}, "not_rules", ""),
        ({"rules": ["g2-level-1"]}, "rules", ""),
        ({"gives": ["g2-level-1"]}, "gives", ""),
        ({"resolves": ["g2-level-1"]}, "resolves", "–"),
        ({"within": {"kl-h-yen-the": "PT1M"}}, "within.kl-h-yen-the", "0:05:00"),
        ({"at_most": {"kl-h-yen-the": "PT1M"}}, "at_most.kl-h-yen-the", "0:05:00"),
        ({"decides": {"ubnd-x-xuan-luong": "PT1H"}}, "decides.ubnd-x-xuan-luong", "2:00:00"),
        ({"reports": {"kl-h-yen-the": "PT1H"}}, "reports.kl-h-yen-the", "None"),
        ({"reports_again": {"ubnd-x-xuan-luong": "PT1H"}}, "reports_again.ubnd-x-xuan-luong", "1 day"),
        ({"escalation": {"kl-h-yen-the": ["bca"]}}, "escalation.kl-h-yen-the", "kl-t-bac-ninh/truc-ban → "),
        ({"not_citing": ["nd-156-2018"]}, "not_citing", ""),
    ],
)
def test_an_expectation_that_is_not_met_is_named_with_what_happened(
    expect: dict[str, Any], expectation: str, actual: str, regulator: Regulator
) -> None:
    given = case(**expect)
    file = CaseFile(on=date(2026, 11, 22), reporter="vmrcc-kv2", cases=(given,))
    (found,) = mismatches(given.expect, decided(given, file, regulator))
    assert found.expectation == expectation
    assert found.actual.startswith(actual)


def test_a_lead_chosen_by_the_order_of_codes_is_disputed(file: CaseFile, regulator: Regulator) -> None:
    two = next(case for case in file.cases if case.name == "pitfall-09-two-provinces-one-lead")
    decision = decided(two, file, regulator)
    assert [found.expectation for found in mismatches(Expected(undisputed=True), decision)] == ["undisputed"]


def test_two_cases_of_one_name_are_refused(tmp_path: Any) -> None:
    one = "{name: a, facts: {category: NAT-FLOOD}, expect: {fallback: true}}"
    (tmp_path / "cases.yaml").write_text(
        f"on: 2026-11-22\nreporter: x\ncases:\n  - {one}\n  - {one}\n", encoding="utf-8"
    )
    with pytest.raises(DocumentError, match="case a is named twice"):
        load_cases(tmp_path / "cases.yaml")


def test_a_case_says_once_what_happened(tmp_path: Any) -> None:
    (tmp_path / "cases.yaml").write_text(
        "on: 2026-11-22\nreporter: x\ncases:\n  - {name: a, expect: {}}\n", encoding="utf-8"
    )
    with pytest.raises(DocumentError, match="give either facts or a report"):
        load_cases(tmp_path / "cases.yaml")
