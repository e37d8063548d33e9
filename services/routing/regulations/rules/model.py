"""What a regulation set can say: rules of conditions and duties, citations and dates, and a fallback for the rest."""

from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Citation
from contracts.frozen import Contract
from contracts.text import Line, Token
from services.routing.regulations.rules.duties import Course, Duty, Limit, WorkingLimit
from services.routing.regulations.rules.instruments import Instrument
from services.routing.regulations.rules.protection import Protection
from services.routing.regulations.rules.targets import AgencyTarget, OneTarget, asks_for
from services.routing.regulations.rules.validity import InForce
from services.routing.regulations.rules.when import When, Within
from services.routing.regulations.rules.workdays import WorkCalendar


class Law(StrEnum):
    """How special a rule is; the more special displaces the more general (pitfall 10)."""

    SPECIAL = "special"
    GENERAL = "general"


class Rule(InForce):
    """One clause of coordination law."""

    code: Token
    law: Law = Law.GENERAL
    citation: Citation
    when: When
    assign: Annotated[tuple[Duty, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _leads_owe_alike(self) -> Self:
        if len({duty.acknowledges_only for duty in self.assign if duty.role is Role.LEAD}) > 1:
            raise PydanticCustomError("field.invalid", "acknowledges_only holds for all leads of a rule or for none")
        return self


class Fallback(Contract):
    """Who gets a report that no rule gives a lead: the first level that resolves to exactly one desk."""

    code: Token
    citation: Citation
    levels: tuple[OneTarget, ...]
    last_resort: AgencyTarget
    """Always reachable: addressed as written, whatever the register says of that day."""
    inform: tuple[OneTarget, ...] = ()
    acknowledge_within: Within | None = None

    @model_validator(mode="after")
    def _knows_nobody_yet(self) -> Self:
        if any(asks_for(target, who) for target in (*self.levels, *self.inform) for who in ("lead", "holder")):
            raise PydanticCustomError("field.invalid", "where no rule gives a lead nobody has a superior to be told")
        return self


class LeftToFallback(Contract):
    """Facts for which the set names no lead on purpose; anywhere else a report without a lead is a gap in the set."""

    when: When = When()
    place: Literal["any", "no_province", "nowhere"] = "any"
    """`no_province`: only where no province is known; `nowhere`: only where nothing is known of the place."""
    lead_of: tuple[Token, ...] = ()
    """Only where of all rules these alone match, and nobody whom they name as lead exists there."""
    reason_vi: Line
    reason_en: Line


class RegulationSet(InForce):
    """A versioned, dated set of rules."""

    code: Token
    version: Token
    label_vi: Line
    label_en: Line
    acknowledge_within: dict[UrgencyMark, Limit]
    """Defaults by the mark of urgency, for rules that name no time of their own."""
    course: dict[UrgencyMark, Course] = Field(default_factory=dict)
    """What the lead owes further, by the mark of urgency; a mark left out: nothing that is timed."""
    work_calendar: WorkCalendar | None = None
    """What working time means in conditions and limits."""
    fallback: Fallback
    left_to_fallback: tuple[LeftToFallback, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    """Those whose time in force matters to the rules; a citation of any other is taken to be in force."""
    protected: tuple[Protection, ...] = ()
    """What is not shown exactly to everybody who is told."""
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if missing := [mark.value for mark in UrgencyMark if mark not in self.acknowledge_within]:
            raise PydanticCustomError(
                "field.missing", "acknowledge_within lacks {marks}", {"marks": ", ".join(missing)}
            )
        if self.fallback.last_resort.desk is None:
            raise PydanticCustomError("field.missing", "the last resort needs its desk by name")
        if isinstance(self.acknowledge_within[UrgencyMark.HOA_TOC], WorkingLimit):
            raise PydanticCustomError("field.invalid", "the most urgent mark cannot wait for working time")
        if self.work_calendar is None and self.counts_working_time:
            raise PydanticCustomError("field.missing", "working time needs a work_calendar in the set")
        return self

    @cached_property
    def acknowledged_only(self) -> frozenset[str]:
        """The rules whose lead owes nothing after the acknowledgement."""
        return frozenset(rule.code for rule in self.rules if any(duty.acknowledges_only for duty in rule.assign))

    @property
    def counts_working_time(self) -> bool:
        """Whether any condition or limit depends on working time."""
        limits: list[Limit | None] = list(self.acknowledge_within.values())
        limits += [limit for c in self.course.values() for limit in (c.decide_within, c.first_report_within)]
        limits += [duty.acknowledge_within for rule in self.rules for duty in rule.assign]
        whens = (*(rule.when for rule in self.rules), *(left.when for left in self.left_to_fallback))
        calendars = (when.calendar for when in whens if when.calendar is not None)
        by_the_clock = any(calendar.working_time is not None for calendar in calendars)
        return by_the_clock or any(isinstance(limit, WorkingLimit) for limit in limits)

    @property
    def most_urgent(self) -> timedelta:
        """The default for the most urgent mark, below which no rule may ask for less haste."""
        limit = self.acknowledge_within[UrgencyMark.HOA_TOC]
        return timedelta() if isinstance(limit, WorkingLimit) else limit
