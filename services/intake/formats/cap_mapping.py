"""Turns a CAP alert that keeps the standard into one of our reports, or says what of it cannot be filed.

Nothing is cut or guessed: what has no field stays in the original bytes, and what decides routing must be clear.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import MAXYEAR, date, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from contracts.codes import Handling, MsgType, Scope, Severity, UrgencyMark, space_of
from contracts.identifiers import derived_id
from contracts.personal import PersonalKind, PersonalValue
from contracts.problems import Problem, ProblemCode
from contracts.reports import IncidentReport
from contracts.subjects import Origin
from contracts.taxonomy import Category
from contracts.text import Line
from services.intake.formats.cap_model import CapAlert, CapInfo
from services.intake.formats.cap_places import places, too_many
from services.intake.formats.cap_rules import numbered, reference, references
from services.intake.formats.event_terms import category_of_event, category_of_same_code
from services.intake.formats.json_report import problems_of
from services.intake.formats.xsd_values import moment

CATEGORY_CODE: Final = "phoihop:category"
"""The `eventCode/valueName` whose value is a code of our taxonomy."""

_OURS: Final = "phoihop:"
_SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")
_PARAMETERS: Final = (*_SCALES, "urgency_mark", "position_unknown")
_VIETNAM: Final = timezone(timedelta(hours=7))
_WORST_FIRST: Final = tuple(Severity)
_NAMES: Final = re.compile(r'"([^"]*)"|(\S+)')
_LINE: Final[TypeAdapter[str]] = TypeAdapter(Line)
_MOST_INCIDENTS: Final = 10
_FIELDS: Final = {
    "headline": "headline",
    "description": "description",
    "places": "area",
    "scales": "parameter",
    "urgency_mark": "parameter",
    "forecast": "onset",
}
"""Where in an info block a field of our report comes from."""


def report_id(origin: Origin, sender: str, identifier: str, sent: datetime) -> UUID:
    """The id of a CAP message: its own three-part identity counts only together with the sender we authenticated."""
    return derived_id("cap", origin.agency, origin.point, sender, identifier, str(int(sent.timestamp())))


def to_report(alert: CapAlert, origin: Origin, path: str) -> IncidentReport | tuple[Problem, ...]:
    """The report of an alert, or why it cannot be one."""
    if problem := _not_a_report(alert, path):
        return (problem,)
    found = places(alert, _day(alert))
    if problems := (*_unknown_parameters(alert, path), *too_many(found, path)):
        return problems
    category = _category(alert.infos, path)
    if isinstance(category, Problem):
        return (category,)
    try:
        return IncidentReport.model_validate_json(to_json(_fields(alert, origin, category) | {"places": found}))
    except ValidationError as error:
        return tuple(_placed(problem, path) for problem in problems_of(error))


def _not_a_report(alert: CapAlert, path: str) -> Problem | None:
    """Messages of CAP that no report can stand for, whatever else they hold."""
    if alert.msg_type in (MsgType.ACK, MsgType.ERROR):
        return Problem(code=ProblemCode.CAP_MSG_TYPE, field=f"{path}/msgType")
    if space_of(alert.status) is None:
        return Problem(code=ProblemCode.STATUS_NOT_ACCEPTED, field=f"{path}/status")
    if alert.msg_type in (MsgType.UPDATE, MsgType.CANCEL) and not references(alert.references):
        return Problem(code=ProblemCode.REFERENCES_MISSING, field=f"{path}/references")
    if not alert.infos:
        finding = "a report needs one info block; a Cancel repeats the one it withdraws"
        return Problem(code=ProblemCode.FIELD_MISSING, field=f"{path}/info", detail=finding)
    return None


def _category(infos: Sequence[CapInfo], path: str) -> Category | Problem:
    """The one category of all info blocks: our own event code, else the event's terms, else its SAME code."""
    found = {category for info in infos for category in _declared(info)} or {
        category for info in infos if (category := category_of_event(info.event))
    }
    found = found or {category for info in infos if (category := _same(info))}
    if len(found) == 1:
        return found.pop()
    number = "[1]" if len(infos) > 1 else ""
    names = ", ".join(sorted(found))
    finding = f"the info blocks stand for {names}: send one alert each" if found else "the event is on no list of terms"
    fix = f"; name one of the 45 codes in eventCode with valueName {CATEGORY_CODE}"
    return Problem(code=ProblemCode.CATEGORY_UNKNOWN, field=f"{path}/info{number}/event", detail=finding + fix)


def _declared(info: CapInfo) -> Iterator[Category]:
    codes = [code.value.strip() for code in info.event_codes if code.name.strip() == CATEGORY_CODE]
    return (Category(code) for code in codes if code in list(Category))


def _same(info: CapInfo) -> Category | None:
    codes = {category_of_same_code(code.value) for code in info.event_codes if code.name.strip() == "SAME"}
    return codes.pop() if len(codes) == 1 else None


def _unknown_parameters(alert: CapAlert, path: str) -> Iterator[Problem]:
    for where, info in numbered(alert.infos, f"{path}/info"):
        for place, parameter in numbered(info.parameters, f"{where}/parameter"):
            name = parameter.name.strip()
            if name.startswith(_OURS) and name.removeprefix(_OURS) not in _PARAMETERS:
                finding = f"known behind {_OURS} are {', '.join(_PARAMETERS)}"
                yield Problem(code=ProblemCode.FIELD_UNKNOWN, field=f"{place}/valueName", detail=finding)
        for place, code in numbered(info.event_codes, f"{where}/eventCode"):
            if code.name.strip() == CATEGORY_CODE and code.value.strip() not in list(Category):
                yield Problem(code=ProblemCode.CATEGORY_UNKNOWN, field=f"{place}/value")


def _fields(alert: CapAlert, origin: Origin, category: Category) -> dict[str, Any]:
    """The report without its places, as the JSON its model reads: strictness stays the model's own."""
    told = _told(alert.infos)
    gravest = min(alert.infos, key=lambda info: _WORST_FIRST.index(info.severity))
    ours = _parameters(alert.infos)
    fields: dict[str, Any] = {
        "report": str(report_id(origin, alert.sender, alert.identifier, alert.sent)),
        "type": "incident",
        "status": alert.status,
        "msg_type": alert.msg_type,
        "sent": alert.sent.isoformat(),
        "observed_at": _observed(alert, told).isoformat(),
        "incident_codes": _incidents(alert) or None,
        "references": [str(earlier) for earlier in _references(alert, origin)],
        "handling": Handling.ORDINARY if alert.scope is Scope.PUBLIC else Handling.NEED_TO_KNOW,
        "urgency_mark": ours.get("urgency_mark", UrgencyMark.THUONG),
        "category": category,
        "headline": " ".join((told.headline or "").split()) or " ".join(told.event.split()),
        "description": _description(told),
        "forecast": _forecast(alert, told),
        "urgency": gravest.urgency,
        "severity": gravest.severity,
        "certainty": gravest.certainty,
        "scales": {name: _whole(ours[name]) for name in _SCALES if name in ours},
        "position_unknown": _truth(ours.get("position_unknown", "false")),
        "personal": _contacts(alert.infos) or None,
    }
    return {name: _composed(value) for name, value in fields.items() if value is not None}


def _composed(value: Any) -> Any:  # noqa: ANN401 - a field in its JSON form
    """Texts in NFC before their lengths are judged: it lengthens a few characters."""
    return unicodedata.normalize("NFC", value) if type(value) is str else value


def _told(infos: Sequence[CapInfo]) -> CapInfo:
    """The block people will read: the first one in Vietnamese, else the first."""
    return next((info for info in infos if info.language.lower().split("-")[0] == "vi"), infos[0])


def _description(info: CapInfo) -> str | None:
    parts = [text.strip() for text in (info.description, info.instruction) if text and text.strip()]
    return "\n\n".join(parts) or None


def _contacts(infos: Sequence[CapInfo]) -> list[dict[str, str]]:
    """Each contact once. One that is no line of ours is not cut to fit: it stands in the original bytes, sealed too."""
    found: dict[str, PersonalValue] = {}
    for text in (" ".join((info.contact or "").split()) for info in infos):
        with suppress(ValidationError):
            found[text] = PersonalValue(kind=PersonalKind.CONTACT, value=text)
    return [value.model_dump(mode="json") for value in found.values()]


def _observed(alert: CapAlert, info: CapInfo) -> datetime:
    """When it was there: nobody has seen what begins only after the message was sent."""
    return next((at for at in (info.onset, info.effective) if at and at <= alert.sent), alert.sent)


def _forecast(alert: CapAlert, info: CapInfo) -> str | None:
    if info.onset is None or info.onset <= alert.sent:
        return None
    until = f" - {_local(info.expires).isoformat()}" if info.expires else ""
    return f"{_local(info.onset).isoformat()}{until}"


def _references(alert: CapAlert, origin: Origin) -> Iterator[UUID]:
    for text in references(alert.references):
        if (triple := reference(text)) and (sent := moment(triple[2])):
            yield report_id(origin, triple[0], triple[1], sent)


def _incidents(alert: CapAlert) -> list[str]:
    """The incidents the alert names, each once (CAP 1.2, 3.2.1). One that is no line of ours is left out, not cut."""
    found: dict[str, None] = {}
    for quoted, plain in _NAMES.findall(alert.incidents or ""):
        with suppress(ValidationError):
            found[_LINE.validate_python(quoted or plain)] = None
    return list(found)[:_MOST_INCIDENTS]


def _day(alert: CapAlert) -> date:
    return _local(alert.sent).date()


def _local(at: datetime) -> datetime:
    """The instant on a Vietnamese clock; the last hours of the calendar have none."""
    return at.astimezone(_VIETNAM) if at.year < MAXYEAR else at


def _parameters(infos: Sequence[CapInfo]) -> dict[str, str]:
    pairs = [parameter for info in infos for parameter in info.parameters if parameter.name.strip().startswith(_OURS)]
    return {pair.name.strip().removeprefix(_OURS): pair.value.strip() for pair in pairs}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else text


def _truth(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


def _placed(problem: Problem, path: str) -> Problem:
    """The problem under the path of the CAP element its field came from."""
    return problem.model_copy(
        update={"field": f"{path}/info/{_FIELDS.get(problem.field.split('.')[0], problem.field)}"}
    )
