"""Hypothesis strategies for the facts of an incident's life and of periods: each field is drawn by its annotation."""

from enum import EnumType
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AwareDatetime

from contracts.correlation import Correlation
from contracts.course import CourseLifeData
from contracts.decisions import Addressee, Citation, Decision, Obligation
from contracts.frozen import Contract
from contracts.lifecycle import DispatchLifeData
from contracts.places import AreaCode
from contracts.reporting import ReportingData
from contracts.reports import Count, ReportingWindow, ReportRef, Scales
from contracts.scenes import Scene
from contracts.text import Line, Paragraph, Token
from tests.strategies import counts, instants, lines, paragraphs, scales, tokens, windows
from tests.unit.contracts.parts import (
    addressees,
    citations,
    correlations,
    decisions,
    ids,
    obligations,
    report_refs,
    scenes,
)

_DRAWN: Final[dict[Any, st.SearchStrategy[Any]]] = {
    UUID: ids,
    bool: st.booleans(),
    Line: lines,
    Paragraph: paragraphs,
    Token: tokens,
    AwareDatetime: instants,
    Addressee: addressees,
    Obligation: obligations,
    Decision: decisions,
    Scales: scales,
    Correlation: correlations,
    ReportRef: report_refs,
    Count: counts,
    Scene: scenes,
    int: st.integers(1, 9),
    AreaCode: tokens,
    Citation: citations,
    ReportingWindow: windows,
}


def _drawn(annotation: Any) -> st.SearchStrategy[Any]:  # an annotation is anything
    """A field's strategy; a field of a kind not listed above fails here, so that it cannot stay untested."""
    if annotation in _DRAWN:
        return _DRAWN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _drawn(arguments[0])
    if origin in (Union, UnionType):
        return st.none() | _drawn(next(argument for argument in arguments if argument is not type(None)))
    if origin is tuple:
        return st.lists(_drawn(arguments[0]), min_size=1, max_size=2).map(tuple)
    if origin is Literal:
        return st.sampled_from(arguments)
    assert isinstance(annotation, EnumType), annotation
    return st.sampled_from(list(annotation))


def _of(model: type[Contract]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(model, include_extras=True)
    return st.builds(model, **{name: _drawn(hints[name]) for name in model.model_fields})


DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {
    model: _of(model) for model in (*get_args(DispatchLifeData), *get_args(CourseLifeData), *get_args(ReportingData))
}
