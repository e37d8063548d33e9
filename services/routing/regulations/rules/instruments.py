"""The time in force of the instruments that rules cite, stated once for all citations; it cites nothing itself."""

from datetime import date
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from contracts.frozen import Contract
from contracts.text import Token


class Instrument(Contract):
    """A law, decree, decision or circular by our own code: a number alone is no key (facts, section 1)."""

    code: Token
    valid_from: date | None = None
    valid_to: date | None = None
    """The last day in force; None until further notice."""
    replaced_by: Token | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("field.invalid", "valid_to is before valid_from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
