"""Sealed to the vault means: opened by its key, unchanged, for one purpose; a secret is destroyed whole."""

import stat
from pathlib import Path

import pytest

from services.runtime.sealing import NotSealedError, OtherVaultError, VaultKey, VaultLock
from services.runtime.secret_files import UnusableSecretError, appear, overwrite, secret

VALUE = "Nguyễn Văn A".encode()


@pytest.fixture
def vault(tmp_path: Path) -> VaultKey:
    return VaultKey.of(tmp_path / "vault.key", tmp_path / "vault.pub")


def test_only_the_vault_opens_what_was_sealed_and_only_for_its_purpose(vault: VaultKey, tmp_path: Path) -> None:
    sealed = VaultLock.read(tmp_path / "vault.pub").seal(VALUE, "sealed.actual.a.u.r")

    assert vault.open(sealed, "sealed.actual.a.u.r") == VALUE
    assert VALUE not in sealed
    assert sealed != vault.lock.seal(VALUE, "sealed.actual.a.u.r")
    for changed, purpose in ((sealed, "sealed.actual.a.u.s"), (sealed[:-1] + b"\x00", "sealed.actual.a.u.r")):
        with pytest.raises(NotSealedError):
            vault.open(changed, purpose)


def test_what_was_sealed_to_another_vault_is_told_apart(vault: VaultKey, tmp_path: Path) -> None:
    """Breaks if a vault whose key was exchanged took what waits for garbage and parked it."""
    other = VaultKey.of(tmp_path / "other.key", tmp_path / "other.pub")

    with pytest.raises(OtherVaultError):
        vault.open(other.lock.seal(VALUE, "x"), "x")
    with pytest.raises(UnusableSecretError, match="not the public half"):
        VaultKey.of(tmp_path / "other.key", tmp_path / "vault.pub")


def test_the_key_is_its_owners_and_survives_a_restart(vault: VaultKey, tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert VaultKey.of(file, tmp_path / "vault.pub").lock.key_id == vault.lock.key_id
    file.chmod(0o640)

    with pytest.raises(UnusableSecretError, match="chmod 600"):
        VaultKey.of(file, tmp_path / "vault.pub")


def test_intake_says_what_is_missing_before_the_vault_was_ever_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableSecretError, match=r"vault\.pub: No such file"):
        VaultLock.read(tmp_path / "vault.pub")


def test_a_destroyed_secret_is_empty_and_never_becomes_one_again(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    made = secret(file, lambda: b"k" * 32)
    overwrite(file)

    assert (made, secret(file, lambda: b"n" * 32), file.stat().st_size) == (b"k" * 32, b"", 0)
    assert not appear(file, b"n" * 32)


def test_a_file_that_is_no_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    appear(tmp_path / "a.key", b"short secret")

    with pytest.raises(UnusableSecretError) as refused:
        secret(tmp_path / "a.key")
    assert "short secret" not in str(refused.value)
