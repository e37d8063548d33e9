"""What the regulation commands answer, as one JSON document each. It decides nothing and prints nothing."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.routing.commands.regulation_files import Regulations
from services.routing.regulations.proof.counterexample import document as as_json
from services.routing.regulations.proof.counterexample import report_of
from services.routing.regulations.proof.findings import WORDINGS, Finding
from services.routing.regulations.rules.phrases import Sentence
from services.routing.regulations.telling.cases import Case, CaseFile, Mismatch, decided
from services.routing.regulations.telling.difference import differences, set_differences
from services.routing.regulations.telling.effects import effects
from services.routing.regulations.telling.explaining import Explanation, Met, Recipient, RuleExplained

Document = dict[str, Any]


def _words(words: Sentence) -> Document:
    return {"vi": words.vi, "en": words.en}


def _about(given: Regulations) -> Document:
    versions = given.regulation_set
    return {
        "set": versions.code,
        "set_version": versions.version,
        "register_version": given.register.version,
        "source": given.source,
    }


def check_document(given: Regulations, findings: Iterable[Finding], path: Path | None = None) -> Document:
    """Findings, faults first, each with its counter-example."""
    shown = sorted(findings, key=lambda finding: not finding.fault)
    faults = sum(finding.fault for finding in shown)
    return {
        **_about(given),
        "path": str(path) if path else None,
        "rules": len(given.regulation_set.rules),
        "clean": not faults and not given.faults,
        "faults": faults,
        "refused": [str(fault) for fault in given.faults],
        "findings": [_finding(finding, given) for finding in shown],
    }


def _finding(finding: Finding, given: Regulations) -> Document:
    wording = WORDINGS[finding.kind]
    return {
        "kind": finding.kind.value,
        "fault": finding.fault,
        "name": _words(wording.name),
        "text": _words(finding.words),
        "fix": _words(wording.fix),
        "rules": list(finding.rules),
        "categories": [category.value for category in finding.categories],
        "cases": finding.cases,
        "counterexample": as_json(report_of(finding.example, given.register)),
    }


def explanation_document(found: Explanation, given: Regulations) -> Document:
    """Everything that explains one decision."""
    decision = found.decision
    return {
        **_about(given),
        "at": found.at.isoformat(),
        "facts": found.facts.model_dump(mode="json"),
        "place": _words(found.place),
        "lead": _desk(decision.assignments[0].addressee),
        "lead_reason": decision.lead_reason,
        "fallback": decision.fallback,
        "recipients": [_recipient(recipient) for recipient in found.recipients],
        "matched": [_rule(rule) for rule in found.rules if rule.matched],
        "not_matched": [_rule(rule) for rule in found.rules if not rule.matched],
        "left_out": decision.trace_left_out,
    }


def _desk(addressee: Any) -> str:  # noqa: ANN401  # anything with agency and desk
    return f"{addressee.agency}/{addressee.desk}"


def _order(recipient: Recipient) -> Document | None:
    """Until when the recipient's order holds, and who decides then."""
    cap = recipient.assignment.order
    if cap is None or recipient.order is None:
        return None
    prompted_at, ends_at = recipient.order
    return {
        "lasts_s": _seconds(cap.lasts),
        "prompt_at": prompted_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "next": [{"desk": _desk(desk), "name": _words(name)} for desk, name in recipient.prompted],
    }


def _seconds(limit: timedelta | None) -> int | None:
    return None if limit is None else int(limit.total_seconds())


def _recipient(recipient: Recipient) -> Document:
    given = recipient.assignment
    return {
        "desk": _desk(recipient.addressee),
        "name": _words(recipient.name),
        "role": given.role.value,
        "acknowledge_within_s": _seconds(recipient.within),
        "decide_within_s": _seconds(given.decide_within),
        "first_report_within_s": _seconds(given.first_report_within),
        "follow_up_every_s": _seconds(given.follow_up_every),
        "escalation": [_desk(desk) for desk, _ in recipient.escalation],
        "escalation_steps": [step.value for step in recipient.steps],
        "escalation_tree": recipient.tree.value if recipient.tree else None,
        "order": _order(recipient),
        "approvals": [{"desk": _desk(desk), "name": _words(name)} for desk, name in recipient.approvals],
        "approvals_written_within_s": _seconds(given.approvals_written_within),
        "any_one_of": given.any_one_of,
        "rule": given.rule,
        "sentence": {"vi": given.sentence_vi, "en": given.sentence_en},
        "citation": given.citation.model_dump(mode="json"),
    }


def _rule(rule: RuleExplained) -> Document:
    return {
        "rule": rule.code,
        "sentence": _words(rule.sentence),
        "citation": rule.citation.model_dump(mode="json"),
        "conditions": [_met(met) for met in rule.conditions],
        "unresolved": list(rule.unresolved),
    }


def _met(met: Met) -> Document:
    return {"condition": _words(met.condition), "holds": met.holds, "fact": _words(met.fact)}


def tested_document(outcomes: Iterable[tuple[Case, tuple[Mismatch, ...]]], given: Regulations) -> Document:
    """Which cases the set decides otherwise than expected, and in what."""
    results = list(outcomes)
    failed = [(case, found) for case, found in results if found]
    return {
        **_about(given),
        "cases": len(results),
        "passed": len(results) - len(failed),
        "failed": [
            {"name": case.name, "why": case.why, "mismatches": [mismatch._asdict() for mismatch in found]}
            for case, found in failed
        ],
    }


def difference_document(old: Regulations, new: Regulations, file: CaseFile) -> Document:
    """Rules that differ, and what that changes in the cases."""
    changes = differences(old.regulation_set, new.regulation_set)
    cases = [{"name": case.name, "effects": _effects(case, file, old, new)} for case in file.cases]
    return {
        "old": _about(old),
        "new": _about(new),
        "set": [_words(words) for words in set_differences(old.regulation_set, new.regulation_set)],
        "rules": [
            {
                "rule": change.code,
                "change": change.change,
                "sentence": _words(change.sentence),
                "details": [_words(words) for words in change.details],
            }
            for change in changes
        ],
        "cases": len(cases),
        "affected": [case for case in cases if case["effects"]],
    }


def _effects(case: Case, file: CaseFile, old: Regulations, new: Regulations) -> list[Document]:
    before, after = (decided(case, file, given.regulator) for given in (old, new))
    return [{"kind": e.kind, "desk": e.desk, "text": _words(e.words)} for e in effects(before, after)]
