"""What a report does to an incident: opening, joining, and who is brought in."""

import pytest

from contracts.codes import Role, Severity, Space, Status
from contracts.events import DispatchIssued, IncidentOpened, IncidentUpdated
from contracts.identifiers import derived_id
from contracts.places import AdminArea, Described, Point, Polygon
from contracts.reports import Methane
from services.routing.incident.decide import decide, fold, incident_id
from services.routing.incident.places import POSITION_UNKNOWN, place_line
from services.routing.incident.state import NAMED_REPORTS
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    T0,
    accepted,
    acknowledging,
    after,
    assignment,
    decision,
    dispatch_of,
    joining,
    minutes,
    names,
    opening,
    report,
    silence,
)


def test_an_opening_issues_one_dispatch_per_assignment_and_names_the_lead() -> None:
    state, events = after(None, opening(assignment(), assignment(POLICE, Role.COORDINATE)))
    assert names(events) == ["IncidentOpened", "DispatchIssued", "DispatchIssued"]
    assert state.lead == COMMUNE
    assert state.incident == incident_id(accepted())
    assert {d.issued.addressee for d in state.dispatches.values()} == {COMMUNE, POLICE}


def test_events_carry_their_cause_and_are_recorded_where_their_reader_looks() -> None:
    source = accepted()
    _, events = after(None, opening(at=T0 + minutes(1)))
    course, dispatch = events
    assert {e.causationid for e in events} == {source.id}
    assert {e.correlationid for e in events} == {source.correlationid}
    assert {e.time for e in events} == {T0 + minutes(1)}
    assert {e.incidentid for e in events} == {incident_id(source)}
    assert {e.source for e in events} == {"/phoihop/routing"}
    assert course.subject == f"actual.incident.{incident_id(source)}.course"
    assert dispatch.subject == f"actual.incident.{incident_id(source)}.dispatch.ubnd-x-an-phu.truc-ban"
    assert course.id == derived_id(source.id, "IncidentOpened")
    assert (course.type, course.dataschema) == ("phoihop.IncidentOpened.v1", "urn:phoihop:schema:IncidentOpened:1")


def test_an_exercise_report_opens_an_incident_in_the_exercise_space_only() -> None:
    """Breaks if any subject or dispatch of an exercise were built from anything but the report's own status."""
    state, events = after(None, opening(filed=report(status=Status.EXERCISE)))
    assert all(e.subject.startswith("exercise.") for e in events)
    assert state.space is Space.EXERCISE
    assert dispatch_of(state).space is Space.EXERCISE


def test_a_report_that_is_never_routed_opens_nothing() -> None:
    with pytest.raises(ValueError, match="never routed"):
        decide(None, opening(filed=report(status=Status.DRAFT)))


def test_the_deadline_counts_from_the_message_and_an_informed_desk_has_none() -> None:
    told = assignment(POLICE, Role.INFORM, acknowledge_within=minutes(5))
    state, _ = after(None, opening(assignment(), told, at=T0 + minutes(2)))
    assert [o.due for o in dispatch_of(state).obligations] == [T0 + minutes(17)]
    assert dispatch_of(state, POLICE).obligations == ()
    assert [o.due for o in state.unmet] == [T0 + minutes(17)]


def test_a_desk_assigned_twice_in_one_role_gets_one_dispatch() -> None:
    state, events = after(None, opening(assignment(), assignment(rule="another")))
    assert names(events) == ["IncidentOpened", "DispatchIssued"]
    assert dispatch_of(state).rule == "r-lead"


def test_opening_again_adds_nothing() -> None:
    state, _ = after(None, opening())
    assert decide(state, opening(at=T0 + minutes(9))) == ()


def test_joining_an_incident_that_was_never_opened_is_an_error() -> None:
    with pytest.raises(ValueError, match="never opened"):
        decide(None, joining(report(2)))


def test_joining_without_a_decision_records_the_report_and_tells_the_desks() -> None:
    state, events = after(None, opening(), joining(report(2, severity=Severity.EXTREME)))
    assert names(events) == ["IncidentUpdated", "DispatchUpdated"]
    assert state.severity is Severity.EXTREME
    assert len(state.reports) == 2


def test_a_milder_report_does_not_lower_the_severity() -> None:
    state, _ = after(None, opening(), joining(report(2, severity=Severity.UNKNOWN)))
    assert state.severity is Severity.MODERATE


def test_a_report_is_joined_once_whatever_comes_with_it() -> None:
    state, _ = after(None, opening(), joining(report(2)))
    assert decide(state, joining(report(2), decision(assignment(PROVINCE)), at=T0 + minutes(30))) == ()


def test_joining_brings_in_only_desks_that_hold_no_such_role_and_moves_no_deadline() -> None:
    """Breaks if a repeated assignment were issued again, which would restart or shorten a running deadline."""
    more = decision(assignment(acknowledge_within=minutes(1)), assignment(POLICE, Role.COORDINATE))
    state, events = after(None, opening(), joining(report(2), more))
    assert names(events) == ["IncidentUpdated", "DispatchUpdated", "DispatchIssued"]
    assert dispatch_of(state, POLICE).reports == state.reports
    assert [o.due for o in dispatch_of(state).obligations] == [T0 + minutes(15)]


def test_a_decision_that_changes_nobody_is_recorded_with_the_facts_it_looked_at() -> None:
    """Breaks if only changes were recorded: a later report would be decided without what this one added."""
    again = decision(assignment())
    _, events = after(None, opening(), joining(report(2), again))
    assert names(events) == ["IncidentUpdated", "DispatchUpdated"]
    assert isinstance(events[0].data, IncidentUpdated)
    assert events[0].data.decision == again


def test_another_lead_relieves_the_first_which_is_told_and_stays_as_coordinator() -> None:
    """Breaks if two desks could read on their own boards that they lead and nothing newer."""
    state, events = after(None, opening(), joining(report(2), decision(assignment(PROVINCE, rule="cross-commune"))))
    assert state.lead == PROVINCE
    assert [(desk, role) for desk, role in state.holdings if role is Role.LEAD] == [(PROVINCE, Role.LEAD)]
    told = dispatch_of(state, COMMUNE)
    assert (told.role, told.rule) == (Role.COORDINATE, "cross-commune")
    assert names(events) == [
        "IncidentUpdated",
        "DispatchUpdated",
        "DispatchIssued",
        "DispatchIssued",
        "ObligationExcused",
        "DispatchReleased",
    ]


def test_a_former_lead_the_decision_mentions_gets_the_role_it_names() -> None:
    swapped = decision(assignment(PROVINCE), assignment(COMMUNE, Role.ADVISE))
    state, _ = after(None, opening(), joining(report(2), swapped))
    assert dispatch_of(state, COMMUNE).role is Role.ADVISE


def test_a_former_lead_is_told_even_a_role_it_had_before() -> None:
    """Breaks if a role it holds already were reason to tell it nothing: the newest it heard would be that it leads."""
    state, _ = after(None, opening(assignment(), assignment(POLICE, Role.COORDINATE)))
    state, _ = after(state, joining(report(2), decision(assignment(POLICE))))
    state, _ = after(state, joining(report(3), decision(assignment(PROVINCE), assignment(POLICE, Role.COORDINATE))))
    assert [(d.issued.addressee, d.issued.role) for d in state.dispatches.values()][-2:] == [
        (PROVINCE, Role.LEAD),
        (POLICE, Role.COORDINATE),
    ]


def test_who_leads_again_is_asked_again() -> None:
    """Breaks if an acknowledgement of the first lead were taken for one of the second."""
    state, _ = after(None, opening())
    first = dispatch_of(state)
    state, _ = after(state, acknowledging(first), joining(report(2), decision(assignment(PROVINCE))))
    state, _ = after(state, joining(report(3), decision(assignment(COMMUNE)), at=T0 + minutes(9)))
    again = dispatch_of(state, COMMUNE, Role.LEAD)
    assert state.lead == COMMUNE
    assert again.dispatch != first.dispatch
    assert state.dispatches[again.dispatch].acknowledged is None


def test_a_decision_without_a_lead_leaves_the_lead_where_it_is() -> None:
    state, _ = after(None, opening(), joining(report(2), decision(assignment(POLICE, Role.COORDINATE))))
    assert state.lead == COMMUNE


def test_a_dispatch_names_the_first_and_the_newest_reports_only() -> None:
    """Breaks if the dispatch grew with every report: a storm's thousandth would exceed the message size."""
    state, _ = after(None, opening(), *(joining(report(n)) for n in range(2, 100)))
    assert len(state.reports) == NAMED_REPORTS
    assert state.reports[0].event == accepted().id
    assert state.reports[-1].event == accepted(report(99)).id
    assert len(state.joined) == 99
    _, events = after(state, silence(dispatch_of(state)))
    assert names(events) == ["DispatchRepeated"]


def test_deciding_twice_yields_the_same_bytes() -> None:
    command = opening(assignment(), assignment(POLICE, Role.COORDINATE))
    first, second = decide(None, command), decide(None, command)
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert [e.to_bytes() for e in first] == [e.to_bytes() for e in second]
    assert fold(first) == fold(second)


def test_a_place_given_by_the_register_goes_before_the_reports_own_words() -> None:
    state, _ = after(None, opening(place="Xã An Phú, tỉnh Đắk Lắk"))
    assert dispatch_of(state).place == "Xã An Phú, tỉnh Đắk Lắk"


def test_a_dispatch_for_a_joined_report_without_a_place_keeps_the_known_one() -> None:
    later = joining(report(2), decision(assignment(), assignment(POLICE, Role.COORDINATE)))
    state, _ = after(None, opening(place="Xã An Phú"), later)
    assert dispatch_of(state, POLICE).place == "Xã An Phú"


def test_a_place_reads_words_before_names_and_names_before_figures() -> None:
    ring = ((10.0, 105.0), (10.1, 105.0), (10.1, 105.1), (10.0, 105.0))
    filed = report(
        places=(
            Point(lat=10.5, lon=105.25),
            AdminArea(code="19774", valid_on=T0.date(), name="Xã An Phú"),
            Described(text="đầu cầu số 2"),
            Polygon(ring=ring),
        ),
        methane=Methane(exact_location="km 12"),
    )
    assert place_line(filed) == "km 12; đầu cầu số 2; Xã An Phú; 10.50000, 105.25000; 3 × (10.00000, 105.00000 …)"
    assert place_line(report()) == POSITION_UNKNOWN


def test_a_long_place_is_cut_to_one_line() -> None:
    state, events = after(None, opening(filed=report(places=tuple(Described(text=f"{n}" * 150) for n in range(1, 4)))))
    assert len(dispatch_of(state).place) == 200
    assert isinstance(events[0].data, IncidentOpened)
    assert isinstance(events[1].data, DispatchIssued)
