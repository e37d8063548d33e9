"""Decides whether what is stored is what was recorded: recomputes everything from the stored bytes, row after row.

It finds every change that did not also rebuild all later positions. Whoever rewrites those too, or cuts off the newest
rows together with their positions, is found only by comparing the root with one that was kept elsewhere. Stored tiles
are never used, only compared with what the leaves give.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from services.audit.entries import REPEATED, UNREADABLE, Entry, leaf_of, project, repeated_id
from services.audit.tlog.merkle import CompactRange
from services.audit.tlog.tiles import FullTile, full_tiles

MOST_FINDINGS: Final = 1000
"""More than this are counted, not kept: memory stays flat however much was changed."""


class Flaw(StrEnum):
    """What is wrong with a range of entries."""

    CONTENT_CHANGED = "content_changed"
    """The stored bytes, sequence or times do not give the stored leaf."""
    COLUMNS_DISAGREE = "columns_disagree"
    """A column says something else than the body it was taken from."""
    ENTRIES_MISSING = "entries_missing"
    ENTRIES_UNACCOUNTED = "entries_unaccounted"
    """Rows that no position covers, or a second row at the same place."""
    SEQUENCE_BROKEN = "sequence_broken"
    """The stream sequences are not contiguous."""
    ROOT_CHANGED = "root_changed"
    """The leaves of the batch do not give the root that was recorded after it."""
    POSITION_BROKEN = "position_broken"
    """A position is missing, or its own parts contradict each other."""
    TILE_BROKEN = "tile_broken"
    """The stored tile over these entries is missing, is not what their leaves give, or has no business there."""
    EVENT_TWICE = "event_twice"
    """The first and the last of several entries that carry the same event id."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw and the entries it concerns, by `idx`, both ends included."""

    flaw: Flaw
    first: int
    last: int


class StoredPosition(NamedTuple):
    """One position as it is read back."""

    first_idx: int
    size: int
    stream_seq: int
    root: bytes
    nodes: bytes


@dataclass(slots=True)
class Checker:
    """Takes entries by `idx` and, where a batch ends, its position; keeps only findings and one compact range.

    It can start after a position that another checker ends with: together they have checked the whole.
    """

    entries: int = 0
    unreadable: int = 0
    repeated: int = 0
    findings: list[Finding] = field(default_factory=list)
    tree: CompactRange = field(default_factory=CompactRange)
    _next: int = 0
    _last_seq: int = 0
    _covered: int = 0
    _trusted: bool = True
    """Whether `tree` is known to be the tree over everything before `_next`."""
    _tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """The full tiles since the last comparison with the stored ones."""

    @classmethod
    def after(cls, position: StoredPosition) -> "Checker":
        """A checker of what follows this position; the position itself is checked by whoever ends with it."""
        tree = _tree_of(position)
        checker = cls(tree=tree or CompactRange(), _trusted=tree is not None)
        checker._next = checker._covered = position.size
        checker._last_seq = position.stream_seq
        return checker

    def take(self, rows: Iterable[Entry]) -> None:
        """Check these entries, which follow the ones before."""
        leaves = []
        for row in rows:
            self.entries += 1
            if row.idx != self._next:
                if row.idx < self._next:
                    self._find(Flaw.ENTRIES_UNACCOUNTED, row.idx, row.idx)
                    continue
                self._missing_until(row.idx)
            if row.stream_seq != self._last_seq + 1 and self._trusted:
                self._find(Flaw.SEQUENCE_BROKEN, row.idx, row.idx)
            self._check(row)
            leaves.append(row.leaf_hash)
            self._next, self._last_seq = row.idx + 1, row.stream_seq
        if self._trusted:
            self._extend(leaves)

    def goes_on_at(self, idx: int, stream_seq: int) -> bool:
        """Whether this place and this sequence follow what was taken, in a tree that is known."""
        return self._trusted and idx == self._next and stream_seq == self._last_seq + 1

    def take_leaves(self, leaves: Sequence[bytes]) -> None:
        """Take entries that are known to be right in themselves and go on where the ones before end."""
        self.entries += len(leaves)
        self._next += len(leaves)
        self._last_seq += len(leaves)
        self._extend(leaves)

    def close_batch(self, position: StoredPosition) -> None:
        """Compare what was taken so far with the position after it."""
        if position.first_idx != self._covered:
            self._find(Flaw.POSITION_BROKEN, self._covered, max(self._covered, position.first_idx - 1))
        if self._next < position.size:
            self._missing_until(position.size)
        if (stored := self.tree if self._is_after(position) else _tree_of(position)) is None:
            self._find(Flaw.POSITION_BROKEN, position.first_idx, position.size - 1)
        if self._trusted and stored is not self.tree and self.tree.root() != position.root:
            self._find(Flaw.ROOT_CHANGED, self._covered, position.size - 1)
        if position.stream_seq != self._last_seq and self._trusted:
            self._find(Flaw.SEQUENCE_BROKEN, position.size - 1, position.size - 1)
        if stored is not None:  # go on from what was recorded, so that one flaw does not taint all that follows
            self.tree, self._trusted = stored, True
        self._covered, self._last_seq = position.size, position.stream_seq

    def compare_tiles(self, stored: Mapping[tuple[int, int], bytes]) -> None:
        """Compare the stored tiles over what was taken since the last time, by level and index, with its leaves."""
        for key, root in self._tiles.items():
            if stored.get(key) != root:
                self._find_tile(*key)
        self._tiles.clear()

    def extra_tiles(self, extra: Iterable[tuple[int, int]]) -> None:
        """These stored tiles, by level and index, are of entries that there are not."""
        for level, index in extra:
            self._find_tile(level, index)

    def finish(self) -> None:
        """Nothing follows: whatever no position covers has no business here."""
        if self._next > self._covered:
            self._find(Flaw.ENTRIES_UNACCOUNTED, self._covered, self._next - 1)

    def _extend(self, leaves: Sequence[bytes]) -> None:
        self.tree, completed = self.tree.grow(leaves)
        self._tiles.update(((tile.level, tile.index), tile.root) for tile in full_tiles(completed))

    def _is_after(self, position: StoredPosition) -> bool:
        """Whether the tree over what was taken is the one this position recorded."""
        tree = self.tree
        return (
            self._trusted
            and tree.size == position.size
            and tree.to_bytes() == position.nodes
            and tree.root() == position.root
        )

    def _check(self, row: Entry) -> None:
        (
            idx,
            seq,
            occurred_at,
            stored_at,
            recorded_at,
            event_id,
            leaf,
            incident_id,
            event_type,
            agency,
            subject,
            body,
        ) = row
        if leaf_of(recorded_at, stored_at, seq, subject, body) != leaf:
            return self._find(Flaw.CONTENT_CHANGED, idx, idx)
        said = project(seq, subject, body, stored_at)
        if said.event_type == UNREADABLE:
            self.unreadable += 1
        if event_type == REPEATED:
            self.repeated += 1
            said = said._replace(event_id=repeated_id(seq, said.event_id), event_type=REPEATED)
        if said != (occurred_at, event_id, incident_id, event_type, agency):
            self._find(Flaw.COLUMNS_DISAGREE, idx, idx)
        return None

    def _missing_until(self, idx: int) -> None:
        self._find(Flaw.ENTRIES_MISSING, self._next, idx - 1)
        self._next, self._trusted = idx, False

    def _find_tile(self, level: int, index: int) -> None:
        tile = FullTile(level, index)
        self._find(Flaw.TILE_BROKEN, tile.entries.start, tile.entries.stop - 1)

    def _find(self, flaw: Flaw, first: int, last: int) -> None:
        """Neighbouring rows with the same flaw are one finding."""
        for at in range(len(self.findings) - 1, max(-1, len(self.findings) - 4), -1):
            if (before := self.findings[at]).flaw is flaw and before.last + 1 >= first and last + 1 >= before.first:
                self.findings[at] = Finding(flaw, min(before.first, first), max(before.last, last))
                return
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(flaw, first, last))


def fits_together(position: StoredPosition) -> bool:
    """Whether a checker may start after it: size, nodes and root of the position belong to one tree."""
    return _tree_of(position) is not None


def _tree_of(position: StoredPosition) -> CompactRange | None:
    """The tree a position recorded; None where its size, nodes and root do not fit together."""
    try:
        tree = CompactRange.from_bytes(position.size, position.nodes)
    except ValueError:
        return None
    return tree if tree.root() == position.root else None
