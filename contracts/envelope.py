"""The CloudEvents 1.0.2 structured envelope around every fact, and the reader that understands every version of it."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union, cast, get_args
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic_core import from_json, to_json

from contracts.events import EventData
from contracts.frozen import Contract
from contracts.text import TYPE_PATTERN

DataT_co = TypeVar("DataT_co", bound=Contract, covariant=True)

CONTENT_TYPE: Final = "application/cloudevents+json"


class Event(Contract, Generic[DataT_co]):
    """One fact with its context attributes (CloudEvents 1.0.2, structured JSON mode)."""

    # Else the source of this class would be parsed again for each of the models it is the envelope of: 20 ms each.
    model_config = ConfigDict(use_attribute_docstrings=False)

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[UUID, Field(description="Derived from the cause, so the same cause always yields the same event.")]
    source: Annotated[str, Field(pattern=r"^/phoihop/[a-z]+$")]
    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    subject: Annotated[str, Field(description="The NATS subject the fact is recorded under.")]
    time: Annotated[AwareDatetime, Field(description="The hub's clock when the causing message was stored.")]
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    incidentid: UUID | None = None
    correlationid: Annotated[
        UUID, Field(description="The same for everything that follows from one submission or action.")
    ]
    causationid: Annotated[UUID, Field(description="The event, submission or action that directly caused this one.")]
    data: DataT_co

    def to_bytes(self) -> bytes:
        """The bytes that go on the wire and into the ledger; equal events give equal bytes."""
        return to_json(self, exclude_none=True, bytes_mode="base64")


def one_of(data: Any) -> Any:  # noqa: ANN401  # a union of models, and of envelopes around each
    """`Event[A] | Event[B]` of `A | B`: for descriptions, which name each event."""
    return Union[tuple(Event.__class_getitem__(model) for model in get_args(data))]  # noqa: UP007  # made at run time


CURRENT: Final[dict[str, int]] = {model.__name__: 1 for model in get_args(EventData)}
"""The version each event type is written in today."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(event name, version) -> the function that turns its data into that of the next version."""

_MODELS: Final[dict[str, type[Contract]]] = {model.__name__: model for model in get_args(EventData)}
_TYPE: Final = re.compile(r"^phoihop\.([A-Za-z]+)\.v([0-9]+)$")
_AS_WRITTEN: Final = re.compile(
    rb'\{"specversion":"1\.0","id":"[0-9a-f-]{36}","source":"/phoihop/[a-z]+","type":"(phoihop\.([A-Za-z]+)\.v[0-9]+)",'
)
"""How `Event.to_bytes` begins: it tells the type without parsing the body for it alone."""


class UnreadableEventError(ValueError):
    """The bytes are no event of ours, or of a version newer than this program."""


def type_of(model: type[Contract]) -> str:
    """The CloudEvents `type` that this model is written under today."""
    return f"phoihop.{model.__name__}.v{CURRENT[model.__name__]}"


def schema_of(model: type[Contract]) -> str:
    """The `dataschema` URI of the version this model is written in today."""
    return f"urn:phoihop:schema:{model.__name__}:{CURRENT[model.__name__]}"


def read(body: bytes, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> Event[Any]:
    """The event in these bytes, lifted to today's version whatever version it was written in.

    Raises `UnreadableEventError` for unknown types and newer versions, `pydantic.ValidationError` for broken data.
    """
    if (event := _as_written_today(body)) is not None:
        return event
    try:
        raw = from_json(body)
        name, version = _split(raw["type"])
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableEventError(str(error)) from error
    if version == CURRENT[name]:
        return _reader(name).model_validate_json(body)
    while version < CURRENT[name]:
        raw["data"] = upcasters[name, version](raw["data"])
        version += 1
    raw |= {
        "type": f"phoihop.{name}.v{version}",
        "dataschema": f"urn:phoihop:schema:{name}:{version}",
    }
    return _reader(name).model_validate_json(to_json(raw))


def _as_written_today(body: bytes) -> Event[Any] | None:
    """The event in bytes laid out as we write them today; None for all others, which `read` looks into."""
    head = _AS_WRITTEN.match(body)
    model = _MODELS.get(head[2].decode()) if head else None
    if head is None or model is None or head[1].decode() != (wanted := type_of(model)):
        return None
    event = _reader(model.__name__).model_validate_json(body)
    return event if event.type == wanted else None  # a body may name a second type, and the last one counts


def _split(event_type: str) -> tuple[str, int]:
    """Name and version of a type that this program knows how to read."""
    if not (match := _TYPE.match(event_type)) or match[1] not in CURRENT:
        msg = f"unknown event type {event_type!r}"
        raise ValueError(msg)
    name, version = match[1], int(match[2])
    if not 1 <= version <= CURRENT[name]:
        msg = f"{event_type} is not a version this program reads (newest: v{CURRENT[name]})"
        raise ValueError(msg)
    return name, version


@cache
def _reader(name: str) -> type[Event[Any]]:
    return cast("type[Event[Any]]", Event.__class_getitem__(_MODELS[name]))
