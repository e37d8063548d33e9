"""Decides who reads a report about a period that nothing asked for and no incident is named in: it is never dropped."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from contracts.codes import MsgType
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.identifiers import derived_id
from contracts.register import Agency
from contracts.reporting import (
    CopyChannel,
    PeriodReportCopied,
    PeriodReportExcused,
    PeriodReportFiled,
    PeriodReportWithdrawn,
)
from contracts.reports import SituationReport
from services.routing.regulations.engine.resolve import day_of
from services.routing.reporting.regime.book import Standing
from services.routing.reporting.regime.calendars import Calendar
from services.routing.reporting.regime.filing import Filing, reporter
from services.routing.reporting.regime.owing import circle
from services.routing.reporting.regime.telling import for_desk

_SETTLES: Final = (PeriodReportFiled, PeriodReportWithdrawn, PeriodReportExcused)
_TITLE_VI, _TITLE_EN = "Báo cáo theo kỳ, chưa có yêu cầu", "Report about a period that nothing asked for"


def unasked(
    filing: Filing, standings: Iterable[Standing], found: Iterable[Event[Any]]
) -> Iterator[Event[PeriodReportCopied]]:
    """The two copies of a report that met, corrected and took back nothing owed; `found` is what else follows from it.

    They go the way in which reports of such an agency go when they are asked for; where nobody is there to read them,
    to the desk of the agency itself.
    """
    report = filing.report
    if not isinstance(report, SituationReport) or report.incident is not None or report.window is None:
        return
    if any(isinstance(event.data, _SETTLES) for event in found):
        return
    if any(filing.accepted.id in standing.seen for standing in standings):
        return
    agency = filing.register.on(day_of(filing.cause.at)).agencies.get(reporter(filing.accepted.data).agency)
    for channel, to in _readers(filing, agency) if agency else ():
        yield for_desk(filing.space, to, _copy(filing, report, channel, to), filing.cause)


def _readers(filing: Filing, agency: Agency) -> Iterator[tuple[CopyChannel, Addressee]]:
    around = circle(filing.register.on(day_of(filing.cause.at)), agency, _calendar(filing, agency))
    found = [(CopyChannel.HORIZONTAL, around.horizontal), (CopyChannel.VERTICAL, around.superior)]
    if around.horizontal is None and around.superior is None:
        found = [(CopyChannel.VERTICAL, around.desk)]
    yield from ((channel, to) for channel, to in found if to is not None)


def _calendar(filing: Filing, agency: Agency) -> Calendar | None:
    """The calendar that the report names, else the first by which such an agency reports."""
    day, named = day_of(filing.cause.at), getattr(filing.report, "calendar", None)
    mine = [one for one in filing.reporting.calendars if one.holds_on(day) and agency.type in one.owed_by]
    return next((one for one in mine if one.code == named), None) or next((one for one in mine if not one.named), None)


def _copy(filing: Filing, report: SituationReport, channel: CopyChannel, to: Addressee) -> PeriodReportCopied:
    if report.window is None:
        raise ValueError(f"report {report.report} is about no period")
    changes = report.msg_type in (MsgType.UPDATE, MsgType.CANCEL)
    return PeriodReportCopied(
        paper=derived_id("copy-unasked", filing.accepted.id, channel.value),
        to=to,
        agency=reporter(filing.accepted.data).agency,
        title_vi=_TITLE_VI,
        title_en=_TITLE_EN,
        channel=channel,
        report=filing.ref,
        window=report.window,
        headline=report.headline,
        nil=report.nil,
        counts=report.counts,
        measures_taken=report.measures_taken,
        requests=report.requests,
        service_note=report.service_note if channel is CopyChannel.VERTICAL else None,
        replaces=report.references[0] if changes else None,
        withdrawn=report.msg_type is MsgType.CANCEL,
    )
