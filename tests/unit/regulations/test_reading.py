"""A sentence says all that decides: read back, in either language, it is the rule."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Role
from services.routing.in_force.reference import Reference
from services.routing.regulations.proof.crosscheck import Crosscheck
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.lexicon import Language
from services.routing.regulations.rules.model import Law, Rule
from services.routing.regulations.rules.reading import UnreadableError, read
from services.routing.regulations.rules.sentences import sentence
from services.routing.regulations.rules.when import When
from tests.unit.regulations.drawn import ANY_WHEN, duties

LANGUAGES: tuple[Language, ...] = get_args(Language)


def leads_alike(assign: list[Duty]) -> bool:
    """As a rule demands: all its leads owe the same course, or none does."""
    return len({duty.acknowledges_only for duty in assign if duty.role is Role.LEAD}) < 2


def test_every_sentence_of_the_reference_set_reads_back_as_its_rule(reference: Reference) -> None:
    """A condition or a duty that the sentence leaves out would decide behind the back of the officer who reads it."""
    for rule in reference.regulations.regulation_set.rules:
        for language, text in zip(LANGUAGES, sentence(rule), strict=True):
            assert read(text, language) == (rule.law, rule.when, rule.assign), (rule.code, language)


@settings(max_examples=400, deadline=None)
@given(when=ANY_WHEN, assign=st.lists(duties(), min_size=1, max_size=4).filter(leads_alike), law=st.sampled_from(Law))
def test_every_sentence_of_any_rule_reads_back_as_that_rule(
    reference: Reference, when: When, assign: list[Duty], law: Law
) -> None:
    """Two rules with one sentence could not be told apart; reading back proves that no two have one."""
    model = reference.regulations.regulation_set.rules[0]
    rule = Rule(
        code="r", law=law, citation=model.citation, when=when, assign=tuple(assign), valid_from=date(2025, 7, 1)
    )
    for language, text in zip(LANGUAGES, sentence(rule), strict=True):
        assert read(text, language) == (law, when, tuple(assign)), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + " ", lambda s: "X" + s, lambda s: s[: len(s) // 2]])
def test_anything_else_is_refused_and_not_guessed(language: Language, change: object, reference: Reference) -> None:
    assert callable(change)
    rule = reference.regulations.regulation_set.rules[0]
    with pytest.raises(UnreadableError, match="not understood from here on"):
        read(change(getattr(sentence(rule), language)), language)


def test_a_rule_whose_sentence_says_something_else_is_refused(reference: Reference) -> None:
    """The check that guards words written later: here the rule holds a list that no document could give it."""
    given_by = reference.regulations.regulation_set
    twisted = given_by.rules[0].model_copy(update={"when": When().model_copy(update={"casualties": None, "area": []})})
    broken = given_by.model_copy(update={"rules": (twisted, *given_by.rules[1:])})
    (fault, *_) = Crosscheck(reference.register.register)(broken)
    assert "does not say what the rule means" in fault.problem
