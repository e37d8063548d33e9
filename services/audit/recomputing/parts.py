"""Decides what the checks of several stretches of one ledger say together. It reads no storage and starts nothing.

Where a position fits together, a checker that starts after it stands exactly as one that has come so far: so stretches
that meet at such positions find what one checker finds, whoever checks them and in whatever order.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.audit.recomputing.checking import MOST_FINDINGS, Checker, Finding, Flaw
from services.audit.tlog.merkle import EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Part:
    """What the check of one stretch of the ledger came to."""

    entries: int
    unreadable: int
    repeated: int
    root: str
    """The root over everything up to the end of the stretch, hexadecimal."""
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, checker: Checker) -> Self:
        """What this checker has found."""
        root = checker.tree.root().hex()
        return cls(checker.entries, checker.unreadable, checker.repeated, root, in_order(checker.findings))

    def to_json(self) -> str:
        """On one line, for another process."""
        found = [(each.flaw.value, each.first, each.last) for each in self.findings]
        return json.dumps([self.entries, self.unreadable, self.repeated, self.root, found])

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The reverse of `to_json`."""
        entries, unreadable, repeated, root, found = json.loads(text)
        findings = tuple(Finding(Flaw(flaw), first, last) for flaw, first, last in found)
        return cls(entries, unreadable, repeated, root, findings)


NOTHING: Final = Part(0, 0, 0, EMPTY_ROOT.hex(), ())


def joined(parts: Sequence[Part]) -> Part:
    """What stretches that follow one another came to, from the first entry of the ledger on."""
    return Part(
        sum(part.entries for part in parts),
        sum(part.unreadable for part in parts),
        sum(part.repeated for part in parts),
        (parts[-1] if parts else NOTHING).root,
        in_order(finding for part in parts for finding in part.findings),
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By the entries they concern, neighbours with the same flaw as one; at most `MOST_FINDINGS` of them."""
    found: list[Finding] = []
    last: dict[Flaw, int] = {}
    for each in sorted(findings, key=_place):
        at = last.get(each.flaw)
        if at is not None and found[at].last + 1 >= each.first:
            found[at] = Finding(each.flaw, found[at].first, max(found[at].last, each.last))
        else:
            last[each.flaw] = len(found)
            found.append(each)
    return tuple(sorted(found, key=_place)[:MOST_FINDINGS])


def _place(finding: Finding) -> tuple[int, int, str]:
    return finding.first, finding.last, finding.flaw.value
