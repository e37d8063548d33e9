"""Reports about a period and an area: what is owed, what came, what is missing, who got a copy, what a call said."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from contracts.codes import Space
from contracts.decisions import Addressee, Citation
from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.reports import Count, ReportingWindow, ReportRef
from contracts.text import Line, Paragraph, Token


class Owing(StrEnum):
    """What a report is owed for."""

    PERIOD = "period"
    CONFIRMATION = "confirmation"
    """A duty officer logged a call for a unit; the unit owes it in writing."""


class CopyChannel(StrEnum):
    """Every report about a period goes two ways, each with its own acknowledgement (facts, section 4.3)."""

    HORIZONTAL = "horizontal"
    """Ngang: the committee or civil-defence command of the same level."""
    VERTICAL = "vertical"
    """Ngành dọc: the superior in the agency's own tree. Never visible on the horizontal channel."""


class ReportOwed(Contract):
    """An agency owes a report; recorded when its period begins, so that it is known long before it is due."""

    obligation: UUID
    space: Space
    agency: Token
    owing: Owing
    calendar: Token
    title_vi: Line
    title_en: Line
    window: ReportingWindow | None = None
    """The period to report about; none for a confirmation."""
    due: AwareDatetime
    basis: Citation
    desk: Addressee | None = None
    """Who is asked when it does not come; none where the agency has no desk."""
    superior: Addressee | None = None
    """Who is told when it does not come."""
    because: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    """Open incidents or orders for which it is owed."""
    unit: Token | None = None
    """The unit that must confirm."""
    entry: ReportRef | None = None
    """What was logged for it."""


class PeriodReportFiled(Contract):
    """A report met what was owed, or corrected the one that had met it."""

    obligation: UUID
    agency: Token
    owing: Owing
    report: ReportRef
    received_at: AwareDatetime
    due: AwareDatetime
    late: bool
    """Whether the first report that met it came after its time; a correction does not change that."""
    nil: bool
    replaces: UUID | None = None
    """The report that this one corrects."""


class PeriodReportWithdrawn(Contract):
    """The report that met it was taken back: it is owed again, by `due`."""

    obligation: UUID
    agency: Token
    owing: Owing
    report: ReportRef
    withdraws: UUID
    received_at: AwareDatetime
    due: AwareDatetime


class PeriodReportMissing(Contract):
    """Nothing came by the time set: "report is missing — please send", by `send_by`; None: it is asked no more."""

    obligation: UUID
    agency: Token
    owing: Owing
    due: AwareDatetime
    """The time that passed."""
    asked: Annotated[int, Field(ge=1)]
    """How many times it has been asked for, this one included."""
    send_by: AwareDatetime | None = None


class PeriodReportExcused(Contract):
    """It is owed no longer, for a reason that is not the agency's."""

    obligation: UUID
    agency: Token
    owing: Owing
    reason: Literal["agency_ended", "entry_withdrawn"]


class ReportingRegimeSwitched(Contract):
    """By decision of a desk, reporting calendars begin or end for an area."""

    space: Space
    area: AreaCode
    calendars: Annotated[tuple[Token, ...], Field(min_length=1, max_length=50)]
    on: bool
    since: AwareDatetime
    by: Addressee
    action: UUID
    officer: Line | None = None
    reason: Paragraph


class _ForDesk(Contract):
    """A paper for one desk, on that desk's own subject: no other desk can see it."""

    paper: UUID
    to: Addressee
    agency: Token
    """Whose report it is about."""
    obligation: UUID | None = None
    """None for a report that nothing asked for."""
    title_vi: Line
    title_en: Line


class PeriodReportCopied(_ForDesk):
    """One of the two copies of a report about a period, with what its channel may see."""

    channel: CopyChannel
    report: ReportRef
    window: ReportingWindow
    headline: Line
    nil: bool
    counts: tuple[Count, ...] = ()
    measures_taken: Paragraph | None = None
    requests: tuple[Line, ...] = ()
    service_note: Paragraph | None = None
    """For the sender's own service; only ever on the vertical copy."""
    late: bool = False
    replaces: UUID | None = None
    """The report that this one corrects."""
    withdrawn: bool = False
    """The report only takes back what it replaces."""


class PeriodReportRequested(_ForDesk):
    """The words "report is missing — please send": to the owing agency's desk, and to its superior for information."""

    owing: Owing
    window: ReportingWindow | None = None
    due: AwareDatetime
    send_by: AwareDatetime | None = None
    asked: Annotated[int, Field(ge=1)]
    only_told: bool
    """The superior is told; the owing desk is asked."""


class PaperAcknowledged(Contract):
    """The desk has this copy or request."""

    paper: UUID
    by: Addressee
    action: UUID
    officer: Line | None = None
    note: Paragraph | None = None


class _Act(Contract):
    """What every reporting action of a desk states about itself."""

    action: UUID
    """Made once by the desk; sending again under the same id is always safe."""
    space: Space
    sent: AwareDatetime
    officer: Line | None = None
    """Role and post of the officer on duty, never a person file."""


class AcknowledgePaper(_Act):
    """The desk has a copy or a request."""

    type: Literal["acknowledge_paper"] = "acknowledge_paper"
    paper: UUID
    note: Paragraph | None = None


class SwitchRegime(_Act):
    """Reporting calendars begin or end for an area that the desk's agency answers for."""

    type: Literal["switch_regime"] = "switch_regime"
    area: AreaCode
    calendars: Annotated[tuple[Token, ...], Field(min_length=1, max_length=50)]
    on: bool
    reason: Paragraph


ReportingAct = AcknowledgePaper | SwitchRegime
ReportingAction = Annotated[ReportingAct, Field(discriminator="type")]
REPORTING_ACTION: TypeAdapter[ReportingAct] = TypeAdapter(ReportingAction)

OwedData = ReportOwed | PeriodReportFiled | PeriodReportWithdrawn | PeriodReportMissing | PeriodReportExcused
"""Recorded under the subject of the owing agency."""
PaperData = PeriodReportCopied | PeriodReportRequested | PaperAcknowledged
"""Recorded under the subject of one desk."""
ReportingData = OwedData | PaperData | ReportingRegimeSwitched
