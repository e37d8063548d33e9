"""Which open incidents are found for a report, what is remembered of them, and what is forgotten."""

from copy import deepcopy
from datetime import timedelta

from contracts.taxonomy import Category
from services.routing.correlation.correlate import Match, NoMatch
from services.routing.correlation.open_incidents import REMEMBERED, OpenIncidents
from tests.unit.routing.cases import SENDER, T0, after, ask, known, opened, opening, report, sighting, uid, updated

HERE = (12.6667, 108.0500)


def test_a_joined_report_carries_the_incident_on_in_place_and_time() -> None:
    index, (state, _) = known(report(1), sighting()), after(None, opening())
    index.apply(updated(state, report(2), sighting("00001", at=T0 + timedelta(hours=5))))
    assert isinstance(ask(index, report(3), sighting("00001", at=T0 + timedelta(hours=9))), Match)
    assert isinstance(ask(index, report(3), sighting("19774", at=T0 + timedelta(hours=9))), NoMatch)


def test_only_the_first_and_the_newest_sightings_are_remembered() -> None:
    """Breaks if memory or the time to compare grew with every report of a long incident."""
    index, (state, _) = known(report(1), sighting()), after(None, opening())
    for n in range(2, 60):
        index.apply(updated(state, report(n), sighting(f"{n:05}")))
    (candidate,) = index.near(report(99), sighting())
    assert len(candidate.sightings) == REMEMBERED
    assert index.near(report(99), sighting("00020")) == ()
    assert index.near(report(99), sighting("00059")) == (candidate,)


def test_an_event_read_twice_or_without_sighting_changes_nothing() -> None:
    index, (state, _) = known(report(1), sighting()), after(None, opening())
    update = updated(state, report(2), sighting("00001"))
    index.apply(update)
    before = index.near(report(9), sighting())
    index.apply(opened(report(1), sighting()))
    index.apply(update)
    for event in after(None, opening())[1]:
        index.apply(event)
    assert index.near(report(9), sighting()) == before
    assert len(before[0].sightings) == 2
    assert len(index) == 1


def test_an_update_of_an_incident_not_held_is_left_out() -> None:
    index, (state, _) = OpenIncidents(), after(None, opening())
    index.apply(updated(state, report(2), sighting()))
    assert len(index) == 0


def test_what_was_assumed_but_never_recorded_leaves_no_trace() -> None:
    """Breaks if a failed commit left its incident in the index: the next report would join what does not exist."""
    index, (state, _) = OpenIncidents(), after(None, opening())
    nothing = {state.incident: index.remembered(state.incident)}
    index.apply(opened(report(1), sighting(points=(HERE,))))
    certain = {state.incident: index.remembered(state.incident)}
    before = deepcopy(index)
    index.apply(updated(state, report(2), sighting("00001")))
    index.put_back(certain)
    assert index == before
    assert index.near(report(9), sighting("00001")) == ()
    assert index.named_by(report(9, references=(uid("report", 2),)), SENDER) is None
    assert index.named_by(report(9, references=(uid("report", 1),)), SENDER) is not None
    index.put_back(nothing)
    assert index == OpenIncidents()


def test_the_candidates_of_a_report_do_not_grow_with_all_open_incidents() -> None:
    """Breaks if the index looked beyond the report's own commune, kind and time."""
    index = OpenIncidents()
    for n in range(300):
        index.apply(opened(report(n), sighting(f"{n:05}", points=((8 + n / 20, 105.0),), at=T0)))
    assert len(index.near(report(999), sighting("00007"))) == 1
    assert len(index.near(report(999), sighting(None, points=((8.5, 105.0),)))) <= 3
    assert index.near(report(999, category=Category.TRA_ROAD), sighting("00007")) == ()
    assert index.near(report(999), sighting("00007", at=T0 + timedelta(days=2))) == ()


def test_positions_two_kilometres_apart_are_found_across_cells() -> None:
    """Breaks if only the position's own cell were looked up."""
    edge = (10.0499, 105.0499)
    index = known(report(1, category=Category.FIR_BLDG), sighting("00001", points=(edge,)))
    for lat in (-0.012, 0.012):
        for lon in (-0.012, 0.012):
            seen = sighting("00002", points=((edge[0] + lat, edge[1] + lon),))
            assert isinstance(ask(index, report(2, category=Category.FIR_BLDG), seen), Match)
