"""Decides whether a desk may do what it asks, by one table: its own dispatch, in a role that may, as things stand.

A deputy, a superior or another desk of the agency acts on no dispatch but its own: the chain gives each one of its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.actions import (
    Accept,
    Acknowledge,
    Action,
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
from contracts.decisions import Addressee
from contracts.problems import Problem, ProblemCode
from services.routing.incident.commands import Act, Refused
from services.routing.incident.saying import how_it_stands
from services.routing.incident.state import Dispatch, Incident, Standing

UNKNOWN_DISPATCH: Final = Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="dispatch"))


class Stage(StrEnum):
    """Where the incident is."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class Asked(StrEnum):
    """What a dispatch asks of its desk."""

    DUTY = "duty"
    CONSENT = "consent"
    """To agree, or not, to what another desk does."""
    ANSWER = "answer"
    """To answer an objection to a rule."""


_ANY_ROLE: Final = frozenset(Role)
_DUTY: Final = _ANY_ROLE - {Role.INFORM}
_SCENE: Final = frozenset({Role.LEAD, Role.COMMAND, Role.DIRECT})
_COURSE: Final = frozenset({Role.LEAD, Role.DIRECT})
_EVER: Final = frozenset(Stage)
_OPEN: Final = frozenset({Stage.OPEN})
_ANY_STANDING: Final = frozenset(Standing)
_IN_FORCE: Final = _ANY_STANDING - {Standing.RELEASED, Standing.WITHDRAWN}
_UNDECIDED: Final = frozenset({Standing.OPEN, Standing.DEFERRED})
_FORWARDED: Final = frozenset({Standing.DECLINED, Standing.HANDING_OVER})
_ANYTHING: Final = frozenset(Asked)


@dataclass(frozen=True, slots=True)
class Competence:
    """By which dispatches of its own a desk may do one kind of act; and it must have seen the newest decision."""

    roles: frozenset[Role] = _DUTY
    standing: frozenset[Standing] = _IN_FORCE
    stage: frozenset[Stage] = _OPEN
    asked: frozenset[Asked] = _ANYTHING
    former_lead: bool = False
    """Whether a dispatch as lead still counts when another desk leads, and this one is not offered the lead."""


_RECORD: Final = Competence(_ANY_ROLE, _ANY_STANDING, _EVER, former_lead=True)
"""What only adds to the record; possible on whatever dispatch the desk was ever sent."""

AUTHORITY: Final[dict[type[Action], Competence]] = {
    Deliver: _RECORD,
    Read: _RECORD,
    Acknowledge: _RECORD,
    Comment: _RECORD,
    Misroute: _RECORD,
    Accept: Competence(standing=_UNDECIDED | _FORWARDED),
    Defer: Competence(standing=_UNDECIDED),
    Decline: Competence(standing=_UNDECIDED),
    Transfer: Competence(standing=_UNDECIDED | {Standing.ACCEPTED}, asked=_ANYTHING - {Asked.CONSENT}),
    Complete: Competence(standing=_UNDECIDED | {Standing.ACCEPTED}),
    AnswerMisroute: Competence(standing=_IN_FORCE - {Standing.COMPLETED}, asked=frozenset({Asked.ANSWER})),
    SetLevel: Competence(_SCENE),
    HandOverCommand: Competence(_SCENE),
    Merge: Competence(_COURSE),
    Split: Competence(_COURSE, stage=_EVER),
    Close: Competence(_COURSE),
    Reopen: Competence(_COURSE, stage=frozenset({Stage.CLOSED})),
}
"""Who may do what. `docs/who-may-do-what.md` is this table in words; `phoihop regulations authority` prints it."""


def refusal(state: Incident, held: Dispatch | None, command: Act) -> Refused | None:
    """Why the act is refused, or None. An act that is on record already is asked for elsewhere, before this."""
    action = command.action
    if held is None or not _is_theirs(state, held, command):
        return UNKNOWN_DISPATCH
    may = AUTHORITY[type(action)]
    if held.issued.role not in may.roles or (_is_former_lead(state, held) and not may.former_lead):
        return Refused(Problem(code=ProblemCode.ACTION_ROLE, field="dispatch"), held.issued.role.value)
    if getattr(action, "version", None) not in (None, held.version):
        return Refused(Problem(code=ProblemCode.ACTION_VERSION, field="version"), how_it_stands(state, held))
    if held.standing not in may.standing or stage_of(state) not in may.stage or asked_by(held) not in may.asked:
        return impossible(state, held)
    return None


def impossible(state: Incident, held: Dispatch, field: str = "type") -> Refused:
    """It cannot be done as things stand, which the answer says."""
    return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field=field), how_it_stands(state, held))


def stage_of(state: Incident) -> Stage:
    """Where the incident is."""
    if state.merged_into is not None:
        return Stage.MERGED
    return Stage.CLOSED if state.closed else Stage.OPEN


def asked_by(held: Dispatch) -> Asked:
    """What the dispatch asks."""
    if held.issued.consents_to is not None:
        return Asked.CONSENT
    return Asked.DUTY if held.issued.objects_to is None else Asked.ANSWER


def may_receive(held: Dispatch, target: Addressee | None, command: Act) -> bool:
    """Whether a duty may go to this desk: another one, that the register has today, whatever its agency."""
    return target is not None and target != held.desk and command.around.reachable


def knows(state: Incident, desk: Addressee) -> bool:
    """Whether the desk may name this incident: only by a dispatch of its own that is in force."""
    return any(held.desk == desk for held in state.in_force)


def _is_theirs(state: Incident, held: Dispatch, command: Act) -> bool:
    action = command.action
    return held.desk == command.sender and action.incident == state.incident and action.space is state.space


def _is_former_lead(state: Incident, held: Dispatch) -> bool:
    """Somebody else leads now and this dispatch says nothing any more; one that is offered the lead may answer."""
    offered = held.issued.forwarded_from is not None and held.standing in {Standing.OPEN, Standing.DEFERRED}
    return held.issued.role is Role.LEAD and held.desk != state.lead and not offered
