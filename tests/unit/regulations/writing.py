"""Short ways to write a regulation set of a few rules, and to decide by it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, Decision, Facts
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.proof.proving import prove
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.when import When
from tests.unit.regulations.conftest import AT
from tests.unit.regulations.drawn import OFFICE

GATE: Final = "ld-cua-khau-dak-wil"
STATION: Final = {"agency_type": "BP-D", "of": "area"}
COMMAND: Final = {"agency_type": "BP-T", "of": "province"}
CHAIR: Final = {"agency_type": "UBND-T", "of": "province"}
Sets = Callable[..., RegulationSet]
"""Makes a set of rules, each of conditions and duties."""


def duty(role: str, to: dict[str, Any], **further: Any) -> Duty:
    return Duty.model_validate({"role": Role(role), "to": to, **further}, strict=False)


def sets(reference: Reference) -> Sets:
    """Makes a set of nothing but rules, each of conditions and duties."""
    given_by = reference.regulations.regulation_set

    def make(*rules: tuple[dict[str, Any], list[Duty]], **changes: Any) -> RegulationSet:
        written = tuple(
            Rule(
                code=f"r-{number}",
                valid_from=date(2025, 7, 1),
                citation=given_by.rules[0].citation,
                when=When.model_validate(when, strict=False),
                assign=tuple(duties),
            )
            for number, (when, duties) in enumerate(rules, start=1)
        )
        return given_by.model_copy(
            update={"rules": written, "left_to_fallback": (), "work_calendar": OFFICE, **changes}
        )

    return make


def decided(regulation_set: RegulationSet, facts: Facts, reference: Reference, at: datetime = AT) -> Decision:
    return decide(facts, RuleIndex(regulation_set), reference.register, at)


def of(decision: Decision, agency: str) -> Assignment:
    return next(one for one in decision.assignments if one.addressee.agency == agency)


def desks(found: tuple[Addressee, ...]) -> list[str]:
    return [one.agency for one in found]


def findings(regulation_set: RegulationSet, reference: Reference, kind: FindingKind) -> list[Finding]:
    found = prove(regulation_set, reference.register, (Category.BOR_GATE,))
    return [finding for finding in found if finding.kind is kind]
