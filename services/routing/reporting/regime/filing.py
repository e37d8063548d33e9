"""Decides what a report does to what its agency owes: meets it, corrects it, takes it back, confirms a logged call."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.codes import MsgType, Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.identifiers import derived_id
from contracts.reporting import (
    CopyChannel,
    Owing,
    PeriodReportCopied,
    PeriodReportExcused,
    PeriodReportFiled,
    PeriodReportWithdrawn,
    ReportOwed,
)
from contracts.reports import IncidentReport, ReportingWindow, ReportRef, Sender, SituationReport
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.reporting.regime.book import Standing
from services.routing.reporting.regime.calendars import Calendar, ReportingSet
from services.routing.reporting.regime.owing import circle
from services.routing.reporting.regime.telling import Cause, for_desk, of_agency

LOGGED_CALL = "logged-call"
"""Stands for the calendar of a confirmation: there is none."""


class Filing(NamedTuple):
    """One accepted report and what it is held against."""

    accepted: Event[ReportAccepted]
    reporting: ReportingSet
    register: RegisterIndex

    @property
    def report(self) -> IncidentReport | SituationReport:
        """The report itself."""
        return self.accepted.data.report

    @property
    def sender(self) -> Sender:
        """Who handed it in."""
        return self.accepted.data.sender

    @property
    def ref(self) -> ReportRef:
        """The report as others refer to it."""
        return ReportRef(report=self.report.report, sender=self.sender, event=self.accepted.id)

    @property
    def space(self) -> Space:
        """Actual, exercise or test."""
        return subjects.space_of_fact(self.accepted.subject)

    @property
    def cause(self) -> Cause:
        """Why facts follow."""
        return Cause(self.accepted.id, self.accepted.correlationid, self.accepted.data.received_at)


def reporter(accepted: ReportAccepted) -> Sender:
    """Whose report it is: the unit that told it, where a duty officer logged its call."""
    return accepted.report.on_behalf_of or accepted.sender


def filed(filing: Filing, standings: Iterable[Standing]) -> Iterator[Event[Any]]:
    """Every fact that follows from a report; `standings` are all of the reporting unit's agency.

    A report that was handled before yields nothing.
    """
    known = {one.owed.obligation: one for one in standings}
    if _logs_a_call(filing.report) and confirmation_id(filing.accepted.id) not in known:
        yield _confirmation_owed(filing)
    for standing in known.values():
        if not standing.excused and filing.accepted.id not in standing.seen and not _came_before(filing, standing):
            yield from _one(filing, standing, known.values())


def _came_before(filing: Filing, standing: Standing) -> bool:
    """Whether it came before what stood was taken back: delivered again, it must do as little as the first time."""
    return standing.reopened is not None and filing.cause.at <= standing.reopened


def _logs_a_call(report: IncidentReport | SituationReport) -> bool:
    return report.on_behalf_of is not None and report.msg_type is not MsgType.CANCEL


def _one(filing: Filing, standing: Standing, all_: Iterable[Standing]) -> Iterator[Event[Any]]:
    if filing.report.msg_type is MsgType.CANCEL:
        yield from _withdrawn(filing, standing)
    elif standing.owed.owing is Owing.CONFIRMATION:
        if standing.filed is None and _confirms(filing, standing):
            yield _met(filing, standing, None)
    elif (replaced := _replaced(filing, standing, all_)) is not None:
        yield _met(filing, standing, replaced)
        yield from _copies(filing, standing, replaced)
    elif standing.filed is None and _answers(filing, standing):
        yield _met(filing, standing, None)
        yield from _copies(filing, standing, None)


def _confirmation_owed(filing: Filing) -> Event[Any]:
    """The unit owes in writing what was logged for it."""
    unit, terms = reporter(filing.accepted.data), filing.reporting.confirmation
    day = filing.register.on(day_of(filing.cause.at))
    agency = day.agencies.get(unit.agency)
    around = circle(day, agency, None) if agency else None
    owed = ReportOwed(
        obligation=confirmation_id(filing.accepted.id),
        space=filing.space,
        agency=unit.agency,
        owing=Owing.CONFIRMATION,
        calendar=LOGGED_CALL,
        title_vi="Xác nhận bằng văn bản nội dung đã báo miệng",
        title_en="Confirmation in writing of what was told by voice",
        due=filing.cause.at + terms.within,
        basis=terms.citation,
        desk=around.desk if around else None,
        superior=around.superior if around else None,
        unit=unit.unit,
        entry=filing.ref,
    )
    return of_agency(filing.space, owed, filing.cause)


def confirmation_id(entry_event: UUID) -> UUID:
    """What a logged call obliges its unit to."""
    return derived_id("confirmation-owed", entry_event)


def _confirms(filing: Filing, standing: Standing) -> bool:
    """Whether the unit itself refers to the entry that was logged for it."""
    entry, unit = standing.owed.entry, standing.owed.unit
    own = filing.report.on_behalf_of is None and filing.sender == Sender(agency=standing.owed.agency, unit=unit or "-")
    return own and entry is not None and entry.report in filing.report.references


def _replaced(filing: Filing, standing: Standing, all_: Iterable[Standing]) -> UUID | None:
    """The report that stands, where this one corrects it: by the same sender, or by the unit it was logged for."""
    stands = standing.report
    if stands is None or stands.report not in filing.report.references:
        return None
    own = stands.sender == filing.sender and filing.report.msg_type is MsgType.UPDATE
    told = any(one.owed.entry == stands and _confirms(filing, one) for one in all_)
    return stands.report if own or told else None


def _answers(filing: Filing, standing: Standing) -> bool:
    """Whether the report is about the period owed."""
    report, window = filing.report, standing.owed.window
    if not isinstance(report, SituationReport) or report.window is None or window is None:
        return False
    calendar = _calendar(filing.reporting, standing)
    if report.calendar is not None or (calendar is not None and calendar.named):
        return report.calendar == standing.owed.calendar and _near(report.window, window, calendar)
    return _near(report.window, window, calendar)


def _calendar(reporting: ReportingSet, standing: Standing) -> Calendar | None:
    until = standing.owed.window.until if standing.owed.window else standing.owed.due
    return reporting.calendar(standing.owed.calendar, day_of(until - timedelta(microseconds=1)))


def _near(one: ReportingWindow, other: ReportingWindow, calendar: Calendar | None) -> bool:
    far = calendar.tolerance if calendar else timedelta()
    return abs(one.since - other.since) <= far and abs(one.until - other.until) <= far


def _met(filing: Filing, standing: Standing, replaced: UUID | None) -> Event[Any]:
    before = standing.filed
    data = PeriodReportFiled(
        obligation=standing.owed.obligation,
        agency=standing.owed.agency,
        owing=standing.owed.owing,
        report=filing.ref,
        received_at=filing.cause.at,
        due=standing.limit,
        late=before.late if before and replaced else filing.cause.at > standing.limit,
        nil=isinstance(filing.report, SituationReport) and filing.report.nil,
        replaces=replaced,
    )
    return of_agency(filing.space, data, filing.cause, filing.accepted.id)


def _withdrawn(filing: Filing, standing: Standing) -> Iterator[Event[Any]]:
    """The report that stands, or the entry to be confirmed, is taken back by who handed it in."""
    taken, owed = filing.report.references, standing.owed
    entry, stands = owed.entry, standing.report
    if entry is not None and entry.report in taken and entry.sender == filing.sender:
        data = PeriodReportExcused(
            obligation=owed.obligation, agency=owed.agency, owing=owed.owing, reason="entry_withdrawn"
        )
        yield of_agency(filing.space, data, filing.cause, filing.accepted.id)
    elif stands is not None and stands.report in taken and stands.sender == filing.sender:
        yield _reopened(filing, standing, stands.report)
        if owed.owing is Owing.PERIOD:
            yield from _copies(filing, standing, stands.report)


def _reopened(filing: Filing, standing: Standing, taken: UUID) -> Event[Any]:
    """Owed again: by its time if that is still to come, else by a new one."""
    owed, again = standing.owed, filing.reporting.confirmation.ask_again_within
    if (calendar := _calendar(filing.reporting, standing)) is not None:
        again = calendar.ask_again_within
    data = PeriodReportWithdrawn(
        obligation=owed.obligation,
        agency=owed.agency,
        owing=owed.owing,
        report=filing.ref,
        withdraws=taken,
        received_at=filing.cause.at,
        due=max(owed.due, filing.cause.at + again),
    )
    return of_agency(filing.space, data, filing.cause, filing.accepted.id)


@dataclass(frozen=True, slots=True)
class _Copy:
    channel: CopyChannel
    to: Addressee
    window: ReportingWindow
    replaced: UUID | None


def _copies(filing: Filing, standing: Standing, replaced: UUID | None) -> Iterator[Event[Any]]:
    """One copy along each channel; they are resolved on the day on which the report came."""
    day = filing.register.on(day_of(filing.cause.at))
    agency = day.agencies.get(standing.owed.agency)
    if agency is None or standing.owed.window is None:
        return
    around = circle(day, agency, _calendar(filing.reporting, standing))
    window = getattr(filing.report, "window", None) or standing.owed.window
    for channel, to in ((CopyChannel.HORIZONTAL, around.horizontal), (CopyChannel.VERTICAL, around.superior)):
        if to is not None:
            yield _copied(filing, standing, _Copy(channel, to, window, replaced))


def _copied(filing: Filing, standing: Standing, copy: _Copy) -> Event[Any]:
    owed, report = standing.owed, filing.report
    situation = report if isinstance(report, SituationReport) else None
    data = PeriodReportCopied(
        paper=derived_id("copy", owed.obligation, filing.accepted.id, copy.channel.value),
        to=copy.to,
        agency=owed.agency,
        obligation=owed.obligation,
        title_vi=owed.title_vi,
        title_en=owed.title_en,
        channel=copy.channel,
        report=filing.ref,
        window=copy.window,
        headline=report.headline,
        nil=situation is not None and situation.nil,
        counts=report.counts,
        measures_taken=report.measures_taken,
        requests=report.requests,
        service_note=situation.service_note if situation and copy.channel is CopyChannel.VERTICAL else None,
        late=filing.cause.at > standing.limit and copy.replaced is None,
        replaces=copy.replaced,
        withdrawn=report.msg_type is MsgType.CANCEL,
    )
    return for_desk(filing.space, copy.to, data, filing.cause)
