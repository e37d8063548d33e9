"""Rows that are made many at once are the rows that `entries` makes one by one, byte for byte."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.batches import _made, _one_by_one, made
from services.audit.copying import END, START
from services.audit.entries import Head, Received, moment_of
from services.audit.store import _Batch

STORED = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
RECORDED = 1_795_310_400_000_000
INCIDENT = UUID(int=0xA1)
SUBJECTS = (
    "actual.report.ubnd-x.tram.01a2023b-eea2-75e1-9263-45a240ece452",
    f"actual.incident.{INCIDENT}.dispatch.ubnd-x-0001.01a2",
    f"actual.incident.{INCIDENT}.opened",
    f"exercise.action.{'a' * 33}.x",
)
ODD = (
    "",
    'actual.report.a.b"c',
    "actual.report.a.b\\c",
    "éactual.report.a.b",
    "actual.report.a.b\0",
    "actual.incident.\n.dispatch.a.b",
)


def body(number: int, incident: str = "", time: str = "2026-11-22T01:02:03.000456Z", data: str = '{"a":"ấp"}') -> bytes:
    inside = f'"incidentid":"{incident}",' if incident else ""
    return (
        f'{{"specversion":"1.0","id":"{UUID(int=number)}","source":"/phoihop/intake","type":"phoihop.X.v1",'
        f'"subject":"s","time":"{time}","datacontenttype":"application/json","dataschema":"urn:x",{inside}'
        f'"correlationid":"c","causationid":"d","data":{data}}}'
    ).encode()


bodies = st.one_of(
    st.builds(
        body,
        st.integers(0, 2**128 - 1),
        st.sampled_from(["", str(INCIDENT), str(INCIDENT).upper(), str(INCIDENT).replace("-", "0")]),
        st.sampled_from(
            [
                *("2026-11-22T01:02:03.000456Z", "1999-12-31T23:59:59.999999Z", "2026-02-30T01:02:03.000456Z"),
                *("2026-11-22T24:00:00.000000Z", "2026-11-22T01:02:60.000000Z", "2026-11-22T01:02:03Z"),
            ]
        ),
        st.sampled_from(['{"a":"ấp"}', '"\0"', "{"]),
    ),
    st.binary(max_size=40),
)
messages = st.lists(
    st.tuples(st.sampled_from(SUBJECTS) | st.sampled_from(ODD), bodies, st.integers(-(10**6), 10**6)), min_size=1
)


@settings(max_examples=400)
@given(messages)
def test_any_messages_give_the_rows_that_are_made_one_by_one(content: list[tuple[str, bytes, int]]) -> None:
    """Breaks if what is read in bulk differed anywhere from the definition of an entry."""
    batch = [
        Received(seq, subject, text, STORED + timedelta(microseconds=apart))
        for seq, (subject, text, apart) in enumerate(content, 8)
    ]
    assert made(7, batch, RECORDED) == _one_by_one(7, batch, RECORDED)


@settings(max_examples=300)
@given(st.data())
def test_one_other_byte_in_a_usual_message_changes_both_alike(data: st.DataObject) -> None:
    text = bytearray(body(5, str(INCIDENT)))
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    batch = [Received(8, SUBJECTS[0], body(4), STORED), Received(9, SUBJECTS[1], bytes(text), STORED)]
    assert made(7, batch, RECORDED) == _one_by_one(7, batch, RECORDED)


def test_usual_messages_are_made_at_once() -> None:
    batch = [Received(seq, SUBJECTS[seq % 4], body(seq, str(INCIDENT) if seq % 3 else ""), STORED) for seq in range(50)]
    assert _made(0, batch, RECORDED) == _one_by_one(0, batch, RECORDED)


@pytest.mark.parametrize("subject", ODD[1:])
def test_an_odd_subject_is_left_to_the_slow_way(subject: str) -> None:
    assert _made(0, [Received(1, subject, body(1), STORED)], RECORDED) is None


@pytest.mark.parametrize(("count", "pieces"), [(1, 1), (130, 1), (194, 1), (195, 2), (292, 2), (500, 3), (1200, 5)])
def test_a_batch_goes_in_few_pieces_that_are_its_rows_and_no_short_one_comes_last(count: int, pieces: int) -> None:
    """Breaks if cutting a batch lost or repeated a row, or if a COPY was made for the few rows that are left over."""
    messages = [Received(seq, SUBJECTS[0], body(seq), STORED) for seq in range(1, count + 1)]
    batch = _Batch(Head(), messages, moment_of(RECORDED))
    sent = list(iter(batch.next, b""))
    rows = made(0, messages, RECORDED)
    assert b"".join(piece.removeprefix(START).removesuffix(END) for piece in sent) == rows.data
    assert len(sent) == pieces
    assert all(2 * len(after) > len(before) for before, after in pairwise(sent))
    assert batch.end == Head(count, Head().range.extend(rows.leaves))
