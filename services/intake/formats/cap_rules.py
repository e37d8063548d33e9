"""The rules of CAP 1.2 that its schema cannot say: conditional elements, forms of geometry, forbidden characters.

Each breach names the clause of the standard. This is the only place where we are stricter than the schema.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from contracts.codes import Scope
from contracts.problems import Problem, ProblemCode
from services.intake.formats.cap_grammar import ALERT_1_1, ALERT_1_2, CAP_1_1
from services.intake.formats.cap_model import CapAlert, CapArea, CapInfo, NamedValue, Resource, build
from services.intake.formats.drafts import MAX_PROBLEMS
from services.intake.formats.grammar import Judge
from services.intake.formats.safe_xml import XML_SPACE, Node
from services.intake.formats.xsd_values import base64, cap_date_time, is_absolute

_FORBIDDEN_IN_IDS: Final = re.compile(r"[\s,<&]")
_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_PAIR: Final = re.compile(rf"^({_NUMBER}),({_NUMBER})$", re.ASCII)
_CIRCLE: Final = re.compile(rf"^({_NUMBER},{_NUMBER})[{XML_SPACE}]+({_NUMBER})$", re.ASCII)
_LEAST_PAIRS: Final = 4
_MAX_LATITUDE: Final = 90
_MAX_LONGITUDE: Final = 180

Pair = tuple[float, float]
Item = TypeVar("Item")


def check(node: Node, path: str = "alert") -> CapAlert | tuple[Problem, ...]:
    """The alert, or at most twenty breaches of the standard: those of the grammar, or else those of the prose."""
    grammar = ALERT_1_1 if node.namespace == CAP_1_1 else ALERT_1_2
    breaches = Judge(node.namespace, ProblemCode.CAP_RULE).breaches(node, grammar, path)
    if problems := tuple(islice(breaches, MAX_PROBLEMS)):
        return problems
    alert = build(node)
    return tuple(islice(_prose(alert, path), MAX_PROBLEMS)) or alert


def pair(text: str) -> Pair | None:
    """A WGS 84 position `latitude,longitude` within its ranges."""
    if not (found := _PAIR.match(text)):
        return None
    latitude, longitude = float(found[1]), float(found[2])
    return (latitude, longitude) if abs(latitude) <= _MAX_LATITUDE and abs(longitude) <= _MAX_LONGITUDE else None


def ring(text: str) -> tuple[Pair | None, ...]:
    """The positions of a polygon in order; None stands where one is malformed or out of range."""
    return tuple(pair(part) for part in re.split(f"[{XML_SPACE}]+", text.strip(XML_SPACE)))


def circle(text: str) -> tuple[Pair, float] | None:
    """Centre and radius in kilometres."""
    if not (found := _CIRCLE.match(text.strip(XML_SPACE))) or not (centre := pair(found[1])):
        return None
    radius = float(found[2])
    return (centre, radius) if radius >= 0 else None


def reference(text: str) -> tuple[str, str, str] | None:
    """Sender, identifier and time of one extended message identifier."""
    parts = text.split(",")
    if len(parts) != 3 or not all(parts) or cap_date_time(parts[2]):  # noqa: PLR2004 - sender,identifier,sent
        return None
    return parts[0], parts[1], parts[2]


def references(text: str | None) -> list[str]:
    """The single references of the element."""
    return (text or "").split()


def _prose(alert: CapAlert, path: str) -> Iterator[Problem]:
    for name, text in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not text or _FORBIDDEN_IN_IDS.search(text):
            yield _breach(f"{path}/{name}", "must not be empty or hold blanks, commas, < or & (3.2.1)")
    if alert.scope is Scope.RESTRICTED and not _filled(alert.restriction):
        yield _breach(f"{path}/restriction", "is required when scope is Restricted (3.2.1)")
    if alert.scope is Scope.PRIVATE and not _filled(alert.addresses):
        yield _breach(f"{path}/addresses", "is required when scope is Private (3.2.1)")
    if any(reference(text) is None for text in references(alert.references)):
        yield _breach(f"{path}/references", "must be sender,identifier,sent triples parted by blanks (3.2.1)")
    for where, info in numbered(alert.infos, f"{path}/info"):
        yield from _info(info, where)


def _info(info: CapInfo, path: str) -> Iterator[Problem]:
    if info.web and not is_absolute(info.web):
        yield _breach(f"{path}/web", "must be a full, absolute URI (3.2.2)")
    yield from _unnamed(info.event_codes, f"{path}/eventCode")
    yield from _unnamed(info.parameters, f"{path}/parameter")
    for where, resource in numbered(info.resources, f"{path}/resource"):
        yield from _resource(resource, where)
    for where, area in numbered(info.areas, f"{path}/area"):
        yield from _area(area, where)


def _unnamed(pairs: Sequence[NamedValue], path: str) -> Iterator[Problem]:
    for where, item in numbered(pairs, path):
        if not _filled(item.name):
            yield _breach(f"{where}/valueName", "must name the domain of the value (3.2.2)")


def _resource(resource: Resource, path: str) -> Iterator[Problem]:
    if resource.uri and not is_absolute(resource.uri) and resource.deref_uri is None:
        yield _breach(f"{path}/uri", "must be absolute, or name the content of derefUri (3.2.3)")
    if resource.deref_uri is not None and base64(resource.deref_uri):
        yield _breach(f"{path}/derefUri", "must be base64 (3.2.3)")


def _area(area: CapArea, path: str) -> Iterator[Problem]:
    for where, text in numbered(area.polygons, f"{path}/polygon"):
        if finding := _polygon(ring(text)):
            yield _breach(where, finding)
    for where, text in numbered(area.circles, f"{path}/circle"):
        if circle(text) is None:
            yield _breach(where, "must be `latitude,longitude radius` on WGS 84, radius in kilometres (3.2.4)")
    yield from _unnamed(area.geocodes, f"{path}/geocode")
    if area.ceiling is not None and area.altitude is None:
        yield _breach(f"{path}/ceiling", "must not be used without altitude (3.2.4)")


def _polygon(pairs: tuple[Pair | None, ...]) -> str | None:
    if None in pairs:
        return f"position {pairs.index(None) + 1} is no `latitude,longitude` on WGS 84 (3.2.4)"
    if len(pairs) < _LEAST_PAIRS:
        return "needs at least 4 positions (3.2.4)"
    return None if pairs[0] == pairs[-1] else "the first and the last position must be equal (3.2.4)"


def numbered(items: Sequence[Item], path: str) -> Iterator[tuple[str, Item]]:
    """Every item with its path, numbered from 1 where there are several."""
    for number, item in enumerate(items, 1):
        yield (f"{path}[{number}]" if len(items) > 1 else path), item


def _filled(text: str | None) -> bool:
    return bool(text and text.strip())


def _breach(field: str, finding: str) -> Problem:
    return Problem(code=ProblemCode.CAP_RULE, field=field, detail=finding)
