"""What the project publishes about itself, generated: JSON Schemas, AsyncAPI 3, OpenAPI, problem codes, taxonomy."""

import json
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args

from fastapi import FastAPI
from pydantic import TypeAdapter

from contracts.access import SECTIONS, Role
from contracts.actions import DeskAction
from contracts.codes import Space
from contracts.envelope import CURRENT, Event, schema_of, type_of
from contracts.events import EventData
from contracts.problems import WORDINGS
from contracts.receipts import ActionReceipt, Receipt
from contracts.register import Register
from contracts.reports import IncidentReport, Report, SituationReport
from contracts.taxonomy import CATEGORIES, FAMILIES, TAXONOMY_VERSION
from services.audit.app import service as audit
from services.audit.settings import AuditSettings
from services.intake.app import service as intake
from services.intake.attachments.keeping import Attachments
from services.intake.http import door
from services.intake.settings import IntakeSettings
from services.routing.app import service as routing
from services.routing.settings import RoutingSettings
from services.runtime.broker import Bus
from services.runtime.service import Service
from services.runtime.web.access import Access
from services.runtime.web.guard import Guard
from services.stack import asyncapi

Json = dict[str, Any]
Side = Literal["validation", "serialization"]

_DIALECT: Final = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
_TAKEN: Final = {
    "IncidentReport": IncidentReport,
    "SituationReport": SituationReport,
    "Report": Report,
    "DeskAction": DeskAction,
    "Register": Register,
}
"""What others write and we read."""
_GIVEN: Final = {"Receipt": Receipt, "ActionReceipt": ActionReceipt}
"""What we write and others read."""


def documents() -> dict[str, str]:
    """File name -> content of everything that is published; the same on every machine."""
    found = {f"schemas/{name}.json": _schema(model, "validation") for name, model in _TAKEN.items()}
    found |= {f"schemas/{name}.json": _schema(model, "serialization") for name, model in _GIVEN.items()}
    for model in get_args(EventData):
        version = f"{model.__name__}.v{CURRENT[model.__name__]}"
        found[f"schemas/{version}.json"] = _schema(model, "serialization") | {"$id": schema_of(model)}
        found[f"events/{version}.json"] = _event_schema(model)
    found |= {f"asyncapi-{service.name}.json": asyncapi.describe(service) for service in _services()}
    found["problems.json"] = {code.value: wording._asdict() for code, wording in WORDINGS.items()}
    found["taxonomy.json"] = _taxonomy()
    found["openapi-intake.json"] = _door().openapi()
    return {name: _text(content) for name, content in sorted(found.items())}


def write(folder: Path) -> list[str]:
    """Writes what differs and removes what is no longer published; returns the names."""
    changed = drift(folder)
    wanted = documents()
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def drift(folder: Path) -> list[str]:
    """Names of published files that differ from what the code says."""
    wanted = documents()
    there = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}
    names = wanted.keys() | there.keys()
    return sorted(name for name in names if wanted.get(name, "").encode() != there.get(name))


def _services() -> tuple[Service, ...]:
    described = AuditSettings(postgres_dsn="postgresql://described")
    return intake(IntakeSettings(unit_header=None)), routing(RoutingSettings()), audit(described)


def _schema(model: Any, side: Side) -> Json:  # noqa: ANN401  # any type pydantic knows
    return _DIALECT | TypeAdapter(model).json_schema(mode=side)


def _event_schema(model: Any) -> Json:  # noqa: ANN401  # one member of the closed union of events
    """The schema of a whole event: its envelope, closed to this type and version, and its data."""
    schema = _schema(Event.__class_getitem__(model), "serialization")
    schema["title"] = f"{model.__name__}Event"
    schema["properties"]["type"] = {"const": type_of(model)}
    schema["properties"]["dataschema"] = {"const": schema_of(model)}
    schema["required"] = sorted({*schema["required"], "specversion", "datacontenttype"})
    return schema


def _taxonomy() -> Json:
    rows = {
        code.value: {"family": code.family, "vi": name.vi, "en": name.en, "cap": [c.value for c in name.cap]}
        for code, name in CATEGORIES.items()
    }
    families = {code: {"vi": vi, "en": en} for code, (vi, en) in FAMILIES.items()}
    return {
        "version": TAXONOMY_VERSION,
        "spaces": [space.value for space in Space],
        "families": families,
        "categories": rows,
    }


def _text(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _door() -> FastAPI:
    settings = IntakeSettings(unit_header=None)
    guard = Guard(settings, SECTIONS[Role.UNIT], {Role.UNIT}, Access(SECTIONS[Role.UNIT], _nobody))
    return door(settings, guard, _never, _never, Attachments(Bus(settings), 0))


async def _never(*_: object) -> NoReturn:
    """The door is only described here; nothing is submitted."""
    raise RuntimeError("described, not served")


def _nobody() -> NoReturn:
    """Nobody comes in through a door that is only described."""
    raise RuntimeError("described, not served")
