"""What a run of chaos comes to, for people and for machines: counts by what was broken, and the shortest witnesses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from benchmarks.chaos.faults import Done
from tests.system.checker import Flaw, flaws
from tests.system.desks import Acted
from tests.system.evidence import Evidence
from tests.system.load import Sent

Wrong = Literal["lost", "duplicated", "out_of_order", "unheard", "parked", "other"]
WRONG: Final[dict[str, Wrong]] = {
    "stream: gap": "lost",
    "ledger: length": "lost",
    "ledger: gap": "lost",
    "sender: no receipt": "lost",
    "report: lost": "lost",
    "report: in no incident": "lost",
    "desk: never reached": "lost",
    "desk: no receipt": "lost",
    "stream: event id twice": "duplicated",
    "report: accepted twice": "duplicated",
    "report: in several incidents": "duplicated",
    "incident: opened twice": "duplicated",
    "dispatch: issued twice": "duplicated",
    "dispatch: desk told twice": "duplicated",
    "dispatch: rung twice": "duplicated",
    "desk: act recorded not once": "duplicated",
    "stream: effect before cause": "out_of_order",
    "incident: fact before opening": "out_of_order",
    "dispatch: rung before issue": "out_of_order",
    "desk: out of order": "out_of_order",
    "dispatch: silence unheard": "unheard",
    "parked: message": "parked",
}
"""Flaws that are one of the five; all others count as `other`."""


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of flaw."""

    kind: str
    count: int
    witness: str
    """The shortest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole of it. `flaws` empty means that every promise held."""

    seed: int
    seconds: float
    faults: tuple[Done, ...]
    reports_sent: int
    receipts: int
    facts: int
    entries: int
    lost: int
    duplicated: int
    out_of_order: int
    deadlines_unheard: int
    parked: int
    other: int
    flaws: tuple[Found, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing at all was found."""
        return not self.flaws

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {"sound": self.sound} | asdict(self)


def judge(
    seed: int,
    seconds: float,
    faults: Sequence[Done],
    sent: Sequence[Sent],
    found: tuple[Evidence | None, Sequence[Acted], Sequence[Flaw]],
) -> Verdict:
    """`found`: what there is to see, None where nobody could look at it; desks' acts; what the runner noted."""
    evidence, acted, noted = found
    seen = [] if evidence is None else [*flaws(evidence, list(sent), list(acted)), *_parked(evidence)]
    kinds = summary([*noted, *seen])
    counts = {what: sum(one.count for one in kinds if wrong(one.kind) == what) for what in (*WRONG.values(), "other")}
    return Verdict(
        seed=seed,
        seconds=seconds,
        faults=tuple(faults),
        reports_sent=len(sent),
        receipts=sum(len(one.told) for one in sent),
        facts=len(evidence.facts) if evidence else 0,
        entries=len(evidence.rows) if evidence else 0,
        lost=counts["lost"],
        duplicated=counts["duplicated"],
        out_of_order=counts["out_of_order"],
        deadlines_unheard=counts["unheard"],
        parked=counts["parked"],
        other=counts["other"],
        flaws=kinds,
    )


def wrong(kind: str) -> Wrong:
    """Which of the promises such a flaw breaks."""
    return WRONG.get(kind, "other")


def summary(found: Iterable[Flaw]) -> tuple[Found, ...]:
    """Each kind once, with its count and its shortest witness."""
    witnesses: defaultdict[str, list[str]] = defaultdict(list)
    for flaw in found:
        witnesses[flaw.kind].append(flaw.witness)
    return tuple(Found(kind, len(all_), min(all_, key=len)) for kind, all_ in sorted(witnesses.items()))


def _parked(evidence: Evidence) -> list[Flaw]:
    return [Flaw("parked: message", f"{one.subject} {dict(one.headers)}"[:300]) for one in evidence.parked]
