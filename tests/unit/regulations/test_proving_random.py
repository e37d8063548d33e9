"""The enumeration of cut points against chance: no random report finds a gap or a second lead that the proof missed."""

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import CountOf, Severity, Status, Unit, UrgencyMark
from contracts.decisions import Facts
from contracts.places import AdminArea
from contracts.reports import Count, IncidentReport, Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.facts import facts_of
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.regulations.proof.cutpoints import Choice
from services.routing.regulations.proof.declared import Declarations
from services.routing.regulations.proof.findings import FindingKind
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.proof.leadership import UNDOCUMENTED, leadership
from services.routing.regulations.proof.places import Landscape, Terrain
from services.routing.regulations.rules.model import RegulationSet
from tests.strategies import report_ids

BROKEN: Final = (
    "w6-forest-fire-directed",
    "g3-level-2",
    "n3-risk-2",
    "s3-open-sea",
    "p1-violence-beyond",
    "x3-readiness-report",
)


@st.composite
def facts_in_force(draw: st.DrawFn, register: RegisterIndex) -> Facts:
    """The facts of a random report of an event since the set is in force."""
    moments = st.datetimes(datetime(2025, 7, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
    moment = draw(moments)
    day = register.on(day_of(moment))
    codes = st.lists(st.sampled_from(sorted(day.areas)), max_size=3, unique=True)
    reporter = draw(st.sampled_from(sorted(day.agencies)))
    levels = {"disaster_risk": 5, "civil_defence": 3, "forest_fire_danger": 5, "river_alert": 3}
    injured = Count(of=CountOf.INJURED, value=1, unit=Unit.PERSON, source="x")
    report = IncidentReport(
        report=draw(report_ids),
        status=Status.TEST,
        sent=moment,
        observed_at=moment,
        urgency_mark=draw(st.sampled_from(UrgencyMark)),
        places=tuple(AdminArea(code=code, valid_on=day_of(moment)) for code in draw(codes)),
        counts=draw(st.sampled_from(((), (injured,)))),
        category=draw(st.sampled_from(Category)),
        headline="x",
        severity=draw(st.sampled_from(Severity)),
        scales=Scales(**{name: draw(st.none() | st.integers(1, top)) for name, top in levels.items()}),
        position_unknown=draw(st.booleans()),
    )
    return facts_of(report, reporter, register, moment)


class Watched:
    """A set with what its proof found, to be tried by chance."""

    def __init__(self, regulation_set: RegulationSet, register: RegisterIndex) -> None:
        self.ground = Ground(regulation_set, register)
        self.declarations = Declarations(self.ground)
        found = list(leadership(self.ground, Category))
        gaps = {FindingKind.GAP, FindingKind.LEAD_NOBODY, FindingKind.NO_RULE}
        self.gaps = {(c, f.kind) for f in found if f.kind in gaps for c in f.categories}
        self.conflicts = {category for f in found if f.kind is FindingKind.CONFLICT for category in f.categories}

    def is_gap(self, facts: Facts) -> bool:
        """Whether nobody leads and nobody declared it."""
        decision = decide(facts, self.ground.whole, self.ground.register, facts.occurred_at)
        if not decision.fallback:
            return False
        day = day_of(facts.occurred_at)
        place = Landscape(Terrain(self.ground.register.on(day), day), frozenset(), frozenset()).place(*facts.areas)
        trial = Trial(place.lost() if facts.position_unknown else place, Choice(), day, facts)
        named = {rule.code for rule in self.ground.leading}
        matched = tuple(trace.rule for trace in decision.trace if trace.matched and trace.rule in named)
        return self.declarations.covering(trial, matched, ()) is None


@pytest.fixture(scope="module")
def whole(reference: Reference) -> Watched:
    return Watched(reference.regulations.regulation_set, reference.register)


@pytest.fixture(scope="module", params=BROKEN)
def broken(request: pytest.FixtureRequest, reference: Reference) -> Watched:
    given = reference.regulations.regulation_set
    rules = tuple(rule for rule in given.rules if rule.code != request.param)
    return Watched(given.model_copy(update={"rules": rules}), reference.register)


@pytest.mark.timeout(300)  # the proof comes first, and a machine may be busy
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_chance_finds_no_gap_in_the_reference_set(whole: Watched, data: st.DataObject) -> None:
    """The proof tries one place and level of each kind; a kind it does not know would show here."""
    facts = data.draw(facts_in_force(whole.ground.register))
    assert not whole.is_gap(facts)
    assert not whole.ground.decide(facts).lead_reason.startswith(UNDOCUMENTED)


@pytest.mark.timeout(300)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_chance_finds_no_gap_that_the_proof_of_a_broken_set_missed(broken: Watched, data: st.DataObject) -> None:
    facts = data.draw(facts_in_force(broken.ground.register))
    if broken.is_gap(facts):
        assert facts.category in {category for category, _ in broken.gaps}
    if broken.ground.decide(facts).lead_reason.startswith(UNDOCUMENTED):
        assert facts.category in broken.conflicts
