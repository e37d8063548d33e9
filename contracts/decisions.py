"""A routing decision with all that explains and replays it: facts, rules, conditions, citations, recipients."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import Role, Severity, UrgencyMark
from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.register import Tree
from contracts.reports import Scales
from contracts.taxonomy import Category
from contracts.text import Line, Paragraph, Token


class CitationStatus(StrEnum):
    """How far the legal basis has been checked."""

    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"
    INFERRED = "inferred"
    DESIGN_DEFAULT = "design_default"


class Citation(Contract):
    """Instrument and article. A decree number alone is no key, so the instrument has a code of our own."""

    instrument: Token
    text: Line
    """For people, for example `Nghị định 114/2018/NĐ-CP, Điều 16 khoản 5`."""
    status: CitationStatus


class Addressee(Contract):
    """A duty desk of an agency."""

    agency: Token
    desk: Token

    # Desks are compared and looked up all the time; pydantic's comparison of any two models takes several times longer.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Addressee) and self.agency == other.agency and self.desk == other.desk

    def __hash__(self) -> int:
        return hash((self.agency, self.desk))


class ObligationKind(StrEnum):
    """What a recipient owes."""

    ACKNOWLEDGE = "acknowledge"


class Obligation(Contract):
    """One thing one recipient owes by a time of the hub's clock."""

    obligation: UUID
    kind: ObligationKind
    due: AwareDatetime
    basis: Citation


class Facts(Contract):
    """What the decision looked at, and nothing else: replaying it needs only these, the set and the register."""

    category: Category
    severity: Severity
    urgency_mark: UrgencyMark
    scales: Scales
    areas: tuple[AreaCode, ...]
    """Areas named or found, most specific first, valid on the day it happened; empty when the place is unknown."""
    communes: tuple[AreaCode, ...]
    """The distinct communes among them: two or more make it a cross-commune event."""
    position_unknown: bool
    casualties: bool
    occurred_at: AwareDatetime
    first_reporter: Token
    """The agency that reported first."""


class ConditionTruth(Contract):
    """One condition of one rule, whether it held, and the fact it was held against."""

    condition: Line
    holds: bool
    fact: Line


class RuleTrace(Contract):
    """One rule that was looked at: all conditions of one that matched, of any other those that failed."""

    rule: Token
    matched: bool
    conditions: tuple[ConditionTruth, ...]
    unresolved: tuple[Line, ...] = ()
    """Recipients that a matched rule names and the register does not hold, each with the reason."""


class Assignment(Contract):
    """One recipient in one role, and why."""

    addressee: Addressee
    role: Role
    rule: Token
    sentence_vi: Paragraph
    """The rule as one sentence, in Vietnamese and English."""
    sentence_en: Paragraph
    citation: Citation
    acknowledge_within: timedelta | None = None
    """None for `inform`, which carries no timer."""
    escalation: tuple[Addressee, ...] = ()
    """Who is next when nobody acknowledges, in order, resolved when the decision was made."""
    escalation_tree: Tree | None = None


class Decision(Contract):
    """Who leads, coordinates and is told, by which rules of which versions."""

    set: Token
    set_version: Token
    register_version: Token
    facts: Facts
    assignments: Annotated[tuple[Assignment, ...], Field(min_length=1)]
    fallback: bool
    """No rule gave a lead, so the fallback desk got it and an alarm is raised."""
    lead_reason: Line
    """Which tie-break chose the lead, or the named reason why there is none."""
    trace: tuple[RuleTrace, ...]
    """Every rule that matched, and of the others about such incidents those that came nearest to it."""
    trace_left_out: Annotated[int, Field(ge=0)] = 0
    """How many further rules about such incidents did not match; where a set has more than a reader could read."""
