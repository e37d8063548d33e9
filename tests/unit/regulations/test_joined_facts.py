"""What several reports of one incident come to: casualties taken back, hazards together, who arrived, since when."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import CountOf, MsgType, Severity, Status, Unit
from contracts.decisions import MOST_CLAIMS, CasualtyClaim, Facts
from contracts.reports import Count, IncidentReport, Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.facts import facts_of, joined
from services.routing.regulations.rules.hazards import combined
from tests.unit.regulations.conftest import AT, Decides, States

FIRST, SECOND, THIRD = (UUID(f"019c0000-0000-7000-8000-00000000000{n}") for n in (1, 2, 3))


def filed(report: UUID, *counts: tuple[CountOf, int], **further: Any) -> IncidentReport:
    given = tuple(Count(of=of, value=value, unit=Unit.PERSON, source="x") for of, value in counts)
    stated = {"category": Category.NAT_FLOOD, "headline": "x", "status": Status.TEST, "sent": AT, "observed_at": AT}
    return IncidentReport(report=report, counts=given, **{**stated, **further})


def after(reference: Reference, *reports: tuple[IncidentReport, str]) -> Facts:
    first, *others = (facts_of(report, agency, reference.register, AT) for report, agency in reports)
    known = first
    for further in others:
        known = joined(known, further, reference.register)
    return known


def update(report: UUID, *counts: tuple[CountOf, int], of: UUID = FIRST) -> IncidentReport:
    return filed(report, *counts, msg_type=MsgType.UPDATE, references=(of,))


HURT = filed(FIRST, (CountOf.INJURED, 2))


def test_good_news_of_the_same_agency_takes_casualties_back(reference: Reference) -> None:
    good = update(SECOND, (CountOf.INJURED, 0))
    assert after(reference, (HURT, "a")).casualties
    assert not after(reference, (HURT, "a"), (good, "a")).casualties


@pytest.mark.parametrize(
    "later",
    [
        (update(SECOND, (CountOf.INJURED, 0)), "b"),
        (update(SECOND, (CountOf.INJURED, 0), of=THIRD), "a"),
        (update(SECOND), "a"),
        (update(SECOND, (CountOf.DEAD, 0)), "a"),
        (update(SECOND, (CountOf.INJURED, 1)), "a"),
        (filed(SECOND, (CountOf.INJURED, 0)), "a"),
    ],
)
def test_nothing_else_takes_them_back(later: tuple[IncidentReport, str], reference: Reference) -> None:
    """Another agency or report, silence, another kind, a smaller figure, a mere second report: people are hurt."""
    assert after(reference, (HURT, "a"), later).casualties


def test_a_cancelled_report_takes_all_its_claims_back(reference: Reference) -> None:
    both = filed(FIRST, (CountOf.INJURED, 2), (CountOf.DEAD, 1))
    cancel = filed(SECOND, msg_type=MsgType.CANCEL, references=(FIRST,))
    assert not after(reference, (both, "a"), (cancel, "a")).casualties


def test_a_corrected_figure_can_be_corrected_again(reference: Reference) -> None:
    smaller, none = update(SECOND, (CountOf.INJURED, 1)), update(THIRD, (CountOf.INJURED, 0), of=SECOND)
    assert not after(reference, (HURT, "a"), (smaller, "a"), (none, "a")).casualties


def test_what_two_agencies_counted_stands_until_both_take_it_back(reference: Reference) -> None:
    other = filed(SECOND, (CountOf.INJURED, 2))
    assert after(reference, (HURT, "a"), (other, "b"), (update(THIRD, (CountOf.INJURED, 0)), "a")).casualties


def test_casualties_without_a_claim_or_beyond_the_list_stay_known(reference: Reference, state: States) -> None:
    """Facts recorded before claims were kept, or with more claims than are kept: taking one back proves nothing."""
    good = facts_of(update(SECOND, (CountOf.INJURED, 0)), "a", reference.register, AT)
    old = state("NAT-FLOOD", "19819", casualties=True)
    assert joined(old, good, reference.register).casualties
    claims = tuple(CasualtyClaim(agency="a", report=FIRST, of=CountOf.INJURED) for _ in range(MOST_CLAIMS))
    full = state("NAT-FLOOD", "19819", casualties=True, casualty_claims=claims)
    assert joined(full, good, reference.register).casualties


@given(
    stated=st.integers(1, 5), hazards=st.sets(st.sampled_from(Category), max_size=3), severity=st.sampled_from(Severity)
)
def test_hazards_together_raise_the_level_by_one_or_two_and_never_above_five(
    stated: int, hazards: set[Category], severity: Severity
) -> None:
    """Decision 18/2021/QĐ-TTg art. 4(4)."""
    raised = combined(stated, hazards, severity)
    if len(hazards) < 2 or stated == 5:
        assert raised is None
    else:
        assert raised is not None
        step = 2 if severity in {Severity.SEVERE, Severity.EXTREME} else 1
        assert raised.level == min(5, stated + step) == raised.stated + raised.added


def test_two_hazards_with_levels_of_their_own_are_decided_by_the_raised_level(
    reference: Reference, decided: Decides
) -> None:
    """A storm of level 2 on top of a flood of level 1 is no matter of level 2 any more."""
    flood = facts_of(filed(FIRST, scales=Scales(disaster_risk=1)), "a", reference.register, AT)
    storm = filed(SECOND, category=Category.NAT_STORM, scales=Scales(disaster_risk=2))
    alone = facts_of(storm, "a", reference.register, AT)
    both = joined(flood, alone, reference.register).model_copy(update={"areas": ("19819",), "communes": ("19819",)})
    decision = decided(both)
    assert decision.combined is not None
    assert (decision.combined.stated, decision.combined.level) == (2, 3)
    said = [truth.fact for trace in decision.trace for truth in trace.conditions if "disaster risk" in truth.condition]
    assert "3 (2 stated, 2 hazards together)" in said
    assert decided(both.model_copy(update={"hazards": (Category.NAT_STORM,)})).combined is None


def test_arrivals_add_up_and_the_earliest_beginning_counts(reference: Reference) -> None:
    early, late = AT - timedelta(hours=5), AT - timedelta(hours=1)
    one = filed(FIRST, present=("CA-X",), restricted_since=late)
    two = filed(SECOND, present=("KL-H", "CA-X"), restricted_since=early)
    known = after(reference, (one, "a"), (two, "b"), (filed(THIRD), "c"))
    assert known.present == ("CA-X", "KL-H")
    assert known.restricted_from == early
    ahead = filed(FIRST, restricted_since=AT + timedelta(hours=1))
    assert after(reference, (ahead, "a")).restricted_from == AT
