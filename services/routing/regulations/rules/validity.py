"""From when to when a rule, a protection or a whole set is in force."""

from datetime import date
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from contracts.frozen import Contract


class InForce(Contract):
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
