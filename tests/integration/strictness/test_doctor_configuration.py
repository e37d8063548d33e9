"""`phoihop doctor` as typed, over whole configurations of nats-server: strict ones, faulty ones, broken ones."""

import base64
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.identity import service
from services.runtime.clock import now
from services.runtime.credentials import public_key, read_seed
from services.stack.cli import commands
from services.stack.identity.claims import token, user
from services.stack.identity.enrolment import hub
from services.stack.identity.grants import Grant
from services.stack.identity.keeping import Keeping
from services.stack.identity.minting import Minting
from services.stack.identity.scheme import Limits, User
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


@pytest.fixture
def operated(tmp_path: Path) -> Path:
    """The same hub, its identities signed instead of written out."""
    keeping = Keeping(tmp_path)
    keeping.complete(hub())
    minted = Minting(keeping).write()
    path = minted.with_name("hub.conf")
    path.write_text(f"{SERVER}include {minted.name}\n")
    return path


def _resigned(path: Path, home: Path, change: Callable[[dict[str, Any]], None], *, by: str = "operator") -> None:
    """FIELD's claims changed and signed again by somebody."""
    signer = Minting(Keeping(home))._signer(by)
    for text in re.findall(r": (ey\S+)$", path.read_text(), re.MULTILINE):
        body = text.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if claims["name"] == "FIELD":
            change(claims)
            told = {name: claims[name] for name in ("name", "nats")}
            path.write_text(path.read_text().replace(text, token(signer, claims["sub"], told, now())))


def test_a_hub_whose_identities_are_signed_is_found_strict(tmp_path: Path, operated: Path) -> None:
    code, checks = _doctor(tmp_path, "--config", str(operated))
    assert {name: check["detail"] for name, check in checks.items() if not check["ok"]} == {}
    assert code == 0


@pytest.mark.parametrize(
    ("change", "promise", "where"),
    [
        (lambda claims: claims["nats"]["limits"].update(conn=-1), "bus limits", "FIELD: max_connections"),
        (lambda claims: claims["nats"]["limits"].update(disk_storage=-1), "bus jetstream", "FIELD"),
        (lambda claims: claims["nats"].pop("default_permissions"), "bus permissions", "FIELD: default_permissions"),
        (lambda claims: claims["nats"].update(signing_keys=["AB"]), "bus nkeys", "FIELD: signing_keys"),
        (
            lambda claims: claims["nats"]["exports"].append({"type": "stream", "subject": ">"}),
            "bus crossings",
            "FIELD: exports >",
        ),
    ],
)
def test_signed_claims_that_allow_too_much_are_named(
    tmp_path: Path, operated: Path, change: Callable[[dict[str, Any]], None], promise: str, where: str
) -> None:
    """What the operator signed by mistake is as wide as what somebody wrote by mistake."""
    _resigned(operated.with_name("operator.conf"), tmp_path, change)
    code, checks = _doctor(tmp_path, "--config", str(operated))
    assert code == 1
    assert where in checks[promise]["detail"]


def test_claims_that_a_stranger_signed_are_named(tmp_path: Path, operated: Path) -> None:
    _resigned(operated.with_name("operator.conf"), tmp_path, lambda _: None, by="stranger")
    _, checks = _doctor(tmp_path, "--config", str(operated))
    assert "FIELD: not signed by the operator" in checks["bus nkeys"]["detail"]


def test_a_signed_file_that_allows_too_much_is_named(tmp_path: Path, operated: Path) -> None:
    minting, who = Minting(Keeping(tmp_path)), service("routing")
    seed, _ = read_seed(Keeping(tmp_path).seed_file(who))
    wide = user(User(who.name, public_key(seed, tmp_path), Grant(publish=(">",))), Limits())
    signed = token(minting._signer("CORE"), public_key(seed, tmp_path), wide, now())
    file = minting.creds_file(who)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], signed, *lines[2:]]))
    _, checks = _doctor(tmp_path, "--config", str(operated))
    assert "publish >" in checks["bus subjects"]["detail"]
    assert "service.routing: never ends" in checks["bus nkeys"]["detail"]
