"""What a named case states in short, and the report that states the same. It decides nothing."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from contracts.codes import Severity, UrgencyMark
from contracts.decisions import Facts
from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.reports import IncidentReport, Scales
from contracts.taxonomy import Category
from contracts.text import Token
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.counterexample import report_of
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.workdays import VIETNAM

NOON: Final = time(5, tzinfo=UTC)
"""In Vietnam."""


class Stated(Contract):
    """What a report would state, in short; everything left out is unstated."""

    category: Category
    areas: tuple[AreaCode, ...] = ()
    severity: Severity = Severity.UNKNOWN
    urgency_mark: UrgencyMark = UrgencyMark.KHAN
    scales: Scales = Scales()
    position_unknown: bool = False
    casualties: bool = False
    reporter: Token | None = None
    """None: the file's reporter."""
    on: date | None = None
    """The day it happened, at noon in Vietnam; None: the file's day."""
    clock: time | None = None
    """The hour in Vietnam, where noon would not do."""
    present: tuple[AgencyType, ...] = ()
    """Who is on scene."""
    lasting: timedelta = timedelta()
    """How long a restriction reported on has been in force."""


def as_report(stated: Stated, day: date, reporter: str, register: RegisterIndex) -> IncidentReport:
    """The report that states this; day and reporter where it names none."""
    facts = Facts(
        category=stated.category,
        severity=stated.severity,
        urgency_mark=stated.urgency_mark,
        scales=stated.scales,
        areas=stated.areas,
        communes=(),
        position_unknown=stated.position_unknown,
        casualties=stated.casualties,
        occurred_at=(happened := datetime.combine(stated.on or day, _hour(stated))),
        first_reporter=stated.reporter or reporter,
        present=tuple(sorted(kind.value for kind in stated.present)),
        restricted_since=happened - stated.lasting if stated.lasting else None,
    )
    return report_of(facts, register)


def _hour(stated: Stated) -> time:
    return NOON if stated.clock is None else stated.clock.replace(tzinfo=VIETNAM)
