"""Every change to stored rows is found and named, in memory; the same on a real Postgres is in tests/integration."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.entries import Entry, Received, as_repeated, entry_of, leaf_bytes, microseconds
from services.audit.recomputing.checking import MOST_FINDINGS, Checker, Finding, Flaw, StoredPosition
from services.audit.tlog.merkle import CompactRange, leaf_hash
from services.audit.tlog.tiles import full_tiles

STORED = datetime(2026, 11, 22, tzinfo=UTC)
BATCHES = (3, 1, 4)
SIZE = sum(BATCHES)
Ledger = tuple[list[Entry], list[StoredPosition]]


def body(number: int) -> bytes:
    return json.dumps(
        {"id": str(UUID(int=number)), "type": "phoihop.X.v1", "time": "2026-11-22T00:00:00Z", "data": {}}
    ).encode()


def stored(idx: int, content: bytes, *, repeated: bool = False) -> Entry:
    received = Received(idx + 1, "actual.report.a.b.c", content, STORED)
    entry = entry_of(idx, received, microseconds(STORED) + 1_000_000)
    return as_repeated(entry) if repeated else entry


def honest(contents: list[bytes] | None = None) -> Ledger:
    entries = [stored(idx, content) for idx, content in enumerate(contents or [body(n) for n in range(SIZE)])]
    return entries, positions(entries)


def positions(entries: list[Entry]) -> list[StoredPosition]:
    tree, found = CompactRange(), []
    for count in BATCHES:
        first = tree.size
        tree = tree.extend(entry.leaf_hash for entry in entries[first : first + count])
        found.append(StoredPosition(first, tree.size, tree.size, tree.root(), tree.to_bytes()))
    return found


def check(ledger: Ledger) -> Checker:
    entries, recorded = ledger
    checker = Checker()
    waiting = list(entries)
    for position in recorded:
        checker.take([row for row in waiting if row.idx < position.size])
        waiting = [row for row in waiting if row.idx >= position.size]
        checker.close_batch(position)
    checker.take(waiting)
    checker.finish()
    return checker


def test_an_honest_ledger_has_no_findings_and_the_root_of_its_leaves() -> None:
    entries, recorded = honest()
    checker = check((entries, recorded))
    assert checker.findings == []
    assert checker.entries == SIZE
    assert checker.tree.root() == CompactRange().extend(entry.leaf_hash for entry in entries).root()


def test_an_empty_ledger_is_sound() -> None:
    assert check(([], [])).findings == []


@given(
    st.integers(0, SIZE - 1),
    st.sampled_from(
        [
            {"body": body(99)},
            {"body": b""},
            {"subject": "actual.report.a.b.d"},
            {"stored_at": microseconds(STORED) + 1},
            {"recorded_at": microseconds(STORED)},
            {"leaf_hash": b"\0" * 32},
            {"event_id": UUID(int=99).bytes},
            {"event_type": "phoihop.Y.v1"},
            {"event_type": "repeated"},
            {"incident_id": UUID(int=99).bytes},
            {"agency": None},
            {"occurred_at": microseconds(STORED) + 1},
        ]
    ),
)
def test_any_field_changed_in_any_row_is_found_and_the_row_is_named(idx: int, change: dict[str, Any]) -> None:
    entries, recorded = honest()
    entries[idx] = entries[idx]._replace(**change)
    assert next((found.first, found.last) for found in check((entries, recorded)).findings) == (idx, idx)


@given(st.integers(0, SIZE - 1))
def test_a_body_changed_together_with_its_leaf_is_found_in_its_batch_and_taints_no_other(idx: int) -> None:
    entries, recorded = honest()
    forged = entries[idx]._replace(body=body(99), event_id=UUID(int=99).bytes)
    leaf = leaf_bytes(forged.recorded_at, forged.stored_at, forged.stream_seq, forged.subject, forged.body)
    entries[idx] = forged._replace(leaf_hash=leaf_hash(leaf))
    batch = next(position for position in recorded if idx < position.size)
    assert check((entries, recorded)).findings == [Finding(Flaw.ROOT_CHANGED, batch.first_idx, batch.size - 1)]


@given(st.integers(0, SIZE - 1), st.integers(1, 3))
def test_deleted_rows_are_named(first: int, count: int) -> None:
    entries, recorded = honest()
    last = min(first + count, SIZE) - 1
    del entries[first : last + 1]
    assert check((entries, recorded)).findings == [Finding(Flaw.ENTRIES_MISSING, first, last)]


def test_a_row_deleted_and_the_later_ones_moved_up_is_found() -> None:
    entries, recorded = honest()
    moved = [row._replace(idx=idx) for idx, row in enumerate([*entries[:2], *entries[3:]])]
    flaws = {found.flaw for found in check((moved, recorded)).findings}
    assert {Flaw.SEQUENCE_BROKEN, Flaw.ROOT_CHANGED, Flaw.ENTRIES_MISSING} <= flaws


def test_two_rows_that_changed_places_are_found() -> None:
    entries, recorded = honest()
    entries[5], entries[6] = entries[6]._replace(idx=5), entries[5]._replace(idx=6)
    flaws = {found.flaw for found in check((entries, recorded)).findings}
    assert {Flaw.SEQUENCE_BROKEN, Flaw.ROOT_CHANGED} <= flaws


def test_rows_that_no_position_covers_are_found() -> None:
    entries, recorded = honest()
    assert check((entries, recorded[:-1])).findings == [Finding(Flaw.ENTRIES_UNACCOUNTED, 4, 7)]


def test_a_second_row_at_the_same_place_is_found() -> None:
    entries, recorded = honest()
    entries.insert(3, entries[2])
    assert check((entries, recorded)).findings == [Finding(Flaw.ENTRIES_UNACCOUNTED, 2, 2)]


@pytest.mark.parametrize("missing", [0, 1])
def test_a_deleted_position_is_found(missing: int) -> None:
    entries, recorded = honest()
    gone = recorded.pop(missing)
    assert check((entries, recorded)).findings == [Finding(Flaw.POSITION_BROKEN, gone.first_idx, gone.size - 1)]


@pytest.mark.parametrize("change", [{"root": b"\0" * 32}, {"nodes": b"\0" * 64}, {"nodes": b"\0" * 32}])
def test_a_position_that_contradicts_itself_is_found(change: dict[str, Any]) -> None:
    entries, recorded = honest()
    recorded[0] = recorded[0]._replace(**change)
    assert Finding(Flaw.POSITION_BROKEN, 0, 2) in check((entries, recorded)).findings


def test_repeated_and_unreadable_messages_are_counted_and_are_no_flaw() -> None:
    entries = [stored(0, body(0)), stored(1, body(0), repeated=True), stored(2, b"?")]
    entries += [stored(idx, body(idx)) for idx in range(3, SIZE)]
    checker = check((entries, positions(entries)))
    assert (checker.findings, checker.repeated, checker.unreadable) == ([], 1, 1)


def test_neighbouring_rows_are_one_finding_and_memory_stays_bounded() -> None:
    entries, recorded = honest()
    changed = [row._replace(recorded_at=0) for row in entries]
    assert check((changed, recorded)).findings == [Finding(Flaw.CONTENT_CHANGED, 0, SIZE - 1)]
    checker = Checker()
    for idx in range(0, 4 * MOST_FINDINGS, 2):
        checker._find(Flaw.CONTENT_CHANGED, idx, idx)
    assert len(checker.findings) == MOST_FINDINGS


WIDE = 700
"""Entries that fill two tiles, in batches that end within tiles."""


def wide() -> tuple[Checker, dict[tuple[int, int], bytes]]:
    entries = [stored(idx, body(idx)) for idx in range(WIDE)]
    checker, tree, tiles = Checker(), CompactRange(), dict[tuple[int, int], bytes]()
    for first, end in ((0, 300), (300, 600), (600, WIDE)):
        size = tree.size
        tree, completed = tree.grow(entry.leaf_hash for entry in entries[first:end])
        tiles |= {(tile.level, tile.index): tile.root for tile in full_tiles(completed)}
        checker.take(entries[first:end])
        checker.close_batch(StoredPosition(size, tree.size, tree.size, tree.root(), tree.to_bytes()))
    return checker, tiles


def test_honest_tiles_are_no_finding() -> None:
    checker, tiles = wide()
    assert set(tiles) == {(0, 0), (0, 1)}
    checker.compare_tiles(tiles)
    assert checker.findings == []


def test_a_changed_a_missing_and_an_extra_tile_are_named_by_their_entries() -> None:
    """Breaks if stored tiles were believed: a proof made from one would be of another tree."""
    checker, tiles = wide()
    checker.compare_tiles({(0, 0): tiles[0, 0], (0, 1): bytes(32)})
    assert checker.findings == [Finding(Flaw.TILE_BROKEN, 256, 511)]
    checker, tiles = wide()
    checker.compare_tiles({(0, 1): tiles[0, 1]})
    assert checker.findings == [Finding(Flaw.TILE_BROKEN, 0, 255)]
    checker.extra_tiles([(1, 0)])
    assert checker.findings[-1].last == 65_535


def test_two_checkers_that_meet_at_a_position_find_what_one_finds() -> None:
    entries, recorded = honest()
    entries[5] = entries[5]._replace(body=b"other")
    first, second = Checker(), Checker.after(recorded[0])
    first.take(entries[:3])
    first.close_batch(recorded[0])
    for position in recorded[1:]:
        second.take(entries[position.first_idx : position.size])
        second.close_batch(position)
    second.finish()
    assert [*first.findings, *second.findings] == check((entries, recorded)).findings
    assert second.tree == check((entries, recorded)).tree
