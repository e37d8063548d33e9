"""Findings as named cases: each expects what a corrected set would decide, so it fails until the set is corrected."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from contracts.decisions import Decision
from services.routing.deciding import Regulator
from services.routing.regulations.proof.counterexample import document, report_of
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.rules.model import RegulationSet

_CORRECTED: Final[dict[FindingKind, dict[str, Any]]] = {
    FindingKind.GAP: {"fallback": False},
    FindingKind.NO_RULE: {"fallback": False},
    FindingKind.LEAD_NOBODY: {"fallback": False},
    FindingKind.LEFT_TO_FALLBACK: {"fallback": True},
    FindingKind.CONFLICT: {"undisputed": True},
    FindingKind.CO_LEADS: {"undisputed": True},
}


def as_cases(findings: Iterable[Finding], regulator: Regulator) -> Iterator[dict[str, Any]]:
    """Each finding as a case of a cases file."""
    for number, finding in enumerate(findings, start=1):
        decision = regulator.decide(finding.example, finding.example.occurred_at)
        yield {
            "name": case_name(number, finding),
            "why": finding.words.vi[:200],
            "report": document(report_of(finding.example, regulator.register)),
            "expect": _expectation(finding, decision, regulator.rules.regulation_set),
        }


def case_name(number: int, finding: Finding) -> str:
    """What the case of a finding is called."""
    about = finding.rules[:1] or tuple(category.value.lower() for category in finding.categories[:1])
    return "-".join((str(number).zfill(2), finding.kind.value.replace("_", "-"), *about))[:80]


def _expectation(finding: Finding, decision: Decision, regulation_set: RegulationSet) -> dict[str, Any]:
    match finding.kind:
        case FindingKind.EXPIRED:
            cited = {a.citation.instrument for a in decision.assignments if a.rule in finding.rules}
            return {"not_citing": sorted(cited)}
        case FindingKind.DEADLINE:
            return {"at_most": _limits(finding, decision, regulation_set)}
        case FindingKind.ESCALATION_LOOP | FindingKind.DEAD_END | FindingKind.IDLE_DECLARATION:
            lead = decision.assignments[0].addressee
            return {"lead": f"{lead.agency}/{lead.desk}"}
        case FindingKind.ORDER if finding.wanted is not None:
            return {"lead": f"{finding.wanted.agency}/{finding.wanted.desk}"}
        case FindingKind.NOBODY:
            return {"resolves": list(finding.rules)}
        case _:
            return _CORRECTED.get(finding.kind) or {"gives": list(finding.rules)}


def _limits(finding: Finding, decision: Decision, regulation_set: RegulationSet) -> dict[str, str]:
    """The longest time each desk of the rule may have: the set's own for the most urgent mark."""
    least = regulation_set.most_urgent
    return {
        f"{a.addressee.agency}/{a.addressee.desk}": f"PT{int(least.total_seconds())}S"
        for a in decision.assignments
        if a.rule in finding.rules and (a.acknowledge_within or timedelta()) > least
    }
