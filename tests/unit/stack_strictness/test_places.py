"""Keys that others may read and secrets in the environment are found, and never shown."""

from pathlib import Path

import nkeys
import pytest

from services.stack.strictness.places import key_folders, open_keys, told_secrets
from services.stack.strictness.promises import Promise

SEED = nkeys.encode_seed(bytes(32), nkeys.PREFIX_BYTE_USER).decode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """As a first start leaves it."""
    for folder in ("identity", "identity/keys", "keys"):
        (tmp_path / folder).mkdir(mode=0o700)
    for key in ("identity/keys/service.audit.nk", "keys/ledger.key"):
        (tmp_path / key).touch(mode=0o600)
    for public in ("keys/ledger.vkey", "keys/vault.pub", "identity/identities.lock"):
        (tmp_path / public).touch(mode=0o644)
    return tmp_path


def _open(home: Path, *files: Path) -> list[str]:
    return [breach.where for breach in open_keys(key_folders(home), files)]


def test_keys_as_a_first_start_makes_them_are_fine(home: Path) -> None:
    assert _open(home) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_a_key_that_others_may_read_or_write_is_found(home: Path, mode: int) -> None:
    (home / "keys" / "ledger.key").chmod(mode)

    assert _open(home) == [f"{home}/keys/ledger.key: {mode:o}"]


@pytest.mark.parametrize("folder", ["identity", "identity/keys", "keys"])
def test_a_key_folder_that_others_may_enter_is_found(home: Path, folder: str) -> None:
    (home / folder).chmod(0o755)

    assert _open(home) == [f"{home / folder}: 755"]


def test_a_key_named_by_a_setting_is_looked_at_too(home: Path, tmp_path: Path) -> None:
    (named := tmp_path / "unit.creds").touch(mode=0o640)

    assert _open(home, named, tmp_path / "absent.nk") == [
        f"{named}: 640",
        f"{tmp_path / 'absent.nk'}: No such file or directory",
    ]


@pytest.mark.parametrize(
    "value",
    [SEED, "postgresql://writer:geheim@db/phoihop", "nats://unit:geheim@hub:4222", "password=geheim host=db",
     f"-----BEGIN USER NKEY SEED-----\n{SEED}"],
)  # fmt: skip
def test_a_secret_in_one_of_our_variables_is_found_and_not_shown(value: str) -> None:
    """Breaks if a seed or a password could be handed over in the environment, which every child and `ps e` sees."""
    (breach,) = told_secrets({"PHOIHOP_X": value, "OTHER": value})

    assert breach == (Promise.ENVIRONMENT, "PHOIHOP_X")


@pytest.mark.parametrize(
    "value",
    ["/run/credentials/phoihop-audit.service/nkey", "postgresql://writer@db/phoihop?passfile=/run/pgpass", "4222",
     "nats://127.0.0.1:4222", "phoihop.example/hub"],
)  # fmt: skip
def test_paths_and_plain_settings_are_fine(value: str) -> None:
    assert list(told_secrets({"PHOIHOP_X": value})) == []
