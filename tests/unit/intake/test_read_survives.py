"""No bytes whatsoever make reading raise: a submission is read or refused, and the next one follows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.problems import ProblemCode
from services.intake.formats import Unreadable, read
from tests.unit.intake.samples import CAP, ORIGIN, as_json, report

SEEDS = (CAP.encode(), CAP.encode("utf-16"), as_json(report(places=[{"kind": "point", "lat": 1.0, "lon": 2.0}])))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good submission with a few pieces cut out, repeated or replaced."""
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 12))
        body[start : start + length] = draw(st.binary(max_size=12) | st.just(bytes(body[start : start + 200])))
    return bytes(body)


def judged(body: bytes, media_type: str | None = None) -> None:
    parts = read(body, ORIGIN, media_type)
    assert parts
    for part in parts:
        if isinstance(part, Unreadable):
            assert 1 <= len(part.problems) <= 20
            assert part.original.content is None
            assert all(problem.code in ProblemCode for problem in part.problems)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(body: bytes) -> None:
    """Breaks if a poison message could stop intake."""
    judged(body)
    judged(b"<" + body)
    judged(b"{" + body, "application/json; charset=utf-7")


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_damaged_submissions_are_read_or_refused(body: bytes) -> None:
    """Breaks if a message cut by a bad radio link could stop intake."""
    judged(body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*report(), "places", "counts", "references", "distributionStatus", "content"]), JSON_VALUES
    )
)
def test_reports_with_values_of_any_kind_are_read_or_refused(changes: dict[str, object]) -> None:
    judged(as_json(report(**changes)).decode("utf-8", "replace").encode())
