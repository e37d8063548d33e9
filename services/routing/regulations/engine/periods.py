"""The stretches of days in which nothing dated begins or ends, and the dates of days by number. It reads no records."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Protocol


def date_of(number: int) -> date:
    """The day with this number; beyond the ends of the calendar its first or last."""
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))


@lru_cache(maxsize=1024)
def month_of(day: int) -> int:
    """The month of the day with this number."""
    return date_of(day).month


class Dated(Protocol):
    """A record with a period of validity, both ends included."""

    @property
    def valid_from(self) -> date: ...  # noqa: D102 - the class docstring says it

    @property
    def valid_to(self) -> date | None: ...  # noqa: D102


class Timeline:
    """The days from which dated records say something else than the day before; between two of them lies a period."""

    def __init__(self, records: Iterable[Dated]) -> None:
        starts: set[int] = set()
        for record in records:
            starts.add(record.valid_from.toordinal())
            if record.valid_to is not None and record.valid_to < date.max:
                starts.add(record.valid_to.toordinal() + 1)
        self._starts = sorted(starts)

    def period(self, day: int) -> int:
        """Which period the day with this number lies in."""
        return bisect_right(self._starts, day)

    def day_in(self, period: int) -> date:
        """A day that stands for the whole period."""
        if not self._starts:
            return date.min
        return date_of(self._starts[period - 1] if period else self._starts[0] - 1)
