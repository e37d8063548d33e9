"""A rule ready to be matched: its conditions compiled, its duties sorted, its rank among rules. It matches nothing."""

from dataclasses import dataclass, field
from typing import Final

from services.routing.regulations.conditions import Condition, Conditions
from services.routing.regulations.duties import Duty
from services.routing.regulations.model import Law, Rule
from services.routing.regulations.phrases import Sentence
from services.routing.regulations.sentences import sentence
from services.routing.regulations.targets import asks_for, asks_who_reported
from services.routing.regulations.when import EXTENTS, AreaRelation

_ANYWHERE: Final = frozenset(AreaRelation) - EXTENTS
Duties = tuple[tuple[int, Duty], ...]


@dataclass(slots=True, eq=False)
class CompiledRule:
    """A rule with its conditions and its rank among rules."""

    rule: Rule
    order: int
    """Position in the set."""
    specialty: tuple[int, int, int]
    """Special law first, then a rule that names the very kind of place, then the number of conditions."""
    conditions: tuple[Condition, ...]
    """Those beside category and validity, in the order they are written and shown."""
    _sentence: Sentence | None = field(default=None, repr=False)
    _duties: tuple[Duties, Duties] | None = field(default=None, repr=False)

    @property
    def early(self) -> Duties:
        """The duties whose recipients can be found without knowing who leads, each with its number."""
        return self._sorted[0]

    @property
    def late(self) -> Duties:
        """The others."""
        return self._sorted[1]

    @property
    def _sorted(self) -> tuple[Duties, Duties]:
        if self._duties is None:
            numbered = tuple(enumerate(self.rule.assign, start=1))
            late = tuple((number, duty) for number, duty in numbered if asks_for(duty.to, "lead"))
            self._duties = tuple(one for one in numbered if one not in late) if late else numbered, late
        return self._duties

    @property
    def by_reporter(self) -> bool:
        """Whether it depends on the first reporter whom the rule addresses."""
        return any(asks_who_reported(target) for duty in self.rule.assign for target in duty.everyone())

    @property
    def sentence(self) -> Sentence:
        """The rule in words, put together when first asked for."""
        if self._sentence is None:
            self._sentence = sentence(self.rule)
        return self._sentence


def compile_rule(rule: Rule, order: int, conditions: Conditions) -> CompiledRule:
    """The rule at that place of its set."""
    named = not _ANYWHERE.isdisjoint(rule.when.area)
    written = tuple(conditions.of(rule.when))
    return CompiledRule(rule, order, (int(rule.law is Law.SPECIAL), int(named), len(written)), written)
