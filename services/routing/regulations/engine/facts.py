"""Reads the facts a decision rests on out of reports. Places count by code and date only; nothing is guessed."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, Protocol

from contracts.codes import CountOf, MsgType, Severity, UrgencyMark
from contracts.decisions import MOST_CLAIMS, CasualtyClaim, Facts
from contracts.places import AdminArea, Point
from contracts.register import AreaKind
from contracts.reports import IncidentReport, Scales
from contracts.taxonomy import Category
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex, day_of

_CASUALTIES: Final = frozenset({CountOf.DEAD, CountOf.MISSING, CountOf.INJURED, CountOf.TRAPPED})
_SEVERITY: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_URGENCY: Final = tuple(UrgencyMark)


class Locates(Protocol):
    """Knows in which communes a position may lie, and whether it lies in one of them for certain."""

    def locate(self, point: Point, day: date) -> tuple[tuple[str, ...], bool]: ...  # noqa: D102 - the class says it


def facts_of(
    report: IncidentReport,
    reporter: str,
    register: RegisterIndex,
    received_at: datetime,
    boundaries: Locates | None = None,
) -> Facts:
    """The facts of one report by an agency.

    It happened when it was observed, or when it was received where the sender's clock runs ahead. A code that stood
    for another area on its own date than on the day it happened is left out: a bare code is ambiguous after a reform.
    Where no code names an area, a position does as far as boundaries make it certain: the one commune it lies in, or
    the province when it may be in several communes of it. Words name none, nor does the reporter's own area.
    """
    occurred_at = min(report.observed_at, received_at)
    day = register.on(day_of(occurred_at))
    codes = (place for place in report.places if isinstance(place, AdminArea))
    named = {p.code for p in codes if _same_area(p, day, register)}
    if not named and boundaries is not None and not report.position_unknown:
        named = set(_positions(report, day, day_of(occurred_at), boundaries))
    areas = _specific_first(named, day)
    return Facts(
        category=report.category,
        severity=report.severity,
        urgency_mark=report.urgency_mark,
        scales=report.scales,
        areas=areas,
        communes=day.of_kind(areas, AreaKind.COMMUNE),
        position_unknown=report.position_unknown,
        casualties=bool(claims := tuple(_claims(report, reporter))),
        occurred_at=occurred_at,
        first_reporter=reporter,
        restricted_since=None if report.restricted_since is None else min(report.restricted_since, received_at),
        present=tuple(sorted(set(report.present))),
        hazards=_hazards(report),
        casualty_claims=claims,
        retracted=tuple(_retracted(report, reporter)),
    )


def _positions(report: IncidentReport, day: RegisterDay, on: date, boundaries: Locates) -> Iterator[str]:
    """What each position names for certain; one that may lie beyond the boundaries, or in two provinces, nothing."""
    for point in (place for place in report.places if isinstance(place, Point)):
        codes, whole = boundaries.locate(point, on)
        communes = [code for code in codes if code in day.areas and day.areas[code].kind is AreaKind.COMMUNE]
        provinces = day.of_kind(communes, AreaKind.PROVINCE)
        if not whole or len(communes) < len(codes) or len(provinces) != 1:
            continue
        yield communes[0] if len(communes) == 1 else provinces[0]


def _hazards(report: IncidentReport) -> tuple[Category, ...]:
    """The natural hazard whose own level the report states."""
    natural = report.category.family == "NAT" and report.scales.disaster_risk is not None
    return (report.category,) if natural else ()


def _claims(report: IncidentReport, agency: str) -> Iterator[CasualtyClaim]:
    """What the report counts of people hurt, each kind once."""
    hurt = dict.fromkeys(count.of for count in report.counts if count.of in _CASUALTIES and count.value > 0)
    return (CasualtyClaim(agency=agency, report=report.report, of=of) for of in hurt)


def _retracted(report: IncidentReport, agency: str) -> Iterator[CasualtyClaim]:
    """The claims of earlier reports of the agency that this one cancels, or replaces by figures of its own.

    Leaving a figure out takes nothing back.
    """
    kinds: set[CountOf] = set()
    if report.msg_type is MsgType.CANCEL:
        kinds = set(_CASUALTIES)
    elif report.msg_type is MsgType.UPDATE:
        kinds = {count.of for count in report.counts if count.of in _CASUALTIES}
    for of in sorted(kinds):
        yield from (CasualtyClaim(agency=agency, report=earlier, of=of) for earlier in report.references)


def joined(known: Facts, further: Facts, register: RegisterIndex) -> Facts:
    """The facts of an incident after a further report: the wider place, the graver degree, the first reporter.

    The category stays that of the first report, and the day it happened stays the earliest known.
    """
    claims = _standing(known, further)
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
            "casualties": known.casualties or further.casualties if claims is None else bool(claims),
            "occurred_at": min(first.occurred_at, later.occurred_at),
            "restricted_since": _earlier(known.restricted_since, further.restricted_since),
            "present": tuple(sorted({*known.present, *further.present})),
            "hazards": tuple(sorted({*known.hazards, *further.hazards})),
            "casualty_claims": claims or (),
            "retracted": (),
        }
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else min(one, other)


def _standing(known: Facts, further: Facts) -> tuple[CasualtyClaim, ...] | None:
    """The claims that nobody took back; None where casualties are known of which no claim is, and stay known.

    A list that is full is never shortened: it may have left claims out.
    """
    if any(facts.casualties and not facts.casualty_claims for facts in (known, further)):
        return None
    full = len(known.casualty_claims) == MOST_CLAIMS
    kept = known.casualty_claims if full else [c for c in known.casualty_claims if c not in further.retracted]
    return tuple(dict.fromkeys((*kept, *further.casualty_claims)))[:MOST_CLAIMS]


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
