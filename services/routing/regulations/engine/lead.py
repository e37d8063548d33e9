"""Chooses the one lead among the desks that rules put forward, and names the step that decided it.

The order is special law, first discoverer, holder of the place, higher level (facts, pitfall 10), and of one level the
body that stands above the others; then the rule with more conditions, then the place of the rule in the set, so that
there is always exactly one.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from services.routing.regulations.engine.clauses import Clause
from services.routing.regulations.engine.compiled import CompiledRule
from services.routing.regulations.engine.posts import Post
from services.routing.regulations.engine.situation import Situation


class Candidate(NamedTuple):
    """A desk that a rule names as lead."""

    post: Post
    rule: CompiledRule
    leading: Clause
    """What it gets when it leads."""
    helping: Clause
    """And when another does."""

    @property
    def agency(self) -> str:
        """Its agency."""
        return self.post.addressee.agency


class Chosen(NamedTuple):
    """The lead, the step that decided it, and the candidates that did not lead."""

    lead: Candidate
    reason: str
    others: tuple[Candidate, ...]


Step = tuple[str, Callable[[Candidate, Situation, list[Candidate]], int]]
"""A name, and how well a candidate stands among the rivals that are left."""


def _special_law(candidate: Candidate, _situation: Situation, _rivals: list[Candidate]) -> int:
    special, names_the_place, _conditions = candidate.rule.specialty
    return 2 * special + names_the_place


def _discoverer(candidate: Candidate, situation: Situation, _rivals: list[Candidate]) -> int:
    return int(candidate.agency == situation.reporter)


def _holder(candidate: Candidate, situation: Situation, _rivals: list[Candidate]) -> int:
    areas = situation.site.areas
    return int(bool(areas) and situation.now.covers_all(candidate.agency, areas))


def _level(candidate: Candidate, situation: Situation, _rivals: list[Candidate]) -> int:
    return situation.now.rank(candidate.agency)


def _above(candidate: Candidate, situation: Situation, rivals: list[Candidate]) -> int:
    """How many rivals it stands above, whichever trees join them: the committee above the police of its province."""
    agency = candidate.agency
    return sum(agency in situation.now.everyone_above(rival.agency) for rival in rivals)


def _conditions(candidate: Candidate, _situation: Situation, _rivals: list[Candidate]) -> int:
    return candidate.rule.specialty[2]


def _earlier(candidate: Candidate, _situation: Situation, _rivals: list[Candidate]) -> int:
    return -candidate.rule.order


_STEPS: Final[tuple[Step, ...]] = (
    ("special law before general", _special_law),
    ("first discoverer", _discoverer),
    ("holder of the whole place", _holder),
    ("higher level", _level),
    ("superior of the others", _above),
    ("rule with more conditions", _conditions),
    ("earlier rule of the set", _earlier),
)


def choose(candidates: list[Candidate], situation: Situation) -> Chosen | None:
    """The one lead, or None where no rule puts anybody forward."""
    if not candidates:
        return None
    rivals = candidates
    if len(candidates) > 1:
        rivals = list({candidate.post: candidate for candidate in reversed(candidates)}.values())[::-1]
    if len(rivals) == 1:
        return Chosen(rivals[0], f"only candidate, by rule {rivals[0].rule.rule.code}", ())
    lead, reason = _best(rivals, situation)
    return Chosen(lead, reason, tuple(rival for rival in rivals if rival is not lead))


def _best(rivals: list[Candidate], situation: Situation) -> tuple[Candidate, str]:
    """Narrows the rivals step by step until one is left; the last resort is the register's order of codes."""
    left = rivals
    for name, score in _STEPS:
        scores = [score(candidate, situation, left) for candidate in left]
        best = max(scores)
        losers = [c.agency for c, points in zip(left, scores, strict=True) if points < best]
        left = [candidate for candidate, points in zip(left, scores, strict=True) if points == best]
        if len(left) == 1:
            return left[0], f"{name}: {left[0].agency} before {', '.join(losers)}"
    lead = min(left, key=lambda c: (c.agency, c.post.addressee.desk))
    return lead, f"equal in every step, first by code: {lead.agency}"
