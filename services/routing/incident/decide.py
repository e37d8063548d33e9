"""The life of one incident: `decide` says which facts a command adds, `evolve` what they make true. Nothing impure."""

from services.routing.incident.commands import Act, Command, Join, Open, ReachDeadline, Refused
from services.routing.incident.ladder import UNKNOWN_DISPATCH, act, reach_deadline
from services.routing.incident.opening import incident_id, join_report, open_incident
from services.routing.incident.recording import IncidentEvent, refusal_event
from services.routing.incident.state import Incident, evolve, fold

__all__ = ["Incident", "IncidentEvent", "decide", "evolve", "fold", "incident_id", "refusal_event"]


def decide(state: Incident | None, command: Command) -> tuple[IncidentEvent, ...] | Refused:
    """The facts the command adds to the incident; none when all it says is on record already.

    Deciding the same command on the same state yields equal events, byte for byte. Raises `ValueError` for a report
    to be joined to an incident that was never opened.
    """
    if state is None:
        return _first(command)
    match command:
        case Open():
            return ()
        case Join():
            return join_report(state, command)
        case Act():
            return act(state, command)
        case ReachDeadline():
            return reach_deadline(state, command)


def _first(command: Command) -> tuple[IncidentEvent, ...] | Refused:
    """Where nothing is on record yet, only opening adds something."""
    match command:
        case Open():
            return open_incident(command)
        case Join():
            raise ValueError(f"report event {command.report_event.id} joins an incident that was never opened")
        case Act():
            return UNKNOWN_DISPATCH
        case ReachDeadline():
            return ()
