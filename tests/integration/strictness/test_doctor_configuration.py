"""`phoihop doctor` as typed, over whole configurations of nats-server: strict ones, faulty ones, broken ones."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.stack.cli import commands
from services.stack.identity.enrolment import hub
from services.stack.identity.keeping import Keeping
from services.stack.strictness.promises import FIXES, Promise

SERVER = 'listen: "127.0.0.1:-1"\nmax_payload: 256KB\njetstream { store_dir: "store", sync_interval: always }\n'


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """That of a hub whose identities were just made."""
    keeping = Keeping(tmp_path)
    keeping.complete(hub())
    path = keeping.accounts.with_name("hub.conf")
    path.write_text(f"{SERVER}include accounts.conf\n")
    return path


def _doctor(home: Path, *more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    result = CliRunner().invoke(commands, ["doctor", "--home", str(home), "--json", *more])
    return result.exit_code, {check["name"]: check for check in json.loads(result.stdout)["checks"]}


def test_a_hub_s_own_configuration_with_the_accounts_we_make_is_found_strict(
    tmp_path: Path, configuration: Path
) -> None:
    code, checks = _doctor(tmp_path, "--config", str(configuration))

    assert code == 0
    assert {promise.value for promise in Promise} - checks.keys() == {Promise.LEDGER_ROLES}  # no database runs here
    assert all(check["ok"] for check in checks.values())


@pytest.mark.parametrize(("language", "which"), [("vi", 0), ("en", 1)])
def test_a_fault_ends_with_exit_code_1_its_place_and_its_fix(
    tmp_path: Path, configuration: Path, language: str, which: int
) -> None:
    configuration.write_text(configuration.read_text() + "no_auth_user: guest\n")

    code, checks = _doctor(tmp_path, "--config", str(configuration), "--lang", language)

    assert code == 1
    assert checks["bus nkeys"]["detail"] == "no_auth_user"
    assert checks["bus nkeys"]["fix"] == FIXES[Promise.NKEYS][which]


def test_what_the_server_itself_refuses_is_quoted(tmp_path: Path, configuration: Path) -> None:
    configuration.write_text(configuration.read_text() + "max_paylod: 1\n")

    code, checks = _doctor(tmp_path, "--config", str(configuration))

    assert code == 1
    assert "max_paylod" in checks["bus syntax"]["detail"]


def test_a_file_that_cannot_be_read_for_certain_is_a_failure_and_not_a_pass(
    tmp_path: Path, configuration: Path
) -> None:
    configuration.write_text(configuration.read_text() + "max_payload: $PAYLOAD\n")

    code, checks = _doctor(tmp_path, "--config", str(configuration))

    assert (code, checks["bus syntax"]["ok"]) == (1, False)


def test_a_key_of_the_server_s_certificate_that_others_may_read_is_found(tmp_path: Path, configuration: Path) -> None:
    (configuration.parent / "tls.key").touch(mode=0o644)
    configuration.write_text(configuration.read_text() + 'tls { cert_file: "tls.pem", key_file: "tls.key" }\n')

    _, checks = _doctor(tmp_path, "--config", str(configuration))

    assert checks["key files"]["detail"].endswith("tls.key: 644")


def test_a_password_in_the_environment_is_found_and_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOIHOP_POSTGRES_DSN", "postgresql://writer:geheim@127.0.0.1:1/none")

    result = CliRunner().invoke(commands, ["doctor", "--home", str(tmp_path), "--json"])

    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert (checks["environment"]["ok"], checks["environment"]["detail"]) == (False, "PHOIHOP_POSTGRES_DSN")
    assert "passfile" in checks["environment"]["fix"]
    assert "geheim" not in result.output


def test_a_configuration_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["doctor", "--home", str(tmp_path), "--config", str(tmp_path / "absent")])

    assert result.exit_code == 2
