"""The life of one incident: `decide` says which facts a command adds, `evolve` what they make true. Nothing impure."""

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
from services.routing.incident import course, duty, ladder, merging, objecting
from services.routing.incident.authority import UNKNOWN_DISPATCH, refusal
from services.routing.incident.commands import Absorb, Act, Command, Join, Open, ReachDeadline, Revive, Suggest
from services.routing.incident.evolve import evolve, fold
from services.routing.incident.ladder import Outcome
from services.routing.incident.opening import incident_id, join_report, open_incident
from services.routing.incident.recording import IncidentEvent, refusal_event
from services.routing.incident.silence import reach_deadline
from services.routing.incident.state import Dispatch, Incident
from services.routing.incident.suggesting import suggest

__all__ = ["Incident", "IncidentEvent", "decide", "evolve", "fold", "incident_id", "refusal_event"]


def decide(state: Incident | None, command: Command) -> Outcome:  # noqa: C901, PLR0911  # one line per command
    """The facts the command adds to the incident; none when all it says is on record already.

    Deciding the same command on the same state yields equal events, byte for byte. Raises `ValueError` for a report
    to be joined to an incident that was never opened.
    """
    if state is None:
        return _first(command)
    match command:
        case Act():
            return _act(state, command)
        case Join():
            return join_report(state, command)
        case ReachDeadline():
            return reach_deadline(state, command)
        case Absorb():
            return merging.absorb(state, command)
        case Revive():
            return merging.revive(state, command)
        case Suggest():
            return suggest(state, command)
        case Open():
            return ()


def _first(command: Command) -> Outcome:
    """Where nothing is on record yet, only opening adds something."""
    match command:
        case Open():
            return open_incident(command)
        case Join():
            raise ValueError(f"report event {command.report_event.id} joins an incident that was never opened")
        case Act():
            return UNKNOWN_DISPATCH
        case Absorb() | Revive() | ReachDeadline() | Suggest():
            return ()


def _act(state: Incident, command: Act) -> Outcome:
    """The same action again adds nothing; another one must be this desk's to do, as things stand."""
    held = state.dispatches.get(command.action.dispatch)
    if held is not None and held.desk == command.sender and command.action.action in held.acted | state.settled:
        return ()
    refused = refusal(state, held, command)
    if refused is not None or held is None:
        return refused or UNKNOWN_DISPATCH
    return _allowed(state, held, command)


def _allowed(state: Incident, held: Dispatch, command: Act) -> Outcome:  # noqa: C901, PLR0911, PLR0912  # a table
    match command.action:
        case Deliver() as action:
            return ladder.deliver(state, held, command, action)
        case Read() as action:
            return ladder.read(state, held, command, action)
        case Acknowledge() as action:
            return ladder.acknowledge(state, held, command, action)
        case Comment() as action:
            return ladder.comment(state, command, action)
        case Accept() as action:
            return duty.accept(state, held, command, action)
        case Defer() as action:
            return duty.defer(state, held, command, action)
        case Decline() as action:
            return duty.decline(state, held, command, action)
        case Transfer() as action:
            return duty.transfer(state, held, command, action)
        case Complete() as action:
            return duty.complete(state, held, command, action)
        case Misroute() as action:
            return objecting.object_to(state, held, command, action)
        case AnswerMisroute() as action:
            return objecting.answer(state, held, command, action)
        case SetLevel() as action:
            return course.set_level(state, held, command, action)
        case HandOverCommand() as action:
            return course.hand_over_command(state, held, command, action)
        case Merge() as action:
            return merging.merge(state, held, command, action)
        case Split() as action:
            return merging.split(state, held, command, action)
        case Close() as action:
            return course.close(state, command, action)
        case Reopen() as action:
            return course.reopen(state, held, command, action)
