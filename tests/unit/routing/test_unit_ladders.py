"""What a unit is shown of its own reports: who got them and how far each is; never an officer, never another's."""

from dataclasses import replace
from uuid import UUID

from contracts import subjects
from contracts.actions import Accept
from contracts.codes import Role, Space
from contracts.ladders import ReportLadder, Rung
from contracts.subjects import Origin
from services.routing.incident.commands import Act
from services.routing.incident.decide import Incident
from services.routing.ladders.handlers import BYTES_A_SECOND, GATHER_SECONDS, SHOWN_A_SECOND, pause_after
from services.routing.ladders.telling import Moment, Told, ladders
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SENDER,
    SOON,
    T0,
    TOP,
    acknowledging,
    after,
    assignment,
    delivering,
    dispatch_of,
    joining,
    minutes,
    opening,
    report,
    uid,
    unanswered,
)

MOMENT = Moment(7, SOON)


def told(state: Incident, *, moment: Moment = MOMENT, silent: frozenset[UUID] = frozenset()) -> list[Told]:
    return list(ladders(state, moment, lambda code: (f"vi {code}", f"en {code}"), lambda event: event not in silent))


def shown(state: Incident) -> ReportLadder:
    """The ladder of the only report."""
    (one,) = told(state)
    return one.ladder


def opened() -> Incident:
    assigned = (assignment(escalation=(PROVINCE, TOP)), assignment(POLICE, Role.INFORM))
    return after(None, opening(*assigned))[0]


def test_every_recipient_is_shown_with_the_highest_rung_it_reached_and_when() -> None:
    state = opened()
    state, _ = after(state, delivering(dispatch_of(state), at=T0 + minutes(1)))
    state, _ = after(state, acknowledging(dispatch_of(state), at=T0 + minutes(2)))

    lead, informed = shown(state).lines
    assert (lead.agency, lead.name_vi, lead.role, lead.stands) == (COMMUNE.agency, f"vi {COMMUNE.agency}", *_LEAD)
    assert (lead.issued, lead.delivered, lead.acknowledged) == (T0, T0 + minutes(1), T0 + minutes(2))
    assert (lead.opened, lead.decided, lead.silence) == (None, None, None)
    assert (informed.role, informed.stands) == (Role.INFORM, Rung.ISSUED)


def test_who_accepts_and_who_stays_silent_can_be_told_apart() -> None:
    state, _ = unanswered(opened(), dispatch_of(opened()))
    assert [line.silence for line in shown(state).lines] == ["escalated", None, None]

    held = dispatch_of(state, PROVINCE)
    taken = Accept(
        action=uid("accept"),
        space=Space.ACTUAL,
        incident=state.incident,
        dispatch=held.dispatch,
        sent=T0,
        officer="Đại úy Nguyễn Văn A",
        version=0,
    )
    state, _ = after(state, Act(taken, PROVINCE, uid("s"), T0 + minutes(40)))
    province = next(line for line in shown(state).lines if line.agency == PROVINCE.agency)
    assert (province.stands, province.decided) == (Rung.ACCEPTED, T0 + minutes(40))


def test_nobody_at_a_desk_is_ever_named() -> None:
    """Breaks when what a unit sees holds more than agencies, roles, rungs and times."""
    state, _ = after(opened(), acknowledging(dispatch_of(opened()), officer="Đại úy Nguyễn Văn A"))

    assert "Nguyễn" not in shown(state).model_dump_json()
    assert COMMUNE.desk not in shown(state).model_dump_json()


def test_each_report_has_a_subject_of_its_own_that_names_its_unit() -> None:
    """Breaks when a unit that may read only its own subjects could read another's report."""
    state, _ = after(opened(), joining(report(2)))

    origin = Origin(SENDER.agency, SENDER.unit)
    assert [one.subject for one in told(state)] == [
        subjects.ladder(Space.ACTUAL, origin, uid("report", number)) for number in (1, 2)
    ]
    assert {(one.ladder.incident, one.ladder.sequence, one.ladder.as_of) for one in told(state)} == {
        (state.incident, 7, SOON)
    }


def test_a_merged_incident_is_silent_and_a_report_that_went_its_own_way_is_not_told_here() -> None:
    """Breaks when two incidents show the same report and the later message wins by chance."""
    state = opened()
    (event,) = state.joined

    assert told(replace(state, merged_into=uid("other"))) == []
    assert told(state, silent=frozenset({event})) == []


_LEAD = (Role.LEAD, Rung.ACKNOWLEDGED)


def test_many_ladders_or_long_ones_are_told_more_seldom() -> None:
    """Each change of a wide incident writes all ladders of its reports: the disk would be busy with nothing else."""
    assert pause_after([]) == pause_after([100]) == GATHER_SECONDS
    assert pause_after([100] * 2 * SHOWN_A_SECOND) == 2.0
    assert pause_after([BYTES_A_SECOND // 8] * 24) == 3.0
