"""Hypothesis strategies for the parts that facts are made of."""

from datetime import timedelta

from hypothesis import strategies as st

from contracts.codes import Role, Severity, SourceFormat, UrgencyMark
from contracts.correlation import (
    Distance,
    IncidentNamed,
    MinutesApart,
    NeighbouringCategory,
    OnlyIncident,
    ReportFollowed,
    SameArea,
    SameCategory,
    SameCommune,
    SameExternalCode,
    correlation,
)
from contracts.decisions import (
    Addressee,
    Assignment,
    Citation,
    CitationStatus,
    ConditionTruth,
    Decision,
    Facts,
    Obligation,
    ObligationKind,
    RuleTrace,
)
from contracts.events import Original, Sighting
from contracts.places import Point
from contracts.problems import Problem, ProblemCode
from contracts.register import Tree
from contracts.reports import ReportRef, Sender
from contracts.scenes import Scene
from contracts.taxonomy import Category
from tests.strategies import instants, lines, paragraphs, positions, scales, tokens

digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
ids = st.uuids()
few_codes = st.lists(tokens, max_size=2).map(tuple)
officers = st.none() | lines
senders = st.builds(Sender, agency=tokens, unit=tokens)
addressees = st.builds(Addressee, agency=tokens, desk=tokens)
chains = st.lists(addressees, max_size=2).map(tuple)
citations = st.builds(Citation, instrument=tokens, text=lines, status=st.sampled_from(CitationStatus))
problems = st.lists(
    st.builds(Problem, code=st.sampled_from(ProblemCode), field=lines, detail=st.none() | lines), min_size=1, max_size=3
).map(tuple)
originals = st.builds(
    Original,
    format=st.sampled_from(SourceFormat),
    sha256=digests,
    size=st.integers(0, 65_536),
    content=st.none() | st.binary(max_size=40),
)
report_refs = st.builds(ReportRef, report=ids, sender=senders, event=ids)
scenes = st.builds(
    Scene,
    exact_location=st.none() | lines,
    hazards=st.none() | paragraphs,
    access=st.none() | paragraphs,
    services_present=st.none() | st.lists(lines, min_size=1, max_size=2).map(tuple),
    services_required=st.none() | st.lists(lines, min_size=1, max_size=2).map(tuple),
    measures_taken=st.none() | paragraphs,
    requests=st.none() | st.lists(lines, min_size=1, max_size=2).map(tuple),
    forecast=st.none() | paragraphs,
    position=st.none() | positions.map(lambda at: Point(lat=at[0], lon=at[1])),
    areas=st.none() | st.lists(tokens, min_size=1, max_size=2).map(tuple),
)
obligations = st.builds(Obligation, obligation=ids, kind=st.sampled_from(ObligationKind), due=instants, basis=citations)
routing_facts = st.builds(
    Facts,
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    urgency_mark=st.sampled_from(UrgencyMark),
    scales=scales,
    areas=few_codes,
    communes=few_codes,
    position_unknown=st.booleans(),
    casualties=st.booleans(),
    occurred_at=instants,
    first_reporter=tokens,
)
assignments = st.builds(
    Assignment,
    addressee=addressees,
    role=st.sampled_from(Role),
    rule=tokens,
    sentence_vi=paragraphs,
    sentence_en=paragraphs,
    citation=citations,
    acknowledge_within=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=3)),
    escalation=chains,
    escalation_tree=st.none() | st.sampled_from(Tree),
)
conditions = st.builds(ConditionTruth, condition=lines, holds=st.booleans(), fact=lines)
traces = st.builds(
    RuleTrace,
    rule=tokens,
    matched=st.booleans(),
    conditions=st.lists(conditions, max_size=2).map(tuple),
    unresolved=st.lists(lines, max_size=1).map(tuple),
)
decisions = st.builds(
    Decision,
    set=tokens,
    set_version=tokens,
    register_version=tokens,
    facts=routing_facts,
    assignments=st.lists(assignments, min_size=1, max_size=2).map(tuple),
    fallback=st.booleans(),
    lead_reason=lines,
    trace=st.lists(traces, max_size=2).map(tuple),
)
sightings = st.builds(
    Sighting,
    communes=few_codes,
    areas=few_codes,
    points=st.lists(positions, max_size=2).map(tuple),
    occurred_at=instants,
    codes=st.lists(lines, max_size=2).map(tuple),
)
_points = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
_categories = st.sampled_from(Category)
_reasons = st.one_of(
    *(st.builds(kind, points=_points) for kind in (IncidentNamed, ReportFollowed, OnlyIncident)),
    *(st.builds(kind, points=_points, area=tokens) for kind in (SameCommune, SameArea)),
    st.builds(SameCategory, points=_points, category=_categories),
    st.builds(NeighbouringCategory, points=_points, category=_categories, other=_categories),
    st.builds(Distance, points=_points, metres=st.integers(0, 99_999)),
    st.builds(MinutesApart, points=_points, minutes=st.integers(0, 999)),
    st.builds(SameExternalCode, points=_points, external=lines),
)
correlations = st.lists(_reasons, min_size=1, max_size=3).map(lambda drawn: correlation(*drawn))
