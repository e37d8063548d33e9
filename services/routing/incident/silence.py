"""Decides what a deadline that comes does: repeat, ask the next desk, ask for a missing report, end what law ends."""

from collections.abc import Callable, Iterator
from typing import Final

from contracts.codes import Change, Role
from contracts.course import IncidentRedecided
from contracts.decisions import Obligation, ObligationKind
from contracts.lifecycle import DispatchLapsed, DispatchRepeated, ObligationBreached, OrderPrompted
from services.routing.incident.commands import ReachDeadline
from services.routing.incident.escalating import Silent, escalate
from services.routing.incident.issuing import duty_of, further, issue, matter_of
from services.routing.incident.recording import Cause, IncidentEvent, course_event, dispatch_event
from services.routing.incident.responsibility import redecided
from services.routing.incident.state import Dispatch, Incident
from services.routing.incident.telling import tell

GIVEN_UP: Final = 3
"""After so many missing reports in a row nobody is asked again; the next one that comes is late, and counts."""


def reach_deadline(state: Incident, command: ReachDeadline) -> tuple[IncidentEvent, ...]:
    """What follows from silence at the due time. The lead stays: it leads until relieved.

    Whatever was recorded first stands: an obligation met earlier, even late, fires nothing.
    """
    dispatch = state.obligations.get(command.obligation)
    held = state.dispatches[dispatch] if dispatch else None
    owed = held.owes.get(command.obligation) if held else None
    if held is None or owed is None or command.at < owed.due:
        return ()
    # Derived from the obligation, not from the message: the scheduled one and the sweep must yield the same event.
    cause = Cause(command.obligation, command.cause, held.correlation, command.at)
    if owed.kind is ObligationKind.ORDER_EXPIRES:
        return tuple(_expire(state, held, owed, command, cause))
    if owed.kind in _ESCALATES:
        return tuple(_ESCALATES[owed.kind](Silent(state, held, owed, command.posts), cause))
    return tuple(_SILENCE[owed.kind](state, held, owed, cause))


def _unacknowledged(silent: Silent, cause: Cause) -> Iterator[IncidentEvent]:
    """Once more to the same desk in half the time, then to the next of its chain."""
    state, held, owed, _ = silent
    if held.repeated:
        yield from escalate(silent, cause)
        return
    within = owed.due - held.at
    data = DispatchRepeated(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        due=owed.due,
        repeat=further(owed, owed.kind, cause.at + within / 2, "repeat"),
    )
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)


def _unreported(silent: Silent, cause: Cause) -> Iterator[IncidentEvent]:
    """The report is missing, please send it; the second time in a row its superior hears of it too."""
    state, held, owed, _ = silent
    every = held.issued.follow_up_every or owed.due - held.at
    last = held.missed + 1 >= GIVEN_UP
    data = ObligationBreached(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        kind=owed.kind,
        due=owed.due,
        next=None if last else further(owed, owed.kind, cause.at + every / 2, "missing"),
    )
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)
    if held.missed + 1 == GIVEN_UP - 1:
        yield from escalate(silent, cause)


def _unanswered(state: Incident, held: Dispatch, owed: Obligation, cause: Cause) -> Iterator[IncidentEvent]:
    data = ObligationBreached(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        kind=owed.kind,
        due=owed.due,
    )
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)


def _prompt(state: Incident, held: Dispatch, owed: Obligation, cause: Cause) -> Iterator[IncidentEvent]:
    """Before an order ends by law, whoever may order anything longer is asked to decide."""
    order = held.issued.order
    following = None
    if order and order.next:
        asked = duty_of(held, order.next[0], Role.DIRECT, order.next[1:])
        following = issue(matter_of(state, held), asked, state.dispatches, cause)
    data = OrderPrompted(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        due=owed.due,
        next=following.data.dispatch if following else None,
    )
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)
    if following:
        yield following


def _expire(
    state: Incident, held: Dispatch, owed: Obligation, command: ReachDeadline, cause: Cause
) -> Iterator[IncidentEvent]:
    """The order has ended, whoever noticed; the rules say who is responsible for what is longer than that."""
    dispatch = held.issued.dispatch
    data = DispatchLapsed(dispatch=dispatch, incident=state.incident, obligation=owed.obligation, due=owed.due)
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)
    if command.decision is None:
        return
    again = IncidentRedecided(incident=state.incident, because="order_lapsed", decision=command.decision)
    yield course_event(again, state.space, state.incident, cause)
    headline = "Lệnh có thời hạn đã hết / A time-capped order has ended"
    yield from tell(state, Change.LEAD_CHANGED, cause, headline=headline, but={dispatch})
    yield from redecided(state, command.decision, matter_of(state, held), cause)


_SILENCE: Final[dict[ObligationKind, Callable[[Incident, Dispatch, Obligation, Cause], Iterator[IncidentEvent]]]] = {
    ObligationKind.ANSWER: _unanswered,
    ObligationKind.ORDER_PROMPT: _prompt,
}
_ESCALATES: Final[dict[ObligationKind, Callable[[Silent, Cause], Iterator[IncidentEvent]]]] = {
    ObligationKind.ACKNOWLEDGE: _unacknowledged,
    ObligationKind.DECIDE: escalate,
    ObligationKind.FIRST_REPORT: _unreported,
    ObligationKind.FOLLOW_UP: _unreported,
}
