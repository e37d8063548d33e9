"""What a plain page tells of the published interface descriptions: channels, operations, requests. It sends nothing."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Line(NamedTuple):
    """One thing that can be sent, heard or asked."""

    verb: str
    """`PUT`, `GET`, or of a service: `receive`, `send`."""
    address: str
    about: str


class Interface(NamedTuple):
    """One published description."""

    file: str
    title: str
    kind: str
    """`OpenAPI 3.1.0`, `AsyncAPI 3.0.0`."""
    lines: tuple[Line, ...]


def interfaces(folder: Path) -> tuple[Interface, ...]:
    """Every OpenAPI and AsyncAPI document of a folder."""
    found = sorted((*folder.glob("openapi-*.json"), *folder.glob("asyncapi-*.json")))
    return tuple(told(path.name, json.loads(path.read_text(encoding="utf-8"))) for path in found)


def told(file: str, document: Mapping[str, Any]) -> Interface:
    """What the page says of one description."""
    web = "openapi" in document
    kind = f"OpenAPI {document['openapi']}" if web else f"AsyncAPI {document['asyncapi']}"
    lines = _requests(document) if web else _channels(document)
    return Interface(file, document["info"]["title"], kind, tuple(lines))


def _requests(document: Mapping[str, Any]) -> Iterator[Line]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Line(method.upper(), path, operation.get("description") or operation.get("summary", ""))


def _channels(document: Mapping[str, Any]) -> Iterator[Line]:
    for operation in document["operations"].values():
        name = operation["channel"]["$ref"].rpartition("/")[2].replace("~1", "/")
        channel = document["channels"][name]
        yield Line(operation["action"], channel["address"], channel.get("description", ""))
