"""Which report is about which open incident, and the reasons given."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import Space, Status
from contracts.correlation import (
    Distance,
    IncidentNamed,
    MinutesApart,
    NeighbouringCategory,
    OnlyIncident,
    ReportFollowed,
    SameCategory,
    SameCommune,
    correlation,
)
from contracts.places import AdminArea, Circle, Point, Polygon
from contracts.reports import ReportingWindow, Sender, SituationReport
from contracts.taxonomy import Category
from services.routing.correlation.correlate import Match, NoMatch, correlate, sighting_of
from services.routing.correlation.likeness import like
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.correlation.scoring import distance_km
from tests.unit.routing.cases import (
    SENDER,
    T0,
    after,
    ask,
    joining,
    known,
    minutes,
    opened,
    opening,
    report,
    sighting,
    uid,
)

HERE = (12.6667, 108.0500)
NEXT_DOOR = (12.6757, 108.0500)  # 1.0 km north
FAR = (12.7567, 108.0500)  # 10 km north
OTHERS = Sender(agency="ca-x", unit="to-1")


def situation(**changes: Any) -> SituationReport:
    values: dict[str, Any] = {
        "report": uid("situation"),
        "status": Status.ACTUAL,
        "sent": T0,
        "observed_at": T0,
        "kind": "situation_information",
        "headline": "Báo cáo nhanh",
        "window": ReportingWindow(since=T0 - timedelta(hours=7), until=T0 + timedelta(hours=7)),
    }
    return SituationReport(**(values | changes))


def test_the_same_flood_in_the_same_commune_is_one_incident_and_says_why() -> None:
    index = known(report(1), sighting())
    found = ask(index, report(2), sighting(at=T0 + minutes(42)), OTHERS)
    assert isinstance(found, Match)
    assert found.correlation.score == 0.977
    assert found.correlation.reasons == (
        SameCategory(category=Category.NAT_FLOOD, points=0.4),
        SameCommune(area="19774", points=0.4),
        MinutesApart(minutes=42, points=0.177),
    )


def test_a_landslide_may_be_part_of_a_flood() -> None:
    index = known(report(1), sighting())
    found = ask(index, report(2, category=Category.NAT_SLIDE), sighting())
    assert isinstance(found, Match)
    kindred = NeighbouringCategory(category=Category.NAT_SLIDE, other=Category.NAT_FLOOD, points=0.28)
    assert found.correlation.reasons[0] == kindred


@pytest.mark.parametrize(
    ("category", "seen"),
    [
        (Category.FIR_BLDG, sighting()),
        (Category.NAT_FLOOD, sighting("00001")),
        (Category.NAT_FLOOD, sighting(at=T0 + timedelta(hours=6, minutes=1))),
        (Category.NAT_FLOOD, sighting(None)),
    ],
    ids=["another kind", "another commune", "too late", "nowhere"],
)
def test_what_differs_in_kind_place_or_time_opens_its_own_incident(category: Category, seen: Any) -> None:
    assert isinstance(ask(known(report(1), sighting()), report(2, category=category), seen), NoMatch)


def test_an_exercise_never_joins_a_live_incident_even_when_it_names_it() -> None:
    """Breaks if space were part of the score instead of a wall, or if naming an incident went around it."""
    index = known(report(1), sighting())
    live = opened(report(1), sighting()).data.incident
    for filed in (
        report(2, status=Status.EXERCISE),
        report(2, status=Status.EXERCISE, incident=live),
        report(2, status=Status.EXERCISE, references=(uid("report", 1),)),
    ):
        assert isinstance(ask(index, filed, sighting()), NoMatch)
        everything = index.near(report(9), sighting())
        assert isinstance(correlate(filed, sighting(), None, everything), NoMatch)
    assert everything[0].space is Space.ACTUAL


def test_two_fires_at_different_spots_of_one_commune_stay_two() -> None:
    """Breaks if the commune outweighed the positions: the second fire would reach no desk."""
    fire = Category.FIR_BLDG
    index = known(report(1, category=fire), sighting(points=(HERE,)))
    assert isinstance(ask(index, report(2, category=fire), sighting(points=(FAR,))), NoMatch)
    near = ask(index, report(2, category=fire), sighting("00001", points=(NEXT_DOOR,)))
    assert isinstance(near, Match)
    assert near.correlation.reasons[1] == Distance(metres=1001, points=0.36)


@pytest.mark.parametrize(("wait", "joined"), [(30, True), (120, False)])
def test_without_positions_a_spot_is_the_same_for_about_an_hour_only(wait: int, joined: bool) -> None:  # noqa: FBT001  # a case
    road = Category.TRA_ROAD
    index = known(report(1, category=road), sighting())
    found = ask(index, report(2, category=road), sighting(at=T0 + minutes(wait)))
    assert isinstance(found, Match) is joined


def test_a_near_miss_says_how_far_it_fell_short() -> None:
    index = known(report(1, category=Category.TRA_ROAD), sighting())
    found = ask(index, report(2, category=Category.TRA_ROAD), sighting(at=T0 + minutes(120)))
    assert isinstance(found, NoMatch)
    assert "0.673 of 0.7 needed" in found.reason


def test_a_flood_in_a_commune_belongs_to_the_storm_over_its_province_but_not_the_reverse() -> None:
    province, commune = sighting(None, areas=("66",)), sighting(areas=("19774", "66"))
    assert isinstance(ask(known(report(1), province), report(2), commune), Match)
    assert isinstance(ask(known(report(1), commune), report(2), province), NoMatch)


def test_two_boats_lost_in_one_stretch_of_sea_stay_two() -> None:
    sea = sighting(None, areas=("bien-dong-1",))
    index = known(report(1, category=Category.SAR_SEA), sea)
    assert isinstance(ask(index, report(2, category=Category.SAR_SEA), sea), NoMatch)


def test_routine_papers_are_never_joined_by_likeness() -> None:
    index = known(report(1, category=Category.RDY_DUTY), sighting())
    assert isinstance(ask(index, report(2, category=Category.RDY_DUTY), sighting()), NoMatch)


def test_the_closest_of_several_wins_and_equals_are_settled_by_id() -> None:
    index = OpenIncidents()
    first, second = (opened(report(n), sighting(at=T0 + minutes(wait))) for n, wait in ((1, 0), (2, 100)))
    twin = opened(report(3), sighting(at=T0 + minutes(100)))
    for event in (first, second, twin):
        index.apply(event)
    found = ask(index, report(4), sighting(at=T0 + minutes(100)))
    assert isinstance(found, Match)
    assert found.incident == min(second.data.incident, twin.data.incident)


def test_an_update_follows_its_earlier_report_whatever_it_looks_like_now() -> None:
    index = known(report(1), sighting())
    later = report(2, category=Category.SAR_COLL, references=(uid("nothing"), uid("report", 1)))
    found = ask(index, later, sighting("00001", at=T0 + timedelta(days=3)))
    assert isinstance(found, Match)
    assert found.correlation.score == 1
    assert found.correlation.reasons == (ReportFollowed(points=1.0),)


def test_another_senders_report_id_refers_to_nothing() -> None:
    """Breaks if report ids counted without their sender: anyone could attach to anyone's incident by guessing."""
    index = known(report(1), sighting())
    later = report(2, category=Category.SAR_COLL, references=(uid("report", 1),))
    assert isinstance(ask(index, later, sighting(), OTHERS), NoMatch)


def test_an_incident_named_and_open_is_taken_at_its_word() -> None:
    index = known(report(1), sighting())
    incident = opened(report(1), sighting()).data.incident
    found = ask(index, report(2, category=Category.SAR_COLL, incident=incident), sighting(None))
    assert isinstance(found, Match)
    assert found.correlation.reasons == (IncidentNamed(points=1.0),)


def test_an_incident_named_but_unknown_leaves_likeness_to_decide() -> None:
    index = known(report(1), sighting())
    assert isinstance(ask(index, report(2, incident=uid("unknown")), sighting()), Match)


def test_a_situation_report_is_joined_to_the_only_incident_of_its_area_and_period() -> None:
    index = known(report(1), sighting())
    found = ask(index, situation(), sighting())
    assert isinstance(found, Match)
    assert found.correlation == correlation(SameCommune(area="19774", points=0.4), OnlyIncident(points=0.3))
    by_province = known(report(1), sighting(None, areas=("66",)))
    assert isinstance(ask(by_province, situation(), sighting(areas=("19774", "66"))), Match)


def test_a_situation_report_over_several_incidents_is_joined_to_none() -> None:
    index = known(report(1), sighting())
    index.apply(opened(report(2, category=Category.TRA_ROAD), sighting()))
    found = ask(index, situation(), sighting())
    assert isinstance(found, NoMatch)
    assert found.reason.startswith("2 open incidents")


@pytest.mark.parametrize(
    "changes",
    [
        {"window": ReportingWindow(since=T0 - timedelta(days=30), until=T0 + minutes(1))},
        {"window": ReportingWindow(since=T0 + minutes(1), until=T0 + timedelta(hours=3))},
        {"window": None, "incident": uid("unknown")},
    ],
    ids=["a month", "another period", "an unknown incident"],
)
def test_a_situation_report_about_something_else_is_joined_to_none(changes: dict[str, Any]) -> None:
    index = known(report(1), sighting())
    assert isinstance(ask(index, situation(**changes), sighting()), NoMatch)


def test_a_nil_report_is_joined_only_to_the_incident_it_names() -> None:
    """Joined to the only open incident around, 'nothing new' would stand in that incident's record as news of it."""
    index = known(report(1), sighting())
    incident = opened(report(1), sighting()).data.incident
    assert isinstance(ask(index, situation(nil=True), sighting()), NoMatch)
    assert isinstance(ask(index, situation(nil=True, incident=incident), sighting()), Match)


def test_a_situation_report_names_its_incident() -> None:
    index = known(report(1), sighting())
    incident = opened(report(1), sighting()).data.incident
    assert isinstance(ask(index, situation(window=None, incident=incident), sighting(None)), Match)


def test_a_report_about_an_incident_that_is_full_is_about_the_next_most_alike() -> None:
    one, other = report(1), report(2)
    index = known(one, sighting())
    index.apply(opened(other, sighting()))
    incident, second = (opened(each, sighting()).data.incident for each in (one, other))
    later, seen = report(3, references=(uid("report", 1),)), sighting()
    named, near = index.named_by(later, SENDER), index.near(later, seen)
    for full, expected in ((set(), incident), ({incident}, second)):
        found = correlate(later, seen, named, near, full)
        assert isinstance(found, Match)
        assert found.incident == expected
    assert isinstance(correlate(later, seen, named, near, {incident, second}), NoMatch)


def test_a_situation_report_is_joined_to_no_other_incident_than_it_names() -> None:
    """Breaks if what an agency says of one incident stood in the record of its neighbour, because that one has room."""
    index = known(report(1), sighting())
    index.apply(opened(report(2), sighting()))
    incident = opened(report(1), sighting()).data.incident
    later, seen = situation(incident=incident), sighting()
    found = correlate(later, seen, index.named_by(later, SENDER), index.near(later, seen), {incident})
    assert isinstance(found, NoMatch)
    assert "no further place" in found.reason


def test_a_sighting_keeps_only_positions_that_tell_two_spots_apart() -> None:
    ring = ((10.0, 105.0), (10.1, 105.0), (10.1, 105.1), (10.0, 105.0))
    places = (
        Point(lat=10, lon=105),
        Point(lat=10, lon=105),
        Point(lat=11, lon=105, accuracy_m=5000),
        Circle(lat=12, lon=105, radius_km=1),
        Circle(lat=13, lon=105, radius_km=50),
        Polygon(ring=ring),
        AdminArea(code="19774", valid_on=T0.date()),
    )
    seen = sighting_of(report(places=places), ("19774",), ("19774", "66"), T0)
    assert seen.points == ((10, 105), (12, 105))
    assert (seen.communes, seen.areas, seen.occurred_at) == (("19774",), ("19774", "66"), T0)


def test_distances_agree_with_the_length_of_a_degree() -> None:
    assert distance_km((10, 105), (11, 105)) == pytest.approx(111.195, abs=0.01)
    assert distance_km((60, 105), (60, 106)) == pytest.approx(55.6, abs=0.1)


def test_likeness_is_mutual_and_begins_with_the_category_itself() -> None:
    for category in Category:
        for other in like(category):
            assert category in like(other)
        assert like(category)[:1] == (category,) or category.family == "RDY"


def test_a_joined_report_is_recorded_with_its_sighting() -> None:
    seen = sighting("00001")
    _, events = after(None, opening(sighting=sighting()), joining(report(2), sighting=seen))
    assert events[0].data.sighting == seen  # type: ignore[union-attr]  # an update has one
