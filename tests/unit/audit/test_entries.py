"""What a message becomes in the ledger, for honest, odd and hostile bodies alike."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event
from contracts.events import ActionRefused
from services.audit.entries import (
    _AS_WE_WRITE,
    UNREADABLE,
    Projection,
    Received,
    _projected,
    as_repeated,
    entry_of,
    leaf_input,
    microseconds,
    moment_of,
)
from services.audit.entries import project as columns_of

STORED = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
RECORDED = datetime(2026, 11, 22, 1, 2, 4, tzinfo=UTC)
EVENT = "0190a1b2-0000-7000-8000-000000000001"
INCIDENT = UUID("0190a1b2-0000-7000-8000-000000000002")
SUBJECT = subjects.dispatch(Space.ACTUAL, INCIDENT, "ca-hue", "truc")


def body(**changed: Any) -> bytes:
    attributes = {
        "specversion": "1.0",
        "id": EVENT,
        "type": "phoihop.DispatchIssued.v1",
        "time": "2026-11-22T08:00:00.5+07:00",
        "incidentid": str(INCIDENT),
        "data": {"headline": "Lũ quét"},
    }
    written = {name: value for name, value in (attributes | changed).items() if value is not None}
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()


def received(content: bytes, subject: str = SUBJECT, seq: int = 7) -> Received:
    return Received(seq, subject, content, STORED)


def project(message: Received) -> Projection:
    return columns_of(message.stream_seq, message.subject, message.body, microseconds(message.stored_at))


def test_the_leaf_is_the_header_a_line_feed_and_the_body_as_received() -> None:
    """The definition an auditor's own program is written from; changing it breaks every proof ever given."""
    entry = entry_of(3, received(body()), microseconds(RECORDED))
    header = (
        b'{"recorded_at":1795309324000000,"stored_at":1795309323456789,"stream_seq":7,'
        b'"subject":"actual.incident.0190a1b2-0000-7000-8000-000000000002.dispatch.ca-hue.truc","v":1}'
    )
    assert entry.leaf_hash == hashlib.sha256(b"\x00" + header + b"\n" + body()).digest()
    assert entry.body == body()


@given(
    st.integers(1, 2**53 - 1), st.text(st.characters(exclude_categories=["Cs"])), st.datetimes(timezones=st.just(UTC))
)
def test_the_header_is_canonical_json_whatever_the_subject(seq: int, subject: str, moment: datetime) -> None:
    message = Received(seq, subject, b"\n{}", moment)
    header, _, content = leaf_input(message, RECORDED).partition(b"\n")
    said = {
        "recorded_at": microseconds(RECORDED),
        "stored_at": microseconds(moment),
        "stream_seq": seq,
        "subject": subject,
        "v": 1,
    }
    if abs(microseconds(moment)) < 2**53:  # JSON of RFC 8785 says nothing exact beyond
        assert header == rfc8785.dumps(said)  # type: ignore[arg-type]
    assert json.loads(header) == said
    assert content == b"\n{}"


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))])))
def test_microseconds_are_exact(moment: datetime) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(moment)) == moment


def test_the_columns_are_what_the_body_and_the_subject_say() -> None:
    said = project(received(body()))
    assert said.event_id == UUID(EVENT).bytes
    assert said.incident_id == INCIDENT.bytes
    assert said.event_type == "phoihop.DispatchIssued.v1"
    assert moment_of(said.occurred_at) == datetime(2026, 11, 22, 1, 0, 0, 500_000, tzinfo=UTC)
    assert said.agency == "ca-hue"


def test_an_event_that_writes_its_attributes_in_another_order_is_read_the_same() -> None:
    spaced = json.dumps(dict(reversed(json.loads(body()).items())), indent=1).encode()
    assert project(received(spaced)) == project(received(body()))


def test_attributes_inside_the_data_are_not_taken_for_those_of_the_event() -> None:
    nested = b'{"x":{"id":"0190a1b2-0000-7000-8000-00000000000f","data":1},' + body()[1:]
    assert project(received(nested)).event_id == UUID(EVENT).bytes


@pytest.mark.parametrize(
    ("subject", "agency"),
    [
        (subjects.report(Space.EXERCISE, subjects.Origin("bdbp-hue", "don-1"), INCIDENT), "bdbp-hue"),
        (SUBJECT, "ca-hue"),
        (subjects.course(Space.ACTUAL, INCIDENT), None),
        ("", None),
        ("actual.report", None),
    ],
)
def test_the_agency_is_the_one_the_subject_names(subject: str, agency: str | None) -> None:
    assert project(received(body(), subject)).agency == agency


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00\xfe",
        b"null",
        b"[]",
        b'{"data":{}}',
        body(id=None),
        body(id="not-an-id"),
        body(id=EVENT.upper()),
        body(type="other.Thing.v1"),
        body(type="phoihop.X\x00.v1"),
        body(time="yesterday"),
        body(time=1763773200),
        body(time="2026-11-22T08:00:00"),
        body(time="0001-01-01T00:00:00+14:00"),
        body(time="9999-12-31T23:59:59-12:00"),
        body(incidentid="x"),
    ],
)
def test_a_message_that_is_no_event_is_recorded_as_unreadable(content: bytes) -> None:
    """The ledger leaves nothing out: a body that stopped it would stop the record of everything after."""
    said = project(received(content))
    assert (said.event_type, said.occurred_at, said.incident_id) == (UNREADABLE, microseconds(STORED), None)
    assert UUID(bytes=said.event_id).version == 5
    assert entry_of(0, received(content), microseconds(RECORDED)).body == content


@given(
    st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_every_body_has_columns(content: bytes) -> None:
    assert project(received(content)).event_type == UNREADABLE


def test_two_unreadable_messages_with_the_same_bytes_get_two_ids() -> None:
    assert project(received(b"", seq=1)).event_id != project(received(b"", seq=2)).event_id


def test_a_repeated_event_keeps_its_content_and_place_under_an_id_of_its_own() -> None:
    first = entry_of(3, received(body()), microseconds(RECORDED))
    again = as_repeated(first)
    assert again.event_id != first.event_id
    assert again.event_type == "repeated"
    assert again._replace(event_id=first.event_id, event_type=first.event_type) == first


@given(
    st.uuids(),
    st.none() | st.uuids(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_an_event_as_we_write_it_is_read_the_same_without_a_json_reader(
    event: UUID, incident: UUID | None, moment: datetime, subject: str
) -> None:
    """Breaks if the short way read anything that the JSON reader reads otherwise: searches would miss the entry."""
    written = Event[ActionRefused].model_construct(
        id=event,
        source="/phoihop/routing",
        type="phoihop.ActionRefused.v1",
        subject=subject,
        time=moment,
        dataschema="urn:phoihop:schema:ActionRefused:1",
        incidentid=incident,
        correlationid=event,
        causationid=event,
        data={},  # type: ignore[arg-type]
    )
    content = to_json(written, exclude_none=True)
    agency = project(received(b"")).agency
    assert project(received(content)) == _projected(7, content, microseconds(STORED), agency)


def test_most_of_our_events_go_the_short_way() -> None:
    written = (
        b'{"specversion":"1.0","id":"%b","source":"/phoihop/routing","type":"phoihop.X.v1","subject":"a.b",'
        b'"time":"2026-02-30T01:02:03Z","datacontenttype":"application/json","dataschema":"urn:x","correlationid":"c",'
        b'"causationid":"d","data":{}}' % EVENT.encode()
    )
    assert _AS_WE_WRITE.match(written)
    assert project(received(written)).event_type == UNREADABLE, "there is no 30 February"
    said = project(received(written.replace(b"-30T", b"-28T")))
    assert moment_of(said.occurred_at) == datetime(2026, 2, 28, 1, 2, 3, tzinfo=UTC)
    assert said[1:] == (UUID(EVENT).bytes, None, "phoihop.X.v1", "ca-hue")


@pytest.mark.parametrize("odd", [b'"a\\u0000b"', b'"a\x1fb"', b'"a\xffb"', '"Huế"'.encode(), b'"a\\"b"'])
def test_a_value_that_only_a_json_reader_understands_is_left_to_it(odd: bytes) -> None:
    written = (
        b'{"specversion":"1.0","id":"%b","source":"s","type":"phoihop.X.v1","subject":%b,"time":"2026-02-01T01:02:03Z",'
        b'"datacontenttype":"j","dataschema":"u","correlationid":"c","causationid":"d","data":{}}'
    )
    assert _AS_WE_WRITE.match(written % (EVENT.encode(), b'"s"'))
    assert not _AS_WE_WRITE.match(written % (EVENT.encode(), odd))
