"""The vault changes its key: killed at any step nothing sealed is lost, and a key is destroyed only when spared."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from services.audit.personal.vault_keys import DestroyedVaultError, Fate, VaultKeys
from services.runtime.sealing import OtherVaultError, VaultKey, VaultLock, key_id_of

VALUE: Final = "Nguyễn Văn A".encode()
NOW: Final = datetime.now(UTC)
HOUR: Final = timedelta(hours=1)
ROOT: Final = Path(__file__).parents[3]
KILLED_AT: Final = """
import os, signal, sys
from pathlib import Path
from services.audit.personal.vault_keys import VaultKeys

folder, step, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def dying(real):
    def call(*arguments, **named):
        global left
        left -= 1
        if left == 0 and step == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*arguments, **named)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return call

os.link, os.replace = dying(os.link), dying(os.replace)
VaultKeys(folder / "vault.key", folder / "vault.pub").rotate()
"""


def vault(folder: Path) -> VaultKeys:
    return VaultKeys(folder / "vault.key", folder / "vault.pub")


def seal(folder: Path) -> bytes:
    """As intake does it: with whatever public key stands there now."""
    return VaultLock.read(folder / "vault.pub").seal(VALUE, "x")


def private_keys(folder: Path) -> list[bytes]:
    return [content for one in folder.iterdir() if one.is_file() and len(content := one.read_bytes()) == 32]


def test_after_a_change_both_keys_open_and_only_the_new_one_is_published(tmp_path: Path) -> None:
    running = vault(tmp_path)
    first = running.prepare()
    before = seal(tmp_path)
    second = vault(tmp_path).rotate()
    after = seal(tmp_path)

    assert key_id_of(after) == second.lock.key_id != first.lock.key_id
    assert [running.open(each, "x") for each in (before, after)] == [VALUE, VALUE], "without being started again"
    assert VaultKey.of(tmp_path / "vault.key", tmp_path / "vault.pub").lock.key_id == second.lock.key_id
    assert {one.stat().st_mode & 0o777 for one in tmp_path.glob("vault.key*")} == {0o600}
    assert (tmp_path / "vault.pub").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 5))
def test_killed_at_any_step_nothing_sealed_is_lost_and_asking_again_completes_it(
    tmp_path: Path, step: str, number: int
) -> None:
    """Breaks if there were a moment in which intake seals to a key that is not on disk, or the old one is gone."""
    old = vault(tmp_path).prepare()
    before = seal(tmp_path)
    command = [sys.executable, "-c", KILLED_AT, str(tmp_path), step, str(number)]
    died = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL

    between = seal(tmp_path)
    service = vault(tmp_path)
    service.prepare()
    assert [service.open(each, "x") for each in (before, between, seal(tmp_path))] == [VALUE] * 3

    completed = vault(tmp_path).rotate().lock.key_id
    assert key_id_of(seal(tmp_path)) == completed != old.lock.key_id
    assert len(private_keys(tmp_path)) <= 3, "one change, or two where the first was complete"
    assert [service.open(each, "x") for each in (before, between, seal(tmp_path))] == [VALUE] * 3


def test_a_key_is_destroyed_only_when_nothing_sealed_with_it_can_arrive(tmp_path: Path) -> None:
    """Breaks if a value on its way, or in the hands of an intake that does not know the new key, became unreadable."""
    service = vault(tmp_path)
    old = service.prepare().lock.key_id
    before = seal(tmp_path)
    secret = (tmp_path / "vault.key").read_bytes()
    assert vault(tmp_path).destroy_retired((), NOW, HOUR) == []
    vault(tmp_path).rotate()

    def fate(still_sealed: tuple[bytes, ...], later: timedelta) -> Fate:
        (one,) = vault(tmp_path).destroy_retired(still_sealed, datetime.now(UTC) + later, HOUR)
        assert one.key_id == old
        return one.fate

    assert fate((), timedelta(days=9)) is Fate.NOT_FOLLOWED
    service.open(before, "x")
    service.arrived(before)
    assert fate((), timedelta(days=9)) is Fate.NOT_FOLLOWED
    after = seal(tmp_path)
    service.open(after, "x")
    service.arrived(after)
    assert fate((), timedelta(minutes=59)) is Fate.RECENT
    assert fate((old,), timedelta(days=9)) is Fate.STILL_SEALED
    assert secret in private_keys(tmp_path)
    assert fate((), timedelta(hours=2)) is Fate.DESTROYED
    assert fate((), timedelta(hours=2)) is Fate.DESTROYED
    assert secret not in private_keys(tmp_path)
    with pytest.raises(DestroyedVaultError):
        vault(tmp_path).open(before, "x")
    assert vault(tmp_path).open(after, "x") == VALUE


def test_a_change_cut_off_before_the_new_key_stood_does_not_destroy_the_present_one(tmp_path: Path) -> None:
    """The old key then has two names; destroying the one would destroy the other."""
    service = vault(tmp_path)
    present = service.prepare()
    (tmp_path / f"vault.key.retired-{present.lock.key_id.hex()}").hardlink_to(tmp_path / "vault.key")
    sealed = seal(tmp_path)
    service.open(sealed, "x")
    service.arrived(sealed)

    assert vault(tmp_path).destroy_retired((), NOW + timedelta(days=9), HOUR) == []
    assert vault(tmp_path).open(sealed, "x") == VALUE


def test_what_was_sealed_to_a_stranger_is_told_apart_from_what_nobody_can_open(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    vault(tmp_path / "b").prepare()
    vault(tmp_path / "a").prepare()
    with pytest.raises(OtherVaultError):
        vault(tmp_path / "a").open(seal(tmp_path / "b"), "x")
