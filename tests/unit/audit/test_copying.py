"""Rows in the form of COPY: what is written is read back the same, however the server cuts it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.copying import END, START, Decoder, MalformedCopyError, encode
from services.audit.entries import Entry, StoredEntry, microseconds

moments = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(exclude_categories=["Cs"]))
entries = st.lists(
    st.builds(
        Entry,
        idx=st.integers(0, 2**63 - 1),
        stream_seq=st.integers(0, 2**63 - 1),
        occurred_at=moments,
        stored_at=moments,
        recorded_at=moments,
        event_id=st.uuids().map(str),
        incident_id=st.none() | st.uuids().map(str),
        event_type=texts,
        agency=st.none() | texts,
        subject=texts,
        leaf_hash=st.binary(max_size=40),
        body=st.binary(max_size=300),
    ),
    max_size=5,
)


@given(entries, st.lists(st.integers(1, 200), min_size=1))
def test_rows_come_back_the_same_wherever_the_bytes_are_cut(rows: list[Entry], cuts: list[int]) -> None:
    data, decoder, found = START + encode(rows) + END, Decoder(), list[StoredEntry]()
    at = 0
    while at < len(data):
        step = cuts[at % len(cuts)]
        found += decoder.feed(data[at : at + step])
        at += step
    decoder.finish()
    assert len(found) == len(rows)
    for row, entry in zip(found, rows, strict=True):
        assert row.idx == entry.idx
        assert row.stream_seq == entry.stream_seq
        times = (entry.occurred_at, entry.stored_at, entry.recorded_at)
        assert (row.occurred_at, row.stored_at, row.recorded_at) == tuple(map(microseconds, times))
        assert row.event_id == UUID(entry.event_id).bytes
        assert row.incident_id == (UUID(entry.incident_id).bytes if entry.incident_id else None)
        assert row[6:7] + row[8:] == (entry.leaf_hash, entry.event_type, entry.agency, entry.subject, entry.body)


@pytest.mark.parametrize("data", [b"PGCOPX" + bytes(20), START + b"\0\x0b" + bytes(200)])
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedCopyError):
        Decoder().feed(data)


def test_an_end_within_a_row_is_refused() -> None:
    """Breaks if a connection that was cut off were taken for a shorter ledger."""
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    row = Entry(0, 1, moment, moment, moment, str(UUID(int=1)), None, "x", None, "s", bytes(32), b"body")
    decoder = Decoder()
    decoder.feed(START + encode([row])[:-1])
    with pytest.raises(MalformedCopyError):
        decoder.finish()
