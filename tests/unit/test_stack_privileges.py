"""Whether the account a server drops to can reach a folder."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.embedded.privileges import Account, can_enter, open_for_reading

STRANGER = Account(name="stranger", uid=54321, gid=54321)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder anyone may enter; pytest's own are private to their user."""
    root = Path(tempfile.mkdtemp())
    folder = root / "a" / "b"
    folder.mkdir(parents=True)
    for path in (root, folder.parent, folder):
        path.chmod(0o755)
    yield folder
    shutil.rmtree(root)


def test_a_private_folder_anywhere_on_the_way_keeps_strangers_out(open_path: Path) -> None:
    assert can_enter(STRANGER, open_path)

    open_path.parent.chmod(0o700)

    assert not can_enter(STRANGER, open_path)


def test_strangers_may_enter_where_every_folder_lets_them_pass() -> None:
    assert can_enter(STRANGER, Path("/usr/bin"))


def test_the_owner_may_enter_a_private_folder_of_his_own(open_path: Path) -> None:
    status = open_path.stat()
    owner = Account(name="owner", uid=status.st_uid, gid=status.st_gid)
    for folder in (open_path, open_path.parent):
        folder.chmod(0o700)

    assert can_enter(owner, open_path)


def test_a_copied_tree_becomes_readable_and_programs_stay_executable(tmp_path: Path) -> None:
    tree = tmp_path / "binaries"
    (tree / "bin").mkdir(parents=True)
    program, data = tree / "bin" / "postgres", tree / "share.txt"
    for path, mode in ((program, 0o700), (data, 0o600)):
        path.touch()
        path.chmod(mode)
    tree.chmod(0o700)

    open_for_reading(tree)

    assert [path.stat().st_mode & 0o777 for path in (tree, program, data)] == [0o755, 0o755, 0o644]
