"""Decides who hears that an incident is perhaps the same as another one. Merging stays a desk's own act."""

from collections.abc import Iterator
from typing import Final

from contracts.actions import Merge
from contracts.codes import Change, Role
from contracts.course import MergeSuggested
from contracts.decisions import Addressee
from contracts.identifiers import derived_id
from contracts.lifecycle import DispatchUpdated
from services.routing.incident.authority import AUTHORITY
from services.routing.incident.commands import Suggest
from services.routing.incident.discretion import words_for_others
from services.routing.incident.recording import Cause, IncidentEvent, course_event, dispatch_event
from services.routing.incident.state import Dispatch, Incident

_MAY_MERGE: Final = AUTHORITY[Merge].roles


def suggest(state: Incident, command: Suggest) -> tuple[IncidentEvent, ...]:
    """Once per pair, and only between two that are open in one space.

    Told are the desks that may merge this incident and know the other: to any other it would name what is not theirs.
    """
    other = command.other
    if other.incident in {state.incident, *state.suggested} or other.space is not state.space:
        return ()
    if state.over or other.over:
        return ()
    cause = Cause(derived_id("suggest", state.incident, other.incident), command.cause, command.thread, command.at)
    told = tuple(_told(state, other))
    data = MergeSuggested(
        incident=state.incident,
        other=other.incident,
        correlation=command.correlation,
        told=tuple(held.desk for held in told),
    )
    course = course_event(data, state.space, state.incident, cause)
    return course, *(_heard(state, held, command, cause) for held in told)


def _heard(state: Incident, held: Dispatch, command: Suggest, cause: Cause) -> IncidentEvent:
    rule = command.other.discretion
    data = DispatchUpdated(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        change=Change.MERGE_SUGGESTED,
        severity=state.severity,
        headline=words_for_others(command.other.headline, rule) if rule else command.other.headline,
        other=command.other.incident,
        correlation=command.correlation,
    )
    return dispatch_event(data, (state.space, state.incident, held.desk), cause)


def _told(state: Incident, other: Incident) -> Iterator[Dispatch]:
    """One dispatch of each such desk."""
    known = {held.desk for held in other.in_force}
    found: dict[Addressee, Dispatch] = {}
    for held in state.in_force:
        may = held.issued.role in _MAY_MERGE and (held.issued.role is not Role.LEAD or held.desk == state.lead)
        if may and held.desk in known:
            found.setdefault(held.desk, held)
    yield from found.values()
