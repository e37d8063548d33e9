"""The edge of intake: reads a batch of submissions, decides purely, records, and answers every sender."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nats.aio.msg import Msg

from contracts import subjects
from contracts.envelope import Event
from contracts.receipts import Receipt
from services.intake.acceptance import (
    Arrival,
    Decision,
    Senders,
    accept,
    event_of,
    receipt_of,
    refuse,
    subject_of,
)
from services.intake.formats import ReportDraft, Unreadable, read
from services.runtime.broker import Bus
from services.runtime.messages import stored_at, submission
from services.runtime.publishing import Recorded, Stale
from services.runtime.telemetry import OUTCOMES

Known = dict[str, str]


class ReportBook(Protocol):
    """What EVENTS holds about reports; `store.Reports` is the real one."""

    def recall(self, subjects: Iterable[str]) -> Known:
        """What is remembered, without asking."""

    async def look_up(self, subjects: Sequence[str]) -> Known:
        """What is on record, for certain."""

    async def record(self, events: Sequence[Event[Any]]) -> Recorded | Stale:
        """All events, each the first under its subject, or none."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One message of INBOX, read."""

    arrival: Arrival
    parts: tuple[ReportDraft | Unreadable, ...]


class Intake:
    """Takes submissions. The receipt leaves only after the fact is on disk; a crash before that repeats the batch."""

    def __init__(self, bus: Bus, reports: ReportBook, senders: Senders) -> None:
        self._bus = bus
        self._reports = reports
        self._senders = senders

    async def on_submissions(self, messages: Sequence[Msg]) -> None:
        """Submissions from units: each report is accepted, a duplicate, in conflict or refused, and answered."""
        submissions = [_read(message) for message in messages]
        wanted = [subject for one in submissions for subject in _subjects(one)]
        known = self._reports.recall(wanted)
        decided, events = self._decide(submissions, known)
        while events and isinstance(await self._reports.record(events), Stale):
            # Found once is known for good: each decision asks about other subjects, so forgetting would go in circles.
            known |= await self._reports.look_up([*wanted, *(event.subject for event in events)])
            decided, events = self._decide(submissions, known)
        for one, decisions in zip(submissions, decided, strict=True):
            await self._answer(one, decisions)

    def _decide(self, submissions: Sequence[Submission], known: Known) -> tuple[list[list[Decision]], list[Event[Any]]]:
        """Decisions in order, later submissions seeing the earlier ones, and the facts not yet on record."""
        known = dict(known)
        decided: list[list[Decision]] = []
        events: list[Event[Any]] = []
        for one in submissions:
            decided.append([])
            for part in one.parts:
                decision = self._decide_one(part, one.arrival, known)
                decided[-1].append(decision)
                event = event_of(decision, one.arrival)
                if event is not None and event.subject not in known:
                    known[event.subject] = getattr(event.data, "content", "")
                    events.append(event)
        return decided, events

    def _decide_one(self, part: ReportDraft | Unreadable, arrival: Arrival, known: Known) -> Decision:
        if isinstance(part, Unreadable):
            return refuse(part)
        subject = subject_of(part, arrival.origin)
        return accept(part, arrival, self._senders, known.get(subject) if subject else None)

    async def _answer(self, one: Submission, decisions: Sequence[Decision]) -> None:
        receipts = tuple(receipt_of(decision, one.arrival.origin) for decision in decisions)
        for receipt in receipts:
            OUTCOMES.labels("report", receipt.outcome.value).inc()
        body = Receipt(submission=one.arrival.submission, reports=receipts).model_dump_json().encode()
        await self._bus.publisher.announce(subjects.receipts(*one.arrival.origin), body)


def _read(message: Msg) -> Submission:
    origin = subjects.origin_of(message.subject)
    arrival = Arrival(origin, submission(message), stored_at(message))
    return Submission(arrival, read(message.data, origin, (message.headers or {}).get("Content-Type")))


def _subjects(one: Submission) -> list[str]:
    found = (subject_of(part, one.arrival.origin) for part in one.parts if isinstance(part, ReportDraft))
    return [subject for subject in found if subject]
