"""What is published is generated, committed, the same on every machine, and true of what the code writes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from typer.testing import CliRunner

from contracts.codes import Space
from contracts.envelope import CURRENT
from contracts.events import EventData
from contracts.problems import ProblemCode
from contracts.streams import CONSUMERS, INTAKE
from contracts.taxonomy import Category
from services.cli import app
from services.stack.publication import documents, drift, write

pytestmark = pytest.mark.timeout(240)  # every service is imported, in processes of its own
ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "contracts" / "published"
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
NAMES = [model.__name__ for model in get_args(EventData)]
SERVICES = ("intake", "routing", "audit")
COMPONENT_KEY = re.compile(r"[A-Za-z0-9._-]+")


@cache
def _published(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((PUBLISHED / name).read_bytes())
    return content


def test_what_is_committed_is_what_the_code_says() -> None:
    """Whoever changes a contract runs `phoihop contracts export` and commits both."""
    assert drift(PUBLISHED) == []


def test_everything_promised_is_published() -> None:
    names = set(documents())

    assert {f"events/{name}.v{CURRENT[name]}.json" for name in NAMES} <= names
    assert {f"schemas/{name}.v{CURRENT[name]}.json" for name in NAMES} <= names
    assert {f"asyncapi-{service}.json" for service in SERVICES} <= names
    assert {"openapi-intake.json", "problems.json", "taxonomy.json", "schemas/Report.json"} <= names


def test_the_output_depends_on_nothing_but_the_code(tmp_path: Path) -> None:
    """Breaks when a set's order, the environment or an address of this machine gets in."""
    environment = os.environ | {
        "PYTHONHASHSEED": "7",
        "PHOIHOP_NATS_URL": "nats://secret.internal:4242",
        "PHOIHOP_UNIT_HEADER": "X-Elsewhere",
        "PHOIHOP_HTTP_PORT": "8765",
    }
    command = [sys.executable, "-m", "services.cli", "contracts", "export", "--into", str(tmp_path), "--json"]

    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")} == set(documents())
    assert [name for name, text in documents().items() if (tmp_path / name).read_text("utf-8") != text] == []


def test_drift_is_found_named_and_put_right(tmp_path: Path) -> None:
    arguments = ["contracts", "export", "--into", str(tmp_path), "--json"]
    write(tmp_path)
    (tmp_path / "problems.json").write_text("{}")
    (tmp_path / "taxonomy.json").unlink()
    (tmp_path / "schemas" / "Forgotten.json").write_text("{}")
    wrong = ["problems.json", "schemas/Forgotten.json", "taxonomy.json"]

    checked = CliRunner().invoke(app, [*arguments, "--check"])
    exported = CliRunner().invoke(app, arguments)
    again = CliRunner().invoke(app, [*arguments, "--check"])

    assert (checked.exit_code, json.loads(checked.stdout)) == (1, {"changed": wrong})
    assert (exported.exit_code, json.loads(exported.stdout)) == (0, {"changed": wrong})
    assert (again.exit_code, json.loads(again.stdout)) == (0, {"changed": []})


@pytest.mark.parametrize("name", sorted(path.relative_to(PUBLISHED).as_posix() for path in PUBLISHED.glob("*s/*.json")))
def test_a_published_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(_published(name))


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample.stem)
def test_golden_events_satisfy_the_published_schemas(sample: Path) -> None:
    """An independent reader with our schemas alone must be able to check what we write."""
    event = json.loads(sample.read_bytes())

    _validator(f"events/{sample.stem}.json").validate(event)
    _validator(f"schemas/{sample.stem}.json").validate(event["data"])
    assert _published(f"schemas/{sample.stem}.json")["$id"] == event["dataschema"]


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample.stem)
def test_the_schema_of_one_event_refuses_every_other(sample: Path) -> None:
    event = json.loads(sample.read_bytes())
    others = [other.stem for other in GOLDEN if other != sample]

    assert [other for other in others if _validator(f"events/{other}.json").is_valid(event)] == []
    assert not _validator(f"events/{sample.stem}.json").is_valid(event | {"forged": "x"})


def test_an_accepted_report_satisfies_the_schema_units_are_given() -> None:
    accepted = json.loads((GOLDEN[0].parent / "ReportAccepted.v1.json").read_bytes())

    _validator("schemas/Report.json").validate(accepted["data"]["report"])


@pytest.mark.parametrize("service", SERVICES)
def test_asyncapi_is_whole(service: str) -> None:
    document = _published(f"asyncapi-{service}.json")

    assert document["asyncapi"].startswith("3.")
    assert [reference for reference in _references(document) if _missing(document, reference)] == []
    assert [key for part in document["components"].values() for key in part if not COMPONENT_KEY.fullmatch(key)] == []
    assert document["operations"].keys() == document["channels"].keys()
    assert {operation["action"] for operation in document["operations"].values()} <= {"send", "receive"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_channel_is_a_readable_subject_with_its_names_explained(service: str) -> None:
    for name, channel in _published(f"asyncapi-{service}.json")["channels"].items():
        assert re.fullmatch(r"[a-z-]+", name)
        assert "*" not in channel["address"]
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == channel["parameters"].keys()
        assert all(parameter["description"] for parameter in channel["parameters"].values())


def test_every_consumer_of_a_service_is_described_and_says_what_is_done_with_its_messages() -> None:
    channels = {name: one for s in SERVICES for name, one in _published(f"asyncapi-{s}.json")["channels"].items()}

    assert {consumer.durable for consumer in CONSUMERS} <= channels.keys()
    assert channels[INTAKE.durable]["address"] == "inbox.report.{agency}.{unit}"
    assert all(channels[consumer.durable]["description"] for consumer in CONSUMERS)


@pytest.mark.parametrize("service", SERVICES)
def test_no_address_of_a_real_server_leaks(service: str) -> None:
    text = (PUBLISHED / f"asyncapi-{service}.json").read_text(encoding="utf-8")

    assert re.findall(r"127\.0\.0\.1|localhost|nats://|:4222|postgres", text) == []
    assert _published(f"asyncapi-{service}.json")["servers"]["hub"]["host"] == "hub.example"


def test_the_lists_are_those_of_the_code() -> None:
    assert set(_published("problems.json")) == {code.value for code in ProblemCode}
    assert set(_published("taxonomy.json")["categories"]) == {category.value for category in Category}
    assert _published("taxonomy.json")["spaces"] == [space.value for space in Space]


def test_openapi_names_every_answer_of_the_door() -> None:
    document = _published("openapi-intake.json")
    answers = document["paths"]["/v1/reports/{report}"]["put"]["responses"]

    assert document["openapi"].startswith("3.1")
    assert set(answers) == {"200", "201", "401", "408", "409", "413", "415", "422", "429", "503"}
    assert [reference for reference in _references(document) if _missing(document, reference)] == []
    assert all("Retry-After" in answers[status]["headers"] for status in ("429", "503"))


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(_published(name), format_checker=FormatChecker())


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _missing(document: Any, reference: str) -> bool:
    here = document
    for step in reference.removeprefix("#/").split("/"):
        if step not in here:
            return True
        here = here[step]
    return False
