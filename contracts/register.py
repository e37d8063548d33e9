"""Who exists, who commands whom in which tree, who covers which area, and from when to when. No persons."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.text import Line, Token

AgencyTypeCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}(-[A-Z0-9]{1,4})?$")]
"""An agency type code of the facts' table 1.2, for example `UBND-X` or `QS-T`."""


class Tree(StrEnum):
    """The hierarchies. They share only commune and province as common points (facts, section 1.1)."""

    ADMINISTRATIVE = "administrative"
    MILITARY = "military"
    POLICE = "police"
    BORDER_GUARD = "border_guard"
    SECTOR = "sector"


class AreaKind(StrEnum):
    """What an area is."""

    NATION = "nation"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    OPEN_SEA = "open_sea"
    COASTAL_WATER = "coastal_water"
    PORT_WATER = "port_water"
    BORDER_BELT = "border_belt"
    BORDER_GATE = "border_gate"
    """A secondary gate or open crossing."""
    BORDER_GATE_MAIN = "border_gate_main"
    """A main or bilateral gate: other authorities and other time limits (Border Law art. 11)."""
    BORDER_GATE_INTERNATIONAL = "border_gate_international"
    """An international gate: what stops it is decided centrally."""
    MILITARY_ZONE = "military_zone"
    """A stretch of sea or land closed to others by a public notice; never a place that is not public."""
    FOREST = "forest"


class _Valid(Contract):
    """A record or relation with its period of validity; `valid_to` is the last day, None means until further notice."""

    valid_from: date = date(1945, 9, 2)
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the record is valid on that day (both ends included)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Area(_Valid):
    """An administrative unit, a stretch of water, a border gate or another area someone answers for."""

    code: AreaCode
    kind: AreaKind
    name_vi: Line
    name_en: Line
    parents: tuple[AreaCode, ...] = ()
    """Areas that contain it; a border gate may lie in a commune and in a border belt at once."""


class Relation(_Valid):
    """The superior of an agency in one tree."""

    tree: Tree
    superior: Token


class Desk(_Valid):
    """A staffed receiving point of an agency; a role, never a person."""

    code: Token
    name_vi: Line
    name_en: Line
    phone: Line | None = None
    deputy: Token | None = None
    """The desk of the same agency that stands in when this one stays silent, before any superior is asked."""
    duty_command: bool = False
    """Whether the officer in charge of the agency's shift sits here (trực chỉ huy): asked when a desk of the agency and
    its deputies stay silent, before any superior. An agency has at most one at a time; without one the step is skipped.
    """


class FieldUnit(_Valid):
    """A unit that reports under its agency's name."""

    code: Token
    name_vi: Line
    name_en: Line


class Agency(_Valid):
    """An organisation with its desks, units, superiors and the areas it answers for."""

    id: UUID
    code: Token
    """Its name in subjects; unique among agencies valid at one time."""
    type: AgencyTypeCode
    name_vi: Line
    name_en: Line
    covers: tuple[AreaCode, ...] = ()
    relations: tuple[Relation, ...] = ()
    desks: tuple[Desk, ...] = ()
    units: tuple[FieldUnit, ...] = ()
    predecessors: tuple[UUID, ...] = ()
    source: Line | None = None


class Register(Contract):
    """One version of the whole register."""

    version: Token
    as_of: date
    label_vi: Line
    label_en: Line
    areas: tuple[Area, ...]
    agencies: tuple[Agency, ...]
