"""What the project publishes about itself, generated: JSON Schemas, AsyncAPI 3, OpenAPI, problem codes."""

import json
from pathlib import Path
from typing import Any, Final, get_args

from faststream.specification import AsyncAPI
from pydantic import BaseModel, TypeAdapter

from contracts.actions import DESK_ACTION
from contracts.codes import Space
from contracts.envelope import Event
from contracts.events import EventData
from contracts.problems import WORDINGS
from contracts.receipts import ActionReceipt, Receipt
from contracts.register import Register
from contracts.reports import IncidentReport, SituationReport
from contracts.taxonomy import CATEGORIES, TAXONOMY_VERSION
from services.audit.app import service as audit
from services.audit.settings import AuditSettings
from services.intake.app import service as intake
from services.intake.http import door
from services.intake.settings import IntakeSettings
from services.routing.app import service as routing
from services.routing.settings import RoutingSettings
from services.runtime.service import Service, build

VERSION: Final = "1"
_DOCUMENTED: Final = (IncidentReport, SituationReport, Receipt, ActionReceipt, Register)


def documents() -> dict[str, str]:
    """File name -> content of everything that is published."""
    schemas: dict[str, Any] = {f"schemas/{model.__name__}.json": _schema(model) for model in _DOCUMENTED}
    schemas |= {f"schemas/{model.__name__}.json": _schema(Event.__class_getitem__(model)) for model in get_args(EventData)}
    schemas["schemas/DeskAction.json"] = DESK_ACTION.json_schema()
    described = {f"asyncapi-{service.name}.json": _asyncapi(service) for service in _services()}
    lists = {
        "problems.json": {code.value: wording._asdict() for code, wording in WORDINGS.items()},
        "taxonomy.json": _taxonomy(),
        "openapi-intake.json": door(IntakeSettings(), _never).openapi(),
    }
    return {name: _text(content) for name, content in sorted((schemas | described | lists).items())}


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
    there = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def _services() -> tuple[Service, ...]:
    described = AuditSettings(postgres_dsn="postgresql://described")
    return intake(IntakeSettings()), routing(RoutingSettings()), audit(described)


def _asyncapi(service: Service) -> dict[str, Any]:
    """AsyncAPI 3 as FastStream derives it from the wiring, without the address of any server."""
    build(service)
    api = AsyncAPI(service.bus.broker, title=f"Phối hợp {service.name}", version=VERSION)
    document: dict[str, Any] = json.loads(api.to_specification().to_json())
    document["servers"] = {"hub": {"host": "hub.example", "protocol": "nats"}}
    for channel in document["channels"].values():
        channel["servers"] = [{"$ref": "#/servers/hub"}]
    return document


def _taxonomy() -> dict[str, Any]:
    rows = {
        code.value: {"vi": name.vi, "en": name.en, "cap": [c.value for c in name.cap]}
        for code, name in CATEGORIES.items()
    }
    return {"version": TAXONOMY_VERSION, "spaces": [space.value for space in Space], "categories": rows}


def _schema(model: Any) -> dict[str, Any]:
    return TypeAdapter(model).json_schema(mode="serialization")


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


async def _never(*_: object) -> Receipt:
    """The door is only described here; nothing is submitted."""
    raise RuntimeError("described, not served")
