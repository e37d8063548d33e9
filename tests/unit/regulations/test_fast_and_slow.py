"""The fast decision is the slow one: equal in everything, reasons and trace included, to a plain linear reading."""

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import UrgencyMark
from contracts.decisions import Decision, Facts
from contracts.register import Agency, Desk
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import case_of, decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.remember import Memo
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.engine.situation import outlook, survey
from services.routing.regulations.rules.duties import Course, Duty
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.when import AreaRelation, LevelRange, When
from tests.unit.regulations import slow
from tests.unit.regulations.conftest import AT, States
from tests.unit.regulations.drawn import COURSES, HOURS, OFFICE, duties, whens
from tests.unit.regulations.test_decide import CODES, FACTS, MOMENTS, REPORTERS

THREE = (Category.NAT_FLOOD, Category.NAT_SLIDE, Category.INF_DAM)
TYPES = ["CA-T", "CA-X", "KL-H", "UBND-X"]
WHEN = whens(["NAT", *THREE], HOURS)
MORE = st.fixed_dictionaries(
    {
        "present": st.lists(st.sampled_from(TYPES), max_size=3).map(tuple),
        "hazards": st.lists(st.sampled_from(THREE[:2]), max_size=2, unique=True).map(tuple),
        "lasted": st.none() | st.integers(0, 30).map(lambda hours: timedelta(hours=hours)),
    }
)
DAYS = st.dates(date(2025, 6, 1), date(2026, 12, 31))
DRAWN = st.tuples(WHEN, DAYS, st.none() | st.integers(0, 400), st.sampled_from(Law), st.none() | duties())
RULES = st.lists(DRAWN, min_size=1, max_size=60)
Drawn = tuple[When, date, int | None, Law, Duty | None]


@pytest.fixture(scope="module")
def small(reference: Reference) -> Reference:
    """The reference with no more of the register than the facts below can touch: the slow way reads all of it.

    Some desks get deputies, one of them a deputy who ended long ago and one a ring of three.
    """
    register = reference.register.register
    around = set(CODES)
    for _ in AreaRelation:
        around |= {parent for area in register.areas if area.code in around for parent in area.parents}
    staff = {agency.code for agency in register.agencies if around.intersection(agency.covers)} | {*REPORTERS}
    for _ in AreaRelation:
        staff |= {r.superior for agency in register.agencies if agency.code in staff for r in agency.relations}
    areas = tuple(area for area in register.areas if area.code in around)
    agencies = tuple(with_deputies(agency) for agency in register.agencies if agency.code in staff)
    kept = register.model_copy(update={"areas": areas, "agencies": agencies})
    return Reference(RegisterIndex(kept), reference.regulations)


def with_deputies(agency: Agency) -> Agency:
    """Committees get a deputy and a duty commander, departments a ring, commands a deputy who is gone."""
    if not agency.desks:
        return agency
    first, *others = agency.desks
    own: dict[str, tuple[str | None, str | None]] = {
        "UBND": ("chi-huy", None),
        "NNMT": ("chi-huy", first.code),
        "PTDS": ("xa-xua", None),
    }
    deputy, last = own.get(agency.type.partition("-")[0], (None, None))
    if deputy is None:
        return agency
    gone = date(2000, 1, 1) if deputy == "xa-xua" else None
    second = Desk(code=deputy, name_vi="Phó", name_en="Deputy", deputy="cuoi", valid_to=gone)
    third = Desk(code="cuoi", name_vi="Cuối", name_en="Last", deputy=last, duty_command=agency.type.endswith("-X"))
    return agency.model_copy(update={"desks": (first.model_copy(update={"deputy": deputy}), *others, second, third)})


def rules(reference: Reference, drawn: list[Drawn], course: Course | None) -> RegulationSet:
    """The reference set with other rules, whose duties are those of its own and here and there one more."""
    given_by = reference.regulations.regulation_set
    made = []
    for place, (when, start, length, law, duty) in enumerate(drawn):
        model = given_by.rules[place % len(given_by.rules)]
        changes = {
            "code": f"r-{place}",
            "when": when,
            "valid_from": start,
            "valid_to": None if length is None else start + timedelta(days=length),
            "law": law,
            "assign": model.assign if duty is None else (*model.assign, duty),
        }
        made.append(model.model_copy(update=changes))
    courses = {} if course is None else dict.fromkeys(UrgencyMark, course)
    changed = {"rules": tuple(made), "work_calendar": OFFICE, "course": courses}
    return given_by.model_copy(update=changed)


def further(facts: Facts, more: dict[str, Any], at: datetime) -> Facts:
    """The same facts with who is present, which hazards and since when."""
    lasted = more.pop("lasted")
    try:
        since = None if lasted is None else at - lasted
    except OverflowError:
        since = None
    return facts.model_copy(update={**more, "restricted_since": since})


@settings(max_examples=150, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_by_the_reference_set_both_decide_alike(small: Reference, facts: Facts, at: datetime) -> None:
    """An index or a memo that forgets one condition sends a report to the wrong desk, quickly."""
    fast = decide(facts, small.regulations, small.register, at)
    expected = slow.decide(facts, small.regulations.regulation_set, small.register.register, at)
    assert fast == expected
    assert fast.model_dump_json() == expected.model_dump_json()


@settings(max_examples=50, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_rules_are_found_alike_with_and_without_their_trace(small: Reference, facts: Facts, at: datetime) -> None:
    """The search that is measured beside other engines would otherwise be none that decides anything."""
    case = case_of(facts, small.regulations, small.register, at)
    about = outlook(case, survey(case))
    assert tuple(small.regulations.find(about)) == small.regulations.match(about).rules


@settings(max_examples=60, deadline=None)
@given(
    drawn=RULES,
    course=st.none() | COURSES,
    stated=st.lists(st.tuples(FACTS, MORE), min_size=1, max_size=4),
    at=MOMENTS,
)
def test_by_any_set_both_decide_alike(
    small: Reference,
    drawn: list[Drawn],
    course: Course | None,
    stated: list[tuple[Facts, dict[str, Any]]],
    at: datetime,
) -> None:
    """Several facts go through one index, so that what it remembers of the first could spoil the next."""
    law = rules(small, drawn, course)
    index = RuleIndex(law)
    every = [further(facts, dict(more), at) for facts, more in stated]
    for facts in (*every, *every):
        about = facts.model_copy(update={"category": THREE[len(facts.areas) % len(THREE)]})
        expected = slow.decide(about, law, small.register.register, at)
        fast = decide(about, index, small.register, at)
        assert fast == expected
        assert Decision.model_validate_json(fast.model_dump_json()) == expected


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
