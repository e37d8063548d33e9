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
from binascii import unhexlify
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Annotated, Final, NamedTuple, Protocol
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from contracts.canonical import sha256_hex
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from contracts.text import TYPE_PATTERN
from services.audit.tlog.merkle import CompactRange

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
    """What the body, the subject and the stream's clock say, as columns to search by."""

    occurred_at: int
    event_id: bytes
    incident_id: bytes | None
    event_type: str
    agency: str | None


class Entry(NamedTuple):
    """One row of the ledger: times in microseconds since 1970-01-01T00:00:00Z, ids as their 16 bytes."""

    idx: int
    stream_seq: int
    occurred_at: int
    stored_at: int
    recorded_at: int
    event_id: bytes
    leaf_hash: bytes
    incident_id: bytes | None
    event_type: str
    agency: str | None
    subject: str
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
_UUID: Final = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PLAIN: Final = rb'"[ !#-\[\]-~]*+"'
_AS_WE_WRITE: Final = re.compile(
    rb'\{"specversion":"1\.0","id":"(%b)","source":%b,"type":"(phoihop\.[A-Za-z]+\.v[0-9]+)","subject":%b,'
    rb'"time":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z)","datacontenttype":%b,'
    rb'"dataschema":%b(?:,"incidentid":"(%b)")?,"correlationid":%b,"causationid":%b,"data":'
    % (_UUID, _PLAIN, _PLAIN, _PLAIN, _PLAIN, _UUID, _PLAIN, _PLAIN)
)
"""The head of an event exactly as `contracts.envelope` writes it. What it matches says the same to a JSON reader."""
_AGENCY: Final = re.compile(r"[a-z]+\.(?:report|action|incident\.[^.]+\.dispatch)\.([a-z0-9][a-z0-9-]{0,31})\.")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def entry_of(idx: int, received: Received, recorded_at: int) -> Entry:
    """The row of one message: columns, leaf and the untouched body; `recorded_at` in microseconds."""
    stream_seq, subject, body, moment = received
    stored_at = microseconds(moment)
    occurred_at, event_id, incident_id, event_type, agency = project(stream_seq, subject, body, stored_at)
    leaf = leaf_of(recorded_at, stored_at, stream_seq, subject, body)
    return Entry(
        *(idx, stream_seq, occurred_at, stored_at, recorded_at, event_id, leaf, incident_id, event_type, agency),
        *(subject, body),
    )


def leaf_input(message: Message, recorded_at: datetime) -> bytes:
    """The bytes a leaf commits to; see the module for their definition."""
    times = (microseconds(recorded_at), microseconds(message.stored_at))
    return leaf_bytes(*times, message.stream_seq, message.subject, message.body)


def leaf_bytes(recorded_at: int, stored_at: int, stream_seq: int, subject: str, body: bytes) -> bytes:
    """The same from times in microseconds."""
    quoted = encode_basestring(subject).encode()
    return b'{"recorded_at":%d,"stored_at":%d,"stream_seq":%d,"subject":%b,"v":1}\n%b' % (
        recorded_at,
        stored_at,
        stream_seq,
        quoted,
        body,
    )


def leaf_of(recorded_at: int, stored_at: int, stream_seq: int, subject: str, body: bytes) -> bytes:
    """`leaf_hash` of `leaf_bytes`, with the body copied once instead of twice: half of what a row costs is this."""
    quoted = encode_basestring(subject).encode()
    return sha256(
        b'\x00{"recorded_at":%d,"stored_at":%d,"stream_seq":%d,"subject":%b,"v":1}\n%b'
        % (recorded_at, stored_at, stream_seq, quoted, body)
    ).digest()


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z, exact for every datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(since: int) -> datetime:
    """The reverse of `microseconds`."""
    return _EPOCH + timedelta(microseconds=since)


def project(stream_seq: int, subject: str, body: bytes, stored_at: int) -> Projection:
    """The columns of one message. Total: a body that is no event of any version gives an `unreadable` entry."""
    agency = found[1] if (found := _AGENCY.match(subject)) else None
    if head := _AS_WE_WRITE.match(body):
        event_id, event_type, time, incident_id = head.groups()
        try:
            occurred_at = microseconds(datetime.fromisoformat(time.decode()))
        except ValueError:  # a 30 February: the reader below says what that is
            pass
        else:
            incident = None if incident_id is None else unhexlify(incident_id.replace(b"-", b""))
            event = unhexlify(event_id.replace(b"-", b""))
            return Projection(occurred_at, event, incident, event_type.decode(), agency)
    return _projected(stream_seq, body, stored_at, agency)


def as_repeated(entry: Entry) -> Entry:
    """The row of a message that repeats an event id: in its place in the record, out of the way of the first one."""
    return entry._replace(event_id=repeated_id(entry.stream_seq, entry.event_id), event_type=REPEATED)


def repeated_id(stream_seq: int, event_id: bytes) -> bytes:
    """What stands in the id column of a `repeated` entry."""
    return derived_id(REPEATED, str(stream_seq), str(UUID(bytes=event_id))).bytes


def _projected(stream_seq: int, body: bytes, stored_at: int, agency: str | None) -> Projection:
    """The same by a JSON reader."""
    try:
        context = _context(body)
        occurred_at = microseconds(context.time.astimezone(UTC))
    except (ValidationError, OverflowError):  # the latter: a time of year 1 or 9999 that UTC cannot say
        unique = derived_id(UNREADABLE, str(stream_seq), sha256_hex(body))
        return Projection(stored_at, unique.bytes, None, UNREADABLE, agency)
    incident = UUID(context.incidentid).bytes if context.incidentid else None
    return Projection(occurred_at, UUID(context.id).bytes, incident, context.type, agency)


def _context(body: bytes) -> _Context:
    # Our writers put `data` last, and its quoted name cannot stand inside a JSON string: what precedes it is the whole
    # head or, where some inner object has such a member, no JSON. Parsing the data would triple the cost of an entry.
    if (end := body.find(_BEFORE_DATA)) > 0:
        with suppress(ValidationError):
            return _Context.model_validate_json(body[:end] + b"}")
    return _Context.model_validate_json(body)
