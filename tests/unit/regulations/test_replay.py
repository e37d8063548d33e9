"""Past decisions through a draft: exactly the effect of the edit, incident by incident, and nothing else."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.codes import Role, Severity, UrgencyMark
from contracts.decisions import Facts
from contracts.taxonomy import Category
from services.routing.deciding import Regulator
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.telling.replay import Course, Grounds, Past, Replayed, courses, replay
from tests.unit.regulations.conftest import AT, Decides, States


class Told:
    """Any fact about an incident's course."""

    def __init__(self, incident: UUID, **data: object) -> None:
        self.incident = incident
        self.__dict__.update(data)


def through(reference: Reference, draft: RegulationSet, *facts: Facts, known: bool = True) -> Replayed:
    """One incident with these facts, decided by the reference, through a draft."""
    then = Regulator(reference.regulations, reference.register)
    course = Course(UUID(int=1), Category.NAT_FLOOD, "h", AT, tuple(Past(AT, then.decide(one, AT)) for one in facts))
    grounds = Grounds(Regulator(RuleIndex(draft), reference.register), then if known else None)
    return replay(course, [grounds] * len(facts))


@pytest.fixture
def boat(state: States) -> Facts:
    return state("SAR-SEA", position_unknown=True, severity=Severity.SEVERE)


@pytest.mark.parametrize("known", [True, False])
def test_the_set_itself_as_a_draft_changes_nothing(reference: Reference, boat: Facts, *, known: bool) -> None:
    found = through(reference, reference.regulations.regulation_set, boat, known=known)

    assert (found.effects, found.without_lead, found.differs_from_record) == ((), False, False)


def test_a_shorter_default_time_changes_times_and_nobodys_role(reference: Reference, boat: Facts) -> None:
    given = reference.regulations.regulation_set
    shorter = {**given.acknowledge_within, UrgencyMark.KHAN: timedelta(minutes=7)}

    found = through(reference, given.model_copy(update={"acknowledge_within": shorter}), boat)

    assert {effect.kind for effect in found.effects} <= {"deadline"}
    assert all("7" in effect.words.en and "7" in effect.words.vi for effect in found.effects)


def test_without_the_rule_that_gives_the_lead_the_incident_would_have_had_none(
    reference: Reference, boat: Facts, decided: Decides
) -> None:
    given, rule = reference.regulations.regulation_set, decided(boat).assignments[0].rule
    rules = tuple(each for each in given.rules if each.code != rule)

    found = through(reference, given.model_copy(update={"rules": rules}), boat)

    assert {"fallback", "lead_by"} & {effect.kind for effect in found.effects}
    assert found.without_lead is any(effect.kind == "fallback" for effect in found.effects)


def test_a_change_that_several_decisions_of_an_incident_show_is_told_once(
    reference: Reference, boat: Facts, decided: Decides
) -> None:
    given, rule = reference.regulations.regulation_set, decided(boat).assignments[0].rule
    draft = given.model_copy(update={"rules": tuple(each for each in given.rules if each.code != rule)})
    graver = boat.model_copy(update={"severity": Severity.EXTREME})

    once, twice = through(reference, draft, boat), through(reference, draft, boat, graver, boat)

    assert len(set(twice.effects)) == len(twice.effects)
    assert set(once.effects) <= set(twice.effects)


def test_a_record_that_is_not_decided_again_as_recorded_is_named(reference: Reference, boat: Facts) -> None:
    """Replaying is a check of the record too: who got it then must follow from the recorded facts and texts."""
    regulator = Regulator(reference.regulations, reference.register)
    decision = regulator.decide(boat, AT)
    lead = decision.assignments[0].model_copy(update={"role": Role.INFORM})
    forged = decision.model_copy(update={"assignments": (lead, *decision.assignments[1:])})
    course = Course(UUID(int=1), Category.SAR_SEA, "h", AT, (Past(AT, forged),))

    found = replay(course, [Grounds(regulator, regulator)])

    assert (found.differs_from_record, found.effects) == (True, ())


def test_courses_are_gathered_from_facts_in_the_order_of_opening(boat: Facts, decided: Decides) -> None:
    one, other = UUID(int=1), UUID(int=2)
    decision = decided(boat)
    later = AT + timedelta(minutes=1)

    found = courses(
        [
            (AT, Told(other, headline="b", decision=decision)),
            (AT, Told(one, headline="a", decision=decision)),
            (later, Told(other, decision=decision)),
            (later, Told(one, decision=None)),
            (later, Told(UUID(int=3), decision=decision)),
        ]
    )

    assert [(course.incident, course.headline, len(course.decisions)) for course in found] == [
        (other, "b", 2),
        (one, "a", 1),
    ]
    assert found[0].decisions[1].at == later
