"""A ledger checked in stretches, divided anywhere, gives what one checker gives, whatever was done to it."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.audit.entries import Entry
from services.audit.recomputing.checking import MOST_FINDINGS, Checker, Finding, Flaw, StoredPosition, fits_together
from services.audit.recomputing.parts import NOTHING, Part, in_order, joined
from tests.unit.audit.ledgers_in_memory import Ledger, body, honest

BATCHES = (1, 2, 1, 3, 1, 2, 1, 4)
SIZE = sum(BATCHES)
Rows = list[Entry]


def replaced(rows: Rows, at: int, **fields: object) -> Rows:
    return [*rows[:at], rows[at]._replace(**fields), *rows[at + 1 :]]  # type: ignore[arg-type]


def without(rows: Rows, at: int) -> Rows:
    return [*rows[:at], *rows[at + 1 :]]


def swapped(rows: Rows, at: int) -> Rows:
    if at == 0:
        return rows
    one, other = rows[at - 1], rows[at]
    return [*rows[: at - 1], other._replace(idx=one.idx), one._replace(idx=other.idx), *rows[at + 1 :]]


def places(stored: list[StoredPosition], at: int, **fields: object) -> list[StoredPosition]:
    return [*stored[:at], stored[at]._replace(**fields), *stored[at + 1 :]]  # type: ignore[arg-type]


ROWS: dict[str, Callable[[Rows, int], Rows]] = {
    "body": lambda rows, at: replaced(rows, at, body=body(99)),
    "leaf": lambda rows, at: replaced(rows, at, leaf_hash=b"\1" * 32),
    "column": lambda rows, at: replaced(rows, at, event_type="phoihop.Y.v1"),
    "delete": without,
    "double": lambda rows, at: [*rows, rows[at]],
    "swap": swapped,
    "renumber": lambda rows, at: [row._replace(idx=idx) for idx, row in enumerate(without(rows, at))],
}
POSITIONS: dict[str, Callable[[list[StoredPosition], int], list[StoredPosition]]] = {
    "root": lambda stored, at: places(stored, at, root=bytes(32)),
    "nodes": lambda stored, at: places(stored, at, nodes=bytes(len(stored[at].nodes))),
    "first": lambda stored, at: places(stored, at, first_idx=0),
    "sequence": lambda stored, at: places(stored, at, stream_seq=1),
    "gone": lambda stored, at: [*stored[:at], *stored[at + 1 :]],
}


def changed(ledger: Ledger, change: str, at: int) -> Ledger:
    """The ledger after somebody did this near entry `at`; nothing where there is nothing left to do it to."""
    rows, stored = ledger
    if change in ROWS and rows:
        rows = sorted(ROWS[change](rows, at % len(rows)), key=lambda row: row.idx)
    if change in POSITIONS and stored:
        stored = POSITIONS[change](stored, at % len(stored))
    return rows, stored


def check(ledger: Ledger, begin: StoredPosition | None, end: StoredPosition | None) -> Part:
    """One stretch, read as `stretches` reads it."""
    low, high = begin.size if begin else -1, end.size if end else SIZE + 1
    checker = Checker.after(begin) if begin else Checker()
    waiting: Sequence[Entry] = [row for row in ledger[0] if low <= row.idx and (end is None or row.idx < high)]
    for position in (each for each in ledger[1] if low < each.size <= high):
        checker.take([row for row in waiting if row.idx < position.size])
        waiting = [row for row in waiting if row.idx >= position.size]
        checker.close_batch(position)
    if end is None:
        checker.take(waiting)
        checker.finish()
    return Part.of(checker)


@given(
    st.lists(st.tuples(st.sampled_from([*ROWS, *POSITIONS]), st.integers(0, SIZE)), max_size=4),
    st.sets(st.integers(0, 7)),
)
def test_stretches_divided_anywhere_find_what_one_checker_finds(
    tampering: list[tuple[str, int]], divided_at: set[int]
) -> None:
    """Breaks if dividing the work among processes could hide what was changed, or name other rows."""
    ledger = honest(BATCHES)
    for change, at in tampering:
        ledger = changed(ledger, change, at)
    ends = [each for at, each in enumerate(ledger[1]) if at in divided_at and fits_together(each)]
    parts = [check(ledger, begin, end) for begin, end in zip([None, *ends], [*ends, None], strict=True)]
    assert joined(parts) == check(ledger, None, None)


def test_every_place_to_divide_an_honest_ledger_gives_its_root_and_nothing_else() -> None:
    ledger = honest(BATCHES)
    whole = check(ledger, None, None)
    assert (whole.entries, whole.findings) == (SIZE, ())
    for place in ledger[1]:
        assert joined([check(ledger, None, place), check(ledger, place, None)]) == whole


findings = st.builds(Finding, st.sampled_from(Flaw), st.integers(0, 9), st.integers(0, 5)).map(
    lambda each: Finding(each.flaw, each.first, each.first + each.last)
)


@given(st.lists(findings), st.integers(0, 9))
def test_findings_in_order_are_the_same_whoever_put_some_of_them_in_order_before(
    found: list[Finding], cut: int
) -> None:
    assert in_order([*in_order(found[:cut]), *in_order(found[cut:])]) == in_order(found)
    concerned = {(each.flaw, row) for each in found for row in range(each.first, each.last + 1)}
    assert {(each.flaw, row) for each in in_order(found) for row in range(each.first, each.last + 1)} == concerned


@given(st.lists(findings, max_size=20))
def test_a_part_comes_back_the_same_from_its_line(found: list[Finding]) -> None:
    part = Part(3, 1, 2, "ab", tuple(found))
    assert Part.from_json(part.to_json()) == part
    assert "\n" not in part.to_json()


def test_nothing_joined_is_the_empty_ledger_and_findings_stay_bounded() -> None:
    assert joined([]) == NOTHING
    many = [Finding(Flaw.CONTENT_CHANGED, 2 * at, 2 * at) for at in range(3 * MOST_FINDINGS)]
    assert len(in_order(many)) == MOST_FINDINGS
