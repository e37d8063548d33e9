"""A dispatch to an empty desk tells another one at once, in addition; duty and deadlines stay where they are."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from contracts.codes import Role
from contracts.decisions import Addressee
from contracts.lifecycle import DispatchDiverted
from services.routing.incident.decide import Incident, evolve
from services.routing.incident.diverting import Noticed, divert, waiting
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
    silence,
    uid,
    unanswered,
)

EMPTY, GONE = Absence("unstaffed"), Absence("offline")
LATER = T0 + minutes(5)


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


def left(state: Incident, why: Absence, at: datetime = LATER) -> tuple[Incident, tuple[IncidentEvent, ...]]:
    """The commune's desk went when the dispatch was out already."""
    absent = {COMMUNE: why}
    told: list[IncidentEvent] = []
    for dispatch in tuple(waiting(state, COMMUNE)):
        for event in divert(state, dispatch, absent.get, Noticed(uid("offline"), at)):
            state = evolve(state, event)
            told.append(event)
    return state, tuple(told)


@pytest.mark.parametrize("why", [EMPTY, GONE])
def test_what_waits_at_a_desk_that_goes_is_told_to_the_next_with_its_time_counted_from_then(
    state: Incident, why: Absence
) -> None:
    """Breaks when a desk that goes offline takes its open dispatches with it until their deadlines."""
    told, events = left(state, why)

    assert names(list(events)) == ["DispatchDiverted", "DispatchIssued"]
    assert isinstance(events[0].data, DispatchDiverted)
    assert (events[0].data.reason, events[0].causationid) == (why.reason, uid("offline"))
    assert dispatch_of(told, PROVINCE).obligations[0].due == LATER + minutes(15)
    assert told.dispatches[dispatch_of(told).dispatch].owes == state.dispatches[dispatch_of(state).dispatch].owes


def test_coming_back_and_going_again_tells_nobody_twice(state: Incident) -> None:
    """Breaks when a flapping line sends the same duty to the superior over and over."""
    told, _ = left(state, GONE)

    assert left(told, EMPTY, LATER + minutes(1))[1] == ()
    assert diverted(told, {COMMUNE: GONE})[1] == ()
    at_once, _ = diverted(state, {COMMUNE: EMPTY})
    assert left(at_once, GONE)[1] == ()


def test_what_was_answered_escalated_or_only_informs_does_not_wait(state: Incident) -> None:
    answered, _ = after(state, acknowledging(dispatch_of(state), at=SOON))
    escalated, _ = unanswered(state, dispatch_of(state))
    repeated, _ = after(state, silence(dispatch_of(state)))

    assert left(answered, GONE)[1] == ()
    assert left(escalated, GONE)[1] == ()
    assert list(waiting(state, POLICE)) == []
    assert names(list(left(repeated, GONE, T0 + minutes(16))[1])) == ["DispatchDiverted", "DispatchIssued"]


def test_a_desk_that_is_back_when_its_going_is_looked_at_keeps_its_work_to_itself(state: Incident) -> None:
    (dispatch,) = waiting(state, COMMUNE)
    assert divert(state, dispatch, lambda _desk: None, Noticed(uid("offline"), LATER)) == ()


def test_deciding_again_yields_the_same_facts(state: Incident) -> None:
    assert diverted(state, {COMMUNE: EMPTY})[1] == diverted(state, {COMMUNE: EMPTY})[1]
