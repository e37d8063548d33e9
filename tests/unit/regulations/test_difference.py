"""Two sets are compared in words: which rules, which condition, who, what time, and what that changes in a case."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.codes import UrgencyMark
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import Law, RegulationSet
from services.routing.regulations.rules.when import LevelRange
from services.routing.regulations.telling.difference import RuleChange, differences, set_differences
from services.routing.regulations.telling.effects import effects
from tests.unit.regulations.conftest import AT, States

CODE = "w6-forest-fire-directed"
STATED = "civil-defence level 1 or below or civil-defence level not stated"


@pytest.fixture
def old(reference: Reference) -> RegulationSet:
    return reference.regulations.regulation_set


def edited(old: RegulationSet, **changes: Any) -> RegulationSet:
    rules = tuple(rule.model_copy(update=changes) if rule.code == CODE else rule for rule in old.rules)
    return old.model_copy(update={"rules": rules})


def only(old: RegulationSet, new: RegulationSet) -> RuleChange:
    (change,) = differences(old, new)
    return change


def test_equal_sets_differ_in_nothing(old: RegulationSet) -> None:
    assert list(differences(old, old)) == []
    assert list(set_differences(old, old)) == []


def test_an_added_and_a_removed_rule_are_told(old: RegulationSet) -> None:
    less = old.model_copy(update={"rules": tuple(rule for rule in old.rules if rule.code != CODE)})
    assert only(old, less).change == "removed"
    assert only(less, old).change == "added"
    assert "Forest fire" in only(less, old).sentence.en


def test_a_changed_condition_is_told_with_both_sides(old: RegulationSet) -> None:
    rule = next(rule for rule in old.rules if rule.code == CODE)
    when = rule.when.model_copy(update={"civil_defence": LevelRange(max=2), "area": ()})
    details = [words.en for words in only(old, edited(old, when=when)).details]
    assert details == [
        f"civil defence: {STATED} → civil-defence level 2 or below",
        "place: in one commune → any",
    ]


def test_changed_recipients_are_told_by_role_time_and_chain(old: RegulationSet) -> None:
    rule = next(rule for rule in old.rules if rule.code == CODE)
    lead, command, _ = rule.assign
    told = Duty.model_validate_json('{"role": "inform", "to": {"agency": "bca"}}')
    slower = lead.model_copy(update={"acknowledge_within": timedelta(minutes=4)})
    advising = command.model_copy(update={"role": "advise", "escalate": None})
    details = [words.en for words in only(old, edited(old, assign=(slower, advising, told))).details]
    assert details == [
        "- the provincial civil-defence command of each province concerned: no longer is informed",
        "the commune People's Committee of each commune concerned, time to acknowledge: 5 minutes → 4 minutes",
        "the forest ranger station responsible for the very area: commands on scene → advises",
        "the forest ranger station responsible for the very area, escalation: sector → –",
        "+ agency bca: is informed (the set's default)",
    ]


def test_dates_law_and_citation_are_told(old: RegulationSet) -> None:
    rule = next(rule for rule in old.rules if rule.code == CODE)
    citation = rule.citation.model_copy(update={"text": "Điều 12"})
    change = only(old, edited(old, citation=citation, valid_to=date(2027, 1, 1), law=Law.SPECIAL))
    assert [words.vi.partition(":")[0] for words in change.details] == ["căn cứ", "hiệu lực", "tính chất"]


def test_defaults_and_declarations_are_told(old: RegulationSet) -> None:
    times = {**old.acknowledge_within, UrgencyMark.HOA_TOC: timedelta(minutes=3)}
    new = old.model_copy(update={"acknowledge_within": times, "left_to_fallback": old.left_to_fallback[1:]})
    told = [words.en for words in set_differences(old, new)]
    assert told[0] == "default time, mark hoa_toc: 5 minutes → 3 minutes"
    assert told[1].startswith("- left to the fallback: No province known")


def test_what_a_change_does_to_a_case_is_told_desk_by_desk(
    old: RegulationSet, reference: Reference, state: States
) -> None:
    less = old.model_copy(update={"rules": tuple(rule for rule in old.rules if rule.code != CODE)})
    facts = state("FOR-FIRE", "07246")
    before, after = (decide(facts, RuleIndex(s), reference.register, AT) for s in (old, less))
    found = {(effect.kind, effect.desk) for effect in effects(before, after)}
    assert found == {
        ("lead_by", "ubnd-x-xuan-luong/truc-ban"),
        ("role", "kl-h-yen-the/truc-ban"),
        ("gains", "qs-t-bac-ninh/112"),
        ("loses", "ptds-t-bac-ninh/truc-ban"),
        ("fallback", "ubnd-x-xuan-luong/truc-ban"),
    }
    assert list(effects(before, before)) == []
