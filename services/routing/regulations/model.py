"""What a regulation set can say: closed typed conditions, recipients named by relation, citations and dates."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role, Severity, UrgencyMark
from contracts.decisions import Citation
from contracts.frozen import Contract
from contracts.register import AreaKind, Tree
from contracts.taxonomy import Category
from contracts.text import Line, Token
from services.routing.regulations.agency_types import AgencyType
from services.routing.regulations.instruments import Instrument

Family = Literal["NAT", "FOR", "FIR", "SAR", "BOR", "PUB", "TRA", "INF", "HEA", "ENV", "CBR", "CYB", "RDY"]
"""A category family: it stands for all its leaves."""

Within = Annotated[timedelta, Field(gt=timedelta(), le=timedelta(days=30))]
"""A time limit, written as `PT5M` or `PT4H`."""


class Law(StrEnum):
    """How special a rule is; the more special displaces the more general (pitfall 10)."""

    SPECIAL = "special"
    GENERAL = "general"


class AreaRelation(StrEnum):
    """How an incident lies in the register's areas.

    The first four are its extent and exclude each other; the next says that nobody knows; the rest hold when an area
    of that kind is itself named, not merely when the place lies inside one.
    """

    ONE_COMMUNE = "one_commune"
    SEVERAL_COMMUNES = "several_communes"
    """Two or more communes of one province."""
    ONE_PROVINCE = "one_province"
    """The province is known, no commune is."""
    SEVERAL_PROVINCES = "several_provinces"
    POSITION_UNKNOWN = "position_unknown"
    OPEN_SEA = "open_sea"
    COASTAL_WATER = "coastal_water"
    PORT_WATER = "port_water"
    BORDER_BELT = "border_belt"
    BORDER_GATE = "border_gate"
    BORDER_GATE_MAIN = "border_gate_main"
    FOREST = "forest"


EXTENTS: Final = frozenset(
    {
        AreaRelation.ONE_COMMUNE,
        AreaRelation.SEVERAL_COMMUNES,
        AreaRelation.ONE_PROVINCE,
        AreaRelation.SEVERAL_PROVINCES,
    }
)
NAMED_KINDS: Final = {AreaKind(r.value): r for r in AreaRelation if r not in EXTENTS | {AreaRelation.POSITION_UNKNOWN}}
"""The kinds of area that a condition can name."""


class LevelRange(Contract):
    """Levels of one scale, both ends included. A level nobody stated holds only where `unstated` says so."""

    min: Annotated[int, Field(ge=1, le=5)] | None = None
    max: Annotated[int, Field(ge=1, le=5)] | None = None
    unstated: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.min is None and self.max is None and not self.unstated:
            raise PydanticCustomError("field.missing", "give min, max or unstated")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError("field.invalid", "min is above max: no level lies between")
        return self

    def holds(self, level: int | None) -> bool:
        """Whether a stated level lies within, or an unstated one is meant too."""
        if level is None:
            return self.unstated
        if self.min is None and self.max is None:
            return False
        return (self.min is None or self.min <= level) and (self.max is None or level <= self.max)


class When(Contract):
    """The conditions of a rule; all that are given must hold. A list holds when one of its members does."""

    category: tuple[Category | Family, ...] = ()
    """Empty: any category."""
    severity_at_least: Severity | None = None
    disaster_risk: LevelRange | None = None
    civil_defence: LevelRange | None = None
    forest_fire_danger: LevelRange | None = None
    river_alert: LevelRange | None = None
    area: tuple[AreaRelation, ...] = ()
    casualties: bool | None = None

    @model_validator(mode="after")
    def _severity_can_be_compared(self) -> Self:
        if self.severity_at_least is Severity.UNKNOWN:
            raise PydanticCustomError("field.invalid", "Unknown is no degree of severity")
        return self


class Of(StrEnum):
    """Of which areas of the incident the agency is meant."""

    COMMUNE = "commune"
    """Each commune concerned."""
    PROVINCE = "province"
    """Each province concerned."""
    AREA = "area"
    """Each area named, or the nearest area around it that such an agency covers."""


class _Target(Contract):
    """Who is meant; without `desk` the agency's first desk."""

    desk: Token | None = None


class TypeTarget(_Target):
    """All agencies of a type that cover the areas meant."""

    agency_type: AgencyType
    of: Of


class SuperiorTarget(_Target):
    """The direct superior of the lead, or of the agency that reported first, in one tree."""

    superior_of: Literal["lead", "reporter"]
    tree: Tree


class CommonTarget(_Target):
    """The lowest agency that is above all communes concerned, in one tree."""

    common_superior: Literal["communes"]
    tree: Tree = Tree.ADMINISTRATIVE


class ReporterTarget(_Target):
    """The agency that reported first: operator of a system, organiser of an exercise."""

    reporter: Literal["agency"]


class AgencyTarget(_Target):
    """One agency by its code; for national bodies only."""

    agency: Token


_FORMS: Final = ("agency_type", "superior_of", "common_superior", "reporter", "agency")


def _form(value: object) -> str | None:
    """Which form of target this is: the one key that only it has."""
    return next((f for f in _FORMS if (f in value if isinstance(value, Mapping) else hasattr(value, f))), None)


Target = Annotated[
    Annotated[TypeTarget, Tag("agency_type")]
    | Annotated[SuperiorTarget, Tag("superior_of")]
    | Annotated[CommonTarget, Tag("common_superior")]
    | Annotated[ReporterTarget, Tag("reporter")]
    | Annotated[AgencyTarget, Tag("agency")],
    Discriminator(
        _form,
        custom_error_type="target.form",
        custom_error_message="a recipient needs agency_type, superior_of, common_superior, reporter or agency",
    ),
]


class Duty(Contract):
    """Whom a rule gives which role, how soon an answer is owed, and in which tree silence escalates."""

    role: Role
    to: Target
    acknowledge_within: Within | None = None
    """None: the set's default for the urgency mark of the report."""
    escalate: Tree | None = None
    """None: the tree in which the recipient is commanded."""

    @model_validator(mode="after")
    def _informing_carries_no_timer(self) -> Self:
        if self.role is Role.INFORM and (self.acknowledge_within or self.escalate):
            raise PydanticCustomError("field.invalid", "inform carries no time limit and no escalation")
        if self.role is Role.LEAD and isinstance(self.to, SuperiorTarget) and self.to.superior_of == "lead":
            raise PydanticCustomError("field.invalid", "the lead cannot be the superior of the lead")
        return self


class _InForce(Contract):
    """Validity of a rule or set; `valid_to` is the last day, None means until further notice."""

    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("field.invalid", "valid_to is before valid_from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Rule(_InForce):
    """One clause of coordination law."""

    code: Token
    law: Law = Law.GENERAL
    citation: Citation
    when: When
    assign: Annotated[tuple[Duty, ...], Field(min_length=1)]


class Fallback(Contract):
    """Who gets a report that no rule gives a lead: the first level that resolves to exactly one desk."""

    code: Token
    citation: Citation
    levels: tuple[Target, ...]
    last_resort: AgencyTarget
    """Always reachable: addressed as written, whatever the register says of that day."""
    inform: tuple[Target, ...] = ()
    acknowledge_within: Within | None = None


class LeftToFallback(Contract):
    """Facts for which the set names no lead on purpose; anywhere else a report without a lead is a gap in the set."""

    when: When = When()
    place: Literal["any", "no_province", "nowhere"] = "any"
    """`no_province`: only where no province is known; `nowhere`: only where nothing is known of the place."""
    lead_of: tuple[Token, ...] = ()
    """Only where of all rules these alone match, and nobody whom they name as lead exists there."""
    reason_vi: Line
    reason_en: Line


class RegulationSet(_InForce):
    """A versioned, dated set of rules."""

    code: Token
    version: Token
    label_vi: Line
    label_en: Line
    acknowledge_within: dict[UrgencyMark, Within]
    """Defaults by the mark of urgency, for rules that name no time of their own."""
    fallback: Fallback
    left_to_fallback: tuple[LeftToFallback, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    """Those whose time in force matters to the rules; a citation of any other is taken to be in force."""
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if missing := [mark.value for mark in UrgencyMark if mark not in self.acknowledge_within]:
            raise PydanticCustomError(
                "field.missing", "acknowledge_within lacks {marks}", {"marks": ", ".join(missing)}
            )
        if self.fallback.last_resort.desk is None:
            raise PydanticCustomError("field.missing", "the last resort needs its desk by name")
        return self
