"""Decides what follows when a report becomes owed, and when its time has passed without it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.identifiers import derived_id
from contracts.reporting import Owing, PeriodReportExcused, PeriodReportMissing, PeriodReportRequested, ReportOwed
from contracts.reports import ReportingWindow
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.reporting.regime.book import Standing
from services.routing.reporting.regime.calendars import ReportingSet
from services.routing.reporting.regime.owing import Debt, circle
from services.routing.reporting.regime.telling import Cause, for_desk, of_agency


def owed(debt: Debt, register: RegisterIndex) -> Event[Any]:
    """The fact that an agency owes a report."""
    day, calendar = register.on(day_of(debt.known)), debt.calendar
    around = circle(day, day.agencies[debt.agency], calendar)
    data = ReportOwed(
        obligation=debt.obligation,
        space=debt.space,
        agency=debt.agency,
        owing=Owing.PERIOD,
        calendar=calendar.code,
        title_vi=calendar.title_vi,
        title_en=calendar.title_en,
        window=ReportingWindow(since=debt.period.since, until=debt.period.until),
        due=debt.due,
        basis=calendar.citation,
        desk=around.desk,
        superior=around.superior,
        because=debt.because,
    )
    return of_agency(debt.space, data, Cause(debt.because[0], debt.obligation, debt.known))


def overdue(standing: Standing, at: datetime, reporting: ReportingSet, register: RegisterIndex) -> Iterator[Event[Any]]:
    """What follows when that moment has come; nothing where the report is there or another time runs by now."""
    if standing.settled or standing.due is None or at < standing.due:
        return
    owed_, cause = (
        standing.owed,
        Cause(derived_id("due", standing.owed.obligation, str(standing.asked)), standing.owed.obligation, at),
    )
    if owed_.agency not in register.on(day_of(at)).agencies:
        ended = PeriodReportExcused(
            obligation=owed_.obligation, agency=owed_.agency, owing=owed_.owing, reason="agency_ended"
        )
        yield of_agency(owed_.space, ended, cause)
        return
    missing = _missing(standing, at, reporting)
    yield of_agency(owed_.space, missing, cause, str(missing.asked))
    for desk, only_told in ((owed_.desk, False), (owed_.superior, True)):
        if desk is not None:
            yield _requested(standing, missing, desk, cause, only_told=only_told)


def _missing(standing: Standing, at: datetime, reporting: ReportingSet) -> PeriodReportMissing:
    again, times = _patience(standing, reporting)
    asked, owed_ = standing.asked + 1, standing.owed
    return PeriodReportMissing(
        obligation=owed_.obligation,
        agency=owed_.agency,
        owing=owed_.owing,
        due=standing.due or owed_.due,
        asked=asked,
        send_by=at + again if asked <= times else None,
    )


def _patience(standing: Standing, reporting: ReportingSet) -> tuple[timedelta, int]:
    """How long each further request gives, and how many give any time."""
    if standing.owed.window is not None:
        last = day_of(standing.owed.window.until - timedelta(microseconds=1))
        if (calendar := reporting.calendar(standing.owed.calendar, last)) is not None:
            return calendar.ask_again_within, calendar.ask_times
    return reporting.confirmation.ask_again_within, reporting.confirmation.ask_times


def _requested(
    standing: Standing, missing: PeriodReportMissing, to: Addressee, cause: Cause, *, only_told: bool
) -> Event[Any]:
    """The report is missing, please send: to the desk that owes it, and its superior is told."""
    owed_ = standing.owed
    data = PeriodReportRequested(
        paper=derived_id("request", owed_.obligation, str(missing.asked), "told" if only_told else "asked"),
        to=to,
        agency=owed_.agency,
        obligation=owed_.obligation,
        title_vi=owed_.title_vi,
        title_en=owed_.title_en,
        owing=owed_.owing,
        window=owed_.window,
        due=missing.due,
        send_by=missing.send_by,
        asked=missing.asked,
        only_told=only_told,
    )
    return for_desk(owed_.space, to, data, cause)
