"""The only publisher: facts all-or-nothing under expected sequences, submissions, deadlines, copies, receipts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from nats.aio.client import Client
from nats.errors import MaxPayloadError

from contracts import attachment_subjects, subjects
from contracts.attached import ObjectDescription
from contracts.codes import Space
from contracts.envelope import CONTENT_TYPE
from contracts.identifiers import new_id
from contracts.streams import ATTACHMENT_PIECE
from services.runtime.jetstream import (
    BusUnavailableError,
    JetStreamBusyError,
    JetStreamRefusedError,
    OversizedError,
    must_fit,
    raise_for_error,
    request,
)

MAX_BATCH: Final = 1000
"""Messages in one atomic batch (server limit)."""
SUBMISSION_HEADER: Final = "Phoihop-Submission"
EVENT_TYPE_HEADER: Final = "Phoihop-Type"
SEQUENCE: Final = "Phoihop-Sequence"
ANSWERED: Final = ("_INBOX.", "_R_.")
"""Where requests may be answered: inboxes, and what the server makes of a reply that comes from another account."""
DUE_TTL: Final = "24h"
"""How long a due message is kept; the sweep finds what was not handled by then."""

_BATCH_HEADERS: Final = 128
"""More than `_batch_headers` adds."""
_WRONG_LAST_SEQUENCE: Final = frozenset({10071, 10164})
_INBOX_FULL: Final = frozenset({10077})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must still be true when the fact is stored: the last sequence under a subject filter (0 = nothing yet)."""

    filter_subject: str
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One event ready to be stored."""

    subject: str
    body: bytes
    event_type: str
    expect: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """All facts are on disk, at consecutive sequences."""

    first_sequence: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing was stored: somebody else, or an earlier attempt of ours, was first. Reload and decide again."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One obligation's time, on the hub's clock."""

    space: Space
    incident: UUID
    obligation: UUID
    due: datetime


@dataclass(frozen=True, slots=True)
class ReportDeadline:
    """The time by which an agency owes a report, on the hub's clock."""

    space: Space
    agency: str
    obligation: UUID
    due: datetime


@dataclass(frozen=True, slots=True)
class _Reminder:
    """What asks the server for a message at some time."""

    subject: str
    headers: dict[str, str]


class InboxFullError(Exception):
    """This sender has too many unhandled submissions; its own queue is full, nobody else's."""


class Publisher:
    """Publishes on one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def record(self, facts: Sequence[Fact]) -> Recorded | Stale:
        """Stores all facts or none, on disk before it returns (durability as the server is configured).

        A lost answer raises `BusUnavailableError`: the facts may or may not be stored; reload and decide again.
        """
        if len(facts) > MAX_BATCH:
            msg = f"{len(facts)} facts in one batch, at most {MAX_BATCH}"
            raise ValueError(msg)
        return await self._together([(fact.subject, fact.body, _headers(fact)) for fact in facts])

    async def show(self, newest: Sequence[tuple[str, bytes]]) -> None:
        """Makes each the newest value of its subject; a lost answer leaves it open which, so show them again."""
        for start in range(0, len(newest), MAX_BATCH):
            part = newest[start : start + MAX_BATCH]
            await self._together([(subject, body, {"Content-Type": "application/json"}) for subject, body in part])

    async def submit(
        self,
        subject: str,
        body: bytes,
        submission: UUID,
        media_type: str | None = None,
        signature: Mapping[str, str] | None = None,
    ) -> int:
        """Hands a submission over to INBOX; returns its sequence there. The receipt, not this, is the promise."""
        headers = {SUBMISSION_HEADER: str(submission)} | ({"Content-Type": media_type} if media_type else {})
        headers |= signature or {}
        answer = await request(self._client, subject, body, headers)
        try:
            return int(raise_for_error(json.loads(answer.data))["seq"])
        except JetStreamBusyError as error:
            if error.err_code in _INBOX_FULL:
                raise InboxFullError(str(error)) from error
            raise

    async def hand_over(self, subject: str, sealed: bytes) -> None:
        """Stores sealed values on disk for the vault. Doing it again is safe: the vault keeps each value once."""
        raise_for_error(json.loads((await request(self._client, subject, sealed)).data))

    async def attach(self, described: ObjectDescription, body: bytes) -> Recorded | Stale:
        """Stores an object and its description, wholly or not at all; `Stale` where one of this name is there already.

        On disk before it returns. What was never described is never there, and what is there is never replaced.
        """
        subject = attachment_subjects.description(described.name)
        pieces = [body[at : at + ATTACHMENT_PIECE] for at in range(0, len(body), ATTACHMENT_PIECE)]
        where = attachment_subjects.pieces_of(described.nuid)
        first = {
            "Nats-Expected-Last-Subject-Sequence": "0",
            "Nats-Expected-Last-Subject-Sequence-Subject": subject,
        }
        messages: list[tuple[str, bytes, dict[str, str]]] = [(where, piece, {}) for piece in pieces]
        return await self._together([*messages, (subject, described.model_dump_json().encode(), first)])

    async def schedule(self, deadlines: Sequence[Deadline]) -> None:
        """Asks the server to put a message out when each is due; asking again replaces the earlier request."""
        identities = [(one.space, one.incident, one.obligation) for one in deadlines]
        await self._remind(
            _reminder(subjects.schedule(*identity), subjects.due(*identity), one.due)
            for identity, one in zip(identities, deadlines, strict=True)
        )

    async def schedule_report(self, deadline: ReportDeadline) -> None:
        """The same for a report that an agency owes."""
        identity = (deadline.space, deadline.agency, deadline.obligation)
        await self._remind(
            [_reminder(subjects.report_schedule(*identity), subjects.report_due(*identity), deadline.due)]
        )

    async def schedule_drill(self, drill: UUID, dues: Sequence[datetime]) -> None:
        """The same for the reports of an exercise, each known by its number."""
        await self._remind(
            _reminder(subjects.drill_schedule(drill, number), subjects.drill_due(drill, number), due)
            for number, due in enumerate(dues)
        )

    async def _remind(self, reminders: Iterable[_Reminder]) -> None:
        """In atomic batches: one by one each would be synced to disk alone, thousands after a burst of deadlines."""
        wanted = tuple({one.subject: (one.subject, b"", one.headers) for one in reminders}.values())
        for start in range(0, len(wanted), MAX_BATCH):
            await self._together(wanted[start : start + MAX_BATCH])

    async def keep(self, value: bytes, expect: Expectation) -> Recorded | Stale:
        """Makes this the newest value of a key, if the one before is still the newest (compare-and-set)."""
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(expect.last_sequence),
            "Nats-Expected-Last-Subject-Sequence-Subject": expect.filter_subject,
        }
        return await self._store(expect.filter_subject, value, headers, 1)

    async def park(self, stream: str, consumer: str, original: Mapping[str, str], body: bytes) -> None:
        """Keeps a copy of a message that cannot succeed. `original` says where it came from and why it was parked."""
        headers = dict(original) | {"Nats-Msg-Id": f"{stream}:{consumer}:{original[SEQUENCE]}"}
        answer = await request(self._client, subjects.parked(stream, consumer), body, headers)
        raise_for_error(json.loads(answer.data))

    async def announce(self, subject: str, body: bytes) -> None:
        """Tells whoever listens now; not stored. Only for what can be asked again, such as receipts."""
        await self._send(subject, body, None)

    async def ask(self, subject: str, body: bytes, unheard: str) -> None:
        """Asks whoever listens; where nobody does, the server says so on `unheard`, an inbox. Not stored."""
        await self._send(subject, body, None, unheard)

    async def answer(self, subject: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Answers a request of another agency's program, but on an inbox only.

        Whoever asks names the subject of the answer: anywhere else we would publish in our name what they may not.
        """
        if subject.startswith(ANSWERED):
            await self._send(subject, body, headers)

    async def _together(self, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> Recorded | Stale:
        """One atomic batch; a single message needs none."""
        *first, (subject, body, headers) = messages
        if not first:
            return await self._store(subject, body, headers, 1)
        for one in messages:  # before anything is sent: half a batch would keep its place at the server for a while
            must_fit(self._client, *one, spare=_BATCH_HEADERS)
        batch = new_id().hex
        for position, one in enumerate(first, start=1):
            await self._send(one[0], one[1], one[2] | _batch_headers(batch, position))
        commit = headers | _batch_headers(batch, len(messages)) | {"Nats-Batch-Commit": "1"}
        return await self._store(subject, body, commit, len(messages))

    async def _send(self, subject: str, body: bytes, headers: dict[str, str] | None, reply: str = "") -> None:
        try:
            await self._client.publish(subject, body, reply=reply, headers=headers)
        except MaxPayloadError as error:
            raise OversizedError(f"{len(body)} bytes on {subject}") from error
        except Exception as error:
            msg = f"not connected: {type(error).__name__}"
            raise BusUnavailableError(msg) from error

    async def _store(self, subject: str, body: bytes, headers: dict[str, str], count: int) -> Recorded | Stale:
        answer = await request(self._client, subject, body, headers)
        try:
            stored = raise_for_error(json.loads(answer.data))
        except JetStreamRefusedError as error:
            if error.err_code in _WRONG_LAST_SEQUENCE:
                return Stale()
            raise
        return Recorded(stored["seq"] - count + 1, stored["seq"])


def in_batches(facts: Sequence[Fact], size: int = MAX_BATCH) -> Iterator[Sequence[Fact]]:
    """Cuts a long list into batches the server takes."""
    return (facts[start : start + size] for start in range(0, len(facts), size))


def _reminder(schedule: str, target: str, due: datetime) -> _Reminder:
    at = due.astimezone(UTC).isoformat().replace("+00:00", "Z")
    headers = {"Nats-Schedule": f"@at {at}", "Nats-Schedule-Target": target, "Nats-Schedule-TTL": DUE_TTL}
    return _Reminder(schedule, headers)


def _headers(fact: Fact) -> dict[str, str]:
    headers = {"Content-Type": CONTENT_TYPE, EVENT_TYPE_HEADER: fact.event_type}
    if fact.expect is not None:
        headers["Nats-Expected-Last-Subject-Sequence"] = str(fact.expect.last_sequence)
        headers["Nats-Expected-Last-Subject-Sequence-Subject"] = fact.expect.filter_subject
    return headers


def _batch_headers(batch: str, position: int) -> dict[str, str]:
    return {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(position)}
