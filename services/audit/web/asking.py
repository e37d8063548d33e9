"""Reads what a form of these pages asks; what cannot be read is named, by the field, and asks for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.codes import Space
from contracts.subjects import Origin
from contracts.taxonomy import Category
from services.audit.reports.moments import moment, month
from services.runtime.addresses import origin

_A_DAY: Final = timedelta(days=1)
_LONGEST: Final = 200


@dataclass(slots=True)
class Asked:
    """The fields of one form as typed, and those that could not be read."""

    typed: Mapping[str, str]
    wrong: set[str] = field(default_factory=set)

    def text(self, name: str) -> str | None:
        """The words in a field; None where it is empty."""
        return self.typed.get(name, "").strip()[:_LONGEST] or None

    def moment(self, name: str) -> datetime | None:
        """A day or a time of Việt Nam."""
        try:
            return None if (typed := self.text(name)) is None else moment(typed)
        except ValueError:
            self.wrong.add(name)
            return None

    def until(self, name: str) -> datetime | None:
        """The end of a day; people say the last one that counts."""
        found = self.moment(name)
        try:
            return None if found is None else found + _A_DAY
        except OverflowError:
            self.wrong.add(name)
            return None

    def month(self, name: str) -> tuple[datetime, datetime] | None:
        """A month of Việt Nam, from its beginning to that of the next."""
        try:
            return None if (typed := self.text(name)) is None else month(typed)
        except ValueError:
            self.wrong.add(name)
            return None

    def space(self, name: str) -> Space:
        """Which facts; the real ones unless said otherwise."""
        typed = self.text(name) or Space.ACTUAL.value
        if typed in set(Space):
            return Space(typed)
        self.wrong.add(name)
        return Space.ACTUAL

    def category(self, name: str) -> str | None:
        """One of the closed list."""
        typed = self.text(name)
        if typed is not None and typed not in set(Category):
            self.wrong.add(name)
            return None
        return typed

    def desk(self, name: str) -> Origin | None:
        """`AGENCY/DESK`."""
        if (typed := self.text(name)) is None:
            return None
        if (found := origin(typed)) is None:
            self.wrong.add(name)
        return found

    def incident(self, name: str) -> UUID | None:
        """An incident's id."""
        try:
            return None if (typed := self.text(name)) is None else UUID(typed)
        except ValueError:
            self.wrong.add(name)
            return None

    def number(self, name: str) -> int | None:
        """An entry's number."""
        typed = self.text(name)
        if typed is None or not (typed.isascii() and typed.isdigit()):
            return None
        return int(typed[:18])

    @property
    def sought(self) -> dict[str, str]:
        """What was asked for, for the record of the reading."""
        return {name: value.strip()[:_LONGEST] for name, value in self.typed.items() if value.strip()}
