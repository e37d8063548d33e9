"""A verdict as the promised JSON document, the same for the command and for the pages."""

from services.audit.notary.gathering import Gathered
from services.audit.recomputing.checking import Finding
from services.audit.recomputing.verifying import Verdict
from services.audit.tlog.anchors import Compared


def verdict_document(verdict: Verdict, gathered: Gathered) -> dict[str, object]:
    """What was found, and what it was held against."""
    found = verdict.found
    findings = [*map(finding_document, found.findings), *(contradiction_document(c) for c in found.kept if c.flaw)]
    if verdict.unsettled:
        findings.append({"flaw": "not_settled", "first": 0, "last": found.entries - 1})
    return {
        "entries": found.entries,
        "verified": verdict.verified,
        "findings": findings,
        "root": found.root,
        "unreadable": found.unreadable,
        "repeated": found.repeated,
        "checkpoints": [{"file": each.name, "size": each.size, "contained": not each.flaw} for each in found.kept],
        "kept_at": dict(gathered.places),
        "settled": verdict.settled,
        "signatures_checked": bool(found.kept and gathered.trust.keys),
    }


def finding_document(finding: Finding) -> dict[str, object]:
    """A finding of the recomputation, for `findings[]`."""
    return {"flaw": finding.flaw.value, "first": finding.first, "last": finding.last}


def contradiction_document(each: Compared) -> dict[str, object]:
    """A kept checkpoint that disagrees, for `findings[]`; without rows where it concerns none."""
    first, last = each.rows or (None, None)
    return {"flaw": each.flaw and each.flaw.value, "first": first, "last": last, "checkpoint": each.name}
