"""Wraps what was decided into events: ids derived from the cause, so deciding again yields the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, TypeVar
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, schema_of, type_of
from contracts.events import ActionRefused, IncidentEventData
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from contracts.problems import Problem
from services.routing.incident.commands import Act, Refused

SOURCE: Final = "/phoihop/routing"

IncidentEvent = Event[IncidentEventData]
DataT = TypeVar("DataT", bound=Contract)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why events are recorded: what their ids derive from, what caused them directly, and when by the hub's clock."""

    origin: UUID
    """The same however often, and by whichever message, the cause is handled."""
    causation: UUID
    correlation: UUID
    at: datetime


def course_event(data: DataT, space: Space, incident: UUID, cause: Cause) -> Event[DataT]:
    """A fact about the incident as a whole."""
    return _event(data, subjects.course(space, incident), (incident, cause), ())


def dispatch_event(data: DataT, key: tuple[Space, UUID, Addressee], cause: Cause, *step: UUID | str) -> Event[DataT]:
    """A fact about one desk's dispatch; `step` tells apart what one cause may do to one desk more than once."""
    space, incident, desk = key
    subject = subjects.dispatch(space, incident, desk.agency, desk.desk)
    return _event(data, subject, (incident, cause), (desk.agency, desk.desk, *step))


def refusal_event(refused: Refused, act: Act) -> Event[ActionRefused]:
    """The fact that a desk's act was refused; it belongs to the desk, since the incident may not be its business."""
    sender = act.sender
    cause = Cause(act.submission, act.action.action, act.submission, act.at)
    data = ActionRefused(
        sender=sender,
        action=act.action.action,
        problems=(refused.problem,),
        current_state=refused.current_state,
    )
    return _event(
        data,
        subjects.refused_action(act.action.space, subjects.Origin(sender.agency, sender.desk), act.submission),
        (None, cause),
        (sender.agency, sender.desk, act.action.space),
    )


def unread_event(problem: Problem, sender: Addressee, submission: UUID, at: datetime) -> Event[ActionRefused]:
    """The fact that a desk sent what is no act, or is not to be read here; nothing of it is kept."""
    subject = subjects.refused_action(Space.ACTUAL, subjects.Origin(sender.agency, sender.desk), submission)
    data = ActionRefused(sender=sender, problems=(problem,))
    cause = Cause(submission, submission, submission, at)
    return _event(data, subject, (None, cause), (sender.agency, sender.desk, Space.ACTUAL))


def _event(data: DataT, subject: str, context: tuple[UUID | None, Cause], step: tuple[UUID | str, ...]) -> Event[DataT]:
    incident, cause = context
    model, event_type, schema = _envelope(type(data))
    envelope: type[Event[DataT]] = model
    return envelope(
        id=derived_id(cause.origin, type(data).__name__, *step),
        source=SOURCE,
        type=event_type,
        subject=subject,
        time=cause.at,
        dataschema=schema,
        incidentid=incident,
        correlationid=cause.correlation,
        causationid=cause.causation,
        data=data,
    )


@cache
def _envelope(model: type[Contract]) -> tuple[type[Event], str, str]:  # type: ignore[type-arg]  # argument is dynamic
    return Event[model], type_of(model), schema_of(model)  # type: ignore[valid-type]  # as above
