"""A routing decision with all that explains and replays it: facts, rules, conditions, citations, recipients."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import CountOf, Role, Severity, UrgencyMark
from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.register import AgencyTypeCode, Tree
from contracts.reports import Scales
from contracts.taxonomy import Category
from contracts.text import Line, Paragraph, Token

MOST_CLAIMS: Final = 50
"""How many casualty claims facts keep apart; beyond these none is taken back any more."""


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
    DECIDE = "decide"
    """To accept, defer, decline or hand over."""
    FIRST_REPORT = "first_report"
    """To report for the first time what was done."""
    FOLLOW_UP = "follow_up"
    """To report again, as long as the incident is open."""
    ANSWER = "answer"
    """To answer an objection to a rule."""
    ORDER_PROMPT = "order_prompt"
    """The next authority is to be told that a time-capped order is about to end (`OrderCap.prompt_due`)."""
    ORDER_EXPIRES = "order_expires"
    """A time-capped order ends, whoever noticed (`OrderCap.ends`)."""


class Obligation(Contract):
    """One thing one recipient owes by a time of the hub's clock."""

    obligation: UUID
    kind: ObligationKind
    due: AwareDatetime
    basis: Citation


class CasualtyClaim(Contract):
    """One report that counted people hurt; a later report of the same agency may take it back."""

    agency: Token
    report: UUID
    of: CountOf


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
    restricted_since: AwareDatetime | None = None
    """When a restriction or suspension that is in force began; None: when it happened."""
    present: tuple[AgencyTypeCode, ...] = ()
    """The types of agency reported to be on scene."""
    hazards: tuple[Category, ...] = ()
    """Natural hazards whose disaster-risk level was stated each for itself; two or more together raise the level."""
    casualty_claims: Annotated[tuple[CasualtyClaim, ...], Field(max_length=MOST_CLAIMS)] = ()
    """The reports that count people hurt and were not taken back."""
    retracted: tuple[CasualtyClaim, ...] = ()
    """What the report these facts were read from takes back; it matters where facts are joined, never to a decision."""

    @property
    def restricted_from(self) -> datetime:
        """When a time-capped order about this began to count."""
        return self.restricted_since or self.occurred_at


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


class OrderCap(Contract):
    """What the recipient orders ends by itself, counted from `Facts.restricted_from`; the next authority hears before.

    All of it is decided when the decision is made, so the end needs no second look at the rules.
    """

    lasts: timedelta
    prompt_before: timedelta
    """How long before the end the next authority is prompted."""
    next: tuple[Addressee, ...]
    """Who may decide on anything longer."""

    def ends(self, began: datetime) -> datetime:
        """When the order has ended."""
        return began + self.lasts

    def prompt_due(self, began: datetime) -> datetime:
        """When the next authority is told that it is about to end."""
        return began + self.lasts - self.prompt_before


class WorkingTime(Contract):
    """A limit that runs in working time only: days or hours, not both."""

    days: Annotated[int, Field(ge=0, le=60)] = 0
    hours: Annotated[int, Field(ge=0, le=80)] = 0


class CombinedLevel(Contract):
    """A disaster-risk level raised because several hazards strike together (Decision 18/2021 art. 4(4))."""

    stated: Annotated[int, Field(ge=1, le=5)]
    added: Annotated[int, Field(ge=1, le=2)]
    level: Annotated[int, Field(ge=1, le=5)]
    hazards: tuple[Category, ...]


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
    decide_within: timedelta | None = None
    """How soon the recipient says whether it takes the duty; None where nobody waits for that."""
    first_report_within: timedelta | None = None
    follow_up_every: timedelta | None = None
    """After the first report; until the incident is closed."""
    escalation: tuple[Addressee, ...] = ()
    """Who is next when nobody acknowledges, in order, resolved when the decision was made."""
    escalation_tree: Tree | None = None
    acknowledge_working: WorkingTime | None = None
    """Set where `acknowledge_within` was reckoned in working time, from the moment of the decision."""
    order: OrderCap | None = None
    """Set where what this recipient orders is limited in time."""
    any_one_of: Line | None = None
    """The same in all assignments of which one acknowledgement is enough; the others are still told."""
    approvals: tuple[Addressee, ...] = ()
    """Who must all agree before this recipient may act in this role. Consent given by word of mouth counts."""
    approvals_written_within: timedelta | None = None
    """How soon consent by word of mouth must stand in writing; None where the rule sets no time."""


class Discretion(Contract):
    """The exact position is shown to some roles only, because what is there is protected; and by which rule."""

    rule: Token
    exact_for: tuple[Role, ...]
    others_see: Literal["commune", "rounded"]
    place: Line | None = None
    """The area in the register's words, for everybody; None where it is not known."""
    names: tuple[Line, ...] = ()
    """Of works that a line of words may name: taken out for the others, who are not told this list either."""
    reason_vi: Line
    reason_en: Line
    citation: Citation


LARGEST_DECISION: Final = 200_000
"""Bytes as JSON. The bus takes messages of 256 KiB, and the fact that brings a decision holds other things too."""


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
    combined: CombinedLevel | None = None
    """Set where the rules were held against a raised level instead of the stated one."""
    discretion: Discretion | None = None
    """Set where not everybody is shown exactly where it is."""

    @property
    def fits_a_fact(self) -> bool:
        """Whether one fact can hold it: the more desks it names, the longer it is."""
        return len(self.model_dump_json().encode()) <= LARGEST_DECISION
