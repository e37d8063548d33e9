"""Rows in the form of COPY: what is written is read back the same, however the server cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.copying import END, START, Decoder, MalformedCopyError, encode
from services.audit.entries import Entry

times = st.integers(-(10**17), 10**17)
ids = st.binary(min_size=16, max_size=16)
texts = st.text(st.characters(exclude_categories=["Cs"]))
entries = st.lists(
    st.builds(
        Entry,
        idx=st.integers(0, 2**63 - 1),
        stream_seq=st.integers(0, 2**63 - 1),
        occurred_at=times,
        stored_at=times,
        recorded_at=times,
        event_id=ids,
        leaf_hash=st.binary(max_size=40),
        incident_id=st.none() | ids,
        event_type=texts,
        agency=st.none() | texts,
        subject=texts,
        body=st.binary(max_size=300),
    ),
    max_size=5,
)


@given(entries, st.lists(st.integers(20, 400), min_size=1))
def test_rows_come_back_the_same_wherever_the_bytes_are_cut(rows: list[Entry], cuts: list[int]) -> None:
    data, decoder, found = START + encode(rows) + END, Decoder(), list[Entry]()
    at = 0
    while at < len(data):
        step = cuts[at % len(cuts)]
        found += decoder.feed(data[at : at + step])
        at += step
    decoder.finish()
    assert found == rows


@pytest.mark.parametrize("data", [b"PGCOPX" + bytes(20), START + b"\0\x0b" + bytes(200)])
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedCopyError):
        Decoder().feed(data)


def test_an_end_within_a_row_is_refused() -> None:
    """Breaks if a connection that was cut off were taken for a shorter ledger."""
    row = Entry(0, 1, 2, 3, 4, bytes(16), bytes(32), None, "x", None, "s", b"body")
    decoder = Decoder()
    decoder.feed(START + encode([row])[:-1])
    with pytest.raises(MalformedCopyError):
        decoder.finish()
