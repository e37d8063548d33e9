"""The top level is fixed: a new folder or root file is a decision, not an accident."""

import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = {".ci", "benchmarks", "contracts", "deploy", "docs", "services", "tests"}
ROOT_FILES: Final = {
    ".editorconfig",
    ".gitignore",
    ".importlinter",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "uv.lock",
}
LATER: Final = {"benchmarks"}  # agreed, allowed to be absent


def top_level(root: Path) -> set[str]:
    """First path parts of what is committed or would be: caches and local state that git ignores do not count."""
    listing = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, cwd=root, check=True, stdout=subprocess.PIPE).stdout
    return {name.split("/")[0] for name in listed.decode().split("\0") if name and (root / name).exists()}


def test_the_top_level_is_exactly_what_was_agreed() -> None:
    assert top_level(ROOT) | LATER == FOLDERS | ROOT_FILES


def test_a_stray_folder_or_file_is_seen(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("cache/\n")
    for name in ("cache/x", "scripts/x", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert top_level(tmp_path) == {".gitignore", "scripts", "notes.txt"}
