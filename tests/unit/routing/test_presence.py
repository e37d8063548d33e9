"""A desk comes, goes, is staffed and handed over by facts that two instances and any redelivery write alike."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, read
from contracts.identifiers import derived_id
from contracts.presence import (
    OFFLINE_AFTER,
    ConfirmHandOver,
    DeclareStaffed,
    DeclareUnstaffed,
    PresenceAct,
    PresenceChange,
    ProposeHandOver,
    ShiftHandedOver,
)
from contracts.problems import ProblemCode
from services.routing.presence.signs import NEVER_SEEN, Absence, Attendance, Heard, absence, acted, after, changes
from services.routing.reporting.regime.acting import Done, Known, Refused, Verdict
from services.routing.reporting.regime.telling import Cause
from tests.unit.routing.cases import COMMUNE, POLICE, T0, uid

KEY = Space.ACTUAL, COMMUNE
FIRST, SECOND = "Trực ban viên ca 1", "Trực ban viên ca 2"


def look(
    attendance: Attendance, now: datetime, heard: datetime | None = None, since: datetime = T0
) -> list[Event[Any]]:
    """What one look finds about one desk."""
    last = {} if heard is None else {KEY: heard}
    known = {} if attendance is NEVER_SEEN else {KEY: attendance}
    return list(changes(known, Heard(last, since, OFFLINE_AFTER), now))


def online() -> Attendance:
    (came,) = look(NEVER_SEEN, T0, T0)
    return after(NEVER_SEEN, came)


def said(attendance: Attendance, kind: type[PresenceAct], name: str = "a", **details: Any) -> Verdict:
    """What becomes of an act of the desk; only two desks are in the register."""
    act = kind.model_validate({"action": uid(name), "space": Space.ACTUAL, "sent": T0} | details)
    cause = Cause(uid("submission", name), uid("submission", name), T0)
    return acted(act, COMMUNE, attendance, cause, lambda desk: desk in (COMMUNE, POLICE))


def told(attendance: Attendance, verdict: Verdict) -> Attendance:
    assert isinstance(verdict, Done), verdict
    return after(attendance, verdict.event)


def test_signs_of_life_are_recorded_once_however_many_come() -> None:
    """Breaks when heartbeats fill the record: only the first of a row is news."""
    here = online()

    assert here.online
    assert [look(here, T0 + timedelta(seconds=s), T0 + timedelta(seconds=s)) for s in (0, 15, 30, 3600)] == [[]] * 4


@pytest.mark.parametrize(("silent", "facts"), [(59.9, 0), (60, 1), (600, 1)])
def test_a_desk_is_offline_after_sixty_seconds_of_silence_and_not_before(silent: float, facts: int) -> None:
    found = look(online(), T0 + timedelta(seconds=silent), T0)

    assert [event.data.change for event in found] == [PresenceChange.OFFLINE] * facts
    assert all(event.data.last_heard == T0 for event in found)


def test_a_process_that_has_just_begun_to_listen_gives_every_desk_the_whole_time_again() -> None:
    """Breaks when a restart, a sleep or a lost connection of ours makes every desk of the country offline."""
    later = T0 + timedelta(hours=1)

    assert look(online(), later + timedelta(seconds=59), since=later) == []
    assert len(look(online(), later + timedelta(seconds=60), since=later)) == 1


def test_coming_going_and_coming_back_are_three_facts_with_ids_that_two_instances_derive_alike() -> None:
    """Breaks when an id depends on who looked when: two instances would record one transition twice."""
    attendance, recorded = NEVER_SEEN, []
    for at, heard in ((T0, T0), (T0 + timedelta(seconds=70), T0), (T0 + timedelta(seconds=80),) * 2):
        (mine,), (theirs,) = look(attendance, at, heard), look(attendance, at + timedelta(seconds=1), heard)
        assert mine.id == theirs.id
        assert read(mine.to_bytes()) == mine
        recorded.append(mine)
        attendance = after(attendance, mine)

    assert [event.data.change for event in recorded] == ["online", "offline", "online"]
    assert len({event.id for event in recorded}) == len(recorded)


def test_a_desk_that_never_showed_itself_is_not_absent() -> None:
    """Breaks when a hub that has just been set up diverts everything; silence there is answered by deadlines."""
    assert look(NEVER_SEEN, T0 + timedelta(days=1)) == []
    assert absence(NEVER_SEEN) is None


def test_whoever_is_offline_or_says_that_nobody_is_there_is_absent_until_somebody_is() -> None:
    (gone,) = look(online(), T0 + timedelta(minutes=2), T0)
    empty = told(online(), said(online(), DeclareUnstaffed, divert_to=POLICE))
    back = told(empty, said(empty, DeclareStaffed, "b", officer=FIRST))

    assert absence(after(online(), gone)) == Absence("offline")
    assert absence(empty) == Absence("unstaffed", POLICE)
    assert (absence(back), back.officer, back.divert_to) == (None, FIRST, None)


def test_a_sign_of_life_does_not_staff_an_empty_room() -> None:
    """Breaks when a screen that was left running counts as an officer."""
    empty = told(NEVER_SEEN, said(NEVER_SEEN, DeclareUnstaffed))
    (came,) = look(empty, T0, T0)

    assert absence(after(empty, came)) == Absence("unstaffed")


def test_the_same_act_again_adds_nothing() -> None:
    done = told(NEVER_SEEN, said(NEVER_SEEN, DeclareStaffed, officer=FIRST))

    assert isinstance(said(done, DeclareStaffed, officer=FIRST), Known)
    assert said(NEVER_SEEN, DeclareStaffed, officer=FIRST) == said(NEVER_SEEN, DeclareStaffed, officer=FIRST)


@pytest.mark.parametrize("named", [COMMUNE, Addressee(agency="nobody", desk="truc-ban")])
def test_nothing_is_diverted_to_the_empty_desk_itself_or_to_one_that_does_not_exist(named: Addressee) -> None:
    verdict = said(NEVER_SEEN, DeclareUnstaffed, divert_to=named)

    assert isinstance(verdict, Refused)
    assert verdict.problem.code is ProblemCode.ACTION_UNKNOWN_DESK


def test_a_shift_is_handed_over_by_two_officers_and_not_before_the_second_signed() -> None:
    proposed = told(NEVER_SEEN, said(NEVER_SEEN, ProposeHandOver, "p", outgoing=FIRST, incoming=SECOND))
    assert (proposed.officer, proposed.handed_over_at) == (None, None)

    verdict = said(proposed, ConfirmHandOver, "c", handover=uid("p"), incoming=SECOND)
    assert isinstance(verdict, Done)
    assert isinstance(verdict.event.data, ShiftHandedOver)
    assert verdict.event.data.proposed == proposed.newest
    confirmed = after(proposed, verdict.event)
    assert (confirmed.officer, confirmed.staffed, confirmed.handed_over_at) == (SECOND, True, T0)
    assert isinstance(said(confirmed, ConfirmHandOver, "c", handover=uid("p"), incoming=SECOND), Known)


@pytest.mark.parametrize(
    ("handover", "incoming", "field"),
    [("p", FIRST, "incoming"), ("older", SECOND, "handover"), ("p", "Người khác", "incoming")],
)
def test_only_the_officer_named_confirms_and_only_what_waits(handover: str, incoming: str, field: str) -> None:
    """Breaks when the outgoing officer signs for both, or an older note is confirmed after a newer one."""
    proposed = told(NEVER_SEEN, said(NEVER_SEEN, ProposeHandOver, "older", outgoing=FIRST, incoming=SECOND))
    proposed = told(proposed, said(proposed, ProposeHandOver, "p", outgoing=FIRST, incoming=SECOND))

    verdict = said(proposed, ConfirmHandOver, "c", handover=uid(handover), incoming=incoming)

    assert isinstance(verdict, Refused)
    assert (verdict.problem.code, verdict.problem.field) == (ProblemCode.ACTION_NOT_POSSIBLE, field)


@pytest.mark.parametrize(("outgoing", "incoming", "field"), [(FIRST, FIRST, "incoming"), (SECOND, "Ca 3", "outgoing")])
def test_nobody_hands_over_to_himself_or_what_another_has(outgoing: str, incoming: str, field: str) -> None:
    on_duty = told(NEVER_SEEN, said(NEVER_SEEN, DeclareStaffed, officer=FIRST))

    verdict = said(on_duty, ProposeHandOver, "p", outgoing=outgoing, incoming=incoming)

    assert isinstance(verdict, Refused)
    assert verdict.problem.field == field


def test_a_desk_that_is_not_in_the_register_says_nothing_about_itself() -> None:
    act = DeclareStaffed(action=uid("a"), space=Space.ACTUAL, sent=T0, officer=FIRST)
    cause = Cause(derived_id("s"), derived_id("s"), T0)

    verdict = acted(act, COMMUNE, NEVER_SEEN, cause, lambda _desk: False)

    assert isinstance(verdict, Refused)
    assert verdict.problem.code is ProblemCode.SENDER_UNKNOWN
