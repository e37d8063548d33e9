"""Says what one rule hands out at one place: roles for desks, and whom it puts forward as lead. It chooses no lead."""

from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Addressee, Assignment, Citation
from contracts.register import Tree
from services.routing.regulations.compiled import CompiledRule
from services.routing.regulations.duties import Duty, Limit
from services.routing.regulations.phrases import Sentence
from services.routing.regulations.recipients import recipients
from services.routing.regulations.situation import Situation
from services.routing.regulations.targets import AnyTarget


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """One role for one desk at one place, and the clause that gives it."""

    addressee: Addressee
    role: Role
    rule: str
    sentence: Sentence
    citation: Citation
    within: Limit | None
    tree: Tree | None
    duty: Duty | None
    """The duty of the rule where it makes the desk what the duty says; None for the fallback and for rivals."""
    group: str | None
    """The same for all of whom any one is enough."""
    made: dict[UrgencyMark, Assignment] = field(default_factory=dict, repr=False)
    """The assignments made of it before."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A desk that a rule names as lead."""

    addressee: Addressee
    rule: CompiledRule
    leading: Grant
    helping: Grant
    """What it gets when another leads: it coordinates, as a body that must act on request."""


class Handed(NamedTuple):
    """What a rule hands out before the lead is chosen; leads are candidates first."""

    candidates: tuple[Candidate, ...]
    grants: tuple[Grant, ...]
    missing: tuple[str, ...]
    """Why recipients it names do not exist."""


def handed(rule: CompiledRule, situation: Situation) -> Handed:
    """Every recipient that can be found without knowing who leads."""
    candidates: list[Candidate] = []
    grants: list[Grant] = []
    missing: list[str] = []
    for number, duty in rule.early:
        found, lacking = recipients(duty.to, situation)
        missing += lacking
        if duty.role is Role.LEAD:
            candidates += [_candidate(desk, rule, duty) for desk in found]
        else:
            grants += [granted(desk, duty.role, rule, duty, number) for desk in found]
    return Handed(tuple(candidates), tuple(grants), tuple(missing))


def granted(desk: Addressee, role: Role, rule: CompiledRule, duty: Duty, number: int) -> Grant:
    """A desk's part in the duty with that number."""
    given = rule.rule
    own = duty if role is duty.role else None
    group = f"{given.code}-{number}" if isinstance(duty.to, AnyTarget) else None
    return Grant(
        desk, role, given.code, rule.sentence, given.citation, duty.acknowledge_within, duty.escalate, own, group
    )


def _candidate(desk: Addressee, rule: CompiledRule, duty: Duty) -> Candidate:
    leading, helping = (granted(desk, role, rule, duty, 0) for role in (Role.LEAD, Role.COORDINATE))
    return Candidate(desk, rule, leading, helping)
