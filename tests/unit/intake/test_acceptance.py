"""Who may file what, what a repetition gives, and that every fact and receipt is the same each time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from contracts import envelope
from contracts.canonical import content_digest
from contracts.codes import Space, Status
from contracts.events import ReportAccepted, ReportRejected
from contracts.receipts import Outcome
from contracts.reports import IncidentReport, SituationReport
from contracts.subjects import Origin
from services.intake.acceptance import (
    Accepted,
    Arrival,
    Conflict,
    Duplicate,
    Rejected,
    accept,
    event_of,
    receipt_of,
    refuse,
    rejection_id,
    subject_of,
)
from services.intake.formats import ReportDraft, read
from services.intake.formats.json_report import REPORT
from services.intake.senders import Senders
from tests.strategies import reports
from tests.unit.intake.samples import (
    ARRIVAL,
    ORIGIN,
    RECEIVED_AT,
    REPORT_ID,
    as_json,
    cap,
    draft_of,
    refusal_of,
    register,
    report,
)

SENDERS = Senders(register())


def rejected(changes: dict[str, Any], arrival: Arrival = ARRIVAL, senders: Senders = SENDERS) -> list[tuple[str, str]]:
    decision = accept(draft_of(as_json(report(**changes))), arrival, senders, None)
    assert isinstance(decision, Rejected)
    return [(problem.code.value, problem.field) for problem in decision.problems]


def test_a_good_report_of_a_known_unit_goes_on_record() -> None:
    decision = accept(draft_of(as_json(report())), ARRIVAL, SENDERS, None)
    event = event_of(decision, ARRIVAL)
    assert event is not None
    assert isinstance(event.data, ReportAccepted)
    assert event.subject == f"actual.report.cax-a-luoi.to-1.{REPORT_ID}"
    assert event.subject == subject_of(draft_of(as_json(report())), ORIGIN)
    assert event.time == event.data.received_at == RECEIVED_AT
    assert event.correlationid == event.causationid == ARRIVAL.submission
    assert (event.data.sender.agency, event.data.sender.unit) == ORIGIN
    assert event.data.content == content_digest(event.data.report)
    receipt = receipt_of(decision, ORIGIN)
    assert (receipt.outcome, receipt.event, str(receipt.report)) == (Outcome.ACCEPTED, event.id, REPORT_ID)


@pytest.mark.parametrize("body", [as_json(report()), as_json(report(headline="  Lũ ")), cap()])
def test_a_redelivered_submission_yields_the_same_bytes(body: bytes) -> None:
    """Breaks if a clock, a random id or an unordered set took part: a redelivery would then record a second fact."""
    first, again = (event_of(accept(draft_of(body), ARRIVAL, SENDERS, None), ARRIVAL) for _ in range(2))
    assert first is not None
    assert again is not None
    assert first.to_bytes() == again.to_bytes()
    assert envelope.read(first.to_bytes()) == first


def test_the_same_content_again_is_a_duplicate_with_the_same_event() -> None:
    draft = draft_of(as_json(report()))
    first = accept(draft, ARRIVAL, SENDERS, None)
    assert isinstance(first, Accepted)
    later = replace(ARRIVAL, submission=UUID(int=8), received_at=RECEIVED_AT + timedelta(days=2))
    again = accept(draft_of(b" " + as_json(report())), later, SENDERS, first.content)
    assert isinstance(again, Duplicate)
    assert event_of(again, later) is None
    receipt = receipt_of(again, ORIGIN)
    assert (receipt.outcome, receipt.event) == (Outcome.DUPLICATE, receipt_of(first, ORIGIN).event)


def test_a_receipt_once_given_holds_after_the_unit_has_left_the_register() -> None:
    """Breaks if a unit could be told `rejected` for a report that is on record."""
    draft = draft_of(as_json(report()))
    decision = accept(draft, ARRIVAL, Senders(register(valid_to=date(2026, 1, 1))), content_digest(draft.report))
    assert isinstance(decision, Duplicate)


def test_other_content_under_the_same_id_is_a_conflict_and_leaves_the_record_alone() -> None:
    """Breaks if a second report could replace or shadow one that is already on record."""
    decision = accept(draft_of(as_json(report(headline="Khác"))), ARRIVAL, SENDERS, "0" * 64)
    assert isinstance(decision, Conflict)
    event, receipt = event_of(decision, ARRIVAL), receipt_of(decision, ORIGIN)
    assert event is not None
    assert isinstance(event.data, ReportRejected)
    assert REPORT_ID not in event.subject
    assert (receipt.outcome, str(receipt.report), receipt.event) == (Outcome.CONFLICT, REPORT_ID, event.id)
    assert [problem.code.value for problem in receipt.problems] == ["id.conflict"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sender": {"agency": "cax-a-luoi", "unit": "to-2"}}, ("sender.mismatch", "sender")),
        ({"status": "System"}, ("status.not_accepted", "status")),
        ({"status": "Draft"}, ("status.not_accepted", "status")),
        ({"msg_type": "Ack"}, ("cap.msg_type", "msg_type")),
        ({"references": [REPORT_ID]}, ("field.invalid", "references")),
        ({"sent": "2026-11-23T08:00:01+07:00"}, ("time.invalid", "sent")),
        ({"observed_at": "2026-11-24T08:00:00+07:00"}, ("time.invalid", "observed_at")),
        ({"sent": "0001-01-01T00:00:00+14:00"}, ("time.invalid", "sent")),
        (
            {"oral": {"at": "9999-12-31T23:59:59-14:00", "channel": "phone", "to": "trực ban"}},
            ("time.invalid", "oral.at"),
        ),
        (
            {"counts": [{"of": "dead", "value": 1, "unit": "person", "source": "x", "as_of": "0001-01-01T00:00:00Z"}]},
            ("time.invalid", "counts.0.as_of"),
        ),
    ],
)
def test_a_report_that_may_not_be_filed_says_why(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert rejected(changes) == [expected]


def test_a_late_report_is_never_refused() -> None:
    draft = draft_of(as_json(report(sent="2024-01-01T00:00:00+07:00", observed_at="1999-12-31T00:00:00+07:00")))
    assert isinstance(accept(draft, ARRIVAL, SENDERS, None), Accepted)


def test_a_clock_that_is_a_day_ahead_is_still_believed() -> None:
    draft = draft_of(as_json(report(sent="2026-11-23T08:00:00+07:00")))
    assert isinstance(accept(draft, ARRIVAL, SENDERS, None), Accepted)


@pytest.mark.parametrize("origin", [Origin("cax-a-luoi", "to-9"), Origin("other", "to-1")])
def test_a_sender_that_is_not_in_the_register_is_refused(origin: Origin) -> None:
    assert rejected({}, replace(ARRIVAL, origin=origin)) == [("sender.unknown", "sender")]


@pytest.mark.parametrize(
    ("validity", "known"),
    [
        ({"valid_from": date(2026, 11, 22)}, True),
        ({"valid_from": date(2026, 11, 23)}, False),
        ({"valid_to": date(2026, 11, 22)}, True),
        ({"valid_to": date(2026, 11, 21)}, False),
    ],
)
def test_a_unit_may_report_on_its_days_only(validity: dict[str, date], *, known: bool) -> None:
    assert (not Senders(register(**validity)).knows(ORIGIN, date(2026, 11, 22))) is not known


def test_the_day_is_counted_in_vietnam() -> None:
    """Breaks if a unit that is valid from today were refused until seven in the morning."""
    early = replace(ARRIVAL, received_at=datetime(2026, 11, 21, 18, 0, tzinfo=UTC))
    senders = Senders(register(valid_from=date(2026, 11, 22)))
    assert isinstance(accept(draft_of(as_json(report())), early, senders, None), Accepted)


@pytest.mark.parametrize(
    ("body", "space"),
    [
        (b"{", "actual"),
        (as_json(report(category="X")), "actual"),
        (as_json(report(category="X", status="Exercise")), "exercise"),
        (as_json(report(category="X", status="Draft")), "actual"),
        (cap(("Actual", "Test"), ("Lũ quét<", "Tin<")), "test"),
    ],
)
def test_a_refusal_is_a_fact_in_the_space_it_names(body: bytes, space: str) -> None:
    decision = refuse(refusal_of(body))
    event = event_of(decision, ARRIVAL)
    assert event is not None
    assert isinstance(event.data, ReportRejected)
    assert event.subject == f"{space}.report.cax-a-luoi.to-1.{rejection_id(decision, ORIGIN)}"
    assert event.data.original.content is None
    assert receipt_of(decision, ORIGIN).event == event.id


def test_the_same_bad_bytes_give_the_same_receipt_and_fact() -> None:
    """Breaks if a unit that keeps sending the same bad bytes could fill EVENTS."""
    later = replace(ARRIVAL, submission=UUID(int=9), received_at=RECEIVED_AT + timedelta(hours=1))
    first, again = refuse(refusal_of(b"{")), refuse(refusal_of(b"{"))
    events = event_of(first, ARRIVAL), event_of(again, later)
    assert events[0] is not None
    assert events[1] is not None
    assert (events[0].id, events[0].subject) == (events[1].id, events[1].subject)
    assert receipt_of(first, ORIGIN) == receipt_of(again, ORIGIN)


def test_bad_parts_of_one_submission_are_facts_of_their_own() -> None:
    part = refusal_of(b"{")
    first, second = refuse(part), refuse(replace(part, part=1))
    assert rejection_id(first, ORIGIN) != rejection_id(second, ORIGIN)


def test_what_is_refused_leaves_no_bytes_behind() -> None:
    draft = draft_of(as_json(report(headline="  Lũ ", status="Draft")))
    assert draft.original.content is not None
    decision = accept(draft, ARRIVAL, SENDERS, None)
    assert isinstance(decision, Rejected)
    assert decision.original.content is None
    assert subject_of(draft, ORIGIN) is None


@settings(max_examples=50, deadline=None)
@given(reports())
def test_every_valid_report_of_a_known_unit_is_accepted_once(sent: IncidentReport | SituationReport) -> None:
    """Breaks if some valid report could be neither accepted nor refused, or its fact could not be read back."""
    (draft,) = read(REPORT.dump_json(sent, exclude_none=True), ORIGIN)
    assert isinstance(draft, ReportDraft)
    arrival = replace(ARRIVAL, received_at=datetime(2036, 1, 1, tzinfo=UTC))
    decision = accept(draft, arrival, SENDERS, None)
    assert isinstance(decision, Accepted) or sent.report in sent.references
    event = event_of(decision, arrival)
    assert event is not None
    assert envelope.read(event.to_bytes()) == event
    if isinstance(decision, Accepted):
        assert decision.space.value == sent.status.value.lower()
        assert isinstance(accept(draft, arrival, SENDERS, decision.content), Duplicate)


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST])
def test_an_exercise_never_gets_an_actual_subject(status: Status) -> None:
    """Breaks if a drill could reach a live desk."""
    decision = accept(draft_of(as_json(report(status=status.value))), ARRIVAL, SENDERS, None)
    event = event_of(decision, ARRIVAL)
    assert event is not None
    assert not event.subject.startswith(Space.ACTUAL.value)
