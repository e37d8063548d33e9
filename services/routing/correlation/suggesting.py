"""Decides which open incidents are perhaps one, for people to look at; nothing is ever joined or merged on this."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from contracts.correlation import Correlation, correlation
from services.routing.correlation.correlate import Candidate
from services.routing.correlation.likeness import NEVER_JOINED
from services.routing.correlation.scoring import WINDOW, Alike, alike, compared

PERHAPS: Final = 0.6
"""From this score on two incidents are perhaps the same; from `correlate.THRESHOLD` on a report would be joined."""
AT_MOST: Final = 3
"""How many suggestions one new incident brings: the likeliest. A desk that is shown everything looks at nothing."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Another incident, how like it is, and why."""

    incident: UUID
    correlation: Correlation


def similarity(one: Candidate, other: Candidate) -> Correlation | None:
    """How alike two incidents are where they are most alike; None across spaces, or where nothing says so.

    The score is the same from either side. Codes of other systems count here: a wrong one only makes people look.
    """
    if one.space is not other.space or one.incident == other.incident or {one.category, other.category} & NEVER_JOINED:
        return None
    best = min(_pairs(one, other), key=_order, default=None)
    return None if best is None else correlation(*best.reasons())


def suggestions(opened: Candidate, others: Iterable[Candidate]) -> tuple[Similar, ...]:
    """The incidents that the opened one perhaps is, the likeliest first."""
    return ranked(opened, others, PERHAPS)[:AT_MOST]


def ranked(one: Candidate, others: Iterable[Candidate], least: float) -> tuple[Similar, ...]:
    """All that are so much alike, the likeliest first; equals are settled by id."""
    found = [Similar(other.incident, why) for other in others if (why := similarity(one, other)) and why.score >= least]
    return tuple(sorted(found, key=lambda similar: (-similar.correlation.score, str(similar.incident))))


def _pairs(one: Candidate, other: Candidate) -> Iterator[Alike]:
    for seen in one.sightings:
        for known in other.sightings:
            a, b = (one.category, seen), (other.category, known)
            coded = bool({*seen.codes} & {*known.codes}) and abs(seen.occurred_at - known.occurred_at) <= WINDOW
            for found in (compared(a, b), compared(b, a)) if coded else (alike(a, b), alike(b, a)):
                if found is not None:
                    yield found._replace(categories=(one.category, other.category))


def _order(found: Alike) -> tuple[object, ...]:
    """The likeliest first; of equals the nearest in time, then whatever is the same from either side."""
    where = found.where.model_dump_json() if found.where else ""
    return -found.score, found.minutes, where, found.code or ""
