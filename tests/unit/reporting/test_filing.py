"""What a report does to what is owed: met, nil, late, corrected, taken back, confirmed; and nothing when repeated."""

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.reporting import (
    CopyChannel,
    Owing,
    PeriodReportCopied,
    PeriodReportExcused,
    PeriodReportFiled,
    PeriodReportMissing,
    PeriodReportRequested,
    PeriodReportWithdrawn,
    ReportOwed,
)
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.regime.book import Status
from tests.unit.reporting.reports import accepted
from tests.unit.reporting.small import ABOVE, DUE, NOON, ONE, OTHER, WINDOW, Machine, demand, register

BEFORE, LATER = DUE - timedelta(minutes=30), DUE + timedelta(minutes=30)


def running() -> Machine:
    """An incident in the first commune."""
    return Machine().opened(demand("m"))


def kinds(events: list[Any]) -> list[str]:
    return [type(event.data).__name__ for event in events]


def test_a_report_about_the_period_meets_it_and_is_copied_both_ways() -> None:
    machine = running()
    event = accepted(ONE, 1, at=BEFORE, window=WINDOW, service_note="Riêng ngành dọc")
    _, across, up = machine.report(event)

    assert machine.only(ONE).status(LATER) is Status.MET
    assert (across.data.channel, across.data.to.agency, across.data.service_note) == (
        CopyChannel.HORIZONTAL,
        "ubnd-x-mot",
        None,
    )
    assert (up.data.channel, up.data.to.agency, up.data.service_note) == (
        CopyChannel.VERTICAL,
        ABOVE,
        "Riêng ngành dọc",
    )
    assert across.subject != up.subject


def test_a_nil_report_is_a_report() -> None:
    machine = running()
    machine.report(accepted(ONE, at=BEFORE, window=WINDOW, nil=True))

    assert machine.only(ONE).status(LATER) is Status.NIL
    assert machine.passed(machine.only(ONE).owed.obligation, LATER) == []


def test_silence_is_asked_for_and_the_superior_told_until_nothing_more_is_set() -> None:
    machine = running()
    obligation = machine.only(ONE).owed.obligation
    assert machine.passed(obligation, DUE - timedelta(microseconds=1)) == []
    missing, asked, told = machine.passed(obligation, DUE)
    assert (missing.data.asked, missing.data.send_by) == (1, DUE + timedelta(hours=1))
    assert (asked.data.to.agency, asked.data.only_told, told.data.to.agency, told.data.only_told) == (
        ONE,
        False,
        ABOVE,
        True,
    )
    assert machine.passed(obligation, DUE) == []
    machine.passed(obligation, DUE + timedelta(hours=1))
    machine.passed(obligation, DUE + timedelta(hours=2))
    assert machine.only(ONE).due is None
    assert machine.passed(obligation, DUE + timedelta(days=9)) == []
    assert [e.data.asked for e in machine.facts if isinstance(e.data, PeriodReportMissing)] == [1, 2, 3]
    assert len([e for e in machine.facts if isinstance(e.data, PeriodReportRequested)]) == 6


def test_a_report_after_its_time_is_late_and_its_correction_stays_late() -> None:
    machine = running()
    first = accepted(ONE, 3, at=LATER, window=WINDOW)
    machine.report(first)
    machine.report(accepted(ONE, 1, at=LATER, window=WINDOW, msg_type="Update", references=[first.data.report.report]))

    filed = [event.data for event in machine.facts if isinstance(event.data, PeriodReportFiled)]
    assert [one.late for one in filed] == [True, True]
    assert filed[1].replaces == first.data.report.report


def test_a_report_stored_exactly_when_it_is_due_is_in_time() -> None:
    machine = running()
    machine.report(accepted(ONE, at=DUE, window=WINDOW, nil=True))

    assert machine.only(ONE).status(LATER) is Status.NIL


def test_what_is_taken_back_is_owed_again_with_time_to_send_it() -> None:
    machine = running()
    first = accepted(ONE, 3, at=BEFORE, window=WINDOW)
    machine.report(first)
    gone = machine.report(
        accepted(ONE, at=LATER, window=WINDOW, msg_type="Cancel", references=[first.data.report.report])
    )
    assert kinds(gone) == ["PeriodReportWithdrawn", "PeriodReportCopied", "PeriodReportCopied"]
    assert all(e.data.withdrawn for e in gone if isinstance(e.data, PeriodReportCopied))
    assert machine.only(ONE).due == LATER + timedelta(hours=1)
    machine.report(accepted(ONE, 2, at=LATER + timedelta(minutes=5), window=WINDOW))
    assert machine.only(ONE).status(LATER) is Status.MET


def test_nobody_else_meets_corrects_or_takes_back_the_report_of_an_agency() -> None:
    machine = running()
    assert machine.report(accepted(OTHER, 1, at=BEFORE, window=WINDOW)) == []
    first = accepted(ONE, 3, at=BEFORE, window=WINDOW)
    machine.report(first)
    for msg_type in ("Update", "Cancel"):
        hostile = accepted(
            ONE, 1, unit="khac", at=BEFORE, window=WINDOW, msg_type=msg_type, references=[first.data.report.report]
        )
        assert machine.report(hostile) == []


def test_another_period_and_a_part_of_this_one_meet_nothing() -> None:
    machine = running()
    since, until = WINDOW
    day = timedelta(days=1)

    for window in ((since - day, until - day), (since + timedelta(hours=3), until), (since, until + day)):
        assert machine.report(accepted(ONE, 1, at=BEFORE, window=window)) == []


def test_a_calendar_of_a_special_matter_is_met_only_by_a_report_that_names_it() -> None:
    """A half-yearly report on anything else must not pass for the one on accidents."""
    machine = Machine().opened(demand("46", by=frozenset({"statistics-monthly", "monthly"})))
    machine.opened(demand("46"))
    machine.report(accepted(ONE, 1, at=BEFORE, window=WINDOW, calendar="monthly"))

    assert machine.only(ONE).filed is None
    machine.report(accepted(ONE, 1, at=BEFORE, window=WINDOW, calendar="daily-commune"))
    assert machine.only(ONE).filed is not None


def test_what_a_body_owed_that_ended_is_not_asked_of_anybody() -> None:
    machine = Machine(RegisterIndex(register(one=date(2026, 11, 22)))).opened(demand("m"))
    (excused,) = machine.passed(machine.only(ONE).owed.obligation, DUE + timedelta(days=1))

    assert isinstance(excused.data, PeriodReportExcused)
    assert excused.data.reason == "agency_ended"


def test_a_logged_call_counts_at_once_and_is_confirmed_by_its_unit_alone() -> None:
    oral = {"at": BEFORE.isoformat(), "channel": "phone", "to": "trực ban"}
    unit = {"agency": ONE, "unit": "van-phong"}
    machine = running()
    entry = accepted(ABOVE, 1, at=BEFORE, window=WINDOW, oral=oral, on_behalf_of=unit)
    assert kinds(machine.report(entry))[:2] == ["ReportOwed", "PeriodReportFiled"]
    assert machine.only(ONE, "logged-call").owed.due == BEFORE + timedelta(hours=24)
    stranger = accepted(ONE, 1, unit="khac", at=LATER, window=WINDOW, references=[entry.data.report.report])
    assert machine.report(stranger) == []
    own = accepted(ONE, 2, at=LATER, window=WINDOW, references=[entry.data.report.report])
    filed = [event.data for event in machine.report(own) if isinstance(event.data, PeriodReportFiled)]
    assert {one.owing for one in filed} == {Owing.CONFIRMATION, Owing.PERIOD}
    assert [one.late for one in filed] == [False, False]
    assert machine.only(ONE).report == machine.only(ONE, "logged-call").report


def test_a_call_logged_by_mistake_and_taken_back_needs_no_confirmation() -> None:
    oral = {"at": NOON.isoformat(), "channel": "phone", "to": "trực ban"}
    machine = Machine()
    entry = accepted(ABOVE, 1, oral=oral, on_behalf_of={"agency": ONE, "unit": "van-phong"})
    machine.report(entry)
    machine.report(
        accepted(
            ABOVE,
            msg_type="Cancel",
            references=[entry.data.report.report],
            oral=oral,
            on_behalf_of={"agency": ONE, "unit": "van-phong"},
        )
    )

    assert machine.only(ONE, "logged-call").status(LATER) is Status.EXCUSED


@given(st.lists(st.sampled_from(["file", "nil", "update", "cancel", "time", "again"]), max_size=12), st.randoms())
@settings(deadline=None, max_examples=150)
def test_whatever_comes_in_whatever_order_nothing_is_lost_or_said_twice(
    steps: list[str], chance: random.Random
) -> None:
    """Broken when a report that is delivered again counts twice, or an obligation ends neither met nor asked for."""
    machine, at, sent = running(), BEFORE, list[Any]()
    for step in steps:
        at += timedelta(minutes=chance.choice([1, 40, 90]))
        if step == "time":
            machine.passed(machine.only(ONE).owed.obligation, at)
        elif step == "again" and sent:
            assert machine.report(chance.choice(sent)) == []
        elif step in {"file", "nil"}:
            sent.append(accepted(ONE, None if step == "nil" else 1, at=at, window=WINDOW, nil=step == "nil"))
            machine.report(sent[-1])
        elif sent and step in {"update", "cancel"}:
            named = chance.choice(sent).data.report.report
            sent.append(accepted(ONE, at=at, window=WINDOW, msg_type=step.title(), references=[named]))
            machine.report(sent[-1])
    standing = machine.only(ONE)
    assert standing.settled or standing.due is not None or standing.asked == 3
    ids = [event.id for event in machine.facts]
    assert len(ids) == len(set(ids))
    filed, gone = (
        sum(isinstance(e.data, k) for e in machine.facts) for k in (PeriodReportFiled, PeriodReportWithdrawn)
    )
    replaced = sum(isinstance(e.data, PeriodReportFiled) and e.data.replaces is not None for e in machine.facts)
    assert filed - replaced - gone == int(standing.filed is not None)
    assert sum(isinstance(event.data, ReportOwed) and event.data.agency == ONE for event in machine.facts) == 1
