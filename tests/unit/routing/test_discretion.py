"""Where a place is protected, only the roles that a rule names see exactly where it is; each dispatch says why."""

from typing import Any, Final
from unicodedata import normalize

import pytest

from contracts.actions import SetLevel, Transfer
from contracts.codes import Role, Severity
from contracts.correlation import SameCommune, correlation
from contracts.decisions import Decision, Discretion
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchUpdated
from contracts.places import Described, Point
from services.routing.incident.commands import Around, Join, Open, Suggest
from services.routing.incident.decide import Incident, decide
from services.routing.incident.discretion import WITHHELD, place_for_others, words_for_others
from tests.unit.routing.cases import (
    CITATION,
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    TOP,
    accepted,
    acting,
    after,
    assignment,
    decision,
    dispatch_of,
    opening,
    report,
    uid,
)

EXACT: Final = "16.46371, 107.59094"
AREA: Final = "xã An Phú"
SEEING: Final = (Role.LEAD, Role.COMMAND)
RULE: Final = Discretion(
    rule="p1",
    exact_for=SEEING,
    others_see="commune",
    place=AREA,
    reason_vi="Công trình quan trọng",
    reason_en="Protected works",
    citation=CITATION,
)
HERE: Final = (Described(text="Cổng số 2 kho K5"), Point(lat=16.46371, lon=107.59094))
MARKED: Final = f"Cháy tại {EXACT}"
LEAD: Final = assignment(COMMUNE, escalation=(PROVINCE,))
OTHERS: Final = (assignment(POLICE, Role.COORDINATE), assignment(TOP, Role.INFORM))


def ruled(*assignments: Any, rule: Discretion | None = RULE) -> Decision:
    return decision(*assignments).model_copy(update={"discretion": rule})


def protected(rule: Discretion | None = RULE, place: str | None = AREA) -> Incident:
    filed = report(places=HERE, headline=MARKED, description=f"Gần {EXACT}")
    state, _ = after(None, Open(accepted(filed), ruled(LEAD, *OTHERS, rule=rule), SOON, place=place))
    return state


def test_who_a_rule_names_sees_where_it_is_and_everybody_else_only_the_commune_with_the_reason() -> None:
    """Otherwise every desk that is told of an incident at protected works learns to the metre where they are."""
    state = protected()

    lead = dispatch_of(state, COMMUNE)
    assert lead.place == f"{AREA} · Cổng số 2 kho K5; {EXACT}"
    assert (lead.headline, lead.withheld) == (MARKED, None)
    for desk in (POLICE, TOP):
        told = dispatch_of(state, desk)
        assert told.place == AREA
        assert told.headline == "Cháy tại […], […]"
        assert told.withheld == RULE, "the dispatch says by which rule and why"
        assert EXACT.split(",")[0] not in told.model_dump_json()


def test_without_such_a_rule_nothing_is_kept_back() -> None:
    state = protected(None)
    assert {d.issued.withheld for d in state.dispatches.values()} == {None}
    assert {d.issued.headline for d in state.dispatches.values()} == {MARKED}
    assert {d.issued.place for d in state.dispatches.values()} == {AREA}


@pytest.mark.parametrize(
    ("others_see", "place", "shown"),
    [("commune", None, WITHHELD), ("rounded", None, "≈ 16.5, 107.6"), ("rounded", AREA, f"{AREA} · ≈ 16.5, 107.6")],
)
def test_what_others_see_of_a_place(others_see: str, place: str | None, shown: str) -> None:
    rule = RULE.model_copy(update={"others_see": others_see, "place": place})
    assert dispatch_of(protected(rule, place), POLICE).place == shown
    assert dispatch_of(protected(rule, place), COMMUNE).place.endswith(EXACT)


@pytest.mark.parametrize(
    "figures",
    [
        "16.46371, 107.59094",
        "16,46371 107,59094",
        "16°27'49\"N 107°35'27\"E",
        "X=1821345 Y=560123",
        "48Q YE 12345 67890",
        "toạ độ 16.4637°N",
    ],
)
def test_figures_that_may_be_a_position_are_taken_out_of_a_line(figures: str) -> None:
    left = words_for_others(f"Cháy ở {figures}, gió cấp 5", RULE)
    assert "Cháy ở" in left
    assert "gió cấp 5" in left
    assert not any(part in left for part in ("46371", "4637", "1821345", "560123", "12345", "27'49"))


def test_other_figures_stay() -> None:
    for line in ("Mất 12.5 ha rừng, 3 người bị thương", "Báo động III, 4,15 m lúc 05:30", "Gọi 114; quốc lộ 49"):
        assert words_for_others(line, RULE) == line


NAMED: Final = RULE.model_copy(update={"names": ("Kho xăng dầu K5", "Hồ Tả Trạch", "Kho")})


@pytest.mark.parametrize(
    "said",
    [
        "Cháy tại Kho xăng dầu K5, gió cấp 5",
        "Cháy tại KHO XĂNG DẦU K5, gió cấp 5",
        "Cháy tại kho  xăng\tdầu k5, gió cấp 5",
        normalize("NFD", "Cháy tại Kho xăng dầu K5, gió cấp 5"),
    ],
)
def test_the_name_of_protected_works_is_taken_out_of_a_line_in_any_letters(said: str) -> None:
    """Whoever reads the name of the works needs no position."""
    assert words_for_others(said, NAMED) == "Cháy tại […], gió cấp 5"


def test_a_name_within_another_word_stays() -> None:
    assert words_for_others("Khoảng 5 nhà ở Hồ Tả Trạch 2", NAMED) == "Khoảng 5 nhà ở […] 2"


def test_others_get_a_headline_without_names_and_are_not_told_which_there_are() -> None:
    """The list beside the dispatch would name what was taken out of its words."""
    filed = report(places=HERE, headline="Cháy tại kho xăng dầu k5")
    _, events = after(None, Open(accepted(filed), ruled(LEAD, *OTHERS, rule=NAMED), SOON, place=AREA))
    issued = {one.data.role: one.data for one in events if isinstance(one.data, DispatchIssued)}

    assert issued[Role.LEAD].headline == "Cháy tại kho xăng dầu k5"
    for role in (Role.COORDINATE, Role.INFORM):
        assert issued[role].headline == "Cháy tại […]"
        assert issued[role].withheld == RULE
        assert "K5" not in issued[role].model_dump_json()


def _updates(events: list[Any]) -> dict[str, DispatchUpdated]:
    found = [(e.subject.split(".dispatch.")[1].split(".")[0], e.data) for e in events if ".dispatch." in e.subject]
    return {desk: data for desk, data in found if isinstance(data, DispatchUpdated)}


def test_later_words_reach_others_without_positions_and_without_the_free_text() -> None:
    """A correction, a remark or a further report would otherwise say what the dispatch kept back."""
    state = protected()
    further = report(2, places=HERE, headline=f"Lan tới {EXACT}", description=f"Đến {EXACT}")
    same = correlation(SameCommune(area="19774", points=0.9))
    state, events = after(state, Join(accepted(further), same, None, SOON, place=AREA))

    told = _updates(events)
    assert (told[COMMUNE.agency].headline, told[COMMUNE.agency].text) == (f"Lan tới {EXACT}", f"Đến {EXACT}")
    for desk in (POLICE, TOP):
        assert (told[desk.agency].headline, told[desk.agency].text) == ("Lan tới […], […]", None)


def test_who_is_brought_in_later_is_shown_what_its_role_may_see() -> None:
    """By escalation, transfer or a new decision; the exact place comes from a dispatch that names it."""
    state = protected()
    around = Around(decision=ruled(LEAD, *OTHERS, assignment(PROVINCE, Role.DIRECT)))
    level = acting(SetLevel, dispatch_of(state, COMMUNE), severity=Severity.EXTREME, reason="r", around=around)
    state, _ = after(state, level)
    assert dispatch_of(state, PROVINCE).place == AREA
    handed = acting(Transfer, dispatch_of(state, COMMUNE), to=PROVINCE, reason="r")
    state, _ = after(state, handed)
    assert dispatch_of(state, PROVINCE, Role.LEAD).place.endswith(EXACT), "it is offered the lead"
    given = acting(Transfer, dispatch_of(state, POLICE), to=PROVINCE, reason="r")
    state, _ = after(state, given)
    assert dispatch_of(state, PROVINCE, Role.COORDINATE).place == AREA


def test_a_protection_that_a_later_decision_brings_holds_from_the_very_report_that_brought_it() -> None:
    state = protected(None)
    further = report(2, places=HERE, headline=f"Lan tới {EXACT}", description="t")
    decided = ruled(LEAD, *OTHERS, assignment(PROVINCE, Role.DIRECT))
    same = correlation(SameCommune(area="19774", points=0.9))
    state, events = after(state, Join(accepted(further), same, decided, SOON, place=AREA))

    assert _updates(events)[POLICE.agency].text is None
    assert dispatch_of(state, PROVINCE).withheld == RULE


def test_a_suggestion_names_another_protected_incident_without_its_position() -> None:
    state, other = protected(), protected(None)
    one, _ = after(None, opening(LEAD, filed=report("one")))
    events = decide(one, Suggest(state, correlation(SameCommune(area="19774", points=0.7)), uid("c"), uid("t"), SOON))
    assert isinstance(events, tuple)
    assert [e.data.headline for e in events if isinstance(e.data, DispatchUpdated)] == ["Cháy tại […], […]"]
    assert other.discretion is None


def test_what_was_never_exact_is_not_made_so() -> None:
    rule = RULE.model_copy(update={"others_see": "rounded", "place": None})
    assert place_for_others("thôn 3", rule) == WITHHELD
