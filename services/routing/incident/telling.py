"""Tells every desk that has to do with an incident what changed in it. It asks nothing of anybody."""

from collections.abc import Container, Iterator
from typing import Final
from uuid import UUID

from contracts.codes import Change, Role, Severity
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.lifecycle import DispatchUpdated
from contracts.reports import ReportRef, Scales
from services.routing.incident.discretion import hidden_from, words_for_others
from services.routing.incident.recording import Cause, dispatch_event
from services.routing.incident.state import Dispatch, Incident
from services.routing.incident.told import NOTHING, Told

_CLOSEST: Final = (Role.LEAD, Role.COMMAND, Role.DIRECT, Role.COORDINATE, Role.ADVISE, Role.INFORM)


def tell(  # noqa: PLR0913  # what a desk reads about one change
    state: Incident,
    change: Change,
    cause: Cause,
    *,
    headline: str,
    severity: Severity | None = None,
    report: ReportRef | None = None,
    told: Told = NOTHING,
    scales: Scales | None = None,
    but: Container[UUID] = (),
) -> Iterator[Event[DispatchUpdated]]:
    """One fact per desk, on the dispatch by which it has most to do with the incident; `but` not on these."""
    for held in _once_each(state):
        if held.issued.dispatch in but:
            continue
        hidden = hidden_from(held.issued.role, state.discretion)
        said = told.for_others(hidden) if hidden else told
        data = DispatchUpdated(
            dispatch=held.issued.dispatch,
            incident=state.incident,
            change=change,
            severity=severity or state.severity,
            headline=words_for_others(headline[:200], hidden) if hidden else headline[:200],
            report=report,
            counts=said.counts,
            text=said.text,
            scene=said.scene,
            scales=scales,
        )
        yield dispatch_event(data, (state.space, state.incident, held.desk), cause, change, held.issued.dispatch)


def _once_each(state: Incident) -> Iterator[Dispatch]:
    closest: dict[Addressee, Dispatch] = {}
    for held in state.in_force:
        known = closest.get(held.desk)
        if known is None or _CLOSEST.index(held.issued.role) < _CLOSEST.index(known.issued.role):
            closest[held.desk] = held
    yield from closest.values()
