"""Decides what one message of EVENTS becomes in the ledger: its columns and its leaf. It stores nothing.

The leaf input of version 1 is `header ‖ 0x0A ‖ body`. The body is the message exactly as received. The header is the
RFC 8785 JSON object with the members

    recorded_at  the ledger's clock when the entry was written, in microseconds since 1970-01-01T00:00:00Z
    stored_at    the stream's clock when the message was stored, in the same unit
    stream_seq   the sequence in EVENTS
    subject      the subject it was stored under
    v            1

and, being canonical, holds no raw line feed: the first 0x0A ends it, so different entries have different leaf inputs.
The position in the tree is the entry's `idx`. Every other column only repeats what body, subject and stored_at say.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Annotated, Final, NamedTuple, Protocol

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from contracts.canonical import sha256_hex
from contracts.envelope import TYPE_PATTERN
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from services.audit.merkle import CompactRange, leaf_hash

UNREADABLE: Final = "unreadable"
"""The event type of a message whose body is no event. It is recorded all the same: the ledger leaves nothing out."""
REPEATED: Final = "repeated"
"""The event type of a message whose event id is in the ledger already under an earlier sequence."""


class Received(NamedTuple):
    """One message of EVENTS as the stream delivered it."""

    stream_seq: int
    subject: str
    body: bytes
    stored_at: datetime
    """The stream's clock, to the microsecond; the same at every redelivery."""


class Message(Protocol):
    """What leaf and columns are made from; a received message has it, and so has a row that is read back."""

    @property
    def stream_seq(self) -> int: ...  # noqa: D102 - see Received
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def stored_at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends: the last stream sequence in it and the tree over all entries."""

    stream_seq: int = 0
    range: CompactRange = field(default_factory=CompactRange)

    @property
    def size(self) -> int:
        """How many entries there are; the next one gets this `idx`."""
        return self.range.size

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return self.range.root()


class Projection(NamedTuple):
    """What the body, the subject and the stream's clock say, as columns to search by. Ids are lower-case text."""

    occurred_at: datetime
    event_id: str
    incident_id: str | None
    event_type: str
    agency: str | None


class Entry(NamedTuple):
    """One row of the ledger; the field order is the column order."""

    idx: int
    stream_seq: int
    occurred_at: datetime
    stored_at: datetime
    recorded_at: datetime
    event_id: str
    incident_id: str | None
    event_type: str
    agency: str | None
    subject: str
    leaf_hash: bytes
    body: bytes


_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
# a string, because making a UUID object costs as much as reading the whole head of an event


class _Context(Contract):
    """The CloudEvents attributes that become columns."""

    model_config = ConfigDict(extra="ignore")

    id: _Id
    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    time: AwareDatetime
    incidentid: _Id | None = None


_BEFORE_DATA: Final = b',"data":'
_AGENCY: Final = re.compile(r"[a-z]+\.(?:report|action|incident\.[^.]+\.dispatch)\.([a-z0-9][a-z0-9-]{0,31})\.")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def entry_of(idx: int, received: Received, said: Projection, recorded_at: datetime) -> Entry:
    """The row of one message: columns, leaf and the untouched body."""
    return Entry(
        idx,
        received.stream_seq,
        said.occurred_at,
        received.stored_at,
        recorded_at,
        said.event_id,
        said.incident_id,
        said.event_type,
        said.agency,
        received.subject,
        leaf_hash(leaf_input(received, recorded_at)),
        received.body,
    )


def leaf_input(message: Message, recorded_at: datetime) -> bytes:
    """The bytes a leaf commits to; see the module for their definition."""
    return b'{"recorded_at":%d,"stored_at":%d,"stream_seq":%d,"subject":%b,"v":1}\n%b' % (
        microseconds(recorded_at),
        microseconds(message.stored_at),
        message.stream_seq,
        encode_basestring(message.subject).encode(),
        message.body,
    )


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z, exact for every datetime."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def project(message: Message) -> Projection:
    """The columns of one message. Total: a body that is no event of any version gives an `unreadable` entry."""
    agency = found[1] if (found := _AGENCY.match(message.subject)) else None
    try:
        context = _context(message.body)
        occurred_at = context.time.astimezone(UTC)
    except (ValidationError, OverflowError):  # the latter: a time of year 1 or 9999 that UTC cannot say
        unique = derived_id(UNREADABLE, str(message.stream_seq), sha256_hex(message.body))
        return Projection(message.stored_at, str(unique), None, UNREADABLE, agency)
    return Projection(occurred_at, context.id, context.incidentid, context.type, agency)


def as_repeated(entry: Entry) -> Entry:
    """The row of a message that repeats an event id: in its place in the record, out of the way of the first one."""
    return entry._replace(event_id=repeated_id(entry.stream_seq, entry.event_id), event_type=REPEATED)


def repeated_id(stream_seq: int, event_id: str) -> str:
    """What stands in the id column of a `repeated` entry."""
    return str(derived_id(REPEATED, str(stream_seq), event_id))


def _context(body: bytes) -> _Context:
    # Our writers put `data` last, and its quoted name cannot stand inside a JSON string: what precedes it is the whole
    # head or, where some inner object has such a member, no JSON. Parsing the data would triple the cost of an entry.
    if (end := body.find(_BEFORE_DATA)) > 0:
        with suppress(ValidationError):
            return _Context.model_validate_json(body[:end] + b"}")
    return _Context.model_validate_json(body)
