"""The closed, typed conditions of a rule. It holds nothing against facts."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Severity
from contracts.frozen import Contract
from contracts.register import AreaKind
from contracts.taxonomy import Category
from services.routing.regulations.rules.agency_types import AgencyType

Family = Literal["NAT", "FOR", "FIR", "SAR", "BOR", "PUB", "TRA", "INF", "HEA", "ENV", "CBR", "CYB", "RDY"]
"""A category family: it stands for all its leaves."""


def _whole_seconds(limit: timedelta) -> timedelta:
    if limit.microseconds:
        raise PydanticCustomError("field.invalid", "a time limit counts whole seconds")
    return limit


Within = Annotated[timedelta, Field(gt=timedelta(), le=timedelta(days=30)), AfterValidator(_whole_seconds)]
"""A time limit, written as `PT5M` or `PT4H`."""


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
    BORDER_GATE_INTERNATIONAL = "border_gate_international"
    MILITARY_ZONE = "military_zone"
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
SCALES: Final = {"disaster_risk": 5, "civil_defence": 3, "forest_fire_danger": 5, "river_alert": 3}
"""The scales a condition can ask about, each with its top level."""


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


class CalendarCondition(Contract):
    """When in the year and in the week it happened, by the calendar of Vietnam."""

    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    working_time: bool | None = None
    """In working time, or outside it, as the set's working calendar has it."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.months and self.working_time is None:
            raise PydanticCustomError("field.missing", "give months or working_time")
        return self

    def holds(self, month: int, working_time: bool) -> bool:  # noqa: FBT001 - the value held against
        """Whether a moment in that month, in or outside working time, is meant."""
        in_season = not self.months or month in self.months
        return in_season and (self.working_time is None or self.working_time is working_time)


class Lasting(Contract):
    """How long it has lasted when it is decided: from `at_least` on, until just before `less_than`."""

    at_least: Within | None = None
    less_than: Within | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.less_than is None:
            raise PydanticCustomError("field.missing", "give at_least or less_than")
        if self.at_least is not None and self.less_than is not None and self.at_least >= self.less_than:
            raise PydanticCustomError("field.invalid", "at_least is not below less_than: no time lies between")
        return self

    def holds(self, elapsed: timedelta) -> bool:
        """Whether so long a time lies within."""
        begun = self.at_least is None or self.at_least <= elapsed
        return begun and (self.less_than is None or elapsed < self.less_than)


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
    present: tuple[AgencyType, ...] = ()
    """One of these is reported to be on scene."""
    absent: tuple[AgencyType, ...] = ()
    """None of these is reported to be on scene."""
    calendar: CalendarCondition | None = None
    lasting: Lasting | None = None

    @model_validator(mode="after")
    def _severity_can_be_compared(self) -> Self:
        if self.severity_at_least is Severity.UNKNOWN:
            raise PydanticCustomError("field.invalid", "Unknown is no degree of severity")
        return self
