"""Writes each submission of a scenario as the bytes a unit would send. Ids, times and clock are arguments."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from string import Template
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from contracts.codes import Status
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import Filing, plain

_VIETNAM: Final = timezone(timedelta(hours=7))
_DURATION: Final = TypeAdapter(timedelta)


class Written(NamedTuple):
    """One submission on paper."""

    body: bytes
    media_type: str
    report: UUID | None
    """The id the unit gave it; None where the format has its own."""


def write(filing: Filing, pace: Pace, earlier: Mapping[str, Written], new_id: Callable[[], UUID]) -> Written:
    """The bytes of a submission; `earlier` holds those it repeats or refers to."""
    if filing.resends is not None:
        return earlier[filing.resends]
    if filing.cap is not None:
        return _alert(filing.cap, filing, pace)
    reused = earlier[filing.reuses_id_of].report if filing.reuses_id_of else None
    report = reused or new_id()
    content = _stated(filing, pace, report) | _given(filing, pace)
    if filing.refers_to:
        content["references"] = [str(earlier[key].report) for key in filing.refers_to]
    return Written(plain(content), "application/json", report)


def _stated(filing: Filing, pace: Pace, report: UUID) -> dict[str, JsonValue]:
    """What every report states, unless the scenario says otherwise."""
    sent = pace.claimed(filing.at)
    return {
        "report": str(report),
        "type": "incident",
        "status": Status.ACTUAL.value,
        "sent": sent.isoformat(),
        "observed_at": (sent - filing.seen_before).isoformat(),
    }


def _given(filing: Filing, pace: Pace) -> dict[str, JsonValue]:
    given = {name: _timed(value, pace) for name, value in (filing.report or {}).items()}
    if filing.areas:
        today = pace.began.astimezone(_VIETNAM).date().isoformat()
        named: list[JsonValue] = [{"kind": "area", "code": code, "valid_on": today} for code in filing.areas]
        further = given.get("places")
        given["places"] = [*named, *(further if isinstance(further, list) else ())]
    return given


def _timed(value: JsonValue, pace: Pace) -> JsonValue:
    """Moments of the story as instants of the unit's clock."""
    match value:
        case str() if value.startswith("@"):
            return pace.claimed(_DURATION.validate_strings(value[1:])).isoformat()
        case list():
            return [_timed(item, pace) for item in value]
        case dict():
            return {name: _timed(item, pace) for name, item in value.items()}
        case _:
            return value


def _alert(template: str, filing: Filing, pace: Pace) -> Written:
    sent = pace.claimed(filing.at)
    filled = Template(template).substitute(
        identifier=f"{filing.key}-{sent.astimezone(UTC):%Y%m%dT%H%M%S}",
        sender=filing.by.replace("/", "."),
        sent=_cap_time(sent),
    )
    return Written(filled.encode(), "application/cap+xml", None)


def _cap_time(moment: datetime) -> str:
    """CAP 1.2 section 3.3.2: whole seconds and an offset."""
    return moment.astimezone(_VIETNAM).replace(microsecond=0).isoformat()
