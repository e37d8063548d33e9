"""A CAP alert as a typed value, built from an element that has passed the grammar; texts are as sent, unjudged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.codes import (
    CapCategory,
    Certainty,
    MsgType,
    ResponseType,
    Scope,
    Severity,
    SourceFormat,
    Status,
    Urgency,
)
from services.intake.formats.cap_grammar import CAP_1_1
from services.intake.formats.safe_xml import Node
from services.intake.formats.xsd_values import collapse, moment

DEFAULT_LANGUAGE: Final = "en-US"
"""CAP 1.2, 3.2.2: what an absent or empty `language` means."""


@dataclass(frozen=True, slots=True)
class NamedValue:
    """An eventCode, parameter or geocode."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that goes with an info block."""

    description: str
    mime_type: str | None
    uri: str | None
    deref_uri: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class CapArea:
    """Where an info block applies."""

    description: str
    polygons: tuple[str, ...]
    circles: tuple[str, ...]
    geocodes: tuple[NamedValue, ...]
    altitude: str | None
    ceiling: str | None


@dataclass(frozen=True, slots=True)
class CapInfo:
    """What is happening, in one language and for one set of areas."""

    language: str
    categories: tuple[CapCategory, ...]
    event: str
    response_types: tuple[ResponseType, ...]
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    event_codes: tuple[NamedValue, ...]
    effective: datetime | None
    onset: datetime | None
    expires: datetime | None
    headline: str | None
    description: str | None
    instruction: str | None
    web: str | None
    contact: str | None
    parameters: tuple[NamedValue, ...]
    resources: tuple[Resource, ...]
    areas: tuple[CapArea, ...]


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One CAP message."""

    version: SourceFormat
    identifier: str
    sender: str
    sent: datetime
    sent_text: str
    """As written: `references` of later alerts repeat it."""
    status: Status
    msg_type: MsgType
    scope: Scope
    restriction: str | None
    addresses: str | None
    references: str | None
    incidents: str | None
    infos: tuple[CapInfo, ...]


def build(node: Node) -> CapAlert:
    """The alert of an element without breaches of its grammar; of any other the outcome is undefined."""
    sent = _needed(node, "sent")
    return CapAlert(
        version=SourceFormat.CAP_1_1 if node.namespace == CAP_1_1 else SourceFormat.CAP_1_2,
        identifier=_needed(node, "identifier"),
        sender=_needed(node, "sender"),
        sent=_instant(sent),
        sent_text=collapse(sent),
        status=Status(_needed(node, "status")),
        msg_type=MsgType(_needed(node, "msgType")),
        scope=Scope(_needed(node, "scope")),
        restriction=_text(node, "restriction"),
        addresses=_text(node, "addresses"),
        references=_text(node, "references"),
        incidents=_text(node, "incidents"),
        infos=tuple(_info(info) for info in node.all("info")),
    )


def _info(node: Node) -> CapInfo:
    return CapInfo(
        language=collapse(_text(node, "language") or "") or DEFAULT_LANGUAGE,
        categories=tuple(CapCategory(category.text) for category in node.all("category")),
        event=_needed(node, "event"),
        response_types=tuple(ResponseType(response.text) for response in node.all("responseType")),
        urgency=Urgency(_needed(node, "urgency")),
        severity=Severity(_needed(node, "severity")),
        certainty=Certainty(_needed(node, "certainty")),
        event_codes=_pairs(node, "eventCode"),
        effective=_time(node, "effective"),
        onset=_time(node, "onset"),
        expires=_time(node, "expires"),
        headline=_text(node, "headline"),
        description=_text(node, "description"),
        instruction=_text(node, "instruction"),
        web=_text(node, "web"),
        contact=_text(node, "contact"),
        parameters=_pairs(node, "parameter"),
        resources=tuple(_resource(resource) for resource in node.all("resource")),
        areas=tuple(_area(area) for area in node.all("area")),
    )


def _area(node: Node) -> CapArea:
    return CapArea(
        description=_needed(node, "areaDesc"),
        polygons=tuple(polygon.text for polygon in node.all("polygon")),
        circles=tuple(circle.text for circle in node.all("circle")),
        geocodes=_pairs(node, "geocode"),
        altitude=_text(node, "altitude"),
        ceiling=_text(node, "ceiling"),
    )


def _resource(node: Node) -> Resource:
    return Resource(
        description=_needed(node, "resourceDesc"),
        mime_type=_text(node, "mimeType"),
        uri=_text(node, "uri"),
        deref_uri=_text(node, "derefUri"),
        digest=_text(node, "digest"),
    )


def _pairs(node: Node, name: str) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(_needed(pair, "valueName"), _needed(pair, "value")) for pair in node.all(name))


def _text(node: Node, name: str) -> str | None:
    child = node.find(name)
    return child.text if child else None


def _needed(node: Node, name: str) -> str:
    return _text(node, name) or ""


def _time(node: Node, name: str) -> datetime | None:
    text = _text(node, name)
    return moment(text) if text else None


def _instant(text: str) -> datetime:
    if (at := moment(text)) is None:
        raise ValueError("the grammar lets no other date pass")
    return at
