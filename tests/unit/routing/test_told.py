"""Every desk that is asked is told what the reports say: words, figures with their sources, the scene; no less."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from contracts.codes import CountOf, Role, Unit
from contracts.decisions import Addressee, Decision, Discretion
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchUpdated
from contracts.places import AdminArea, Circle, Described, Point, Polygon
from contracts.reports import Count, IncidentReport, Methane, Report
from contracts.scenes import Scene
from services.routing.incident.told import MOST_TEXT, NOTHING, Told, told_of
from tests.strategies import incident_reports, reports
from tests.unit.routing.cases import (
    CITATION,
    COMMUNE,
    POLICE,
    PROVINCE,
    T0,
    after,
    assignment,
    dispatch_of,
    joining,
    opening,
    report,
)

MISSING: Final = Count(of=CountOf.MISSING, value=3, unit=Unit.PERSON, source="UBND xã An Phú")
HERE: Final = Point(lat=16.46371, lon=107.59094)
FULL: Final[dict[str, Any]] = {
    "description": "Đê bao vỡ 20 m, nước tràn vào thôn 3",
    "counts": (MISSING,),
    "methane": Methane(
        exact_location="Cống số 2, thôn 3",
        hazards="Điện còn, nước chảy xiết",
        access="Chỉ vào được từ quốc lộ 49",
        services_present=("Dân quân xã",),
        services_required=("Xuồng máy",),
    ),
    "measures_taken": "Đã di dời 40 hộ",
    "requests": ("2 xuồng", "áo phao"),
    "forecast": "Nước còn lên đến 22 giờ",
    "places": (AdminArea(code="19774", valid_on=T0.date()), HERE),
}


def test_the_dispatch_says_everything_the_report_says_of_the_scene() -> None:
    """An officer woken at three learns from the dispatch alone how many are missing and by which road to come."""
    state, _ = after(None, opening(assignment(COMMUNE), assignment(POLICE, Role.INFORM), filed=report(**FULL)))
    for desk in (COMMUNE, POLICE):
        issued = dispatch_of(state, desk)
        assert (issued.text, issued.counts) == (FULL["description"], (MISSING,))
        assert issued.scene == Scene(
            exact_location="Cống số 2, thôn 3",
            hazards="Điện còn, nước chảy xiết",
            access="Chỉ vào được từ quốc lộ 49",
            services_present=("Dân quân xã",),
            services_required=("Xuồng máy",),
            measures_taken="Đã di dời 40 hộ",
            requests=("2 xuồng", "áo phao"),
            forecast="Nước còn lên đến 22 giờ",
            position=HERE,
            areas=("19774",),
        )


def test_a_desk_brought_in_later_is_told_what_the_earlier_ones_were_told_since() -> None:
    state, _ = after(None, opening(assignment(COMMUNE), filed=report(**FULL)))
    more = Count(of=CountOf.MISSING, value=5, unit=Unit.PERSON, source="UBND xã An Phú")
    other = Count(of=CountOf.MISSING, value=4, unit=Unit.PERSON, source="Công an xã")
    state, events = after(state, joining(report(2, description="Thêm 2 người mất tích", counts=(more,))))
    state, _ = after(state, joining(report(3, methane=Methane(access="Quốc lộ 49 ngập"), counts=(other,))))

    told = [e.data for e in events if isinstance(e.data, DispatchUpdated)]
    assert [(one.text, one.counts, one.scene) for one in told] == [("Thêm 2 người mất tích", (more,), None)]
    _, events = after(state, joining(report(4), assigned(COMMUNE, PROVINCE)))
    (issued,) = (event.data for event in events if isinstance(event.data, DispatchIssued))
    assert issued.addressee == PROVINCE
    assert issued.text == f"Thêm 2 người mất tích\n\n{FULL['description']}"
    assert issued.counts == (other, more), "the newest figure of each source, never a sum"
    assert issued.scene is not None
    assert issued.scene.access == "Quốc lộ 49 ngập"
    assert issued.scene.hazards == "Điện còn, nước chảy xiết"


def assigned(*desks: Addressee) -> Decision:
    return opening(*(assignment(desk) if desk == COMMUNE else assignment(desk, Role.DIRECT) for desk in desks)).decision


@pytest.mark.parametrize(("others_see", "about"), [("commune", None), ("rounded", Point(lat=16.5, lon=107.6))])
def test_a_desk_that_may_not_know_where_is_told_figures_and_the_area(others_see: Any, about: Point | None) -> None:
    rule = Discretion(
        rule="p1",
        exact_for=(Role.LEAD,),
        others_see=others_see,
        place="xã An Phú",
        reason_vi="Công trình",
        reason_en="Works",
        citation=CITATION,
    )
    named = Count(of=CountOf.INJURED, value=1, unit=Unit.PERSON, source="Đội bảo vệ kho K5")
    hidden = told_of(report(counts=(named,))).for_others(rule.model_copy(update={"names": ("Kho K5",)}))
    assert hidden.counts[0].source == "Đội bảo vệ […]"
    told = told_of(report(**FULL)).for_others(rule)
    assert told == Told(None, (MISSING,), Scene(position=about, areas=("19774",)))
    assert told_of(report(**FULL)).for_others(rule.model_copy(update={"place": None})).scene in (
        None,
        Scene(position=about),
    )


@pytest.mark.parametrize(
    ("place", "middle"),
    [
        (Circle(lat=16.0, lon=107.0, radius_km=2), Point(lat=16.0, lon=107.0, accuracy_m=2000)),
        (Circle(lat=16.0, lon=107.0, radius_km=500), None),
        (Polygon(ring=((16, 107), (16, 108), (17, 108), (16, 107))), Point(lat=16.5, lon=107.5, accuracy_m=55_660)),
        (Described(text="thôn 3"), None),
    ],
)
def test_a_map_is_given_the_middle_of_what_a_report_draws(place: Any, middle: Point | None) -> None:
    scene = told_of(report(places=(place,))).scene
    assert (scene and scene.position) == middle


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports(), reports())
def test_the_same_again_adds_nothing_and_nothing_of_the_newest_is_lost(one: Report, two: Report) -> None:
    first, second = told_of(one), told_of(two)
    both = first.after(second)
    assert both.after(second) == both
    assert first.after(NOTHING) == NOTHING.after(first) == first
    assert set(second.counts) <= set(both.counts)
    assert len(both.text or "") <= MOST_TEXT


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(incident_reports())
def test_what_a_report_leaves_open_is_left_out(filed: IncidentReport) -> None:
    told = told_of(filed)
    assert told.text == filed.description
    if told.scene is not None:
        assert told.scene != Scene()
        assert told.scene.requests == (filed.requests or None)
