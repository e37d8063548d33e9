"""Facts come from reports: codes with dates, figures, flags. Nothing is guessed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.codes import CountOf, Severity, Status, Unit, UrgencyMark
from contracts.places import AdminArea, Described, Point
from contracts.reports import Count, IncidentReport, Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.facts import facts_of, joined
from tests.unit.regulations.conftest import AT, States

TODAY = date(2026, 11, 22)


def report(**other: Any) -> IncidentReport:
    given: dict[str, Any] = {
        "report": uuid4(),
        "status": Status.ACTUAL,
        "sent": AT,
        "observed_at": AT,
        "category": Category.NAT_FLOOD,
        "headline": "Nước lên nhanh",
    } | other
    return IncidentReport(**given)


def area(code: str, valid_on: date = TODAY) -> AdminArea:
    return AdminArea(code=code, valid_on=valid_on)


def test_areas_come_most_specific_first_with_their_communes(reference: Reference) -> None:
    places = (area("46"), area("hue-vanh-dai-a-luoi"), area("19819"))
    facts = facts_of(report(places=places), "ubnd-x-phong-dien", reference.register, AT)
    assert facts.areas[0] == "hue-vanh-dai-a-luoi"
    assert facts.areas[-1] == "46"
    assert set(facts.communes) == {"20056", "20101", "19819"}


@pytest.mark.parametrize("code", ["07246", "07249", "24"])
def test_an_old_code_dated_before_the_reform_names_no_area_of_today(code: str, reference: Reference) -> None:
    """07246 dated 2025-06-30 is Canh Nậu; taking it for Xuân Lương would send the report to the wrong place."""
    facts = facts_of(report(places=(area(code, date(2025, 6, 30)),)), "x", reference.register, AT)
    assert (facts.areas, facts.communes) == ((), ())


def test_a_code_counts_with_its_own_date(reference: Reference) -> None:
    june = datetime(2025, 6, 20, tzinfo=UTC)
    old = report(places=(area("07249", date(2025, 6, 1)),), observed_at=june)
    assert facts_of(old, "x", reference.register, AT).communes == ("07249",)


def test_the_reporters_own_area_is_never_taken_for_the_place(reference: Reference) -> None:
    """A border guard may report what he sees from another commune: coverage of a sender says nothing of the place."""
    places = (Point(lat=16.5, lon=107.5), Described(text="gần cầu An Lỗ"))
    facts = facts_of(report(places=places), "ubnd-x-phong-dien", reference.register, AT)
    assert (facts.areas, facts.communes, facts.position_unknown) == ((), (), False)


def test_an_unknown_position_is_what_the_sender_said_not_a_place_left_out(reference: Reference) -> None:
    assert facts_of(report(position_unknown=True), "x", reference.register, AT).position_unknown


@pytest.mark.parametrize(
    ("of", "value", "casualties"),
    [(CountOf.MISSING, 1, True), (CountOf.DEAD, 0, False), (CountOf.AFFECTED, 40, False), (CountOf.TRAPPED, 2, True)],
)
def test_casualties_are_people_harmed_missing_or_trapped(
    of: CountOf,
    value: float,
    casualties: bool,  # noqa: FBT001  # a parametrized expectation
    reference: Reference,
) -> None:
    counts = (Count(of=of, value=value, unit=Unit.PERSON, source="công an xã"),)
    assert facts_of(report(counts=counts), "x", reference.register, AT).casualties is casualties


def test_a_clock_that_runs_ahead_does_not_choose_the_law(reference: Reference) -> None:
    """Otherwise a sender could pick tomorrow's law by its clock."""
    ahead = facts_of(report(observed_at=AT + timedelta(days=400)), "x", reference.register, AT)
    behind = facts_of(report(observed_at=AT - timedelta(hours=3)), "x", reference.register, AT)
    assert (ahead.occurred_at, behind.occurred_at) == (AT, AT - timedelta(hours=3))


def test_a_further_report_widens_the_facts_and_keeps_the_first_reporter(reference: Reference, state: States) -> None:
    known = state("NAT-FLOOD", "19819", severity=Severity.MODERATE, disaster_risk=2, first_reporter="a")
    further = state(
        *("NAT-WX", "19858"),
        severity=Severity.UNKNOWN,
        urgency_mark=UrgencyMark.HOA_TOC,
        disaster_risk=1,
        civil_defence=1,
        casualties=True,
        occurred_at=AT - timedelta(hours=1),
        first_reporter="b",
    )
    both = joined(known, further, reference.register)
    assert both.communes == ("19819", "19858")
    assert (both.category, both.first_reporter) == (Category.NAT_FLOOD, "a")
    assert (both.severity, both.urgency_mark) == (Severity.MODERATE, UrgencyMark.HOA_TOC)
    assert both.scales == Scales(disaster_risk=2, civil_defence=1)
    assert both.casualties
    assert both.occurred_at == AT - timedelta(hours=1)


def test_joining_the_same_report_again_changes_nothing(reference: Reference, state: States) -> None:
    facts = state("NAT-FLOOD", "19819", "46", disaster_risk=2)
    assert joined(facts, facts, reference.register) == joined(
        joined(facts, facts, reference.register), facts, reference.register
    )


@pytest.mark.parametrize(
    ("areas", "still_unknown"),
    [((), True), (("hue-ven-bo",), False)],
)
def test_only_a_report_that_names_an_area_ends_the_search(
    areas: tuple[str, ...],
    still_unknown: bool,  # noqa: FBT001  # a parametrized expectation
    reference: Reference,
    state: States,
) -> None:
    lost = state("SAR-SEA", position_unknown=True)
    assert joined(lost, state("SAR-SEA", *areas), reference.register).position_unknown is still_unknown
