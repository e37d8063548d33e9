"""AsyncAPI 3 of a service: what FastStream derives from the wiring, with our subjects, our names and no server address.

FastStream's own names break the specification (component keys with brackets and colons, addresses with expressions
and no parameters) and promise a correlation header that nobody sends; both are put right here.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from faststream.specification import AsyncAPI

from contracts.envelope import CONTENT_TYPE
from contracts.subject_words import READABLE, TOKENS
from services.runtime.service import Service, build

VERSION: Final = "1"
HUB: Final = {"hub": {"host": "hub.example", "protocol": "nats", "description": "An example; ask your hub's operator."}}
CORRELATION: Final = {"location": "$message.payload#/correlationid"}

_EVENT: Final = re.compile(r"Event(?:\[(\w+)\]|_(\w+)_)")
_ONE_OF_ALL: Final = re.compile(r"Event\[Union\[.*\]\]")
_SECTIONS: Final = ("schemas", "messages")


def describe(service: Service) -> dict[str, Any]:
    """The document of one service; nothing connects for it."""
    build(service)
    title = f"Phối hợp {service.name}"
    derived = AsyncAPI(service.bus.broker, title=title, version=VERSION).to_specification().to_json()
    document: dict[str, Any] = _renamed(json.loads(derived))
    document["servers"] = HUB
    for section in _SECTIONS:
        for name, component in document["components"].get(section, {}).items():
            component["title"] = name
    for channel in document["channels"].values():
        _put_right(channel)
    for message in document["components"]["messages"].values():
        _correlate(message, document)
    return document


def readable(name: str) -> str:
    """A component's name as the specification allows it: letters, digits, dots and hyphens."""
    name = _ONE_OF_ALL.sub("AnyEvent", name)
    name = _EVENT.sub(lambda found: f"{found[1] or found[2]}Event", name)
    return name.replace(":Message:Payload", ".payload").replace(":SubscribeMessage", "").replace(":Message", "")


def _put_right(channel: dict[str, Any]) -> None:
    """The subject as people read it, with every name in it explained."""
    address = READABLE.get(channel["address"], channel["address"])
    names = re.findall(r"\{(\w+)\}", address)
    channel["address"] = address
    channel["parameters"] = {name: {"description": TOKENS[name]} for name in names}
    channel["servers"] = [{"$ref": "#/servers/hub"}]
    del channel["bindings"]


def _correlate(message: dict[str, Any], document: dict[str, Any]) -> None:
    """Events carry their correlation in the envelope; what is no event carries none."""
    del message["correlationId"]
    payload = _resolved(message["payload"], document)
    kinds = [_resolved(kind, document) for kind in payload.get("anyOf", [payload])]
    if all("correlationid" in kind.get("properties", {}) for kind in kinds):
        message |= {"correlationId": CORRELATION, "contentType": CONTENT_TYPE}


def _resolved(value: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        _, _, section, name = value["$ref"].split("/")
        value = document["components"][section][name]
    return value


def _renamed(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """The document with readable component names, in the components and in every reference to them."""
    match value:
        case {"components": {}}:
            components = {s: _keys(_renamed(value["components"].get(s, {})), readable) for s in _SECTIONS}
            return {key: _renamed(inner) for key, inner in value.items()} | {"components": components}
        case {"$ref": str(reference)} if reference.startswith("#/components/"):
            return value | {"$ref": readable(unquote(reference))}
        case dict():
            return {key: _renamed(inner) for key, inner in value.items()}
        case list():
            return [_renamed(inner) for inner in value]
        case _:
            return value


def _keys(mapping: dict[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {rename(key): value for key, value in mapping.items()}
