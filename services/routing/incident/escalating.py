"""Decides whom silence reaches next: deputy, duty command, superior, the top desk; and which steps nobody holds."""

from collections.abc import Iterator
from typing import NamedTuple

from contracts.codes import EscalationStep, Role
from contracts.decisions import Addressee, Obligation
from contracts.events import DispatchEscalated
from services.routing.incident.commands import Posts
from services.routing.incident.issuing import Instead, duty_of, issue, matter_of
from services.routing.incident.recording import Cause, IncidentEvent, dispatch_event
from services.routing.incident.state import Dispatch, Incident


class Silent(NamedTuple):
    """A desk that let the time of what it owed pass."""

    state: Incident
    held: Dispatch
    owed: Obligation
    posts: Posts


def escalate(silent: Silent, cause: Cause) -> Iterator[IncidentEvent]:
    """To the next desk of the chain, by the same rule and in the same time; at its end nobody is left: an alarm.

    A desk that leads or directs already is not passed over: it must hear which of its desks is silent.
    """
    state, held, owed, posts = silent
    chain = held.issued.escalation[held.asked :]
    passed = next((n for n, desk in enumerate(chain) if desk != held.desk), len(chain))
    following, step = None, None
    if passed < len(chain):
        step = _step(held.desk, chain[passed], posts)
        heir = duty_of(held, chain[passed], Role.DIRECT, chain[passed + 1 :])
        instead = Instead(escalated_from=held.issued.dispatch)
        following = issue(matter_of(state, held), heir, state.dispatches, cause, instead)
    data = DispatchEscalated(
        dispatch=held.issued.dispatch,
        incident=state.incident,
        obligation=owed.obligation,
        due=owed.due,
        next=following.data.dispatch if following else None,
        skipped=chain[:passed],
        step=step,
        absent=tuple(_absent(silent, step)),
        alarm=step in (None, EscalationStep.TOP),
    )
    yield dispatch_event(data, (state.space, state.incident, held.desk), cause)
    if following:
        yield following


def _step(silent: Addressee, following: Addressee, posts: Posts) -> EscalationStep:
    if following == posts.top:
        return EscalationStep.TOP
    if following.agency != silent.agency:
        return EscalationStep.SUPERIOR
    return EscalationStep.DUTY_COMMAND if following == posts.duty_command else EscalationStep.DEPUTY


def _absent(silent: Silent, step: EscalationStep | None) -> Iterator[EscalationStep]:
    """The steps within the agency that this one goes past because nobody holds them; a superior's own are not asked."""
    state, held, _, posts = silent
    if step is EscalationStep.DEPUTY or _reached_from_below(state, held):
        return
    within = [desk for desk in held.issued.escalation if desk.agency == held.desk.agency]
    stands_in = held.issued.escalated_from is not None
    if not stands_in and not any(desk != posts.duty_command for desk in within):
        yield EscalationStep.DEPUTY
    if step is not EscalationStep.DUTY_COMMAND and posts.duty_command is None:
        yield EscalationStep.DUTY_COMMAND


def _reached_from_below(state: Incident, held: Dispatch) -> bool:
    """Whether the silence of another agency brought it here."""
    before = state.dispatches.get(held.issued.escalated_from) if held.issued.escalated_from else None
    return before is not None and before.desk.agency != held.desk.agency
