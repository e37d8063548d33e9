"""The fast decision is the slow one: equal in everything, reasons and trace included, to a plain linear reading."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Severity
from contracts.decisions import Facts
from contracts.taxonomy import Category
from services.routing.reference import Reference
from services.routing.regulations.decide import decide
from services.routing.regulations.match import RuleIndex
from services.routing.regulations.model import Law, RegulationSet, Rule
from services.routing.regulations.remember import Memo
from services.routing.regulations.resolve import RegisterIndex
from services.routing.regulations.when import AreaRelation, LevelRange, When
from tests.unit.regulations import slow
from tests.unit.regulations.conftest import AT, States
from tests.unit.regulations.test_decide import CODES, FACTS, MOMENTS, REPORTERS

THREE = (Category.NAT_FLOOD, Category.NAT_SLIDE, Category.INF_DAM)
LEVELS = st.builds(
    lambda ends, unstated: LevelRange(min=min(ends), max=max(ends), unstated=unstated),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.booleans(),
)
WHEN = st.builds(
    When,
    category=st.lists(st.sampled_from(["NAT", *THREE]), max_size=2).map(tuple),
    severity_at_least=st.none() | st.sampled_from([s for s in Severity if s is not Severity.UNKNOWN]),
    disaster_risk=st.none() | LEVELS,
    river_alert=st.none() | LEVELS,
    area=st.lists(st.sampled_from(AreaRelation), max_size=3).map(tuple),
    casualties=st.none() | st.booleans(),
)
DAYS = st.dates(date(2025, 6, 1), date(2026, 12, 31))
RULES = st.lists(st.tuples(WHEN, DAYS, st.none() | st.integers(0, 400), st.sampled_from(Law)), min_size=1, max_size=90)


@pytest.fixture(scope="module")
def small(reference: Reference) -> Reference:
    """The reference with no more of the register than the facts below can touch: the slow way reads all of it."""
    register = reference.register.register
    around = set(CODES)
    for _ in AreaRelation:
        around |= {parent for area in register.areas if area.code in around for parent in area.parents}
    staff = {agency.code for agency in register.agencies if around.intersection(agency.covers)} | {*REPORTERS}
    for _ in AreaRelation:
        staff |= {r.superior for agency in register.agencies if agency.code in staff for r in agency.relations}
    areas = tuple(area for area in register.areas if area.code in around)
    agencies = tuple(agency for agency in register.agencies if agency.code in staff)
    kept = register.model_copy(update={"areas": areas, "agencies": agencies})
    return Reference(RegisterIndex(kept), reference.regulations)


def rules(reference: Reference, drawn: list[tuple[When, date, int | None, Law]]) -> RegulationSet:
    """The reference set with other rules, whose duties are those of its own."""
    given_by = reference.regulations.regulation_set
    made = [
        given_by.rules[place % len(given_by.rules)].model_copy(
            update={
                "code": f"r-{place}",
                "when": when,
                "valid_from": start,
                "valid_to": None if length is None else start + timedelta(days=length),
                "law": law,
            }
        )
        for place, (when, start, length, law) in enumerate(drawn)
    ]
    return given_by.model_copy(update={"rules": tuple(made)})


@settings(max_examples=150, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_by_the_reference_set_both_decide_alike(small: Reference, facts: Facts, at: datetime) -> None:
    """An index or a memo that forgets one condition sends a report to the wrong desk, quickly."""
    fast = decide(facts, small.regulations, small.register, at)
    expected = slow.decide(facts, small.regulations.regulation_set, small.register.register, at)
    assert fast == expected
    assert fast.model_dump_json() == expected.model_dump_json()


@settings(max_examples=60, deadline=None)
@given(drawn=RULES, stated=st.lists(FACTS, min_size=1, max_size=4), at=MOMENTS)
def test_by_any_set_both_decide_alike(
    small: Reference, drawn: list[tuple[When, date, int | None, Law]], stated: list[Facts], at: datetime
) -> None:
    """Several facts go through one index, so that what it remembers of the first could spoil the next."""
    law = rules(small, drawn)
    index = RuleIndex(law)
    for facts in (*stated, *stated):
        about = facts.model_copy(update={"category": THREE[len(facts.areas) % len(THREE)]})
        expected = slow.decide(about, law, small.register.register, at)
        assert decide(about, index, small.register, at) == expected


def test_a_trace_shows_the_nearest_of_too_many_and_counts_the_rest(reference: Reference, state: States) -> None:
    """A trace that grew with the set would one day be too large to publish, and the report would be stuck."""
    rule: Rule = reference.regulations.regulation_set.rules[0]
    levels = [LevelRange(min=level) for level in (1, 2, 3, 4, 5)]
    whens = [
        When(category=("NAT",), disaster_risk=risk, civil_defence=defence, river_alert=alert, casualties=hurt)
        for risk, defence, alert, hurt in product(levels, levels, levels, (True, False))
    ]
    many = [rule.model_copy(update={"code": f"r-{n}", "when": when}) for n, when in enumerate(whens)]
    law = reference.regulations.regulation_set.model_copy(update={"rules": tuple(many)})
    facts = state("NAT-FLOOD", "19819", disaster_risk=2, civil_defence=2, river_alert=2)
    decision = decide(facts, RuleIndex(law), reference.register, AT)
    failed = [trace for trace in decision.trace if not trace.matched]
    assert sum(trace.matched for trace in decision.trace) == 2 * 2 * 2
    assert len(failed) == slow.TRACED
    assert decision.trace_left_out == len(many) - 8 - slow.TRACED
    assert all(len(trace.conditions) == 1 for trace in failed)
    assert decision == slow.decide(facts, law, reference.register.register, AT)


def test_a_full_memory_forgets_the_older_half_and_stays_bounded() -> None:
    """Without a bound every new place would cost memory for ever."""
    memo: Memo[int, int] = Memo(10)
    for key in range(1000):
        memo[key] = key
        assert len(memo) <= 10
    assert list(memo) == list(range(1000 - len(memo), 1000))
