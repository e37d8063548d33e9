"""Finds keys that others may read and secrets that stand in the environment. It opens no key and shows no value."""

import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from services.runtime.credentials import identity_folder
from services.runtime.redaction import redacted_text
from services.runtime.secret_files import open_to_others
from services.stack.strictness.promises import Breach, Promise

_PUBLIC: Final = frozenset({".pub", ".vkey", ".policy", ".lock"})
"""Public halves, who is trusted, and locks: they hold nothing to hide."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PREFIX: Final = "PHOIHOP_"


def key_folders(home: Path) -> tuple[Path, ...]:
    """Where a home keeps keys."""
    return identity_folder(home), home / "keys"


def open_keys(folders: Iterable[Path], files: Iterable[Path]) -> Iterator[Breach]:
    """Key files and their folders that others than their owner may enter, read or write."""
    inside = (path for folder in folders if folder.exists() for path in (folder, *sorted(folder.rglob("*"))))
    for path in (*inside, *files):
        try:
            mode = path.stat().st_mode
            too_open = mode & _OTHERS if stat.S_ISDIR(mode) else path.suffix not in _PUBLIC and open_to_others(path)
        except OSError as error:
            yield Breach(Promise.KEY_FILES, f"{path}: {error.strerror}")
            continue
        if too_open:
            yield Breach(Promise.KEY_FILES, f"{path}: {stat.S_IMODE(mode):o}")


def told_secrets(environment: Mapping[str, str]) -> Iterator[Breach]:
    """Our variables whose value is a secret or holds one; a path to a file is none."""
    for name, value in sorted(environment.items()):
        if name.startswith(_PREFIX) and redacted_text(value) != value:
            yield Breach(Promise.ENVIRONMENT, name)
