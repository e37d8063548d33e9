"""Which places are not shown exactly to everybody: categories and areas, the roles that see them, and by what law."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role
from contracts.decisions import Citation
from contracts.places import AreaCode
from contracts.taxonomy import Category
from contracts.text import Line, Token
from services.routing.regulations.rules.validity import InForce


class Protection(InForce):
    """A rule of need to know; where several hold for an incident, the first in the set counts."""

    code: Token
    citation: Citation
    categories: tuple[Category, ...] = ()
    """None: any."""
    areas: tuple[AreaCode, ...] = ()
    """The incident lies in one of them; none: anywhere."""
    exact_for: Annotated[tuple[Role, ...], Field(min_length=1)]
    """The lead is always among them: whoever answers for it must find it."""
    others_see: Literal["commune", "rounded"] = "commune"
    """`rounded`: with the commune, the position to a tenth of a degree, about eleven kilometres."""
    names: tuple[Line, ...] = ()
    """Of the works: others see `[…]` where a headline says one, in any letters. Other ways to say it are not found."""
    reason_vi: Line
    reason_en: Line

    @model_validator(mode="after")
    def _names_something_and_the_lead(self) -> Self:
        if not self.categories and not self.areas:
            raise PydanticCustomError("field.missing", "a protection names categories, areas or both")
        if Role.LEAD not in self.exact_for:
            raise PydanticCustomError("field.invalid", "exact_for lacks the lead, who must find the place")
        return self
