"""A rule ready to be matched: its conditions and duties compiled, its rank among rules. It matches nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Final

from services.routing.regulations.engine.clauses import Clauses, clauses_of
from services.routing.regulations.engine.conditions import Condition, Conditions
from services.routing.regulations.engine.situation import Outlook
from services.routing.regulations.rules.model import Law, Rule
from services.routing.regulations.rules.when import EXTENTS, AreaRelation

_ANYWHERE: Final = frozenset(AreaRelation) - EXTENTS


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
    asked: Callable[[Outlook], object]
    """The values of an outlook that these conditions are held against."""
    _clauses: Clauses | None = field(default=None, repr=False)

    @property
    def clauses(self) -> Clauses:
        """Its duties, put together when first asked for: of most rules of a large set that is never."""
        if self._clauses is None:
            self._clauses = clauses_of(self.rule)
        return self._clauses


def compile_rule(rule: Rule, order: int, conditions: Conditions) -> CompiledRule:
    """The rule at that place of its set."""
    named = not _ANYWHERE.isdisjoint(rule.when.area)
    written = tuple(conditions.of(rule.when))
    kinds = dict.fromkeys(condition.kind for condition in written)
    return CompiledRule(rule, order, (int(rule.law is Law.SPECIAL), int(named), len(written)), written, _asking(*kinds))


@cache
def _asking(*kinds: int) -> Callable[[Outlook], object]:
    """Takes the values at these places; many rules share one."""
    return itemgetter(*kinds) if kinds else itemgetter(slice(0))
