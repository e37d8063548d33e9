"""systemd hands credentials over as 0440 in a folder of the unit's own; nowhere else is a key so open."""

from pathlib import Path

import pytest

from services.runtime.secret_files import open_to_others


@pytest.fixture
def handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder as systemd makes it."""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o500)
    folder.chmod(0o700)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def _key(folder: Path, mode: int) -> Path:
    path = folder / "nkey"
    path.touch()
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_a_credential_that_systemd_handed_over_is_usable(handed_over: Path, mode: int) -> None:
    assert not open_to_others(_key(handed_over, mode))


@pytest.mark.parametrize("mode", [0o444, 0o460, 0o644])
def test_a_credential_that_more_may_read_or_change_is_not(handed_over: Path, mode: int) -> None:
    assert open_to_others(_key(handed_over, mode))


def test_a_folder_that_others_may_enter_is_no_credentials_folder(handed_over: Path) -> None:
    """Whoever names a folder in that variable would switch the check off."""
    path = _key(handed_over, 0o440)
    handed_over.chmod(0o755)

    assert open_to_others(path)


def test_the_same_mode_anywhere_else_is_too_open(handed_over: Path, tmp_path: Path) -> None:
    assert handed_over.exists()
    assert open_to_others(_key(tmp_path, 0o440))


def test_without_systemd_only_the_owner_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert open_to_others(_key(tmp_path, 0o440))
    assert not open_to_others(_key(tmp_path, 0o600))
