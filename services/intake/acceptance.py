"""Decides whether a report that could be read goes on record, and builds the fact and the receipt of either outcome.

Pure: the sender, the stream's clock, the register and what EVENTS already holds are arguments. The same submission
always yields the same bytes, so a redelivery changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

from contracts import subjects
from contracts.canonical import content_digest
from contracts.codes import MsgType, Space, space_of
from contracts.envelope import Event, schema_of, type_of
from contracts.events import Original, ReportAccepted, ReportRejected
from contracts.identifiers import derived_id
from contracts.personal import Opening, Openings
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome, ReportReceipt
from contracts.reports import IncidentReport, Sender, SituationReport
from contracts.signatures import ReportSignature
from contracts.subjects import Origin
from services.intake.formats.drafts import MAX_PROBLEMS, ReportDraft, Unreadable
from services.intake.senders import Senders

SOURCE: Final = "/phoihop/intake"
MAX_AHEAD: Final = timedelta(hours=24)
"""How far a sender's clock may run ahead; a late report is never refused."""

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_VIETNAM: Final = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a submission reached us, by the server's word alone."""

    origin: Origin
    submission: UUID
    received_at: datetime
    """The stream's timestamp of the submission."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The report goes on record."""

    report: IncidentReport | SituationReport
    original: Original
    content: str
    space: Space
    openings: tuple[Opening, ...] = ()
    """The personal values that the fact commits to."""
    signature: ReportSignature | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same report with the same content is on record already: nothing new is written."""

    report: UUID
    space: Space


@dataclass(frozen=True, slots=True)
class Rejected:
    """The submission, or this part of it, is refused."""

    problems: tuple[Problem, ...]
    original: Original
    space: Space
    claimed_report: UUID | None
    part: int
    refused_as: str | None = None
    """What stands for the bytes where their digest may not."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The id is on record with other content; the record stays as it is and `rejection` says so."""

    rejection: Rejected


Decision = Accepted | Duplicate | Conflict | Rejected


def subject_of(draft: ReportDraft, origin: Origin) -> str | None:
    """Where the report stands if it is on record already; None when its status goes nowhere."""
    space = space_of(draft.report.status)
    return subjects.report(space, origin, draft.report.report) if space else None


def accept(draft: ReportDraft, arrival: Arrival, senders: Senders, known: str | None) -> Decision:
    """The decision on one report; `known` is the content digest recorded under `subject_of`, None if there is none.

    A report on record is a duplicate whatever changed since: its receipt was a promise.
    """
    space, contents = space_of(draft.report.status), draft.contents or (content_digest(draft.report),)
    if space and known in contents:
        return Duplicate(draft.report.report, space)
    problems = tuple(_problems(draft, arrival, senders))[:MAX_PROBLEMS]
    if problems or space is None:
        return _rejected(draft, problems)
    if known is not None:
        return Conflict(_rejected(draft, (Problem(code=ProblemCode.ID_CONFLICT, field="report"),)))
    signature = draft.signature if isinstance(draft.signature, ReportSignature) else None
    return Accepted(draft.report, draft.original, contents[0], space, draft.openings, signature)


def refuse(unreadable: Unreadable) -> Rejected:
    """The rejection of what could not be read."""
    space = space_of(unreadable.status) if unreadable.status else None
    return Rejected(
        unreadable.problems,
        unreadable.original,
        space or Space.ACTUAL,
        unreadable.claimed_report,
        unreadable.part,
        unreadable.refused_as,
    )


def event_of(decision: Decision, arrival: Arrival) -> Event[ReportAccepted] | Event[ReportRejected] | None:
    """The fact to record; None for a duplicate. Its subject must be empty so far: written with expected sequence 0."""
    match decision:
        case Accepted():
            return _accepted_event(decision, arrival)
        case Rejected():
            return _rejected_event(decision, arrival)
        case Conflict():
            return _rejected_event(decision.rejection, arrival)
        case Duplicate():
            return None


def values_of(accepted: Accepted, origin: Origin) -> Openings | None:
    """What opens the commitments of the fact; None where it has none."""
    if not accepted.openings:
        return None
    event = accepted_id(accepted.space, origin, accepted.report.report)
    return Openings(event=event, openings=accepted.openings)


def receipt_of(decision: Decision, origin: Origin) -> ReportReceipt:
    """What the sender hears once the fact is on disk; the same for every repetition of the same bytes."""
    match decision:
        case Accepted():
            event = accepted_id(decision.space, origin, decision.report.report)
            return ReportReceipt(report=decision.report.report, outcome=Outcome.ACCEPTED, event=event)
        case Duplicate():
            event = accepted_id(decision.space, origin, decision.report)
            return ReportReceipt(report=decision.report, outcome=Outcome.DUPLICATE, event=event)
        case Conflict():
            return _refusal(decision.rejection, origin, Outcome.CONFLICT)
        case Rejected():
            return _refusal(decision, origin, Outcome.REJECTED)


def accepted_id(space: Space, origin: Origin, report: UUID) -> UUID:
    """The id of the one `ReportAccepted` of a report."""
    return derived_id("ReportAccepted", space, origin.agency, origin.point, report)


def rejection_id(rejected: Rejected, origin: Origin) -> UUID:
    """The report id that a refusal is recorded under: the same bytes of the same sender always give the same one."""
    parts = (str(rejected.part),) if rejected.part else ()
    content = rejected.refused_as or rejected.original.sha256 or ""
    return derived_id("rejected", origin.agency, origin.point, content, *parts)


def _problems(draft: ReportDraft, arrival: Arrival, senders: Senders) -> Iterator[Problem]:
    report, origin = draft.report, arrival.origin
    day = arrival.received_at.astimezone(_VIETNAM).date()
    yield from _senders(draft, origin, senders, day)
    if space_of(report.status) is None:
        yield Problem(code=ProblemCode.STATUS_NOT_ACCEPTED, field="status")
    if report.msg_type in (MsgType.ACK, MsgType.ERROR):
        yield Problem(code=ProblemCode.CAP_MSG_TYPE, field="msg_type")
    if report.report in report.references:
        yield Problem(code=ProblemCode.FIELD_INVALID, field="references", detail="a report cannot refer to itself")
    yield from _times(report, arrival.received_at)


def _senders(draft: ReportDraft, origin: Origin, senders: Senders, day: date) -> Iterator[Problem]:
    """Who hands it in must be somebody; whoever signed it, else the same, must be entitled to report it.

    Under a false signature nobody knows whose report it would be, so nothing else is asked.
    """
    report, author = draft.report, origin
    match draft.signature:
        case None:
            pass
        case Problem():
            yield draft.signature
            return
        case ReportSignature(by=by):
            author = Origin(by.agency, by.unit)
    if author != origin and not senders.may_carry(origin, day):
        yield Problem(code=ProblemCode.SENDER_UNKNOWN, field="sender", detail=f"{origin.agency}/{origin.point}")
    if not senders.may_report(author, report, day):
        yield Problem(code=ProblemCode.SENDER_UNKNOWN, field="sender", detail=f"{author.agency}/{author.point}")
    if (unit := report.on_behalf_of) and not senders.may_log_for(author, unit, day):
        detail = f"{author.agency} for {unit.agency}/{unit.unit}"
        yield Problem(code=ProblemCode.SENDER_NOT_ENTITLED, field="on_behalf_of", detail=detail)
    if report.sender and (report.sender.agency, report.sender.unit) != author:
        yield Problem(code=ProblemCode.SENDER_MISMATCH, field="sender", detail=f"not {author.agency}/{author.point}")


def _times(report: IncidentReport | SituationReport, received_at: datetime) -> Iterator[Problem]:
    for name, at in (("sent", report.sent), ("observed_at", report.observed_at)):
        if at > received_at + MAX_AHEAD:
            yield Problem(code=ProblemCode.TIME_INVALID, field=name, detail="more than 24 h ahead of the hub's clock")
    for path, at in _instants(report.model_dump(), ""):
        if not _EARLIEST <= at < _LATEST:
            yield Problem(code=ProblemCode.TIME_INVALID, field=path, detail="outside the years 1970 to 9998")


def _instants(value: Any, path: str) -> Iterator[tuple[str, datetime]]:  # noqa: ANN401 - a dumped report
    if isinstance(value, datetime):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _instants(inner, f"{path}.{name}".strip("."))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _instants(inner, f"{path}.{index}")


def _rejected(draft: ReportDraft, problems: tuple[Problem, ...]) -> Rejected:
    original = draft.original.model_copy(update={"content": None})
    space = space_of(draft.report.status) or Space.ACTUAL
    return Rejected(problems, original, space, draft.report.report, draft.part, draft.refused_as)


def _accepted_event(accepted: Accepted, arrival: Arrival) -> Event[ReportAccepted]:
    report = accepted.report.report
    return Event[ReportAccepted](
        id=accepted_id(accepted.space, arrival.origin, report),
        source=SOURCE,
        type=type_of(ReportAccepted),
        subject=subjects.report(accepted.space, arrival.origin, report),
        time=arrival.received_at,
        dataschema=schema_of(ReportAccepted),
        correlationid=arrival.submission,
        causationid=arrival.submission,
        data=ReportAccepted(
            sender=_sender(arrival.origin),
            received_at=arrival.received_at,
            content=accepted.content,
            original=accepted.original,
            report=accepted.report,
            personal=tuple(one.sealed for one in accepted.openings) or None,
            signature=accepted.signature,
        ),
    )


def _rejected_event(rejected: Rejected, arrival: Arrival) -> Event[ReportRejected]:
    return Event[ReportRejected](
        id=_rejected_event_id(rejected, arrival.origin),
        source=SOURCE,
        type=type_of(ReportRejected),
        subject=subjects.report(rejected.space, arrival.origin, rejection_id(rejected, arrival.origin)),
        time=arrival.received_at,
        dataschema=schema_of(ReportRejected),
        correlationid=arrival.submission,
        causationid=arrival.submission,
        data=ReportRejected(
            sender=_sender(arrival.origin),
            received_at=arrival.received_at,
            original=rejected.original,
            claimed_report=rejected.claimed_report,
            problems=rejected.problems,
        ),
    )


def _refusal(rejected: Rejected, origin: Origin, outcome: Outcome) -> ReportReceipt:
    return ReportReceipt(
        report=rejected.claimed_report or rejection_id(rejected, origin),
        outcome=outcome,
        event=_rejected_event_id(rejected, origin),
        problems=rejected.problems,
    )


def _rejected_event_id(rejected: Rejected, origin: Origin) -> UUID:
    return derived_id("ReportRejected", rejected.space, rejection_id(rejected, origin))


def _sender(origin: Origin) -> Sender:
    return Sender(agency=origin.agency, unit=origin.point)
