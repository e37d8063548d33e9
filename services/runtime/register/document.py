"""The register as people write it: own areas, agencies one by one, and templates for bodies that every unit has.

What a document says in full is worked out by the expansion; nothing is checked across records here.
"""

from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.register import AgencyTypeCode, Area, Desk, FieldUnit, Tree
from contracts.text import Line, Token

Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""Text with names in braces, for example `Công an {unit_vi}`; `PLACEHOLDERS` lists them."""

PLACEHOLDERS: Final = frozenset(
    {
        "name",  # Vỹ Dạ
        "unit_vi",  # phường Vỹ Dạ
        "unit_en",  # Vỹ Dạ Ward
        "short",  # the short name the register gives the unit, otherwise its official code
        "province",  # the short name of its province at that time
        "province_vi",  # thành phố Huế
        "province_en",  # Huế City
        "district",  # the short name of its former district
    }
)


class AdminUnits(Contract):
    """Which list of administrative units the areas come from."""

    file: Line
    """Relative to the register."""
    provinces: tuple[AreaCode, ...] = ()
    """Provinces, by any code they had, whose units of all times the register holds; empty: all provinces."""


class ShortName(Contract):
    """A readable name for a unit in agency codes; the code counts only together with a day."""

    unit: AreaCode
    on: date
    short: Token


class WrittenRelation(Contract):
    """A superior in one tree; it holds as long as the agency unless dates are given."""

    tree: Tree
    superior: Pattern | None = None
    superior_covering: AgencyTypeCode | None = None
    """Instead of a name: the agency of this type that covers the same area."""
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _one_superior(self) -> Self:
        if (self.superior is None) == (self.superior_covering is None):
            raise PydanticCustomError("field.invalid", "give superior or superior_covering, and not both")
        return self


class WrittenAgency(Contract):
    """One agency, written out."""

    id: UUID
    code: Token
    type: AgencyTypeCode
    name_vi: Line
    name_en: Line
    valid_from: date | None = None
    valid_to: date | None = None
    covers: tuple[AreaCode, ...] = ()
    covers_former: tuple[AreaCode, ...] = ()
    """Former districts: it covers every commune whose code was that of a commune in one of them."""
    follows_district: AgencyTypeCode | None = None
    """The agencies of this type of those former districts are its predecessors."""
    relations: tuple[WrittenRelation, ...] = ()
    desks: tuple[Desk, ...] = ()
    units: tuple[FieldUnit, ...] = ()
    predecessors: tuple[UUID, ...] = ()
    source: Line | None = None


class Per(StrEnum):
    """For each of which units a template makes one agency."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    FORMER_DISTRICT = "former_district"
    """Each former district: the agency covers the communes made from it and lives on after the district."""


class Template(Contract):
    """One agency for every unit of a level in some provinces, for the time both the unit and the template hold."""

    per: Per
    provinces: tuple[AreaCode, ...]
    """Codes of provinces; a code means every unit it stood for."""
    without: tuple[AreaCode, ...] = ()
    """Units that have no such body."""
    follows_district: AgencyTypeCode | None = None
    """The agency of this type of each district in which the unit's predecessors lay is a predecessor too."""
    type: AgencyTypeCode
    code: Pattern
    name_vi: Pattern
    name_en: Pattern
    valid_from: date | None = None
    valid_to: date | None = None
    relations: tuple[WrittenRelation, ...] = ()
    desks: tuple[Desk, ...] = ()
    units: tuple[FieldUnit, ...] = ()
    source: Line | None = None

    @model_validator(mode="after")
    def _known_placeholders(self) -> Self:
        written = (self.code, self.name_vi, self.name_en, *(r.superior or "" for r in self.relations))
        try:
            used = {name for text in written for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise PydanticCustomError("field.invalid", "{why}", {"why": str(error)}) from error
        if unknown := used - PLACEHOLDERS:
            names = {"unknown": ", ".join(sorted(unknown)), "known": ", ".join(sorted(PLACEHOLDERS))}
            raise PydanticCustomError("field.invalid", "no such name in braces: {unknown}; use one of {known}", names)
        return self


class Addition(Contract):
    """What one agency of a template has beyond the others."""

    agency: Token
    covers: tuple[AreaCode, ...] = ()
    desks: tuple[Desk, ...] = ()
    units: tuple[FieldUnit, ...] = ()
    predecessors: tuple[UUID, ...] = ()


class RegisterDocument(Contract):
    """The whole document."""

    version: Token
    as_of: date
    label_vi: Line
    label_en: Line
    admin_units: AdminUnits | None = None
    short_names: tuple[ShortName, ...] = ()
    areas: tuple[Area, ...]
    templates: tuple[Template, ...] = ()
    additions: tuple[Addition, ...] = ()
    agencies: tuple[WrittenAgency, ...]
