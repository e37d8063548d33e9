"""Settings are parsed strictly: a wrong value ends the program with its name instead of meaning something else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.identity import AUDITOR, OPERATOR
from services.audit.settings import AuditSettings
from services.intake.settings import IntakeSettings
from services.routing.settings import RoutingSettings
from services.runtime.addresses import bus_creds, bus_url, origin
from services.runtime.credentials import key_file
from services.runtime.settings import RuntimeSettings

ALL: list[Callable[..., RuntimeSettings]] = [RuntimeSettings, IntakeSettings, RoutingSettings]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "many"),
        ("HTTP_PORT", "65536"),
        ("HTTP_PORT", "-1"),
        ("LOG_FORMAT", "logfmt"),
        ("LOG_LEVEL", "loud"),
        ("GRACEFUL_TIMEOUT", "0"),
        ("GRACEFUL_TIMEOUT", "29"),
        ("GRACEFUL_TIMEOUT", "nan"),
    ],
)
@pytest.mark.parametrize("kind", ALL)
def test_a_wrong_value_is_refused_by_name(
    kind: Callable[..., RuntimeSettings], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PHOIHOP_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        kind()


@pytest.mark.parametrize(
    ("name", "value"), [("REPORTS_PER_MINUTE", "0"), ("BODY_TIMEOUT", "0"), ("BODY_TIMEOUT", "soon")]
)
def test_a_wrong_value_of_intake_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PHOIHOP_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        IntakeSettings()


@pytest.mark.parametrize("kind", ALL)
def test_a_misspelt_argument_is_refused(kind: Callable[..., RuntimeSettings]) -> None:
    with pytest.raises(ValidationError, match="nats_ulr"):
        kind(nats_ulr="nats://x")


def test_settings_never_change_while_a_process_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        RuntimeSettings().http_port = 1  # type: ignore[misc]


def test_the_drain_ends_before_messages_are_delivered_again() -> None:
    """A longer drain would finish work that another process has begun meanwhile."""
    assert RuntimeSettings().graceful_timeout < 30


def test_the_address_of_the_ledger_is_never_shown() -> None:
    assert "secret" not in repr(AuditSettings(postgres_dsn="postgresql://u:secret@h/d"))


def test_without_settings_and_without_a_stack_the_default_server_is_meant(tmp_path: Path) -> None:
    assert bus_url(RuntimeSettings(home=tmp_path)) == "nats://127.0.0.1:4222"
    assert bus_creds(RuntimeSettings(home=tmp_path), AUDITOR) is None


def test_a_server_that_is_named_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", "nats://hub.example:4222")
    monkeypatch.setenv("PHOIHOP_NATS_CREDS", "/etc/phoihop/unit.creds")

    assert bus_url(RuntimeSettings(home=tmp_path)) == "nats://hub.example:4222"
    key_file(tmp_path, AUDITOR).parent.mkdir(parents=True)
    key_file(tmp_path, AUDITOR).touch()

    assert bus_creds(RuntimeSettings(home=tmp_path), AUDITOR) == Path("/etc/phoihop/unit.creds")


def test_without_credentials_of_its_own_a_command_uses_the_key_that_the_local_stack_keeps_for_it(
    tmp_path: Path,
) -> None:
    key_file(tmp_path, AUDITOR).parent.mkdir(parents=True)
    key_file(tmp_path, AUDITOR).touch()

    assert bus_creds(RuntimeSettings(home=tmp_path), AUDITOR) == key_file(tmp_path, AUDITOR)
    assert bus_creds(RuntimeSettings(home=tmp_path), OPERATOR) is None


@pytest.mark.parametrize("text", ["", "a", "a/", "/b", "a/b/c", "a.b/c", "A/b", "a/*", "a /b", "đ/b"])
def test_what_is_not_agency_slash_point_is_nobody(text: str) -> None:
    assert origin(text) is None


def test_agency_and_point_are_read() -> None:
    assert origin("hue-ptds/truc-ban") == ("hue-ptds", "truc-ban")
