"""Loads the reporting calendars of a deployment and refuses those nobody could keep; each fault with file and line."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.regime.acting import Law
from services.routing.reporting.regime.calendars import Calendar, ReportingSet
from services.routing.reporting.regime.periods import due, periods
from services.runtime import documents

NAME: Final = "reporting.yaml"
_TRIED: Final = timedelta(days=3 * 366)
"""Long enough for every form of period and for the holidays of some years."""

Fault = tuple[documents.Location, str, str]


class ReportingLaw:
    """What decides about reports now: the calendars of a folder, and the register in force."""

    def __init__(self, folder: Path, register: Callable[[], RegisterIndex]) -> None:
        self._folder = folder
        self._register = register
        self._reporting: ReportingSet | None = None

    def load(self) -> None:
        """Before the first message. Raises `documents.DocumentError` with every fault."""
        self._reporting = load_reporting(self._folder)

    def __call__(self) -> Law:
        """Both, as they are now."""
        if self._reporting is None:
            self._reporting = load_reporting(self._folder)
        return Law(self._reporting, self._register())


def load_reporting(folder: Path) -> ReportingSet:
    """`reporting.yaml` of this folder. Raises `documents.DocumentError` with every fault."""
    return documents.load(folder / NAME, ReportingSet, faults)


def faults(reporting: ReportingSet) -> Iterator[Fault]:
    """What is wrong between the calendars of a set."""
    for index, calendar in enumerate(reporting.calendars):
        for other in reporting.calendars[:index]:
            if other.code == calendar.code and _overlap(other, calendar):
                problem = f"calendar {calendar.code} stands for two at one time"
                yield ("calendars", index, "code"), problem, "rename one or end the other before"
        if early := _due_too_early(reporting, calendar):
            problem = f"the report about the period that ends {early} would be due before its end"
            yield ("calendars", index, "due"), problem, "set a later hour or day"
    named = [authority.of for authority in reporting.authorities]
    for index, of in enumerate(named):
        if of in named[:index]:
            problem = f"two authorities for {of.value}"
            yield ("authorities", index, "of"), problem, "keep one, with its types in order"


def _due_too_early(reporting: ReportingSet, calendar: Calendar) -> date | None:
    start = datetime.combine(calendar.valid_from, time(), UTC)
    for period in periods(calendar.period, start, start + _TRIED):
        if due(calendar, period, reporting.work_calendar) < period.until:
            return period.last_day
    return None


def _overlap(one: Calendar, other: Calendar) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)
