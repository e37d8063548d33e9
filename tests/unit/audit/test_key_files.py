"""A change of keys on disk, cut off by a crash at every point: asking again completes it, and no key is lost."""

from pathlib import Path

import pytest

from services.audit.notary import key_files
from services.audit.notary.anchor_folder import ROTATIONS, UnusableFileError, rotations
from services.audit.notary.key_files import LogKeys, change_key, is_changing
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.keybook import Rotation

ORIGIN = "phoihop.example/hub"
AT = Checkpoint(ORIGIN, 10, bytes(32))


def keys_in(folder: Path) -> LogKeys:
    return LogKeys(ORIGIN, folder / "keys" / "ledger.key", folder / "keys" / "ledger.vkey", folder / "checkpoints")


def test_the_first_key_is_made_and_trusted_and_a_second_one_is_not(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    signer, trust = keys.current()
    assert trust.keys == (signer.verifier,)
    keys.key.unlink()
    with pytest.raises(UnusableFileError, match="phoihop ledger key rotate"):
        keys.current()


def test_after_a_change_the_new_key_signs(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    old, _ = keys.current()
    rotation = Rotation.of(change_key(keys, AT))
    new, trust = keys.current()
    assert (rotation.old, rotation.new, rotation.size) == (old.verifier, new.verifier, 10)
    assert set(trust.keys) == {old.verifier, new.verifier}
    assert not is_changing(keys)
    assert {path.stat().st_mode & 0o077 for path in keys.key.parent.glob("ledger.key*")} == {0}


@pytest.mark.parametrize("crash", ["announce", "appear", "Rotation.of", "replace"])
def test_a_change_that_a_crash_cut_off_is_completed_by_asking_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    """Breaks if a crash could leave an announced key that nobody holds, or two announcements of one key."""
    keys = keys_in(tmp_path)
    old, _ = keys.current()

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        match crash:
            case "replace":
                broken.setattr(Path, "replace", cut_off)
            case "Rotation.of":
                broken.setattr(Rotation, "of", cut_off)
            case name:
                broken.setattr(key_files, name, cut_off)
        with pytest.raises(KeyboardInterrupt):
            change_key(keys, AT)
    assert is_changing(keys) is (crash == "replace")
    change_key(keys, AT)
    new, _ = keys.current()
    assert new != old
    assert len(rotations(keys.folder)) == 1


def test_a_disputed_key_signs_nothing_more(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    keys.current()
    secret = keys.key.read_bytes()
    change_key(keys, AT)
    keys.key.write_bytes(secret)
    with pytest.raises(UnusableFileError, match="never announced"):
        keys.current()
    kept = rotations(keys.folder)[0]
    (keys.folder / ROTATIONS / "10-aside").write_bytes(kept.to_bytes())
    for file in (keys.folder / ROTATIONS).iterdir():
        file.rename(tmp_path / f"{file.name}.aside")
    change_key(keys, AT)
    for file in tmp_path.glob("10-*.aside"):
        file.rename(keys.folder / ROTATIONS / file.name)
    with pytest.raises(UnusableFileError, match="two successors"):
        keys.current()
