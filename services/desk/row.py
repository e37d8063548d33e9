"""One dispatch as its desk sees it, folded from its facts in whatever order. Shows; never decides, reads no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from contracts.codes import Change, Severity
from contracts.correlation_words import said
from contracts.decisions import Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchAcknowledged, DispatchData, DispatchDelivered, DispatchEscalated, DispatchIssued
from contracts.frozen import Contract
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchCompleted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchLapsed,
    DispatchOpened,
    DispatchReleased,
    DispatchRepeated,
    DispatchTransferred,
    DispatchUpdated,
    DispatchWithdrawn,
    ObligationBreached,
    ObligationExcused,
    ObligationMet,
    OrderPrompted,
    counts_as_decision,
)
from contracts.reports import Scales

DispatchEvent = Event[DispatchData]


class RowState(StrEnum):
    """How far a dispatch is, as the desk sees it."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    OPENED = "opened"
    REPEATED = "repeated"
    """Nobody acknowledged in time and the desk was asked once more."""
    ESCALATED = "escalated"
    """Nobody acknowledged in time and the next desk was asked; acknowledging is still possible and wanted."""
    ACKNOWLEDGED = "acknowledged"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HANDING_OVER = "handing_over"
    RELEASED = "released"
    COMPLETED = "completed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


_STANDS: Final[dict[type[Contract], RowState]] = {
    DispatchDeferred: RowState.DEFERRED,
    DispatchDeclined: RowState.DECLINED,
    DispatchTransferred: RowState.HANDING_OVER,
    DispatchAccepted: RowState.ACCEPTED,
    DispatchCompleted: RowState.COMPLETED,
    DispatchLapsed: RowState.LAPSED,
    DispatchReleased: RowState.RELEASED,
    DispatchWithdrawn: RowState.WITHDRAWN,
}
"""What decides how it stands; of two at one time the later one of this list counts."""
_RUNGS: Final[tuple[tuple[type[Contract], RowState], ...]] = (
    (DispatchAcknowledged, RowState.ACKNOWLEDGED),
    (DispatchEscalated, RowState.ESCALATED),
    (DispatchRepeated, RowState.REPEATED),
    (DispatchOpened, RowState.OPENED),
    (DispatchDelivered, RowState.DELIVERED),
)
_IN_HAND: Final = frozenset({RowState.DEFERRED, RowState.ACCEPTED, RowState.DECLINED, RowState.HANDING_OVER})
_ENDED: Final = frozenset({RowState.RELEASED, RowState.COMPLETED, RowState.LAPSED, RowState.WITHDRAWN})
_MEETS: Final[dict[type[Contract], ObligationKind]] = {
    DispatchAcknowledged: ObligationKind.ACKNOWLEDGE,
    DispatchAccepted: ObligationKind.DECIDE,
    DispatchDeclined: ObligationKind.DECIDE,
    DispatchTransferred: ObligationKind.DECIDE,
}
_ENDS: Final = (
    DispatchRepeated,
    ObligationMet,
    ObligationBreached,
    ObligationExcused,
    OrderPrompted,
)


@dataclass(frozen=True)
class Row:
    """One dispatch of the desk with every fact of it that the feed has brought."""

    issued: DispatchIssued
    issued_at: datetime
    facts: Mapping[UUID, DispatchEvent] = field(default_factory=dict)

    def with_fact(self, event: DispatchEvent) -> "Row":
        """The row after one more of its facts; a repeated one changes nothing."""
        if event.id in self.facts or isinstance(event.data, DispatchIssued):
            return self
        return replace(self, facts={**self.facts, event.id: event})

    @cached_property
    def state(self) -> RowState:
        """How it stands; what nobody decided on yet, how far up the ladder it is."""
        order = list(_STANDS)
        stands = [e for e in self.facts.values() if type(e.data) in _STANDS]
        if stands:
            return _STANDS[type(max(stands, key=lambda e: (e.time, order.index(type(e.data)))).data)]
        return next((state for kind, state in _RUNGS if self._first(kind)), RowState.ISSUED)

    @property
    def version(self) -> int:
        """How many decisions the desk has been shown; an act made on it says so."""
        return sum(counts_as_decision(event.data) for event in self.facts.values())

    @property
    def severity(self) -> Severity:
        """How grave the incident is, by what the desk was told last."""
        return news[0].data.severity if (news := self.news()) else self.issued.severity

    @property
    def scales(self) -> Scales:
        """At which levels the incident stands, by what the desk was told last."""
        told = (news.data.scales for news in self.news() if news.data.scales is not None)
        return next(told, self.issued.scales or Scales())

    @property
    def waits(self) -> bool:
        """Whether nobody has said yet that the desk has it."""
        return self.acknowledged is None and not self.over

    @property
    def delivered(self) -> datetime | None:
        """When the desk's software had it."""
        return self._at(DispatchDelivered)

    @property
    def acknowledged(self) -> datetime | None:
        """When somebody had it."""
        return self._at(DispatchAcknowledged)

    @property
    def escalated(self) -> datetime | None:
        """When the next desk was asked for the first time."""
        return self._at(DispatchEscalated)

    @cached_property
    def owes(self) -> tuple[Obligation, ...]:
        """What is owed now, the soonest first; that somebody else was asked meanwhile does not end it."""
        if self.over:
            return ()
        arisen = [*self.issued.obligations, *self._arising()]
        ended = {
            getattr(event.data, "obligation", None) for event in self.facts.values() if isinstance(event.data, _ENDS)
        }
        met = {kind for fact, kind in _MEETS.items() if self._first(fact)}
        if deferral := self._last(DispatchDeferred):
            ended |= set(deferral.data.excused)
        return tuple(
            sorted((o for o in arisen if o.obligation not in ended and o.kind not in met), key=lambda o: o.due)
        )

    @property
    def due(self) -> datetime | None:
        """By when the next thing owed is due; None where nothing is."""
        return self.owes[0].due if self.owes else None

    @property
    def over(self) -> bool:
        """Whether nothing is asked of the desk any longer, by its own doing or because the incident ended."""
        closed = self._last_change((Change.CLOSED, Change.REOPENED))
        return self.state in _ENDED or closed is Change.CLOSED

    @property
    def open(self) -> bool:
        """Whether somebody has to look at it: not acknowledged, in hand, or something is owed."""
        return not self.over and (self.acknowledged is None or self.state in _IN_HAND or bool(self.owes))

    def overdue(self, now: datetime) -> bool:
        """Whether something is owed whose time is past."""
        return self.due is not None and now > self.due

    def news(self) -> tuple[Event[DispatchUpdated], ...]:
        """What the desk was told about the incident since, the newest first."""
        told = [e for e in self.facts.values() if isinstance(e.data, DispatchUpdated)]
        return tuple(sorted(told, key=lambda e: (e.time, str(e.id)), reverse=True))  # type: ignore[arg-type]

    def as_json(self, now: datetime) -> dict[str, object]:
        """The row as `phoihop desk list --json` and `desk watch --json` print it; times in UTC."""
        issued, acknowledged, news = self.issued, self._first(DispatchAcknowledged), self.news()
        return {
            "space": issued.space.value,
            "incident": str(issued.incident),
            "dispatch": str(issued.dispatch),
            "role": issued.role.value,
            "state": self.state.value,
            "version": self.version,
            "due": _iso(self.due),
            "overdue": self.overdue(now),
            "owes": [{"kind": owed.kind.value, "due": _iso(owed.due), "overdue": now > owed.due} for owed in self.owes],
            "late": bool(acknowledged and acknowledged.data.late),
            "category": issued.category.value,
            "severity": self.severity.value,
            "headline": issued.headline,
            "place": issued.place,
            "scales": self.scales.model_dump(exclude_none=True),
            **_content(issued),
            "rule": issued.rule,
            "citation": issued.citation.text,
            "citation_status": issued.citation.status.value,
            "sentence_vi": issued.sentence_vi,
            "sentence_en": issued.sentence_en,
            "issued_at": _iso(self.issued_at),
            "delivered_at": _iso(self.delivered),
            "opened_at": _iso(self._at(DispatchOpened)),
            "acknowledged_at": _iso(self.acknowledged),
            "officer": acknowledged.data.officer if acknowledged else None,
            "escalated_at": _iso(self.escalated),
            "escalated_from": _id(issued.escalated_from),
            "forwarded_from": _id(issued.forwarded_from),
            "consents_to": _id(issued.consents_to),
            "objects_to": _id(issued.objects_to),
            "news": [_told(told) for told in news],
            "suggestions": [_suggestion(told.data) for told in news if told.data.other and not self.over],
        }

    def _arising(self) -> Iterator[Obligation]:
        for event in self.facts.values():
            for name in ("obligation", "repeat", "next"):
                if isinstance(owed := getattr(event.data, name, None), Obligation):
                    yield owed

    def _of(self, kind: type[Contract]) -> list[Event[Any]]:
        return sorted((e for e in self.facts.values() if isinstance(e.data, kind)), key=lambda e: (e.time, str(e.id)))

    def _first(self, kind: type[Contract]) -> Event[Any] | None:
        return next(iter(self._of(kind)), None)

    def _last(self, kind: type[Contract]) -> Event[Any] | None:
        return next(reversed(self._of(kind)), None)

    def _at(self, kind: type[Contract]) -> datetime | None:
        found = self._first(kind)
        return found.time if found else None

    def _last_change(self, among: tuple[Change, ...]) -> Change | None:
        return next((told.data.change for told in self.news() if told.data.change in among), None)


def _content(issued: DispatchIssued) -> dict[str, object]:
    """What was reported."""
    return {
        "text": issued.text,
        "counts": [count.model_dump(mode="json", exclude_none=True) for count in issued.counts or ()],
        "scene": issued.scene.model_dump(mode="json", exclude_none=True) if issued.scene else None,
    }


def _told(told: Event[DispatchUpdated]) -> dict[str, object]:
    return {"change": told.data.change.value, "headline": told.data.headline, "at": _iso(told.time)}


def _suggestion(told: DispatchUpdated) -> dict[str, object]:
    """Another incident of the desk that this one perhaps is, and why, for people too."""
    reasons = told.correlation.reasons if told.correlation else ()
    return {
        "incident": _id(told.other),
        "headline": told.headline,
        "score": told.correlation.score if told.correlation else None,
        "reasons": [why.model_dump(mode="json") | dict(zip(("vi", "en"), said(why), strict=True)) for why in reasons],
    }


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
