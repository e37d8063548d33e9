"""`phoihop down`, `status` and `doctor` as typed: what they print and their exit codes, without a running stack."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.stack.cli import commands


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)


def test_down_where_nothing_runs_is_fine(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["down", "--home", str(tmp_path), "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"stopped": False}


def test_status_where_nothing_runs_cannot_reach_a_server_and_says_what_to_type(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["status", "--home", str(tmp_path), "--lang", "en"])

    assert result.exit_code == 3
    assert result.stdout == ""
    assert "No local stack runs" in result.stderr
    assert "phoihop up" in result.stderr


def test_status_speaks_vietnamese(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["status", "--home", str(tmp_path), "--lang", "vi"])

    assert "Không có hệ thống nào chạy" in result.stderr


def test_doctor_fails_when_a_check_fails_and_prints_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(tmp_path / "absent"))

    result = CliRunner().invoke(commands, ["doctor", "--home", str(tmp_path), "--json"])

    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 1
    assert (checks["reference"]["ok"], checks["nats-server"]["ok"]) == (False, True)
    assert checks["reference"]["fix"]


def test_doctor_succeeds_on_a_machine_that_has_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(tmp_path))

    assert CliRunner().invoke(commands, ["doctor", "--home", str(tmp_path)]).exit_code == 0


def test_a_wrong_setting_is_named_and_is_bad_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOIHOP_HTTP_PORT", "many")

    result = CliRunner().invoke(commands, ["status", "--home", str(tmp_path)])

    assert result.exit_code == 2
    assert "PHOIHOP_HTTP_PORT" in result.stderr
