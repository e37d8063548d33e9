"""Which open incidents are perhaps one: the same from either side, never across spaces, and merged by people only."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Change, Role, Space, Status
from contracts.correlation import SameExternalCode, added_up
from contracts.course import MergeSuggested
from contracts.events import Sighting
from contracts.lifecycle import DispatchUpdated
from contracts.taxonomy import Category
from services.routing.correlation.correlate import THRESHOLD, Candidate, NoMatch
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.correlation.suggesting import AT_MOST, PERHAPS, ranked, similarity, suggestions
from services.routing.incident.commands import Suggest
from services.routing.incident.decide import Incident, decide
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    SOON,
    T0,
    TOP,
    after,
    ask,
    assignment,
    dispatch_of,
    minutes,
    names,
    opened,
    opening,
    report,
    sighting,
    uid,
)

ROAD = Category.TRA_ROAD
sightings = st.builds(
    Sighting,
    communes=st.lists(st.sampled_from(("19774", "19789")), max_size=2, unique=True).map(tuple),
    areas=st.lists(st.sampled_from(("19774", "19789", "46")), max_size=3, unique=True).map(tuple),
    points=st.lists(st.tuples(st.floats(16.40, 16.45), st.floats(107.50, 107.55)), max_size=2).map(tuple),
    occurred_at=st.integers(0, 500).map(lambda n: T0 + minutes(n)),
    codes=st.lists(st.sampled_from(("112-1", "112-2")), max_size=2, unique=True).map(tuple),
)
candidates = st.builds(
    Candidate,
    st.uuids(version=4),
    st.sampled_from((Space.ACTUAL, Space.EXERCISE)),
    st.sampled_from((*(c for c in Category if c.family in ("NAT", "FIR", "SAR", "RDY")), Category.INF_DAM)),
    st.lists(sightings, min_size=1, max_size=3).map(tuple),
)


def candidate(name: str, category: Category = ROAD, *seen: Sighting, space: Space = Space.ACTUAL) -> Candidate:
    return Candidate(uid("incident", name), space, category, seen or (sighting(),))


@given(candidates, candidates)
def test_the_score_is_the_same_from_either_side_and_is_what_the_reasons_add_up_to(
    one: Candidate, other: Candidate
) -> None:
    """Breaks if who came first decided whether two incidents are alike, or a reason counted without being told."""
    there, back = similarity(one, other), similarity(other, one)

    assert (there is None) is (back is None)
    if there is not None and back is not None:
        assert there.score == back.score == added_up(reason.points for reason in there.reasons)
        assert {reason.code: reason.points for reason in there.reasons} == {r.code: r.points for r in back.reasons}


@given(candidates, candidates)
def test_an_exercise_and_the_real_thing_are_never_suggested_together(one: Candidate, other: Candidate) -> None:
    """Breaks if anything else than the space could bring them together: a live incident would end in a drill."""
    if one.space is not other.space:
        assert similarity(one, other) is None
        assert suggestions(one, (other,)) == ()


@given(candidates, st.lists(candidates, max_size=6, unique_by=lambda drawn: drawn.incident), st.randoms())
def test_the_order_in_which_incidents_are_looked_at_changes_nothing(
    one: Candidate, others: list[Candidate], chance: Any
) -> None:
    shuffled = list(others)
    chance.shuffle(shuffled)
    found = suggestions(one, others)

    assert suggestions(one, shuffled) == found
    assert len(found) <= AT_MOST
    assert all(similar.correlation.score >= PERHAPS for similar in found)


@pytest.mark.parametrize(("wait", "perhaps"), [(100, True), (240, True), (300, False)])
def test_what_is_not_joined_may_still_be_suggested(wait: int, perhaps: bool) -> None:  # noqa: FBT001  # a case
    """One road accident told twice in a commune within a few hours: too far apart to join, near enough to look at."""
    one, other = candidate("1"), candidate("2", ROAD, sighting(at=T0 + minutes(wait)))
    index = OpenIncidents()
    index.apply(opened(report(1, category=ROAD), sighting()))

    assert isinstance(ask(index, report(2, category=ROAD), other.sightings[0]), NoMatch)
    assert bool(suggestions(one, (other,))) is perhaps
    assert (why := similarity(one, other)) is not None
    assert why.score < THRESHOLD


def test_a_code_of_another_system_suggests_across_places_and_kinds_but_never_joins() -> None:
    """Breaks if a code that anybody may write could make a second incident vanish in a first one."""
    seen, again = sighting(codes=("112-7",)), sighting("00001", at=T0 + minutes(20), codes=("112-7", "x"))
    one, other = candidate("1", ROAD, seen), candidate("2", ROAD, again)
    why = similarity(one, other)

    assert why is not None
    assert SameExternalCode(external="112-7", points=0.3) in why.reasons
    assert why.score >= THRESHOLD
    index = OpenIncidents()
    index.apply(opened(report(1, category=ROAD), seen))
    filed = report(2, category=ROAD, incident_codes=("112-7", "x"))
    assert isinstance(ask(index, filed, again), NoMatch)
    assert [one.category for one in index.near(filed, again)] == [ROAD]


def test_routine_papers_are_never_suggested() -> None:
    one, other = (candidate(name, Category.RDY_DUTY, sighting(codes=("1",))) for name in "12")
    assert ranked(one, (other,), 0.0) == ()


def test_only_what_is_open_stands_to_be_compared() -> None:
    index = OpenIncidents()
    index.apply(opened(report(1), sighting()))
    (standing,) = index.standing()
    assert index.candidate(standing.incident) == standing
    assert index.candidate(uid("unknown")) is None


@pytest.fixture
def pair() -> tuple[Incident, Incident]:
    """Two incidents that one desk leads; the police are informed of both, the top desk directs the first only."""
    lead, police = assignment(COMMUNE), assignment(POLICE, Role.INFORM)
    new, _ = after(None, opening(lead, police, assignment(TOP, Role.DIRECT), filed=report("new")))
    known, _ = after(None, opening(lead, police, filed=report("known")))
    return new, known


def suggesting(other: Incident, at: Any = SOON) -> Suggest:
    why = similarity(candidate("1"), candidate("2", ROAD, sighting(at=T0 + timedelta(hours=2))))
    assert why is not None
    return Suggest(other, why, uid("cause"), uid("thread"), at)


def test_whoever_may_merge_and_knows_both_is_told_and_nobody_else(pair: tuple[Incident, Incident]) -> None:
    """Breaks if a suggestion named to a desk an incident that is not its business, or asked one that may not merge."""
    new, known = pair
    state, events = after(new, suggesting(known))

    assert names(events) == ["MergeSuggested", "DispatchUpdated"]
    suggested, heard = (event.data for event in events)
    assert isinstance(suggested, MergeSuggested)
    assert isinstance(heard, DispatchUpdated)
    assert (suggested.other, suggested.told) == (known.incident, (COMMUNE,))
    assert (heard.change, heard.other, heard.dispatch) == (
        Change.MERGE_SUGGESTED,
        known.incident,
        dispatch_of(state).dispatch,
    )
    assert heard.correlation == suggested.correlation


def test_a_suggestion_changes_nothing_but_that_it_was_made(pair: tuple[Incident, Incident]) -> None:
    """Breaks if it merged, moved the lead, or made an officer's act on what was seen before stale."""
    new, known = pair
    state, _ = after(new, suggesting(known))

    assert (state.lead, state.unmet, state.merged_into) == (new.lead, new.unmet, None)
    assert {held.version for held in state.dispatches.values()} == {0}
    assert state.suggested == frozenset({known.incident})


def test_a_pair_is_suggested_once_and_never_with_itself_or_across_spaces(pair: tuple[Incident, Incident]) -> None:
    new, known = pair
    state, _ = after(new, suggesting(known))
    drill, _ = after(None, opening(filed=report("drill", status=Status.EXERCISE)))

    assert decide(state, suggesting(known, SOON + minutes(1))) == ()
    assert decide(new, suggesting(new)) == ()
    assert decide(new, suggesting(drill)) == ()
    assert decide(None, suggesting(known)) == ()


def test_where_nobody_knows_both_it_stands_on_the_record_alone(pair: tuple[Incident, Incident]) -> None:
    new, _ = pair
    strangers, _ = after(None, opening(assignment(POLICE), filed=report("far")))
    _, events = after(new, suggesting(strangers))

    assert names(events) == ["MergeSuggested"]
    assert isinstance(events[0].data, MergeSuggested)
    assert events[0].data.told == ()
