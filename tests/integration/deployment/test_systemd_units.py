"""The systemd units that are shipped: how much they leave open, by systemd's own measure, and what they are told."""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from services.audit.settings import AuditSettings
from services.cli import ServiceName
from services.desk.settings import DeskSettings
from services.intake.settings import IntakeSettings
from services.routing.settings import RegulationsSettings, RoutingSettings
from services.runtime.embedded.process import STACKS_SIGNAL
from services.runtime.redaction import redacted_text
from services.stack.console.settings import ConsoleSettings

FOLDER: Final = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
UNITS: Final = sorted(FOLDER.glob("*.service"))
MOST_EXPOSED: Final = 15
"""In tenths."""
HARDENING: Final = "# Closed by default"
SETTINGS: Final = {
    f"PHOIHOP_{name.upper()}"
    for model in (AuditSettings, ConsoleSettings, DeskSettings, IntakeSettings, RegulationsSettings, RoutingSettings)
    for name in model.model_fields
}


def _directives(unit: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def _exposure(unit: Path) -> subprocess.CompletedProcess[str]:
    if (tool := shutil.which("systemd-analyze")) is None:
        pytest.fail("systemd-analyze is missing. Next: apt-get install systemd")
    command = [tool, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(unit)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_there_is_a_unit_for_the_bus_each_service_and_a_witness() -> None:
    wanted = {f"phoihop-{name}" for name in ("nats", *ServiceName, "witness")}

    assert {unit.stem for unit in UNITS} == wanted
    told = (FOLDER / "phoihop.target").read_text()
    assert {name for name in wanted if f"{name}.service" in told} == wanted - {"phoihop-witness"}


@pytest.mark.exposure
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_exposed_no_more_than_promised(unit: Path) -> None:
    """Breaks with each guard that somebody takes out to get something running."""
    answer = _exposure(unit)

    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.exposure
def test_the_measure_can_fail(tmp_path: Path) -> None:
    weak = tmp_path / "phoihop-weak.service"
    weak.write_text(UNITS[0].read_text().replace("SystemCallFilter=", "#").replace("ProtectSystem=strict", ""))

    assert _exposure(weak).returncode != 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_unit_has_the_same_guards_and_an_account_of_its_own(unit: Path) -> None:
    guards = unit.read_text().partition(HARDENING)[2].partition("[Install]")[0]

    assert guards
    assert guards == UNITS[0].read_text().partition(HARDENING)[2].partition("[Install]")[0]
    assert _directives(unit)["User"] == [unit.stem]
    assert f"u {unit.stem} " in (FOLDER / "phoihop.sysusers").read_text()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_told_settings_that_exist_and_no_secrets(unit: Path) -> None:
    """Breaks if a password or a seed could stand in a unit, where everybody on the machine reads it."""
    text = unit.read_text()
    told = dict(value.split("=", 1) for value in _directives(unit)["Environment"])

    assert told.keys() <= SETTINGS
    assert redacted_text(text) == text
    assert all(value.split(":", 1)[1].startswith("/etc/phoihop/keys/") for value in _directives(unit)["LoadCredential"])


@pytest.mark.parametrize("name", list(ServiceName))
def test_a_service_that_is_stuck_is_ended_by_its_manager_and_started_again(name: ServiceName) -> None:
    """Breaks when a loop that no longer turns keeps its messages until somebody looks."""
    said = _directives(FOLDER / f"phoihop-{name}.service")

    assert (said["Type"], said["NotifyAccess"]) == (["notify"], ["main"])
    assert said["WatchdogSec"] == ["30"]
    assert said["WatchdogSignal"] == [STACKS_SIGNAL.name]
    assert said["Restart"] == ["on-failure"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_uses_every_credential_it_loads(unit: Path) -> None:
    text = unit.read_text()

    for loaded in _directives(unit)["LoadCredential"]:
        name = loaded.split(":")[0]
        assert f"%d/{name}" in text or f"/run/credentials/{unit.name}/{name}" in text
