"""Reads the facts a decision rests on out of reports. Places count by code and date only; nothing is guessed."""

from datetime import date, datetime
from typing import Final

from contracts.codes import CountOf, Severity, UrgencyMark
from contracts.decisions import Facts
from contracts.places import AdminArea
from contracts.register import AreaKind
from contracts.reports import IncidentReport, Scales
from services.routing.regulations.resolve import RegisterDay, RegisterIndex, day_of

_CASUALTIES: Final = frozenset({CountOf.DEAD, CountOf.MISSING, CountOf.INJURED, CountOf.TRAPPED})
_SEVERITY: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_URGENCY: Final = tuple(UrgencyMark)


def facts_of(report: IncidentReport, reporter: str, register: RegisterIndex, received_at: datetime) -> Facts:
    """The facts of one report by an agency.

    It happened when it was observed, or when it was received where the sender's clock runs ahead. A code that stood
    for another area on its own date than on the day it happened is left out: a bare code is ambiguous after a reform.
    Positions and words without a code name no area. The reporter's own area is never taken for the place.
    """
    occurred_at = min(report.observed_at, received_at)
    day = register.on(day_of(occurred_at))
    codes = (place for place in report.places if isinstance(place, AdminArea))
    areas = _specific_first({p.code for p in codes if _same_area(p, day, register)}, day)
    return Facts(
        category=report.category,
        severity=report.severity,
        urgency_mark=report.urgency_mark,
        scales=report.scales,
        areas=areas,
        communes=day.of_kind(areas, AreaKind.COMMUNE),
        position_unknown=report.position_unknown,
        casualties=any(count.of in _CASUALTIES and count.value > 0 for count in report.counts),
        occurred_at=occurred_at,
        first_reporter=reporter,
    )


def joined(known: Facts, further: Facts, register: RegisterIndex) -> Facts:
    """The facts of an incident after a further report: the wider place, the graver degree, the first reporter.

    The category stays that of the first report, and the day it happened stays the earliest known.
    """
    first, later = (known, further) if known.occurred_at <= further.occurred_at else (further, known)
    day = register.on(day_of(first.occurred_at))
    areas = _specific_first({*known.areas, *further.areas}, day)
    return known.model_copy(
        update={
            "severity": max(known.severity, further.severity, key=_SEVERITY.index),
            "urgency_mark": max(known.urgency_mark, further.urgency_mark, key=_URGENCY.index),
            "scales": _higher(known.scales, further.scales),
            "areas": areas,
            "communes": tuple(sorted({*known.communes, *further.communes})),
            "position_unknown": _still_unknown(known, further),
            "casualties": known.casualties or further.casualties,
            "occurred_at": min(first.occurred_at, later.occurred_at),
        }
    )


def _still_unknown(known: Facts, further: Facts) -> bool:
    """A report that names an area ends the search; one that merely leaves the place out does not."""
    if known.areas or further.areas:
        return known.position_unknown and further.position_unknown
    return known.position_unknown or further.position_unknown


def _same_area(place: AdminArea, day: RegisterDay, register: RegisterIndex) -> bool:
    """Whether the code means one and the same area on its own date and on the day it happened."""
    meant = _area_on(place.code, place.valid_on, register)
    return meant is not None and meant is day.areas.get(place.code)


def _area_on(code: str, on: date, register: RegisterIndex) -> object | None:
    return register.on(on).areas.get(code)


def _specific_first(codes: set[str], day: RegisterDay) -> tuple[str, ...]:
    """Areas inside others come before them; equals by code."""
    return tuple(sorted(codes, key=lambda code: (-len(day.surroundings(code)), code)))


def _higher(one: Scales, other: Scales) -> Scales:
    """Scale by scale the higher level; a level is never carried from one scale to another."""
    levels = {
        name: max((level for scales in (one, other) if (level := getattr(scales, name)) is not None), default=None)
        for name in Scales.model_fields
    }
    return Scales(**levels)
