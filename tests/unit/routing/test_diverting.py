"""A dispatch to an empty desk tells another one at once, in addition; duty and deadlines stay where they are."""

from collections.abc import Mapping

import pytest

from contracts.codes import Role
from contracts.decisions import Addressee
from contracts.lifecycle import DispatchDiverted
from services.routing.incident.decide import Incident, evolve
from services.routing.incident.diverting import divert
from services.routing.incident.recording import IncidentEvent
from services.routing.presence.signs import Absence
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    T0,
    TOP,
    acknowledging,
    after,
    assignment,
    dispatch_of,
    minutes,
    names,
    opening,
    unanswered,
)

EMPTY, GONE = Absence("unstaffed"), Absence("offline")


@pytest.fixture
def state() -> Incident:
    """One incident led by the commune, with its chain of province and top desk; the police are only informed."""
    lead = assignment(escalation=(PROVINCE, TOP))
    return after(None, opening(lead, assignment(POLICE, Role.INFORM)))[0]


def diverted(
    state: Incident, absent: Mapping[Addressee, Absence], desk: Addressee = COMMUNE
) -> tuple[Incident, tuple[IncidentEvent, ...]]:
    """What follows from the dispatch of a desk, and the incident with it."""
    events = divert(state, dispatch_of(state, desk).dispatch, absent.get)
    for event in events:
        state = evolve(state, event)
    return state, events


@pytest.mark.parametrize("why", [EMPTY, GONE])
def test_the_next_of_the_chain_is_told_at_once_with_a_deadline_of_its_own(state: Incident, why: Absence) -> None:
    told, events = diverted(state, {COMMUNE: why})
    heir = dispatch_of(told, PROVINCE)

    assert names(list(events)) == ["DispatchDiverted", "DispatchIssued"]
    assert isinstance(events[0].data, DispatchDiverted)
    assert (events[0].data.reason, events[0].data.next) == (why.reason, heir.dispatch)
    assert (heir.role, heir.escalation, heir.escalated_from) == (
        Role.DIRECT,
        (TOP,),
        dispatch_of(told, COMMUNE).dispatch,
    )
    assert heir.obligations[0].due == T0 + minutes(15)


def test_the_duty_stays_with_the_desk_that_was_addressed(state: Incident) -> None:
    """Breaks when diverting moves the lead, ends a deadline, or keeps whoever comes back from answering."""
    told, _ = diverted(state, {COMMUNE: EMPTY})
    before, now = (one.dispatches[dispatch_of(one).dispatch] for one in (state, told))

    assert told.lead == COMMUNE
    assert (now.owes, now.standing, now.version) == (before.owes, before.standing, before.version)
    answered, events = after(told, acknowledging(dispatch_of(told), at=SOON))
    assert names(events)[0] == "DispatchAcknowledged"
    assert answered.lead == COMMUNE


def test_silence_goes_on_behind_whoever_was_told_already(state: Incident) -> None:
    """Breaks when the same deputy is asked twice, or the chain ends early."""
    told, _ = diverted(state, {COMMUNE: EMPTY})
    told, events = unanswered(told, dispatch_of(told))

    assert names(events) == ["DispatchEscalated", "DispatchIssued"]
    assert dispatch_of(told, TOP).escalated_from == dispatch_of(told).dispatch


def test_desks_that_are_empty_too_are_passed_over(state: Incident) -> None:
    told, events = diverted(state, {COMMUNE: EMPTY, PROVINCE: GONE})

    assert isinstance(events[0].data, DispatchDiverted)
    assert (events[0].data.next, events[0].data.passed) == (dispatch_of(told, TOP).dispatch, 2)


def test_where_nobody_is_there_at_all_that_is_on_record_and_the_chain_is_whole(state: Incident) -> None:
    told, events = diverted(state, {COMMUNE: EMPTY, PROVINCE: GONE, TOP: EMPTY})

    assert names(list(events)) == ["DispatchDiverted"]
    assert isinstance(events[0].data, DispatchDiverted)
    assert (events[0].data.next, events[0].data.passed) == (None, 0)
    assert names(unanswered(told, dispatch_of(told))[1]) == ["DispatchEscalated", "DispatchIssued"]


def test_the_desk_that_the_empty_one_named_comes_first_and_uses_up_nothing(state: Incident) -> None:
    told, events = diverted(state, {COMMUNE: Absence("unstaffed", POLICE)})

    assert isinstance(events[0].data, DispatchDiverted)
    assert events[0].data.passed == 0
    assert dispatch_of(told, POLICE, Role.DIRECT).escalation == (PROVINCE, TOP)
    assert dispatch_of(told, POLICE, Role.DIRECT).dispatch == events[0].data.next


@pytest.mark.parametrize("unfit", [{POLICE: GONE}, {}], ids=["named desk offline", "named itself"])
def test_a_named_desk_that_cannot_be_told_is_passed_over(state: Incident, unfit: dict[Addressee, Absence]) -> None:
    named = POLICE if unfit else COMMUNE
    told, _ = diverted(state, {COMMUNE: Absence("unstaffed", named)} | unfit)

    assert dispatch_of(told, PROVINCE).role is Role.DIRECT


def test_nothing_is_diverted_from_a_desk_that_is_there_or_is_only_informed(state: Incident) -> None:
    """Breaks when desks drown in copies of what asks nothing of anybody."""
    assert diverted(state, {PROVINCE: EMPTY})[1] == ()
    assert diverted(state, {POLICE: EMPTY}, POLICE)[1] == ()


def test_deciding_again_yields_the_same_facts(state: Incident) -> None:
    assert diverted(state, {COMMUNE: EMPTY})[1] == diverted(state, {COMMUNE: EMPTY})[1]
