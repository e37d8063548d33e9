"""What happened to one dispatch so far, as a ladder and as a timeline, in words. Pure: tells what the desk was told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts.code_words import ANSWERS, DECLINES, MISROUTINGS, OWED, Words, begun
from contracts.code_words import RUNGS as HOW_FAR
from contracts.correlation_words import said
from contracts.event_words import EVENTS
from contracts.events import DispatchAcknowledged, DispatchDelivered, DispatchIssued
from contracts.frozen import Contract
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchCompleted,
    DispatchDeclined,
    DispatchDiverted,
    DispatchLapsed,
    DispatchOpened,
    DispatchReleased,
    DispatchTransferred,
    DispatchUpdated,
    DispatchWithdrawn,
    MisrouteAnswered,
    MisrouteRaised,
    ObligationBreached,
    ObligationExcused,
    ObligationMet,
)
from services.desk.account import figures, levels, scene
from services.desk.row import DispatchEvent, Row
from services.desk.words import NEWS

LATE: Final[Words] = ("trễ", "late")
RUNGS: Final[tuple[tuple[Words, tuple[type[Contract], ...]], ...]] = (
    (begun(HOW_FAR["issued"]), (DispatchIssued,)),
    (begun(HOW_FAR["delivered"]), (DispatchDelivered,)),
    (begun(HOW_FAR["opened"]), (DispatchOpened,)),
    (begun(HOW_FAR["acknowledged"]), (DispatchAcknowledged,)),
    (("Quyết định", "Decided"), (DispatchAccepted, DispatchDeclined, DispatchTransferred)),
    (("Xong", "Done"), (DispatchCompleted, DispatchReleased, DispatchWithdrawn, DispatchLapsed)),
)
_WRITTEN: Final = ("headline", "text", "reason", "summary", "note", "part")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact on the timeline of a dispatch."""

    at: datetime
    event: UUID
    what: str
    details: tuple[str, ...]
    officer: str | None
    late: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder; no time where it was not reached."""

    what: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another incident of the desk that this one perhaps is."""

    incident: UUID
    headline: str
    likely: int
    """In hundredths."""
    reasons: tuple[str, ...]


def timeline(row: Row, language: int) -> tuple[Entry, ...]:
    """Everything the desk was told, the newest first."""
    facts = sorted(row.facts.values(), key=lambda event: (event.time, str(event.id)), reverse=True)
    issued = Entry(row.issued_at, row.issued.dispatch, EVENTS[DispatchIssued.__name__][language], (), None, late=False)
    return (*(_entry(event, language) for event in facts), issued)


def ladder(row: Row, language: int) -> tuple[Rung, ...]:
    """How far it is, rung by rung."""
    times = {DispatchIssued: row.issued_at} | {type(e.data): e.time for e in _newest_first(row)}
    return tuple(
        Rung(words[language], min((times[kind] for kind in kinds if kind in times), default=None))
        for words, kinds in RUNGS
    )


def suggestions(row: Row, language: int) -> tuple[Suggestion, ...]:
    """What the incident perhaps is, and why; nothing once the dispatch is over."""
    if row.over:
        return ()
    found: dict[UUID, Suggestion] = {}
    for told in row.news():
        data = told.data
        if data.other is not None and data.correlation is not None:
            reasons = tuple(said(why)[language] for why in data.correlation.reasons)
            likely = round(100 * data.correlation.score)
            found.setdefault(data.other, Suggestion(data.other, data.headline, likely, reasons))
    return tuple(found.values())


def _newest_first(row: Row) -> list[DispatchEvent]:
    return sorted(row.facts.values(), key=lambda event: (event.time, str(event.id)), reverse=True)


def _entry(event: DispatchEvent, language: int) -> Entry:
    data: Any = event.data
    what = EVENTS[type(data).__name__][language]
    if isinstance(data, DispatchUpdated):
        what = NEWS[data.change][language]
    details = tuple(dict.fromkeys((*_coded(data, language), *_as_written(data))))
    late = bool(getattr(data, "late", False))
    return Entry(event.time, event.id, what, details, getattr(data, "officer", None), late)


def _coded(data: Any, language: int) -> Iterator[str]:  # noqa: ANN401  # any of the facts
    match data:
        case DispatchDeclined(reason=reason):
            yield DECLINES[reason][language]
        case MisrouteRaised(finding=finding):
            yield MISROUTINGS[finding][language]
        case MisrouteAnswered(answer=answer):
            yield ANSWERS[answer][language]
        case ObligationMet(kind=kind) | ObligationBreached(kind=kind) | ObligationExcused(kind=kind):
            yield OWED[kind][language]
        case DispatchUpdated(correlation=why, counts=counts, scene=seen, scales=scales):
            yield from (said(one)[language] for one in (why.reasons if why else ()))
            yield from [levels(scales, language)] if scales else []
            yield from figures(counts, language)
            yield from (f"{part.name}: {'; '.join(part.lines)}" for part in scene(seen, language))
        case _:
            return


def _as_written(data: Any) -> Iterator[str]:  # noqa: ANN401  # any of the facts
    """What people wrote; reasons out of a closed list are said in words above."""
    coded = isinstance(data, DispatchDeclined | DispatchWithdrawn | DispatchDiverted | ObligationExcused)
    for name in _WRITTEN:
        if (text := getattr(data, name, None)) and not (coded and name == "reason"):
            yield text
