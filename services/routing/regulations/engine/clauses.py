"""A duty of a rule, ready to be handed to desks: how to find them, and what their assignments share. It hands out none.

Whom a rule means differs from place to place; nearly all else that it says to them does not, and is put together once.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Citation
from contracts.register import Tree
from services.routing.regulations.engine.recipients import Finds, finder
from services.routing.regulations.rules.duties import Duty, Limit
from services.routing.regulations.rules.model import Fallback, Rule
from services.routing.regulations.rules.phrases import Sentence
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.routing.regulations.rules.targets import AnyTarget, OneTarget, asks_for, asks_who_reported

STRENGTH: Final = (Role.LEAD, Role.COMMAND, Role.DIRECT, Role.COORDINATE, Role.ADVISE, Role.INFORM)
"""A desk that several rules name gets the strongest of its roles, once."""
_WEAKNESS: Final = {role: place for place, role in enumerate(STRENGTH)}


@dataclass(slots=True, eq=False)
class Clause:
    """One role that a rule or the fallback gives, and to whom."""

    rule: str
    role: Role
    sentence: Sentence
    citation: Citation
    within: Limit | None
    tree: Tree | None
    find: Finds
    duty: Duty | None = None
    """The duty of the rule where it makes the desk what the duty says; None for the fallback and for rivals."""
    group: str | None = None
    """The same for all of whom any one is enough."""
    helping: "Clause | None" = None
    """What a desk put forward as lead gets when another leads: it coordinates, as a body that must act on request."""
    drafts: dict[UrgencyMark, dict[str, object]] = field(default_factory=dict, repr=False)
    """The values of an assignment by this clause but for the desk and what follows from it."""
    weakness: int = field(init=False)
    """The place of the role among the roles, strongest first."""
    waits: bool = field(init=False)
    """Whether an answer is owed, so that silence leads to others."""
    alike: bool = field(init=False)
    """Whether a desk gets the same by it whoever leads."""

    def __post_init__(self) -> None:
        self.weakness = _WEAKNESS[self.role]
        self.waits = self.role is not Role.INFORM
        self.alike = self.duty is None or (self.duty.order is None and self.duty.consent is None)


class Clauses(NamedTuple):
    """The duties of one rule."""

    early: tuple[Clause, ...]
    """Those whose recipients can be found without knowing who leads."""
    late: tuple[Clause, ...]
    """The others."""
    by_reporter: bool
    """Whether it depends on the first reporter whom the rule addresses."""


def clauses_of(rule: Rule) -> Clauses:
    """Every duty of the rule, in the order written."""
    words = sentence(rule)
    early: list[Clause] = []
    late: list[Clause] = []
    for number, duty in enumerate(rule.assign, start=1):
        after_the_lead = asks_for(duty.to, "lead")
        (late if after_the_lead else early).append(_clause(rule, duty, number, words))
    by_reporter = any(asks_who_reported(target) for duty in rule.assign for target in duty.everyone())
    return Clauses(tuple(early), tuple(late), by_reporter)


def _clause(rule: Rule, duty: Duty, number: int, words: Sentence) -> Clause:
    find, group = finder(duty.to), f"{rule.code}-{number}" if isinstance(duty.to, AnyTarget) else None
    within, tree = duty.acknowledge_within, duty.escalate
    helping = None
    if duty.role is Role.LEAD:
        helping = Clause(rule.code, Role.COORDINATE, words, rule.citation, within, tree, find)
    return Clause(rule.code, duty.role, words, rule.citation, within, tree, find, duty, group, helping)


class LastLine(NamedTuple):
    """Who leads and who is told where no rule gives a lead."""

    levels: tuple[Clause, ...]
    """Who may lead, the first level first."""
    last: Clause
    """Who leads where none of them can."""
    informed: tuple[Clause, ...]
    by_reporter: bool
    """Whether it depends on the first reporter who these are."""


def last_line(fallback: Fallback) -> LastLine:
    """The fallback of a set."""
    words, within = fallback_sentence(fallback), fallback.acknowledge_within

    def clause(target: OneTarget, role: Role = Role.LEAD) -> Clause:
        return Clause(fallback.code, role, words, fallback.citation, within, Tree.ADMINISTRATIVE, finder(target))

    return LastLine(
        tuple(clause(target) for target in fallback.levels),
        clause(fallback.last_resort),
        tuple(clause(target, Role.INFORM) for target in fallback.inform),
        any(asks_who_reported(target) for target in (*fallback.levels, *fallback.inform)),
    )
