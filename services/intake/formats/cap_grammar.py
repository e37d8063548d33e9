"""CAP 1.2 and 1.1 as a grammar: which elements, in which order, how often, with which values. No prose rules."""

from typing import Final

from contracts.codes import CapCategory, Certainty, MsgType, ResponseType, Scope, Severity, Status, Urgency
from contracts.problems import ProblemCode
from services.intake.formats import xsd_values as xsd
from services.intake.formats.grammar import Foreign, Group, Leaf

CAP_1_2: Final = "urn:oasis:names:tc:emergency:cap:1.2"
CAP_1_1: Final = "urn:oasis:names:tc:emergency:cap:1.1"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"


def _named(name: str) -> Group:
    """`valueName` and `value`: eventCode, parameter, geocode."""
    return Group(name, (Leaf("valueName"), Leaf("value")), 0, None)


def _time(name: str, least: int = 0) -> Leaf:
    return Leaf(name, least, check=xsd.cap_date_time, code=ProblemCode.TIME_INVALID)


def _resource(mime_type_required: int) -> Group:
    return Group(
        "resource",
        (
            Leaf("resourceDesc"),
            Leaf("mimeType", mime_type_required),
            Leaf("size", 0, check=xsd.integer),
            Leaf("uri", 0, check=xsd.any_uri),
            Leaf("derefUri", 0),
            Leaf("digest", 0),
        ),
        0,
        None,
    )


_AREA: Final = Group(
    "area",
    (
        Leaf("areaDesc"),
        Leaf("polygon", 0, None),
        Leaf("circle", 0, None),
        _named("geocode"),
        Leaf("altitude", 0, check=xsd.decimal),
        Leaf("ceiling", 0, check=xsd.decimal),
    ),
    0,
    None,
)


def _info(response_type: Leaf, resource: Group) -> Group:
    return Group(
        "info",
        (
            Leaf("language", 0, check=xsd.language),
            Leaf("category", 1, None, xsd.one_of(CapCategory)),
            Leaf("event"),
            response_type,
            Leaf("urgency", check=xsd.one_of(Urgency)),
            Leaf("severity", check=xsd.one_of(Severity)),
            Leaf("certainty", check=xsd.one_of(Certainty)),
            Leaf("audience", 0),
            _named("eventCode"),
            _time("effective"),
            _time("onset"),
            _time("expires"),
            Leaf("senderName", 0),
            Leaf("headline", 0),
            Leaf("description", 0),
            Leaf("instruction", 0),
            Leaf("web", 0, check=xsd.any_uri),
            Leaf("contact", 0),
            _named("parameter"),
            resource,
            _AREA,
        ),
        0,
        None,
    )


def _alert(info: Group) -> Group:
    return Group(
        "alert",
        (
            Leaf("identifier"),
            Leaf("sender"),
            _time("sent", 1),
            Leaf("status", check=xsd.one_of(Status)),
            Leaf("msgType", check=xsd.one_of(MsgType)),
            Leaf("source", 0),
            Leaf("scope", check=xsd.one_of(Scope)),
            Leaf("restriction", 0),
            Leaf("addresses", 0),
            Leaf("code", 0, None),
            Leaf("note", 0),
            Leaf("references", 0),
            Leaf("incidents", 0),
            info,
            Foreign(SIGNATURE),
        ),
    )


ALERT_1_2: Final = _alert(
    _info(Leaf("responseType", 0, None, xsd.one_of(ResponseType)), _resource(mime_type_required=1))
)
ALERT_1_1: Final = _alert(
    _info(
        Leaf("responseType", 0, None, xsd.one_of(ResponseType, ResponseType.AVOID, ResponseType.ALL_CLEAR)),
        _resource(mime_type_required=0),
    )
)
"""CAP 1.1 differs for a reader in two places only: fewer response types, and `mimeType` may be left out."""
