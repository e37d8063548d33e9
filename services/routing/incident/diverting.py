"""Decides who is told in addition where a dispatch goes to, or waits at, an empty desk. The duty stays with it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.codes import Role
from contracts.decisions import Addressee, ObligationKind
from contracts.identifiers import derived_id
from contracts.lifecycle import DispatchDiverted
from services.routing.incident.issuing import Instead, duty_of, issue, matter_of
from services.routing.incident.recording import Cause, IncidentEvent, dispatch_event
from services.routing.incident.state import Dispatch, Incident
from services.routing.presence.signs import Absence

Absent = Callable[[Addressee], Absence | None]
"""Why nobody can be expected at a desk now; None where somebody may be."""


class _Heir(NamedTuple):
    """Who is told, who would be asked after it, and how many desks of the chain that uses up."""

    desk: Addressee
    chain: tuple[Addressee, ...]
    passed: int


class Noticed(NamedTuple):
    """The fact by which it is known that a desk has gone, and when it was stored."""

    fact: UUID
    at: datetime


def waiting(state: Incident, desk: Addressee) -> Iterator[UUID]:
    """The dispatches that ask this desk for an acknowledgement nobody has given, and that nobody else was told of."""
    for held in state.in_force:
        asks = held.owing(ObligationKind.ACKNOWLEDGE) is not None and held.acknowledged is None
        if held.desk == desk and asks and not held.diverted and not state.over:
            yield held.issued.dispatch


def divert(
    state: Incident, dispatch: UUID, absent: Absent, noticed: Noticed | None = None
) -> tuple[IncidentEvent, ...]:
    """What follows from issuing this dispatch, or from `noticed` later; nothing where somebody is there or was told.

    Its own deadlines run on as if nothing had happened: whoever comes back finds the duty where the rule put it.
    """
    held = state.dispatches[dispatch]
    why = absent(held.desk)
    if why is None or held.owed is None or held.diverted:
        return ()
    fact, at = noticed or (dispatch, held.at)
    # Derived from the dispatch: however often it is decided upon, the same facts follow.
    cause = Cause(derived_id("divert", dispatch), fact, held.correlation, max(at, held.at))
    heir = _heir(held, why, absent)
    following = None
    if heir is not None:
        duty = duty_of(held, heir.desk, Role.DIRECT, heir.chain)
        instead = Instead(escalated_from=dispatch)
        following = issue(matter_of(state, held), duty, state.dispatches, cause, instead)
    data = DispatchDiverted(
        dispatch=dispatch,
        incident=state.incident,
        reason=why.reason,
        next=following.data.dispatch if following else None,
        passed=heir.passed if heir else 0,
    )
    diverted = dispatch_event(data, (state.space, state.incident, held.desk), cause)
    return (diverted, following) if following else (diverted,)


def _heir(held: Dispatch, why: Absence, absent: Absent) -> _Heir | None:
    """Whom the desk itself named, otherwise the first of its chain where somebody may be."""
    chain = held.issued.escalation[held.asked :]
    named = why.divert_to
    if named is not None and named != held.desk and absent(named) is None:
        return _Heir(named, tuple(desk for desk in chain if desk != named), 0)
    for position, desk in enumerate(chain):
        if desk != held.desk and absent(desk) is None:
            return _Heir(desk, chain[position + 1 :], position + 1)
    return None
