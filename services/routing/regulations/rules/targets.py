"""Whom a rule can mean: recipients named by relation, never by person. It resolves nobody."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from contracts.frozen import Contract
from contracts.register import Tree
from contracts.text import Token
from services.routing.regulations.rules.agency_types import AgencyType


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
    """The direct superior in one tree: of the lead, of the agency that reported first, or of a duty's own recipient."""

    superior_of: Literal["lead", "reporter", "holder"]
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
_ERROR: Final = "target.form"
_MESSAGE: Final = "a recipient needs agency_type, superior_of, common_superior, reporter or agency"
_AND_GROUP: Final = "a recipient needs agency_type, superior_of, common_superior, reporter, agency or any_one_of"


def _form(value: object) -> str | None:
    """Which form of target this is: the one key that only it has."""
    return next((f for f in _FORMS if (f in value if isinstance(value, Mapping) else hasattr(value, f))), None)


OneTarget = Annotated[
    Annotated[TypeTarget, Tag("agency_type")]
    | Annotated[SuperiorTarget, Tag("superior_of")]
    | Annotated[CommonTarget, Tag("common_superior")]
    | Annotated[ReporterTarget, Tag("reporter")]
    | Annotated[AgencyTarget, Tag("agency")],
    Discriminator(_form, custom_error_type=_ERROR, custom_error_message=_MESSAGE),
]


class AnyTarget(Contract):
    """All of these; the first that acknowledges relieves the others (pitfall 19)."""

    any_one_of: Annotated[tuple[OneTarget, ...], Field(min_length=1)]


def _form_or_group(value: object) -> str | None:
    is_group = "any_one_of" in value if isinstance(value, Mapping) else isinstance(value, AnyTarget)
    return "any_one_of" if is_group else _form(value)


Target = Annotated[
    Annotated[TypeTarget, Tag("agency_type")]
    | Annotated[SuperiorTarget, Tag("superior_of")]
    | Annotated[CommonTarget, Tag("common_superior")]
    | Annotated[ReporterTarget, Tag("reporter")]
    | Annotated[AgencyTarget, Tag("agency")]
    | Annotated[AnyTarget, Tag("any_one_of")],
    Discriminator(_form_or_group, custom_error_type=_ERROR, custom_error_message=_AND_GROUP),
]


def members(target: Target) -> Iterator[OneTarget]:
    """The target itself, or each member of a group."""
    if isinstance(target, AnyTarget):
        yield from target.any_one_of
    else:
        yield target


def asks_for(target: Target, of: Literal["lead", "reporter", "holder"]) -> bool:
    """Whether somebody is meant by relation to the lead, the reporter or the recipient."""
    return any(isinstance(member, SuperiorTarget) and member.superior_of == of for member in members(target))


def asks_who_reported(target: Target) -> bool:
    """Whether it depends on the first reporter who is meant."""
    return asks_for(target, "reporter") or any(isinstance(member, ReporterTarget) for member in members(target))
