"""Checks an EDXL-DE envelope (1.0 by its whole schema, 2.0 by its required elements) and finds the CAP alerts in it."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Final

from contracts.codes import SourceFormat, Status
from contracts.problems import Problem, ProblemCode
from services.intake.formats import xsd_values as xsd
from services.intake.formats.cap import is_alert, status_of
from services.intake.formats.drafts import MAX_PROBLEMS
from services.intake.formats.grammar import Foreign, Group, Judge, Leaf, placed
from services.intake.formats.safe_xml import Node

DE_1_0: Final = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
DE_2_0: Final = "urn:oasis:names:tc:emergency:EDXL:DE:2.0"


class DistributionStatus(StrEnum):
    """EDXL-DE `distributionStatus`; 2.0 adds Unknown and NoAppropriateDefault, which say nothing we could route by."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"


class DistributionType(StrEnum):
    """EDXL-DE 1.0 `distributionType`, 2.0 `distributionKind`."""

    REPORT = "Report"
    UPDATE = "Update"
    CANCEL = "Cancel"
    REQUEST = "Request"
    RESPONSE = "Response"
    DISPATCH = "Dispatch"
    ACK = "Ack"
    ERROR = "Error"
    SENSOR_CONFIGURATION = "SensorConfiguration"
    SENSOR_CONTROL = "SensorControl"
    SENSOR_STATUS = "SensorStatus"
    SENSOR_DETECTION = "SensorDetection"


def _values(name: str) -> Group:
    return Group(name, (Leaf("valueListUrn"), Leaf("value", 1, None)), 0, None)


def _any(name: str) -> Group:
    return Group(name, (Foreign(None, least=1),), 0, None, foreign_attributes=True)


_NON_XML: Final = Group(
    "nonXMLContent",
    (
        Leaf("mimeType"),
        Leaf("size", 0, check=xsd.integer),
        Leaf("digest", 0),
        Leaf("uri", 0, check=xsd.any_uri),
        Leaf("contentData", 0, check=xsd.base64),
    ),
    least=0,
)
_XML: Final = Group("xmlContent", (_any("keyXMLContent"), _any("embeddedXMLContent")), least=0)
_CONTENT: Final = Group(
    "contentObject",
    (
        Leaf("contentDescription", 0),
        _values("contentKeyword"),
        Leaf("incidentID", 0),
        Leaf("incidentDescription", 0),
        _values("originatorRole"),
        _values("consumerRole"),
        Leaf("confidentiality", 0),
        _NON_XML,
        _XML,
        Foreign(None),
    ),
    0,
    None,
)
_AREA: Final = Group(
    "targetArea",
    tuple(Leaf(name, 0, None) for name in ("circle", "polygon", "country", "subdivision", "locCodeUN")),
    0,
    None,
)
_ADDRESS: Final = Group(
    "explicitAddress", (Leaf("explicitAddressScheme"), Leaf("explicitAddressValue", 1, None)), 0, None
)
_STATUS: Final = xsd.collapsed(xsd.one_of(DistributionStatus))
_TYPE: Final = xsd.collapsed(xsd.one_of(DistributionType))

ENVELOPE_1_0: Final = Group(
    "EDXLDistribution",
    (
        Leaf("distributionID"),
        Leaf("senderID"),
        Leaf("dateTimeSent", check=xsd.date_time, code=ProblemCode.TIME_INVALID),
        Leaf("distributionStatus", check=_STATUS),
        Leaf("distributionType", check=_TYPE),
        Leaf("combinedConfidentiality"),
        Leaf("language", 0),
        _values("senderRole"),
        _values("recipientRole"),
        _values("keyword"),
        Leaf("distributionReference", 0, None),
        _ADDRESS,
        _AREA,
        _CONTENT,
    ),
)

_REQUIRED_2_0: Final = (
    Leaf("distributionID"),
    Leaf("senderID"),
    Leaf("dateTimeSent", check=xsd.date_time, code=ProblemCode.TIME_INVALID),
    Leaf("dateTimeExpires", check=xsd.date_time, code=ProblemCode.TIME_INVALID),
    Leaf("distributionStatus", check=_STATUS),
    Leaf("distributionKind"),
)


def version_of(node: Node) -> SourceFormat | None:
    """Which envelope this is, or None when it is none of ours."""
    match node.namespace, node.name:
        case (namespace, "EDXLDistribution") if namespace == DE_1_0:
            return SourceFormat.EDXL_DE_1_0
        case (namespace, "edxlDistribution") if namespace == DE_2_0:
            return SourceFormat.EDXL_DE_2_0
        case _:
            return None


def check(node: Node) -> tuple[Problem, ...]:
    """At most twenty ways in which the envelope itself breaks its standard."""
    found = _breaches_1_0(node) if node.namespace == DE_1_0 else _breaches_2_0(node)
    return tuple(islice(found, MAX_PROBLEMS))


def alerts(node: Node) -> Iterator[tuple[Node, str]]:
    """Every CAP alert embedded as XML content, with its path."""
    for path, content in _contents(node, node.name):
        for embedded, embedded_path in placed(content, path):
            if _is(embedded, "embeddedXMLContent", node.namespace):
                yield from ((child, where) for child, where in placed(embedded, embedded_path) if is_alert(child))


def mislabelled(envelope: Node, alert: Node, path: str) -> Problem | None:
    """An envelope for an exercise or a test must not carry an alert of another status into the live system."""
    label = claimed_status(envelope)
    if label in (None, Status.ACTUAL) or status_of(alert) in (None, label):
        return None
    finding = f"the envelope says {label}, the alert in it does not"
    return Problem(code=ProblemCode.EDXL_RULE, field=f"{path}/status", detail=finding)


def claimed_status(envelope: Node) -> Status | None:
    """The envelope's own status as a status of ours."""
    found = envelope.find("distributionStatus")
    text = xsd.collapse(found.text) if found else ""
    return Status(text) if text in list(Status) else None


def _breaches_1_0(node: Node) -> Iterator[Problem]:
    yield from Judge(DE_1_0, ProblemCode.EDXL_RULE).breaches(node, ENVELOPE_1_0, node.name)
    for content, path in placed(node, node.name):
        kinds = [kind for name in ("nonXMLContent", "xmlContent") for kind in content.all(name)]
        if _is(content, "contentObject", node.namespace) and len(kinds) != 1:
            finding = "must hold either nonXMLContent or xmlContent"
            yield Problem(code=ProblemCode.EDXL_RULE, field=path, detail=finding)


def _breaches_2_0(node: Node) -> Iterator[Problem]:
    for leaf in _REQUIRED_2_0:
        where = f"{node.name}/{leaf.name}"
        found = list(node.all(leaf.name))
        if len(found) != 1:
            yield Problem(code=ProblemCode.EDXL_RULE, field=where, detail="must stand exactly once")
        elif finding := leaf.check(found[0].text):
            yield Problem(code=leaf.code or ProblemCode.EDXL_RULE, field=where, detail=finding)


def _contents(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """The XML content of every content object, wherever the version keeps it."""
    for child, where in placed(node, path):
        if _is(child, "xmlContent", node.namespace) or _is(child, "contentXML", node.namespace):
            yield where, child
        elif _is(child, "content", node.namespace) or _is(child, "contentObject", node.namespace):
            yield from _contents(child, where)


def _is(node: Node, name: str, namespace: str) -> bool:
    return (node.name, node.namespace) == (name, namespace)
