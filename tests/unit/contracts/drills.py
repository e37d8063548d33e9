"""Hypothesis strategies for the facts of planned exercises."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from contracts.exercises import DrillReport, ExerciseCancelled, ExercisePlanned, ExerciseStarted
from contracts.frozen import Contract
from contracts.reports import Sender
from tests.strategies import instants, lines, paragraphs, tokens
from tests.unit.contracts.parts import addressees, ids, officers

_spans = st.integers(0, 10_000).map(lambda seconds: timedelta(seconds=seconds))
_reports = st.builds(
    DrillReport,
    key=tokens,
    at=_spans,
    sender=st.builds(Sender, agency=tokens, unit=tokens),
    seen_before=_spans,
    refers_to=st.lists(tokens, max_size=2).map(tuple),
    report=st.dictionaries(st.sampled_from(["category", "headline", "severity"]), lines, max_size=3),
)

DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {
    ExercisePlanned: st.builds(
        ExercisePlanned,
        drill=ids,
        name=lines,
        scenario=tokens,
        by=addressees,
        officer=officers,
        starts_at=instants,
        reports=st.lists(_reports, min_size=1, max_size=2).map(tuple),
    ),
    ExerciseStarted: st.builds(ExerciseStarted, drill=ids, starts_at=instants),
    ExerciseCancelled: st.builds(
        ExerciseCancelled, drill=ids, by=addressees, officer=officers, action=ids, reason=paragraphs
    ),
}
"""How to draw the data of each."""
