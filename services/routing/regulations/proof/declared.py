"""Knows which cases without a lead the set leaves to its fallback on purpose, and which declarations do nothing."""

from collections.abc import Iterable, Iterator

from contracts.codes import Role
from contracts.taxonomy import CATEGORIES, Category
from services.routing.regulations.proof.cutpoints import Choice, concerns
from services.routing.regulations.proof.findings import Finding, FindingKind, listed
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import LeftToFallback, Rule
from services.routing.regulations.rules.phrases import Sentence


class Declarations:
    """The declarations of one set, each tried as if it were a rule, so that its conditions mean what a rule's mean."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._declared = ground.set.left_to_fallback
        last = Duty(role=Role.LEAD, to=ground.set.fallback.last_resort)
        self.rules = tuple(
            Rule(
                code=f"declared-{number}",
                valid_from=ground.set.valid_from,
                valid_to=ground.set.valid_to,
                citation=ground.set.fallback.citation,
                when=left.when,
                assign=(last,),
            )
            for number, left in enumerate(self._declared)
        )
        self._index = ground.indexed(self.rules)
        self._used: set[tuple[int, Category]] = set()

    def covering(self, trial: Trial, matched: tuple[str, ...], alike: Iterable[Category]) -> int | None:
        """The number of the declaration that means this case, or None where it is a gap."""
        traces = self._ground.decide(trial.facts, self._index).trace
        holding = {trace.rule for trace in traces if trace.matched}
        for number, left in enumerate(self._declared):
            if f"declared-{number}" in holding and _means(left, trial, matched):
                self._used.update((number, category) for category in alike)
                return number
        return None

    def idle(self) -> Iterator[Finding]:
        """Declarations, or categories of one, for which every case has a lead."""
        for number, left in enumerate(self._declared):
            named = [category for category in Category if left.when.category and concerns(self.rules[number], category)]
            unused = [category for category in named if (number, category) not in self._used]
            whole = not any(used == number for used, _ in self._used)
            if whole or any(category in left.when.category for category in unused):
                yield self._idle(left, number, unused)

    def _idle(self, left: LeftToFallback, number: int, unused: list[Category]) -> Finding:
        trials = self._ground.trials((unused or list(Category))[0], self.rules[number : number + 1], [Choice()])
        names = [CATEGORIES[category] for category in unused]
        words = Sentence(
            f"left_to_fallback thứ {number + 1} ({left.reason_vi}) không còn trường hợp nào"
            + (f" cho: {listed(name.vi for name in names)}" if names else ""),
            f"left_to_fallback no. {number + 1} ({left.reason_en}) has no case any more"
            + (f" for: {listed(name.en for name in names)}" if names else ""),
        )
        return Finding(FindingKind.IDLE_DECLARATION, words, next(trials).facts, left.lead_of, tuple(unused))


def _means(left: LeftToFallback, trial: Trial, matched: tuple[str, ...]) -> bool:
    """The part of a declaration that is no condition on facts."""
    if left.place != "any" and trial.place.in_province:
        return False
    if left.place == "nowhere" and trial.place.relations:
        return False
    if left.lead_of:
        return bool(matched) and set(matched) <= set(left.lead_of)
    return left.place != "any" or not matched
