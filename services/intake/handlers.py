"""The edge of intake: reads a batch of submissions, decides purely, records, and answers every sender."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from nats.aio.msg import Msg

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event
from contracts.receipts import Receipt
from services.intake.acceptance import (
    Accepted,
    Arrival,
    Conflict,
    Decision,
    accept,
    event_of,
    receipt_of,
    refuse,
    subject_of,
    values_of,
)
from services.intake.formats import ReportDraft, Unreadable, read
from services.intake.salts import DayKeys
from services.intake.sealing import needs_keys, seal
from services.intake.senders import Senders
from services.intake.signatures import beside, check, is_claimed, missing
from services.intake.signers import Signers
from services.intake.vault import HandOver
from services.runtime.broker import Bus
from services.runtime.failures import RetryLaterError
from services.runtime.messages import sequence, stored_at, submission
from services.runtime.publishing import Recorded, Stale
from services.runtime.secret_files import UnusableSecretError
from services.runtime.telemetry import outcomes

Known = dict[str, str]


class ReportBook(Protocol):
    """What EVENTS holds about reports; `store.Reports` is the real one."""

    def recall(self, subjects: Iterable[str]) -> Known:
        """What is remembered, without asking."""

    async def look_up(self, subjects: Sequence[str]) -> Known:
        """What is on record, for certain."""

    async def record(self, events: Sequence[Event[Any]]) -> Recorded | Stale:
        """All events, each the first under its subject, or none."""


class PersonalVault(Protocol):
    """Where personal values go; `vault.Vault` is the real one."""

    async def hand_over(self, batch: Sequence[HandOver]) -> None:
        """All of them, on disk before it returns."""

    async def overwrite(self, sequences: Sequence[int]) -> None:
        """These submissions leave nothing behind."""


class KeyBook(Protocol):
    """Whose key signs what; `signing_keys.SigningKeys` is the real one."""

    required: bool
    """Whether whoever has a key on record must sign."""

    async def newest(self) -> Signers:
        """With everything that is on record now."""


class Sealing(NamedTuple):
    """What personal values need: salts, and where the values go."""

    salts: DayKeys
    vault: PersonalVault


@dataclass(frozen=True, slots=True)
class Submission:
    """One message of INBOX, read, its personal values sealed."""

    arrival: Arrival
    parts: tuple[ReportDraft | Unreadable, ...]
    named_people: int | None = None
    """Its sequence in INBOX where its bytes hold, or may hold, personal values."""


class Intake:
    """Takes submissions. The receipt leaves only after the fact is on disk; a crash before that repeats the batch."""

    def __init__(self, bus: Bus, reports: ReportBook, senders: Senders, keys: KeyBook, sealing: Sealing) -> None:
        self._bus = bus
        self._reports = reports
        self._senders = senders
        self._keys = keys
        self._salts = sealing.salts
        self._vault = sealing.vault

    async def on_submissions(self, messages: Sequence[Msg]) -> None:
        """Submissions from units: each report is accepted, a duplicate, in conflict or refused, and answered."""
        signed = self._keys.required or any(is_claimed(message.headers) for message in messages)
        signers = await self._keys.newest() if signed else Signers()
        submissions = [self._read(message, signers) for message in messages]
        wanted = [subject for one in submissions for subject in _subjects(one)]
        known = self._reports.recall(wanted)
        decided, events = self._decide(submissions, known)
        while events and isinstance(await self._record(submissions, decided, events), Stale):
            # Found once is known for good: each decision asks about other subjects, so forgetting would go in circles.
            known |= await self._reports.look_up([*wanted, *(event.subject for event in events)])
            decided, events = self._decide(submissions, known)
        for one, decisions in zip(submissions, decided, strict=True):
            await self._answer(one, decisions)
        await self._vault.overwrite([one.named_people for one in submissions if one.named_people is not None])

    async def _record(
        self, submissions: Sequence[Submission], decided: Sequence[Sequence[Decision]], events: Sequence[Event[Any]]
    ) -> Recorded | Stale:
        """The values first: a fact that commits to a value nobody has would be a promise broken."""
        await self._vault.hand_over(list(_values(submissions, decided, {event.subject for event in events})))
        return await self._reports.record(events)

    def _read(self, message: Msg, signers: Signers) -> Submission:
        origin = subjects.origin_of(message.subject)
        arrival = Arrival(origin, submission(message), stored_at(message))
        headers = message.headers or {}
        parts = read(message.data, origin, headers.get("Content-Type"))
        if is_claimed(headers):
            signature = check(headers, message.data, arrival, signers)
            parts = tuple(beside(part, signature, message.data) for part in parts)
        elif self._keys.required:
            parts = tuple(missing(part, origin, signers) for part in parts)
        if not any(map(needs_keys, parts)):
            return Submission(arrival, tuple(seal(part, origin, ()) for part in parts))
        try:
            keys = self._salts.at(arrival.received_at)
        except UnusableSecretError as error:
            raise RetryLaterError(str(error)) from error
        return Submission(arrival, tuple(seal(part, origin, keys) for part in parts), sequence(message))

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
        for decision, receipt in zip(decisions, receipts, strict=True):
            outcomes(_space_of(decision)).labels("report", receipt.outcome.value).inc()
        body = Receipt(submission=one.arrival.submission, reports=receipts).model_dump_json().encode()
        await self._bus.publisher.announce(subjects.receipts(*one.arrival.origin), body)


def _space_of(decision: Decision) -> Space:
    """The status space that the decision is about; what could not be read counts as live."""
    return decision.rejection.space if isinstance(decision, Conflict) else decision.space


def _values(
    submissions: Sequence[Submission], decided: Sequence[Sequence[Decision]], new: set[str]
) -> Iterator[HandOver]:
    for one, decisions in zip(submissions, decided, strict=True):
        for decision in decisions:
            if isinstance(decision, Accepted) and (values := values_of(decision, one.arrival.origin)):
                identity = (decision.space, one.arrival.origin, decision.report.report)
                if subjects.report(*identity) in new:
                    yield HandOver(subjects.sealed(*identity), values)


def _subjects(one: Submission) -> list[str]:
    found = (subject_of(part, one.arrival.origin) for part in one.parts if isinstance(part, ReportDraft))
    return [subject for subject in found if subject]
