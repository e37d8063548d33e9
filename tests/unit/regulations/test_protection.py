"""Which incidents a set protects: by category, by area around the place, by day; and what a set may not leave out."""

from datetime import date
from typing import Any, Final

import pytest
from pydantic import ValidationError

from contracts.codes import Role
from contracts.decisions import Discretion, Facts
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.proof.crosscheck import Crosscheck
from services.routing.regulations.rules.protection import Protection
from services.routing.regulations.rules.texts import text_of_set
from tests.unit.regulations.conftest import AT
from tests.unit.routing.cases import CITATION
from tests.unit.routing.cases import decision as any_decision

WRITTEN: Final[dict[str, Any]] = {
    "code": "p1",
    "valid_from": date(2025, 7, 1),
    "citation": CITATION,
    "categories": (Category.INF_DAM,),
    "exact_for": (Role.LEAD, Role.COMMAND),
    "reason_vi": "Công trình quan trọng",
    "reason_en": "Protected works",
}


def protection(**changes: Any) -> Protection:
    return Protection(**(WRITTEN | changes))


def facts(reference: Reference, category: Category = Category.INF_DAM) -> Facts:
    """At a commune of the register."""
    day = reference.register.on(AT.date())
    commune = next(code for code, area in day.areas.items() if area.kind.value == "commune")
    changes = {"category": category, "areas": (commune,), "communes": (commune,), "occurred_at": AT}
    return any_decision().facts.model_copy(update=changes)


def found(reference: Reference, given: Facts, *protections: Protection) -> Discretion | None:
    changed = reference.regulations.regulation_set.model_copy(update={"protected": protections})
    return decide(given, RuleIndex(changed), reference.register, AT).discretion


def test_the_first_protection_that_holds_says_who_sees_what(reference: Reference) -> None:
    given = facts(reference)
    made = found(reference, given, protection(), protection(code="p2"))

    assert made is not None
    assert (made.rule, made.exact_for, made.others_see) == ("p1", (Role.LEAD, Role.COMMAND), "commune")
    assert made.place == reference.register.on(AT.date()).areas[given.communes[0]].name_vi


def test_another_category_place_or_day_is_not_protected(reference: Reference) -> None:
    given = facts(reference)
    day = reference.register.on(AT.date())
    around = day.surroundings(given.communes[0])
    elsewhere = next(c for c, a in day.areas.items() if a.kind.value == "commune" and c != given.communes[0])

    assert found(reference, facts(reference, Category.FIR_BLDG), protection()) is None
    assert found(reference, given, protection(areas=(elsewhere,))) is None
    assert found(reference, given, protection(valid_to=date(2025, 7, 2))) is None
    for area in (given.communes[0], *around):
        assert found(reference, given, protection(categories=(), areas=(area,))) is not None


def test_a_set_without_protections_decides_and_reads_as_before(reference: Reference) -> None:
    """A digest on record must not change because a set may now say more."""
    given = reference.regulations.regulation_set
    assert found(reference, facts(reference)) is None
    assert text_of_set(given) == text_of_set(given.model_copy(update={"protected": ()}))
    assert b"protected" not in text_of_set(given).content
    assert b"protected" in text_of_set(given.model_copy(update={"protected": (protection(),)})).content


@pytest.mark.parametrize("wrong", [{"categories": (), "areas": ()}, {"exact_for": (Role.DIRECT,)}, {"exact_for": ()}])
def test_a_protection_of_nothing_or_without_the_lead_is_refused(wrong: dict[str, Any]) -> None:
    """Whoever answers for the incident must find it."""
    with pytest.raises(ValidationError):
        protection(**wrong)


def test_an_area_nobody_knows_is_a_fault_of_the_set(reference: Reference) -> None:
    """A misspelled code would protect nothing, silently."""
    wrong = reference.regulations.regulation_set.model_copy(update={"protected": (protection(areas=("nowhere",)),)})
    [fault] = [one for one in Crosscheck(reference.register.register)(wrong) if one.location[0] == "protected"]
    assert "nowhere" in fault.problem
