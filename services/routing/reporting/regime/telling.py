"""Builds the facts of reporting: every id follows from its cause, so the same cause always gives the same bytes."""

from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event, schema_of, type_of
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from contracts.reporting import OwedData, PaperData, ReportingRegimeSwitched

SOURCE: Final = "/phoihop/routing"
DataT = TypeVar("DataT", bound=Contract)


class Cause(NamedTuple):
    """What brought a fact about."""

    id: UUID
    correlation: UUID
    at: datetime
    """The hub's clock."""


def of_agency(space: Space, data: OwedData, cause: Cause, *step: UUID | str) -> Event[Any]:
    """A fact about what an agency owes."""
    return told(subjects.owed(space, data.agency), data, cause, data.obligation, *step)


def for_desk(space: Space, to: Addressee, data: PaperData, cause: Cause) -> Event[Any]:
    """A fact on the subject of one desk."""
    return told(subjects.papers(space, to.agency, to.desk), data, cause, data.paper)


def of_area(order: ReportingRegimeSwitched, cause: Cause) -> Event[Any]:
    """A fact about the calendars of an area."""
    return told(subjects.regime(order.space, order.area), order, cause, order.action)


def told(subject: str, data: Contract, cause: Cause, *step: UUID | str) -> Event[Any]:
    """A fact under a subject; `step` tells it from other facts of the same kind."""
    kind = type(data)
    envelope: Any = Event.__class_getitem__(kind)
    event: Event[Any] = envelope(
        id=derived_id(kind.__name__, *step),
        source=SOURCE,
        type=type_of(kind),
        subject=subject,
        time=cause.at,
        dataschema=schema_of(kind),
        correlationid=cause.correlation,
        causationid=cause.id,
        data=data,
    )
    return event
