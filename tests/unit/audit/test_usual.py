"""What is proved in bulk is what is found row by row: no piece is a run in which checking would find something."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.copying import END, START, MalformedCopyError, encode
from services.audit.entries import Entry, Received, as_repeated, entry_of, microseconds
from services.audit.recomputing.checking import Checker
from services.audit.recomputing.usual import PIECE, Run, Sieve
from services.audit.recomputing.usual import usual as usual_until
from tests.unit.audit.ledgers_in_memory import STORED

RECORDED = microseconds(STORED) + 1_000_000
INCIDENT = UUID(int=0xA1)
SUBJECTS = (
    "actual.report.ubnd-x.tram.01a2023b-eea2-75e1-9263-45a240ece452",
    f"actual.incident.{INCIDENT}.dispatch.ubnd-x-0001.01a2",
    f"actual.incident.{INCIDENT}.opened",
)


def body(
    number: int, incident: UUID | None, *, data: str = '{"a":"ấp"}', time: str = "2026-11-22T01:02:03.000456Z"
) -> bytes:
    inside = f'"incidentid":"{incident}",' if incident else ""
    return (
        f'{{"specversion":"1.0","id":"{UUID(int=number)}","source":"/phoihop/intake","type":"phoihop.X.v1",'
        f'"subject":"s","time":"{time}","datacontenttype":"application/json","dataschema":"urn:x",{inside}'
        f'"correlationid":"c","causationid":"d","data":{data}}}'
    ).encode()


def row(idx: int, content: bytes | None = None) -> Entry:
    content = body(idx, INCIDENT if idx % 3 else None) if content is None else content
    return entry_of(idx, Received(idx + 1, SUBJECTS[idx % 3], content, STORED), RECORDED)


def found_in(rows: Sequence[Entry]) -> Checker:
    checker = Checker(_next=rows[0].idx, _last_seq=rows[0].stream_seq - 1)
    checker.take(rows)
    return checker


def usual(data: bytes) -> Run | None:
    return usual_until(data, len(data))


ROWS = tuple(map(row, range(6)))
WRITTEN = encode(ROWS)


def test_rows_as_our_writers_make_them_are_a_run_with_their_leaves() -> None:
    run = usual(WRITTEN)
    assert run is not None
    assert (run.first, run.stream_seq, list(run.leaves)) == (0, 1, [each.leaf_hash for each in ROWS])
    assert run.entries() == list(ROWS)


@settings(max_examples=600)
@given(st.integers(0, len(WRITTEN) - 1), st.integers(1, 255))
def test_no_piece_with_another_byte_is_a_run_unless_row_by_row_nothing_is_found(at: int, change: int) -> None:
    """Breaks if a byte of a row were read by neither the pattern nor a comparison."""
    data = bytearray(WRITTEN)
    data[at] ^= change
    if (run := usual(bytes(data))) is not None:
        assert found_in(run.entries()).findings == []
        assert [each.leaf_hash for each in run.entries()] == list(run.leaves)


@given(
    st.integers(0, 5),
    st.sampled_from(
        [
            {"body": body(99, None)},
            {"body": b""},
            {"subject": "actual.report.a.b.d"},
            {"stored_at": RECORDED},
            {"recorded_at": RECORDED + 1},
            {"leaf_hash": b"\0" * 32},
            {"leaf_hash": b""},
            {"event_id": UUID(int=99).bytes},
            {"event_type": "phoihop.Y.v1"},
            {"event_type": "repeated"},
            {"event_type": ""},
            {"incident_id": UUID(int=99).bytes},
            {"incident_id": None},
            {"agency": None},
            {"agency": ""},
            {"agency": "ubnd-y"},
            {"occurred_at": RECORDED},
            {"idx": 9},
            {"stream_seq": 9},
        ]
    ),
)
def test_a_changed_column_makes_no_run(place: int, change: dict[str, Any]) -> None:
    rows = list(ROWS)
    rows[place] = rows[place]._replace(**change)
    assert usual(encode(rows)) is None or rows == list(ROWS)


@pytest.mark.parametrize(
    "content",
    [
        b"no event",
        body(7, None).replace(b'"c"', b'"\\u0063"'),
        body(7, None, time="2026-02-30T01:02:03.000456Z"),
        body(7, None, time="2026-11-22T01:02:60.000456Z"),
        body(7, None, time="2026-11-22T24:00:00.000456Z"),
        body(7, None, time="2026-11-22T01:02:-0.000001Z"),
        body(7, None, time="2026-11-22T01:60:00.000000Z"),
        body(7, None, time="2026-11-22T01:-1:59.999999Z"),
        body(7, None, time="2026-11-22T01:02:03Z"),
        body(7, None, data='"\0"'),
        body(0xAB, None).replace(b"ab", b"AB"),
        body(7, None).replace(b"0-0", b"00-", 1),
        body(7, UUID(int=0xAB)).replace(b"ab", b"AB"),
    ],
)
def test_a_body_that_only_a_json_reader_understands_is_left_to_it(content: bytes) -> None:
    """Breaks if the pattern took such a body for what a JSON reader does not read in it."""
    rows = [row(0), row(1, content), row(2)]
    assert found_in(rows).findings == []
    assert usual(encode(rows)) is None


def test_a_row_that_repeats_an_event_is_left_to_be_counted() -> None:
    assert usual(encode([row(0), as_repeated(row(1)), row(2)])) is None


def test_a_subject_that_json_would_write_in_another_way_is_not_hashed_as_it_stands() -> None:
    """Breaks if the leaf of such a row were made without quoting: another subject would pass for the recorded one."""
    for subject in ('actual.report.a.b"c', "actual.report.a.b\\c", "actual.incident.\n.dispatch.a.b"):
        honest = entry_of(1, Received(2, subject, body(1, None), STORED), RECORDED)
        unquoted = b'\x00{"recorded_at":%d,"stored_at":%d,"stream_seq":2,"subject":"%b","v":1}\n%b'
        leaf = sha256(unquoted % (RECORDED, honest.stored_at, subject.encode(), honest.body)).digest()
        forged = honest._replace(leaf_hash=leaf)
        assert usual(encode([forged])) is None


def test_a_row_inside_a_body_is_no_row() -> None:
    """Breaks if rows were looked for anywhere: a body could hold the row that its own should have been."""
    within = encode([row(1)])
    outer = row(1, b'{"x":"' + within)._replace(event_type="phoihop.Forged.v1")
    assert usual(encode([row(0), outer])) is None


@given(st.lists(st.integers(1, 900), min_size=1, max_size=8), st.sets(st.integers(0, 59)))
def test_everything_comes_through_in_order_wherever_it_is_cut_and_whatever_is_unusual(
    cuts: list[int], strange: set[int]
) -> None:
    rows = [row(at, b"no event" if at in strange else None) for at in range(60)]
    data, found, at = START + encode(rows) + END, list[Entry](), 0
    sieve = Sieve()
    for step in range(10**6):
        if at >= len(data):
            break
        piece = data[at : at + 40 * cuts[step % len(cuts)]]
        for each in sieve.feed(piece):
            found += each.entries() if isinstance(each, Run) else each
        at += len(piece)
    for each in sieve.finish():
        found += each.entries() if isinstance(each, Run) else each
    assert found == rows


def test_more_than_a_piece_comes_in_runs() -> None:
    rows = [row(at) for at in range(2 * PIECE // len(encode([row(0)])))]
    data, sieve = START + encode(rows) + END, Sieve()
    runs = [each for at in range(0, len(data), 60_000) for each in sieve.feed(data[at : at + 60_000])]
    assert runs
    assert all(isinstance(each, Run) for each in runs)


@pytest.mark.parametrize("data", [START + WRITTEN[:-1], START + WRITTEN, b"PGCOPX" + bytes(20), b""])
def test_what_does_not_end_or_is_no_copy_is_refused(data: bytes) -> None:
    """Breaks if a connection that was cut off were taken for a shorter ledger."""
    sieve = Sieve()
    with pytest.raises(MalformedCopyError):
        [*sieve.feed(data), *sieve.finish()]
