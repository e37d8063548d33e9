"""Folds the facts of one dispatch into how far up the ladder it is and what it still owes. Decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from contracts.decisions import Obligation, ObligationKind
from contracts.events import DispatchAcknowledged, DispatchDelivered, DispatchEscalated
from contracts.frozen import Contract
from contracts.lifecycle import (
    DispatchAccepted,
    DispatchCommented,
    DispatchCompleted,
    DispatchDeclined,
    DispatchDeferred,
    DispatchDiverted,
    DispatchLapsed,
    DispatchOpened,
    DispatchReleased,
    DispatchRepeated,
    DispatchTransferred,
    DispatchWithdrawn,
    MisrouteAnswered,
    MisrouteRaised,
    ObligationBreached,
    ObligationMet,
    counts_as_decision,
)
from services.routing.incident.owing import owed_by
from services.routing.incident.recording import IncidentEvent
from services.routing.incident.state import REPORTS, Dispatch, Mark, Standing

_STANDS: Final[dict[type[Contract], Standing]] = {
    DispatchAccepted: Standing.ACCEPTED,
    DispatchDeferred: Standing.DEFERRED,
    DispatchDeclined: Standing.DECLINED,
    DispatchTransferred: Standing.HANDING_OVER,
    DispatchReleased: Standing.RELEASED,
    DispatchCompleted: Standing.COMPLETED,
    DispatchLapsed: Standing.LAPSED,
    DispatchWithdrawn: Standing.WITHDRAWN,
}
_BY_OFFICER: Final = (
    DispatchDelivered,
    DispatchOpened,
    DispatchAcknowledged,
    DispatchAccepted,
    DispatchDeferred,
    DispatchDeclined,
    DispatchTransferred,
    DispatchCompleted,
    DispatchCommented,
    MisrouteRaised,
    MisrouteAnswered,
)


def climbed(held: Dispatch, event: IncidentEvent) -> Dispatch:
    """The dispatch after one more of its facts."""
    data = event.data
    if isinstance(data, _BY_OFFICER):
        mark = Mark(data.action, data.officer, event.time)
        rung: dict[str, Any] = {_RUNGS[type(data)]: mark} if type(data) in _RUNGS else {}
        held = replace(held, acted=held.acted | {mark.action}, **rung)
    held = replace(
        held,
        standing=_STANDS.get(type(data), held.standing),
        version=held.version + counts_as_decision(data),
        owes=_owes(held, data),
    )
    return _DETAILS[type(data)](held, data) if type(data) in _DETAILS else held


def _owes(held: Dispatch, data: Contract) -> Mapping[UUID, Obligation]:
    """What is owed after this fact; a dispatch nobody has to do with any longer owes nothing."""
    if type(data) in _ENDS:
        return {}
    met, named = _MEETS.get(type(data)), getattr(data, "obligation", None)
    gone = named if isinstance(named, UUID) else None
    left = {known: owed for known, owed in held.owes.items() if owed.kind is not met and known != gone}
    return left | {owed.obligation: owed for owed in owed_by(data)}


def _given_up(held: Dispatch, data: ObligationBreached) -> Obligation | None:
    if data.next is not None or data.kind not in REPORTS:
        return None
    return Obligation(obligation=data.obligation, kind=data.kind, due=data.due, basis=held.issued.citation)


_RUNGS: Final[dict[type[Contract], str]] = {
    DispatchDelivered: "delivered",
    DispatchOpened: "opened",
    DispatchAcknowledged: "acknowledged",
    DispatchAccepted: "decided",
    DispatchDeferred: "decided",
    DispatchDeclined: "decided",
    DispatchTransferred: "decided",
}
_ENDS: Final = frozenset({DispatchReleased, DispatchWithdrawn, DispatchCompleted})
_MEETS: Final[dict[type[Contract], ObligationKind]] = {
    DispatchAcknowledged: ObligationKind.ACKNOWLEDGE,
    DispatchAccepted: ObligationKind.DECIDE,
    DispatchDeferred: ObligationKind.DECIDE,
    DispatchDeclined: ObligationKind.DECIDE,
    DispatchTransferred: ObligationKind.DECIDE,
}
_DETAILS: Final[dict[type[Contract], Callable[[Dispatch, Any], Dispatch]]] = {
    DispatchAccepted: lambda held, _data: replace(held, successor=None),
    DispatchDeclined: lambda held, data: replace(held, successor=data.next),
    DispatchTransferred: lambda held, data: replace(held, successor=data.next),
    DispatchRepeated: lambda held, _data: replace(held, repeated=True),
    DispatchDiverted: lambda held, data: replace(held, asked=held.asked + data.passed, diverted=True),
    DispatchEscalated: lambda held, data: replace(
        held, escalated=True, asked=held.asked + len(data.skipped) + (data.next is not None)
    ),
    DispatchWithdrawn: lambda held, data: replace(held, merged=data.reason == "merged"),
    ObligationBreached: lambda held, data: replace(held, missed=held.missed + 1, given_up=_given_up(held, data)),
    ObligationMet: lambda held, _data: replace(held, missed=0, given_up=None),
}
