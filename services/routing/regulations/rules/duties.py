"""What a rule makes of a recipient: role, time, escalation, limited orders, consent. It addresses nobody itself."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role
from contracts.decisions import WorkingTime
from contracts.frozen import Contract
from contracts.register import Tree
from services.routing.regulations.rules.targets import AnyTarget, OneTarget, Target, asks_for, members
from services.routing.regulations.rules.when import Within


class WorkingLimit(Contract):
    """A time limit that runs in working time only."""

    working_days: Annotated[int, Field(ge=1, le=60)] | None = None
    working_hours: Annotated[int, Field(ge=1, le=80)] | None = None

    @model_validator(mode="after")
    def _days_or_hours(self) -> Self:
        if (self.working_days is None) == (self.working_hours is None):
            raise PydanticCustomError("field.invalid", "give working_days or working_hours, and not both")
        return self

    @cached_property
    def time(self) -> WorkingTime:
        """The same as a decision states it."""
        return WorkingTime(days=self.working_days or 0, hours=self.working_hours or 0)


def _kind(value: object) -> Literal["working", "plain"]:
    return "working" if isinstance(value, Mapping | WorkingLimit) else "plain"


Limit = Annotated[Annotated[Within, Tag("plain")] | Annotated[WorkingLimit, Tag("working")], Discriminator(_kind)]
"""A time limit that always runs (`PT5M`), or one in working time (`{working_hours: 4}`)."""


class Course(Contract):
    """What a lead owes after it acknowledged."""

    decide_within: Limit
    """To say whether it takes the incident."""
    first_report_within: Limit
    follow_up_every: Within | None = None
    """After the first report; None: as due."""


class Order(Contract):
    """What the recipient orders ends by itself, and somebody else may decide on anything longer (pitfall 15)."""

    lasts: Within
    prompt: Within
    """How long before the end the next authority is prompted."""
    next: OneTarget

    @model_validator(mode="after")
    def _prompts_while_it_lasts(self) -> Self:
        if self.prompt >= self.lasts:
            raise PydanticCustomError(
                "field.invalid", "prompt is not shorter than lasts, so it would come before the order"
            )
        return self


class Consent(Contract):
    """Who must all agree before the recipient acts; by word of mouth first, if need be (pitfall 17)."""

    of: Annotated[tuple[OneTarget, ...], Field(min_length=1)]
    written_within: Within | None = None


class Duty(Contract):
    """Whom a rule gives which role, how soon an answer is owed, and in which tree silence escalates."""

    role: Role
    to: Target
    acknowledge_within: Limit | None = None
    """None: the set's default for the urgency mark of the report."""
    first_report_within: Within | None = None
    """By when the law wants a report from this recipient at the latest; a lead's course may ask for it sooner."""
    escalate: Tree | None = None
    """None: the tree in which the recipient is commanded."""
    acknowledges_only: bool = False
    """A lead that has nothing to decide and nothing to report on, for example of a shift report."""
    order: Order | None = None
    consent: Consent | None = None

    @model_validator(mode="after")
    def _informing_carries_no_timer(self) -> Self:
        if self.role is Role.INFORM and (self.acknowledge_within or self.first_report_within or self.escalate):
            raise PydanticCustomError("field.invalid", "inform carries no time limit and no escalation")
        if self.role is Role.INFORM and (self.order or self.consent):
            raise PydanticCustomError("field.invalid", "whoever is only informed orders nothing and needs no consent")
        if self.role is Role.LEAD and asks_for(self.to, "lead"):
            raise PydanticCustomError("field.invalid", "the lead cannot be the superior of the lead")
        if asks_for(self.to, "holder"):
            raise PydanticCustomError("field.invalid", "the recipient cannot be its own superior")
        return self

    @model_validator(mode="after")
    def _only_a_lead_owes_more(self) -> Self:
        if self.acknowledges_only and (self.role is not Role.LEAD or self.first_report_within):
            raise PydanticCustomError("field.invalid", "acknowledges_only is for a lead that owes no report")
        return self

    @model_validator(mode="after")
    def _one_lead_and_no_timer_to_relieve(self) -> Self:
        if isinstance(self.to, AnyTarget) and self.role in (Role.LEAD, Role.INFORM):
            raise PydanticCustomError("field.invalid", "any_one_of needs a role that acknowledges, and not the lead")
        return self

    def everyone(self) -> Iterator[OneTarget]:
        """Every target the duty names: its recipients, the next authority, those who must agree."""
        yield from members(self.to)
        if self.order is not None:
            yield self.order.next
        if self.consent is not None:
            yield from self.consent.of
