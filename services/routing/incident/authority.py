"""Decides whether a desk may do what it asks: its own dispatch, in a role that may, seen as it stands, still open."""

from typing import Final

from contracts.actions import (
    Accept,
    Acknowledge,
    AnswerMisroute,
    Close,
    Comment,
    Complete,
    Decline,
    Defer,
    Deliver,
    HandOverCommand,
    Merge,
    Misroute,
    Read,
    Reopen,
    SetLevel,
    Split,
    Transfer,
)
from contracts.codes import Role
from contracts.frozen import Contract
from contracts.problems import Problem, ProblemCode
from services.routing.incident.commands import Act, Refused
from services.routing.incident.saying import how_it_stands
from services.routing.incident.state import Dispatch, Incident, Standing

UNKNOWN_DISPATCH: Final = Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="dispatch"))

_ANY: Final = frozenset(Role)
_DUTY: Final = _ANY - {Role.INFORM}
_SCENE: Final = frozenset({Role.LEAD, Role.COMMAND, Role.DIRECT})
_COURSE: Final = frozenset({Role.LEAD, Role.DIRECT})

ROLES: Final[dict[type[Contract], frozenset[Role]]] = {
    Deliver: _ANY,
    Read: _ANY,
    Acknowledge: _ANY,
    Comment: _ANY,
    Misroute: _ANY,
    Accept: _DUTY,
    Defer: _DUTY,
    Decline: _DUTY,
    Transfer: _DUTY,
    Complete: _DUTY,
    AnswerMisroute: _DUTY,
    SetLevel: _SCENE,
    HandOverCommand: _SCENE,
    Merge: _COURSE,
    Split: _COURSE,
    Close: _COURSE,
    Reopen: _COURSE,
}
"""Which roles may do what. Who leads no longer leads: a former lead's dispatch does not count as one of the lead."""

_RECORD: Final = (Deliver, Read, Acknowledge, Comment, Misroute)
"""What only adds to the record; possible on whatever dispatch the desk was ever sent."""
_AFTER_THE_END: Final = (Reopen, Split)


def refusal(state: Incident, held: Dispatch | None, command: Act) -> Refused | None:
    """Why the act is refused, or None. An act that is on record already is asked for elsewhere, before this."""
    action = command.action
    if held is None or not _is_theirs(state, held, command):
        return UNKNOWN_DISPATCH
    if isinstance(action, _RECORD):
        return None
    if held.issued.role not in ROLES[type(action)] or _is_former_lead(state, held):
        return Refused(Problem(code=ProblemCode.ACTION_ROLE, field="dispatch"), held.issued.role.value)
    if getattr(action, "version", None) not in (None, held.version):
        return Refused(Problem(code=ProblemCode.ACTION_VERSION, field="version"), how_it_stands(state, held))
    if not held.in_force or (state.over and not isinstance(action, _AFTER_THE_END)):
        return impossible(state, held)
    return None


def impossible(state: Incident, held: Dispatch, field: str = "type") -> Refused:
    """It cannot be done as things stand, which the answer says."""
    return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field=field), how_it_stands(state, held))


def _is_theirs(state: Incident, held: Dispatch, command: Act) -> bool:
    action = command.action
    return held.desk == command.sender and action.incident == state.incident and action.space is state.space


def _is_former_lead(state: Incident, held: Dispatch) -> bool:
    """Somebody else leads now and this dispatch says nothing any more; one that is offered the lead may answer."""
    offered = held.issued.forwarded_from is not None and held.standing in {Standing.OPEN, Standing.DEFERRED}
    return held.issued.role is Role.LEAD and held.desk != state.lead and not offered
