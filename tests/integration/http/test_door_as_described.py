"""The live HTTP door against its own OpenAPI description, with every check of schemathesis; and with valid reports."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contracts.identifiers import new_id
from contracts.reports import IncidentReport, SituationReport
from tests.integration.http.hub import ROOT
from tests.integration.http.requests_of_units import UNIT, UNIT_HEADER, put
from tests.strategies import reports

ALREADY = datetime(2026, 1, 1, tzinfo=UTC)
CONFIGURATION = """
hooks = "tests.integration.http.same_id"

[checks.positive_data_acceptance]
# what the models check beyond JSON Schema (contracts/README.md) is answered 422 with its code; no ladder is made up,
# and no bytes that have the size, type and digest which an earlier report named
expected-statuses = ["2xx", "401", "404", "409", "413", "415", "422"]

[checks.negative_data_rejection]
# size is looked at before anything else
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
"""


@pytest.mark.long
def test_the_door_does_what_its_description_says(door: str, tmp_path: Path) -> None:
    """No server error, no undocumented status, type, header or shape, whatever valid or invalid input is sent."""
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    command = [str(Path(sys.executable).parent / "st"), "--config-file", str(configuration), "run"]
    options = ["--checks", "all", "--max-examples", "25", "--header", f"{UNIT_HEADER}: {UNIT}", "--no-color"]

    done = subprocess.run(
        [*command, f"{door}/v1/openapi.json", *options], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    assert "Tested: 5" in done.stdout


def test_every_valid_report_is_accepted_and_accepted_once(door: str) -> None:
    """A report that satisfies the contract and is refused at the door would be lost in the field."""
    seen: Counter[int] = Counter()

    @given(report=reports())
    @settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def check(report: IncidentReport | SituationReport) -> None:
        identifier = new_id()
        filed = report.model_copy(
            update={
                "report": identifier,
                "references": _others(report, identifier),
                "sent": ALREADY,
                "observed_at": ALREADY,
            }
        )
        body = filed.model_dump_json().encode()
        first, again = put(door, body, path_id=identifier), put(door, body, path_id=identifier)
        seen[first.status] += 1
        assert (first.status, again.status) == (201, 200), json.loads(body) | {"answer": first.body}

    check()
    assert seen[201] >= 40


def _others(report: IncidentReport | SituationReport, identifier: UUID) -> tuple[UUID, ...]:
    return tuple(other for other in report.references if other != identifier)
