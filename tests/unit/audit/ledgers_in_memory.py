"""An honest ledger in memory: its rows and its positions, as a reader gets them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.audit.entries import Entry, Received, entry_of, microseconds
from services.audit.recomputing.checking import StoredPosition
from services.audit.tlog.merkle import CompactRange

STORED = datetime(2026, 11, 22, tzinfo=UTC)
Ledger = tuple[list[Entry], list[StoredPosition]]


def body(number: int) -> bytes:
    """An event, told from others by its id."""
    return json.dumps(
        {"id": str(UUID(int=number)), "type": "phoihop.X.v1", "time": "2026-11-22T00:00:00Z", "data": {}}
    ).encode()


def honest(batches: Sequence[int]) -> Ledger:
    """Rows in batches of these sizes."""
    entries = [
        entry_of(idx, Received(idx + 1, "actual.report.a.b.c", body(idx), STORED), microseconds(STORED) + 1_000_000)
        for idx in range(sum(batches))
    ]
    tree, positions = CompactRange(), []
    for count in batches:
        first = tree.size
        tree = tree.extend(entry.leaf_hash for entry in entries[first : first + count])
        positions.append(StoredPosition(first, tree.size, tree.size, tree.root(), tree.to_bytes()))
    return entries, positions
